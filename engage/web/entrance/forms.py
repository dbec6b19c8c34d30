"""What the entrance asks for."""

from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from engage.web.forms import Form, text

# The names of fields for secrets contain "password": nothing carries those along (entrance.kept).


def secret(label: str, needed: str, autocomplete: str, hint: str = "") -> PasswordField:
    """A field for a password; what was typed is never shown again."""
    return PasswordField(
        label,
        [InputRequired(needed), Length(max=200, message="Use at most 200 characters.")],
        render_kw={"autocomplete": autocomplete},
        description=hint,
    )


class SignInForm(Form):
    """E-mail and password."""

    email = text(
        "E-mail address", validators=[InputRequired("Type your e-mail address.")],
        render_kw={"autocomplete": "username", "type": "email"},
    )  # fmt: skip
    password = secret("Password", "Type your password.", "current-password")
    next = HiddenField()


class EnterForm(Form):
    """A first or a new password, twice."""

    password = secret(
        "New password", "Type a password.", "new-password",
        "At least 15 characters. A sentence that only you would think of does well; spaces are welcome.",
    )  # fmt: skip
    password_again = secret("The same again", "Type it a second time.", "new-password")

    def agree(self) -> bool:
        """Whether both are the same; says so at the second when not."""
        if self.password.data == self.password_again.data:
            return True
        self.refuse({"password_again": "The two differ. Type both again."})
        return False
