"""What a person says of themselves."""

from wtforms import PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from engage.reference.zones import all_zones
from engage.web.forms import Day, Form, text


class ZoneForm(Form):
    """Where a person's clock stands."""

    zone = SelectField("Home time zone", choices=[SelectChoice(zone, zone.replace("_", " ")) for zone in all_zones()])


class AbsenceForm(Form):
    """Days on which a person cannot act."""

    starts_on = Day("First day", [InputRequired("Give the first day.")])
    ends_on = Day("Last day", [InputRequired("Give the last day.")], description="Included.")
    note = text("Note", description="Not why, only what colleagues need: who stands in, for example.")


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
