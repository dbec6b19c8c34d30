"""What travellers type: how an outside clearance stands, and that they have read a guide."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import DateField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from engage.importing.sheet import FILE_LIMIT_BYTES
from engage.rules.trip_facts import ClearanceKind, ClearanceStatus
from engage.services.advisories import MEANINGS
from engage.web.forms import Day, Form, prose, text
from engage.web.uploads import SheetField

KINDS = {
    ClearanceKind.COUNTRY: "Country clearance (chief of mission)",
    ClearanceKind.THEATER: "Theater clearance (combatant command)",
    ClearanceKind.VISA: "Visa",
    ClearanceKind.MEDICAL: "Medical clearance",
    ClearanceKind.PASSPORT: "Official passport in hand (never its number)",
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


class WaiverForm(Form):
    """Why one requirement of one trip is waived, and until when."""

    reason = prose("Reason", 500, description="Printed on the verdict, with your name and role.")
    ends_on = Day("Last day", [InputRequired("Give the last day on which it counts.")])


class RevokeForm(Form):
    """Why a waiver is taken back."""

    reason = prose("Reason", 500, validators=[InputRequired("Say why.")], description="The traveller reads this.")


class DebriefForm(Form):
    """That a debrief was done."""

    done_on = Day("Done on", [InputRequired("Give the day.")], description="Only that it was done is kept.")


class AdvisoryForm(Form):
    """One advisory, as published."""

    country_code = SelectField("Country", [InputRequired("Choose a country.")])
    level = RadioField(
        "Level",
        [InputRequired("Choose the level.")],
        choices=[SelectChoice(str(level), f"{level}: {words}") for level, words in MEANINGS.items()],
    )
    as_of = Day("Published on", [InputRequired("Give the day of publication.")])
    source = text("Source", 500, validators=[InputRequired("Say where it is published.")])


class AdvisoryFileForm(Form):
    """The published file."""

    file = SheetField(
        "File", FILE_LIMIT_BYTES, validators=[InputRequired("Choose the file.")],
        description="The JSON or the RSS form as the Department of State publishes it, at most 5 MB.",
    )  # fmt: skip


class TakeForm(Form):
    """What a preview showed, to be taken."""

    rows = HiddenField(validators=[Length(max=300_000)])
