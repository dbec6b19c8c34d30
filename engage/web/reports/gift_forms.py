"""What is typed of a gift, on a phone as a rule: what, from whom, its value, a photograph; later where it went."""

from typing import Any

import wtforms
from flask import request
from wtforms import DecimalField, RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from engage.importing.attachments import Checked
from engage.importing.photographs import ACCEPTED, LARGEST_BYTES, check_photograph
from engage.importing.sheet import Unreadable
from engage.rules.gifts import Disposition, GiftKind
from engage.web.forms import Day, Form, Once, prose, text
from engage.web.reports.forms import Dollars, chosen


class PhotographField(wtforms.FileField):
    """A photograph, whose `data` is what services.gifts takes; None when nothing was chosen."""

    data: Checked | None

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Take the photograph sent under this field's name, if any."""
        self.process_errors, self.data, self.raw_data = [], None, []
        sent = request.files.get(self.name) if formdata is not None else None
        if sent is None or not sent.filename:
            return
        self.raw_data = [sent.filename]
        try:
            self.data = check_photograph(sent.filename, sent.stream.read(LARGEST_BYTES + 1))
        except Unreadable as refusal:
            self.process_errors = [str(refusal)]
        finally:
            sent.close()  # a large one lies in a file of its own until then

    def pre_validate(self, form: Any) -> None:
        """What is no photograph is a fault also where none is required."""
        if self.process_errors:
            raise ValidationError(self.process_errors[0])


def photograph(label: str, **kwargs: Any) -> PhotographField:
    """A field for one photograph; a phone offers its camera. Add validators where it must be there."""
    hint = f"JPEG or PNG, at most {LARGEST_BYTES // 1024**2} MB. Place and time are taken out of it."
    return PhotographField(label, description=hint, render_kw={"accept": ACCEPTED}, **kwargs)


class Rate(DecimalField):
    """US dollars for one unit of a currency, up to eight places."""

    raw_data: list[Any] | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a plain number with a point."""
        self.data = None
        given = "".join(valuelist[:1]).strip()
        if not given:
            self.raw_data = []
            return
        whole, _, part = given.partition(".")
        if not (given.isascii() and whole.isdecimal() and (part or "0").isdecimal()) or len(whole) > 7 or len(part) > 8:
            raise ValueError("Write the rate in digits, with a point: 1.0825.")
        super().process_formdata([given])


class GiftForm(Once, Form):
    """A gift as its recipient logs it."""

    kind = RadioField("What was given", choices=[SelectChoice(kind, kind.label) for kind in GiftKind],
                      default=GiftKind.OBJECT)  # fmt: skip
    photograph = photograph("Photograph")
    description = prose("What it is", 2000, validators=[InputRequired("Say what it is.")], render_kw={"rows": 3})
    received_on = Day("Received on", [InputRequired("Give the day on which you received it.")])
    amount = Dollars("What it costs to buy, retail", [InputRequired("Give its value. Estimate where you must.")],
                     places=2)  # fmt: skip
    currency = SelectField("Currency", choices=[])
    rate = Rate("Rate of that day", description="US dollars for one unit; not for dollars themselves.", places=None)
    rate_source = text("Where the rate stands", description="Such as: Treasury reporting rates, 31 March 2026.")
    donor_name = text("Given by", validators=[InputRequired("Name who gave it.")])
    donor_position = text("Their office", validators=[InputRequired("Say what office the giver holds.")])
    donor_country = SelectField("For which country", choices=[])
    circumstances = prose("At what occasion, and why it was taken", 2000, render_kw={"rows": 3},
                          validators=[InputRequired("Say at what occasion it was given.")])  # fmt: skip
    position = text("Your own position", validators=[InputRequired("Give your position: the yearly list asks.")])
    engagement_id = chosen("On which engagement")


class DisposeForm(Once, Form):
    """Where a gift went."""

    to = RadioField("Where it is now", [InputRequired("Say where it is.")], choices=[])
    on_day = Day("Since", [InputRequired("Give the day.")])
    note = prose("Note", 2000, description="Where it is kept, or who has it.", render_kw={"rows": 3})

    def offer(self, steps: tuple[Disposition, ...]) -> None:
        """Offer only where this reader may say that it went."""
        self.to.choices = [SelectChoice(step, step.label) for step in steps]


class PhotographForm(Once, Form):
    """A further photograph."""

    photograph = photograph("Photograph", validators=[InputRequired("Choose the photograph.")])
