"""What the pages of meetings ask for. Whether a meeting can be so is the services' to say."""

from datetime import time
from typing import Any

from wtforms import HiddenField, IntegerField, SelectField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from engage.reference import zones
from engage.rules.agenda import Attends, Section
from engage.rules.voting import Choice
from engage.services.meetings import LONGEST, SHORTEST, Plan
from engage.web.board.forms import MotionForm
from engage.web.forms import Day, Form, Once, prose, text
from engage.web.uploads import upload

LARGEST_ID = 2**31 - 1


def _chosen(words: Any) -> list[SelectChoice]:
    return [SelectChoice(word.value, word.label) for word in words]


class _Hour(TimeField):
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError("Write the hour as hours and minutes: 14:30.") from None


class MeetingForm(Once, Form):
    """When and where the board meets."""

    title = text("Name of the meeting", validators=[DataRequired("Give the meeting a name.")])
    day = Day("Day", [InputRequired("Name the day.")])
    hour = _Hour("Hour", [InputRequired("Name the hour.")], description="By the clock of the time zone below.")
    minutes_long = IntegerField(
        "Length in minutes",
        [
            InputRequired("Say how long it takes."),
            NumberRange(SHORTEST, LONGEST, f"From {SHORTEST} to {LONGEST} minutes."),
        ],
        default=120,
        render_kw={"class": "usa-input--small", "inputmode": "numeric"},
    )
    zone = SelectField(
        "Time zone", choices=[SelectChoice(zone, zone) for zone in zones.all_zones()], validate_choice=False
    )
    place = text("Place", description="A place, a link, or both.")
    link = text("Link", most=500, description="Of the video meeting, beginning with https://.")

    short_notice = prose(
        "Why at short notice", most=2_000,
        description="Where the charter asks for more days than are left. Members read it.",
    )  # fmt: skip

    def plan(self) -> Plan:
        """What was typed."""
        return Plan(
            self.title.data or "", self.day.data, self.hour.data or time(), self.zone.data or "",
            self.minutes_long.data or 0, self.place.data or "", self.link.data or "",
            self.short_notice.data or "",
        )  # fmt: skip


class CancelForm(Once, Form):
    """Why a meeting is called off."""

    reason = prose("Why is it cancelled?", most=2_000, description="The members read it.")


def _number(name: str = "") -> IntegerField:
    return IntegerField(name, [Optional(), NumberRange(0, LARGEST_ID, "This number is out of range.")])


def _word(words: Any) -> SelectField:
    return SelectField("", [Optional()], choices=[SelectChoice("", ""), *_chosen(words)])


class ActForm(Form):
    """One small act on an agenda or in a meeting: which, and on what."""

    act = StringField(validators=[Length(max=40)])
    entry = _number()
    item = _number()
    motion = _number()
    person = _number()
    seat = _number()
    position = _number()
    section = _word(Section)
    attends = _word(Attends)
    choice = _word(Choice)
    heading = text("Point")
    reason = prose("Reason")


class AddForm(Once, Form):
    """A point that is no item."""

    heading = text("Point", description="For what is no item of the docket: a report, a date to agree.")
    section = SelectField(
        "Section", choices=_chosen(one for one in Section if one is not Section.CONSENT), default="other"
    )


class PaperForm(Once, Form):
    """A paper for the meeting, or for one of its entries."""

    entry = SelectField("For", coerce=int, default=0)
    title = text("Title")
    text = prose("Text", most=20_000)
    file = upload("File")


class PutForm(MotionForm):
    """A motion put in a meeting: as on paper, but those present vote at once."""

    entry = HiddenField(validators=[Length(max=12)])
    closes_on: Any = None


class ActionForm(Once, Form):
    """What the meeting asks somebody to do."""

    text = prose("What is to be done?", most=1_000)
    owner = SelectField("Who does it", coerce=int)
    due_on = Day("Done by", [InputRequired("Name the day by which it is done.")])


class AddendumForm(Once, Form):
    """A correction of sealed minutes."""

    text = prose("What is corrected?", description="It is kept for ever beside the minutes, which stay as they are.")


class ApproveForm(Form):
    """How minutes were approved."""

    how = SelectField(
        "How they were approved",
        choices=[
            SelectChoice("By the chair, as the charter says.", "By the chair, as the charter says"),
            SelectChoice("By a motion that carried.", "By a motion that carried"),
        ],
    )
