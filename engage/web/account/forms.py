"""What a person says of themselves."""

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from engage.web.forms import Day, Form, Once, prose, text
from engage.web.personal import zone_field
from engage.web.uploads import upload


class ZoneForm(Form):
    """Where a person's clock stands."""

    zone = zone_field("Home time zone")


class PasswordForm(Form):
    """The password in use, and a new one twice."""

    password_now = PasswordField(
        "Password in use", [InputRequired("Type the password you sign in with."), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )  # fmt: skip
    password = PasswordField(
        "New password", [InputRequired("Type a new password."), Length(max=200, message="Use at most 200 characters.")],
        description="At least 15 characters. A sentence that only you would think of does well; spaces are welcome.",
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip
    password_again = PasswordField(
        "The same again", [InputRequired("Type it a second time."), Length(max=200)],
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip


class AssistantForm(Form):
    """Somebody to act for one, for some days."""

    email = text("E-mail address of the assistant", validators=[InputRequired("Give the address they sign in with.")])
    starts_on = Day("First day", [InputRequired("Give the first day.")])
    ends_on = Day("Last day", [InputRequired("Give the last day.")], description="Included; a year at most.")


class EvidenceForm(Once, Form):
    """What shows that a condition of the board is met."""

    evidence = prose("What shows that it is met?", description="Name the document, message or person, with the date.")
    file = upload("A file that shows it", "If there is one.")
