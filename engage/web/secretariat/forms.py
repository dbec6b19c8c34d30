"""What the secretariat's room asks for."""

from engage.web.forms import Form, Once, prose, text


class ReturnForm(Once, Form):
    """What the requester must answer first."""

    reason = prose(
        "Your questions", description="Shown to the requester and kept. They answer by changing the request."
    )


class PlaceForm(Once, Form):
    """Nothing but the decision to place it."""


class ClaimForm(Once, Form):
    """Whose an imported draft is."""

    person = text("E-mail address of the requester", 200, render_kw={"autocomplete": "off"})
