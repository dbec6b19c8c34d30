"""What administrators fill in to change the board's charter."""

from typing import Any

from wtforms import BooleanField, DecimalField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from engage.rules.authority import kinds_of
from engage.rules.charter import wrong_first, wrong_second
from engage.rules.items import ItemKind
from engage.rules.refusals import Incomplete
from engage.rules.reports import LateReports
from engage.rules.thresholds import Measure, by_kind, keep, of_kinds
from engage.services.charters import SAID
from engage.web.admin.forms import Whole
from engage.web.forms import Day, Form, text

_HOW_MANY = [InputRequired("Give a whole number."), NumberRange(0, 1000, "Use a number from 0 to 1,000.")]
_DOLLARS = [Optional(), NumberRange(0, 999_999_999, "Use an amount from 0 to 999,999,999.")]
_KINDS = ("silence_kinds", "alone_kinds", "meeting_kinds")
_CHAIR = {"votes": (True, False), "ties": (False, True), "silent": (False, False)}  # votes, breaks ties
_OF = [SelectChoice("", "None"), *(SelectChoice(one.value, one.label.capitalize()) for one in Measure)]


class _Kinds(SelectMultipleField):
    """Kinds of item, with a box to tick for each."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, **kwargs: Any) -> None:
        choices = [SelectChoice(kind.value, kind.label) for kind in ItemKind]
        super().__init__(label, [_among], choices=choices, validate_choice=False, **kwargs)


def _among(form: Form, field: _Kinds) -> None:
    if not set(field.data or ()) <= set(ItemKind):
        raise ValidationError("Choose among these.")


class _Of(SelectField):
    """Of which seats a second threshold is a share; none where there is none."""

    def __init__(self, label: str = "Of", **kwargs: Any) -> None:
        super().__init__(label, choices=_OF, validate_choice=False, **kwargs)


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
    recused_leave_the_base = BooleanField("Seats of recused members do not count")
    vacant_leave_the_base = BooleanField("Vacant seats do not count")
    chair = RadioField(
        "The chair",
        [InputRequired("Choose one."), AnyOf(list(_CHAIR), "Choose one.")],
        choices=[
            SelectChoice("votes", "Votes like any member"),
            SelectChoice("ties", "Votes to break a tie, and not otherwise"),
            SelectChoice("silent", "Does not vote"),
        ],
        validate_choice=False,
    )
    threshold_share = text(
        "Threshold: more than this share of yes and no together", 9,
        description="A fraction from 1/2 up; a tie loses.", validators=[InputRequired("Give a fraction, such as 1/2.")],
    )  # fmt: skip
    second_share = text(
        "Second threshold: and more than this share", 9, description="Empty: one is enough. Else both are needed."
    )
    second_of = _Of("Second threshold: of which seats")
    meeting_kinds = _Kinds("Kept for a meeting", description="Nobody decides these on paper, by silence or alone.")
    notice_days = Whole(
        "Business days between the call and the meeting", [
            InputRequired("Give a whole number."), NumberRange(0, 60, "Use a number from 0 to 60."),
        ], description="Whoever calls one with less notice says why. 0: no notice is asked.",
    )  # fmt: skip
    endorsement = BooleanField("The requester’s supervisor endorses a request before it is screened")
    reviews_together = BooleanField("Further reviews of an item go on at the same time, not one after another")
    late_reports = SelectField(
        "While a report of the party is overdue, a new request",
        choices=[SelectChoice(one.value, one.label) for one in LateReports],
        validate_choice=False,
    )
    calendar_days = Whole("Days in which a calendared item reaches a meeting", _HOW_MANY)
    silence_kinds = _Kinds("Silence procedure: for which kinds of item")
    silence_cost = DecimalField("Silence procedure: most an item may cost, in US dollars", _DOLLARS, places=2)
    silence_hours = Whole("Silence procedure: usual hours, on business days", _HOW_MANY)
    silence_least_hours = Whole("Silence procedure: fewest hours", _HOW_MANY)
    alone_kinds = _Kinds("Decided alone by the chair or a delegate: for which kinds of item")
    alone_cost = DecimalField("Decided alone: most an item may cost, in US dollars", _DOLLARS, places=2)
    ratify_days = Whole("Days in which the board ratifies an emergency decision", _HOW_MANY)
    standing_months = Whole("Longest life of a standing approval, in months", _HOW_MANY)
    reconsider_days = Whole("Days in which a decision may be reconsidered", _HOW_MANY, description="0: never.")
    prevailing_may_reconsider = BooleanField("A member of the winning side may ask for it, too")
    source = text("Source", 500, validators=[InputRequired("Say who decided it, and where that is written.")])
    seen = HiddenField()


for _kind in ItemKind:  # what a kind of item needs, where that is something else
    setattr(CharterForm, f"cast_{_kind}", text(f"{_kind.label}: more than this share of the votes", 9))
    setattr(CharterForm, f"second_{_kind}", text(f"{_kind.label}: and more than this share", 9))
    setattr(CharterForm, f"of_{_kind}", _Of(f"{_kind.label}: of which seats"))


def filled(said: dict[str, Any]) -> dict[str, Any]:
    """The form's data for what a charter says."""
    modes = {mode: word for word, mode in _CHAIR.items()}
    data = {**said, "chair": modes[said["chair_votes"], said["chair_breaks_ties"]]}
    data |= {name: [str(kind) for kind in sorted(kinds_of(said[name]))] for name in _KINDS}
    for kind, needed in by_kind(said["thresholds"]).items():
        data |= {f"cast_{kind}": str(needed.cast), f"second_{kind}": str(needed.second or ""),
                 f"of_{kind}": str(needed.of or "")}  # fmt: skip
    return data


def said_by(form: CharterForm) -> dict[str, Any]:
    """What the form says, as services.charters takes it. Raises Incomplete at the field of a kind of item."""
    votes, breaks = _CHAIR[form.chair.data]
    asked = set(SAID) - {"chair_votes", "chair_breaks_ties", "thresholds", *_KINDS}
    said = {name: form[name].data for name in SAID if name in asked}
    said |= {"chair_votes": votes, "chair_breaks_ties": breaks, "thresholds": _thresholds(form)}
    said["second_share"] = said["second_share"] or None
    said["second_of"] = Measure(said["second_of"]) if said["second_of"] in set(Measure) else said["second_of"] or None
    return said | {name: " ".join(sorted(form[name].data or ())) for name in _KINDS}


def _thresholds(form: CharterForm) -> str:
    wrong, found = {}, {}
    for kind in ItemKind:
        cast, second, of = (form[f"{name}_{kind}"].data for name in ("cast", "second", "of"))
        if not (cast or second or of):
            continue
        if why := wrong_first(cast or form.threshold_share.data):
            wrong[f"cast_{kind}"] = why
        if why := wrong_second(second, of):
            wrong[f"second_{kind}"] = why
        found[str(kind)] = {"cast": cast or form.threshold_share.data, "second": second, "of": of}
    if wrong:
        raise Incomplete(wrong)
    return keep(of_kinds(found))
