"""What travellers type: how an outside clearance stands, and that they have read a guide."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import DateField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from engage.rules.trip_facts import ClearanceKind, ClearanceStatus
from engage.web.forms import Form, prose, text

KINDS = {
    ClearanceKind.COUNTRY: "Country clearance (chief of mission)",
    ClearanceKind.THEATER: "Theater clearance (combatant command)",
    ClearanceKind.VISA: "Visa",
    ClearanceKind.MEDICAL: "Medical clearance",
}
STATUSES = {
    ClearanceStatus.REQUESTED: "Requested, no answer yet",
    ClearanceStatus.GRANTED: "Granted",
    ClearanceStatus.RESTRICTED: "Granted with a restriction",
    ClearanceStatus.REFUSED: "Refused",
}


class ClearanceForm(Form):
    """How one outside clearance stands."""

    kind = SelectField("Which clearance", choices=[SelectChoice(kind.value, label) for kind, label in KINDS.items()])
    country_code = SelectField("Country")
    status = RadioField(
        "How it stands",
        [InputRequired("Say how it stands.")],
        choices=[SelectChoice(status.value, label) for status, label in STATUSES.items()],
    )
    reference = text(
        "Reference",
        100,
        description="The number of the cable, letter or request, once there is an answer. Never a passport number.",
    )
    decided_on = DateField("Day of the answer", [Optional()])
    valid_until = DateField("Good until", [Optional()], description="Leave empty if the answer names no end.")
    restriction = prose("Restriction", 500, description="What the answer allows only in part: places, days, contacts.")


class Ticks(SelectMultipleField):
    """Points to be ticked one by one."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def reading_form(content: Mapping[str, Any], asked: Iterable[int]) -> type[Form]:
    """The form under a guide: its must-know points to tick and the questions `asked`, by place, to answer."""
    fields: dict[str, Any] = {
        "version_id": HiddenField(validators=[Length(max=20)]),
        "sha256": HiddenField(validators=[Length(max=64)]),
        "must_know": Ticks(
            "Points to remember",
            choices=[SelectChoice(str(place), point) for place, point in enumerate(content["must_know"])],
            description="Tick each point when you have read it.",
        ),
    }
    for place in asked:
        question = content["check"][place]
        fields[f"question_{place}"] = RadioField(
            question["question"],
            [Optional()],
            choices=[SelectChoice(str(option), words) for option, words in enumerate(question["options"])],
        )
    return type("ReadingForm", (Form,), fields)
