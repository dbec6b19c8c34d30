"""What people write after a trip: the report, its parts, and what becomes of promises and lessons."""

import re
from typing import Any

from wtforms import BooleanField, DecimalField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from engage.rules.commitments import Side
from engage.rules.outcomes import OutcomeKind
from engage.rules.reports import LONGEST, LessonKind
from engage.web.forms import Day, Form, Once, prose, text

_line = text  # where a field of a form bears that name
AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


def _number(given: str | int | None) -> int | None:
    text = str(given or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else None


def chosen(label: str, **kwargs: Any) -> SelectField:
    """One of some records by id, or none. Its choices are set for each page."""
    return SelectField(label, coerce=_number, choices=[], **kwargs)


class Whole(IntegerField):
    """A whole number; what is none is refused with a sentence."""

    raw_data: list[Any] | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read digits, and nothing else."""
        self.data = None
        given = "".join(valuelist[:1]).strip()
        if not given:
            self.raw_data = []
            return
        if not (given.isascii() and given.isdecimal() and len(given) < 10):
            raise ValueError("Give a whole number in digits.")
        self.data = int(given)


class Dollars(DecimalField):
    """An amount; no exponents, no thousands marks, at most two places."""

    raw_data: list[Any] | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a plain amount."""
        self.data = None
        given = "".join(valuelist[:1]).strip()
        if not given:
            self.raw_data = []
            return
        if not AMOUNT.fullmatch(given):
            raise ValueError("Write the amount in digits, with a point before the cents: 1250.00.")
        super().process_formdata([given])


class ReportForm(Once, Form):
    """What the group writes: everything else in the report is known, or recorded part by part."""

    version = HiddenField(validators=[Length(max=20)])
    readout = prose(
        "Readout", LONGEST, description="A paragraph: what happened, and what it means for the agency.",
        render_kw={"rows": 6},
    )  # fmt: skip
    recommendations = prose("Recommendations", LONGEST, description="What should be done next, and by whom.")
    no_outcome = prose("If there is no outcome, why", 2000, description="Empty while an outcome stands below.")


class FileForm(Once, Form):
    """That the report is filed. From the second time on, with what changed."""

    reason = text("What changed since it was filed", 1000)


class TakeBackForm(Once, Form):
    """Why a filed report is written on."""

    reason = prose("What has to change", 1000, validators=[InputRequired("Say what has to change.")])


class OutcomeForm(Once, Form):
    """One result."""

    kind = SelectField("Kind", choices=[SelectChoice(kind, kind.label) for kind in OutcomeKind])
    summary = prose("What came of it", 2000, validators=[InputRequired("Say in a sentence what came of it.")],
                    description="One sentence that somebody who was not there understands.")  # fmt: skip
    objective_id = chosen("Objective it serves")
    partner_id = chosen("Partner")
    country_code = SelectField("Country", choices=[])
    number = Whole("How many", [Optional()], default=1, description="Of what the kind names. 1 where it is one.")
    nations = Whole("Nations reached", [Optional()], description="Of a training, always.")
    people = Whole("People reached", [Optional()], description="Of a training, always.")
    evidence = text("Evidence", 500, description="Where it can be seen: a document, an address, a number.")


class MetForm(Once, Form):
    """Somebody the group met: no more than is needed to know whom to ask next time."""

    name = text("Name", validators=[InputRequired("Give the name.")])
    function = text("Function", validators=[InputRequired("Say what they do there.")])
    partner_id = chosen("Partner")
    organisation = text("House, if it is none of these", description="No addresses, telephone or document numbers.")


class LessonForm(Once, Form):
    """What the next traveller should know."""

    kind = SelectField("What it is about", choices=[SelectChoice(kind, kind.label) for kind in LessonKind])
    country_code = SelectField("Country", choices=[])
    partner_id = chosen("Partner")
    text = prose("What should the next traveller know?", 4000,
                 validators=[InputRequired("Say what the next traveller should know.")])  # fmt: skip


class PaymentForm(Once, Form):
    """What an outside payer gave, in the end."""

    payer = text("Who paid", validators=[InputRequired("Name who paid.")])
    what = text("What was given", validators=[InputRequired("Say what was given.")],
                description="Airfare, lodging, meals, a fee.")  # fmt: skip
    in_kind = BooleanField("It was given in kind, not as money")
    amount = Dollars("Amount or value in US dollars", [InputRequired("Give the amount in US dollars.")], places=2,
                     description="0 where nothing came after all.")  # fmt: skip
    received_on = Day("Given on", [InputRequired("Give the day.")])


class PromiseForm(Once, Form):
    """A promise of either side."""

    side = RadioField("Who promised?", [InputRequired("Say who promised.")],
                      choices=[SelectChoice(side, side.label) for side in Side])  # fmt: skip
    what = prose("What was promised", 2000, validators=[InputRequired("Say what was promised.")])
    partner_id = chosen("Partner")
    counterpart = text("Or who it was, if none of these")
    due_on = Day("To be kept by", [InputRequired("Name the day by which it is to be kept.")])
    made_on = Day("Promised on", [Optional()], description="Empty: the last day of the engagement, or today.")
    owner_id = chosen("Who keeps it, or follows theirs")
    owner_email = text("Or somebody else, by e-mail address")


class WordForm(Once, Form):
    """What became of a promise, or is known of it now."""

    what = RadioField(
        "What is there to say?", [InputRequired("Choose one.")],
        choices=[
            SelectChoice("keep", "It was kept"), SelectChoice("say", "A note, nothing settled"),
            SelectChoice("move", "Another day was agreed"),
            SelectChoice("release", "The side it was made to released it"),
            SelectChoice("hand", "Somebody else keeps it"),
        ],
    )  # fmt: skip
    text = prose("In words", 2000, description="What shows that it was kept; or whose word moved or released it.")
    on = Day("Kept or released on", [Optional()], description="Empty: today.")
    due_on = Day("New day", [Optional()], description="Only where another day was agreed.")
    owner_email = _line("New owner's e-mail address", description="Only where somebody else keeps it.")
    at_id = chosen("Said at the engagement", description="Where it came up again.")


class LetThroughForm(Once, Form):
    """Why somebody may ask although a report of theirs is overdue."""

    ends_on = Day("Through", [InputRequired("Give the last day.")])
    reason = prose("Why they may ask all the same", 1000, validators=[InputRequired("Say why.")],
                   description="They read it, and it stays in the trail.")  # fmt: skip
