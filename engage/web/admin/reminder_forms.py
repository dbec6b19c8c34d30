"""What administrators fill in about reminders."""

import hashlib
import json
from datetime import time
from typing import Any

import wtforms
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField, SubmitField, TextAreaField
from wtforms.fields import TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from engage.rules import ladder_text
from engage.rules.reminder_text import LONGEST_SUBJECT, LONGEST_TEXT, PLACEHOLDERS
from engage.rules.schedule import Step
from engage.services.duties import SUBJECTS
from engage.services.reminder_edits import Draft
from engage.web.forms import Day, Form, clean, prose, sound
from engage.web.forms import text as one_line

_KNOWN = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
_ANCHORS = {of.anchor_name: of.counted_from for of in SUBJECTS.values()}
STANDINGS = (
    ("", "Any"), ("queued", "Queued or deferred"), ("sent", "Sent"), ("digested", "In a daily message"),
    ("refused", "Refused or parked"), ("suppressed", "Suppressed"), ("held", "Held"), ("inbox_only", "Inbox only"),
)  # fmt: skip


class LadderField(TextAreaField):
    """A ladder of reminders, one step a line; `steps` are what it says."""

    steps: tuple[Step, ...] = ()
    errors: Any

    def post_validate(self, form: wtforms.Form, validation_stopped: bool) -> None:
        """Read the lines; what is no step is said at the field."""
        try:
            self.steps = ladder_text.read(self.data or "")
        except ValueError as wrong:
            self.errors = (*self.errors, str(wrong))


class RuleForm(Form):
    """A reminder rule, from a day on."""

    label = one_line("Name", 120, validators=[InputRequired("Give the rule a name.")])
    duty = SelectField("What it is about", choices=[SelectChoice(of.kind, of.label) for of in SUBJECTS.values()])
    anchor = SelectField(
        "Counted from", choices=[SelectChoice("", "Choose"), *(SelectChoice(k, v) for k, v in sorted(_ANCHORS.items()))]
    )
    steps = LadderField(
        "Steps", [Length(max=2000), sound], render_kw={"rows": 7},
        description="One a line, such as “5 business days before: person”, “on the day: supervisor” or “3 days after: "
        "duty officer”. Business days are those on which every office concerned is open, ours and the hosts'.",
    )  # fmt: skip
    subject = one_line("Subject, to the person", LONGEST_SUBJECT, validators=[InputRequired("Give a subject.")])
    text = TextAreaField(
        "Text, to the person", [InputRequired("Say what is to be done."), Length(max=LONGEST_TEXT), sound],
        description=f"Placeholders: {_KNOWN}. The link is added below.", render_kw={"rows": 8},
    )  # fmt: skip
    others_subject = one_line("Subject, to those above", LONGEST_SUBJECT, validators=[InputRequired("Give a subject.")])
    others_text = TextAreaField(
        "Text, to those above", [Length(max=LONGEST_TEXT), sound], render_kw={"rows": 5},
        description="Empty: the same text.",
    )  # fmt: skip
    urgent = BooleanField("Urgent", description="Leaves at once, at any hour, and waits for no daily message.")
    mandatory = BooleanField("Mandatory", description="Nobody can turn it off for themselves.")
    opens_at = TimeField("Not before", [InputRequired("Give the hour.")], default=time(8),
                         description="By the reader's clock, where they are that day.")  # fmt: skip
    closes_at = TimeField("Not after", [InputRequired("Give the hour.")], default=time(18))
    starts_on = Day("In force from", [InputRequired("Give the day.")])
    ends_on = Day("Last day", description="Leave empty for “until changed”.")
    source = one_line("Source", 200, validators=[InputRequired("Say who decided it, and where that is written.")])
    past = BooleanField(
        "Remind those who stand on a step already",
        description="Else nobody hears of what was reached before the rule is in force.",
    )
    seen = HiddenField(validators=[Optional(), Regexp(r"[0-9a-f]{64}\Z")])
    save = SubmitField("Save it as shown")

    def draft(self, code: str) -> Draft:
        """The rule as it was typed."""
        return Draft(
            code=code, duty=self.duty.data, label=self.label.data, anchor=self.anchor.data, steps=self.steps.steps,
            subject=self.subject.data, text=self.text.data, others_subject=self.others_subject.data,
            others_text=self.others_text.data or "", source=self.source.data, starts_on=self.starts_on.data,
            ends_on=self.ends_on.data, urgent=self.urgent.data, mandatory=self.mandatory.data,
            opens_at=self.opens_at.data, closes_at=self.closes_at.data, past=self.past.data,
        )  # fmt: skip

    def digest(self) -> str:
        """What tells one draft from another: only what was looked at is saved."""
        said = {f.name: str(f.data) for f in self if f.name not in ("seen", "save", "csrf_token")}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


class MuteForm(Form):
    """Why a rule is silent."""

    reason = prose("Reason", 500, validators=[InputRequired("Say why.")], description="Everybody who looks after "
                   "reminders reads it. After seven days the health page turns red.")  # fmt: skip


class LedgerForm(wtforms.Form):
    """What of the ledger is shown: a GET form, so that a search is an address."""

    rule = SelectField("Rule", validate_choice=False)
    status = SelectField("Status", default="", choices=[SelectChoice(*one) for one in STANDINGS])
    reader = StringField("Reader's e-mail address", [Length(max=200), sound], filters=[clean])


class SimulatorForm(wtforms.Form):
    """From when, how far, and with which day moved: a GET form, so that a simulation is an address."""

    at = Day("From", [Optional()])
    days = IntegerField("Days", [Optional(), NumberRange(1, 366, "Use a number from 1 to 366.")], default=90)
    what = SelectField(
        "Move", default="", choices=[SelectChoice("", "Nothing"), SelectChoice("trip", "The trip with the number"),
                                     SelectChoice("item", "The engagement with the number")],
    )  # fmt: skip
    number = IntegerField("Number", [Optional(), NumberRange(1, 2**31 - 1, "Use the number in its address.")])
    to = Day("To begin on", [Optional()])


