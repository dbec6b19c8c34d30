"""What the entrance asks for."""

from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from engage.web.forms import Form, text


class SignInForm(Form):
    """E-mail and password."""

    email = text(
        "E-mail address", validators=[InputRequired("Type your e-mail address.")],
        render_kw={"autocomplete": "username", "type": "email"},
    )  # fmt: skip
    password = PasswordField(
        "Password",
        [InputRequired("Type your password."), Length(max=200, message="Use at most 200 characters.")],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
