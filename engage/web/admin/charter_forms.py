"""What administrators fill in to change the board's charter."""

from wtforms import BooleanField, DecimalField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from engage.rules.reports import LateReports
from engage.web.admin.forms import Whole
from engage.web.forms import Day, Form, text

_HOW_MANY = [InputRequired("Give a whole number."), NumberRange(0, 1000, "Use a number from 0 to 1,000.")]
_DOLLARS = [Optional(), NumberRange(0, 999_999_999, "Use an amount from 0 to 999,999,999.")]


class CharterForm(Form):
    """A whole charter, in force from a day on. `seen` is the digest of what the preview showed."""

    title = text("Title", validators=[InputRequired("Give the title.")])
    starts_on = Day("In force from", [InputRequired("Give the day.")], description="After today.")
    quorum_share = text(
        "Quorum: more than this share of the seats that count", 9, description="A fraction, such as 1/2.",
        validators=[InputRequired("Give a fraction, such as 1/2.")],
    )  # fmt: skip
    quorum_at_least = Whole(
        "Quorum: or this number of seats instead", [Optional()], description="Empty: the share above holds."
    )
    threshold_share = text(
        "Threshold: more than this share of yes and no together", 9,
        description="A fraction from 1/2 up; a tie loses.", validators=[InputRequired("Give a fraction, such as 1/2.")],
    )  # fmt: skip
    recused_leave_the_base = BooleanField("Seats of recused members do not count")
    vacant_leave_the_base = BooleanField("Vacant seats do not count")
    chair_votes = BooleanField("The chair votes")
    reconsider_days = Whole("Days in which a decision may be reconsidered", _HOW_MANY, description="0: never.")
    prevailing_may_reconsider = BooleanField("A member of the winning side may ask for it, too")
    calendar_days = Whole("Days in which a calendared item reaches a meeting", _HOW_MANY)
    silence_kinds = text(
        "Silence procedure: for which kinds of item", description="Words such as engagement amendment; empty: none."
    )
    silence_cost = DecimalField("Silence procedure: most an item may cost, in US dollars", _DOLLARS, places=2)
    silence_hours = Whole("Silence procedure: usual hours, on business days", _HOW_MANY)
    silence_least_hours = Whole("Silence procedure: fewest hours", _HOW_MANY)
    alone_kinds = text("Decided alone by the chair or a delegate: for which kinds of item", description="Empty: none.")
    alone_cost = DecimalField("Decided alone: most an item may cost, in US dollars", _DOLLARS, places=2)
    ratify_days = Whole("Days in which the board ratifies an emergency decision", _HOW_MANY)
    standing_months = Whole("Longest life of a standing approval, in months", _HOW_MANY)
    late_reports = SelectField(
        "While a trip report is overdue, of a new request by its people",
        choices=[SelectChoice(choice, choice.label) for choice in LateReports], default=LateReports.FLAG,
    )  # fmt: skip
    source = text("Source", 500, validators=[InputRequired("Say who decided it, and where that is written.")])
    seen = HiddenField()
