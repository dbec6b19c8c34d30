"""What the board room asks for. Whether a reason is needed is the rules' to say."""

from wtforms import DateField, HiddenField, RadioField, SelectField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from engage.rules.voting import Choice, Outcome
from engage.web import access
from engage.web.forms import Day, Form, Once, prose, text

FURTHEST_DAYS = 731  # two years: beyond it a day is a slip of the finger


def _choose(label: str, words: type[Choice] | type[Outcome], message: str, **kwargs: object) -> RadioField:
    return RadioField(
        label,
        [InputRequired(message), AnyOf([word.value for word in words], message=message)],
        choices=[SelectChoice(word.value, word.label) for word in words],
        validate_choice=False,
        **kwargs,
    )


class _Day(DateField):
    """A day that may be left empty; it lies ahead, and not beyond two years."""

    def __init__(self, label: str, **kwargs: object) -> None:
        super().__init__(label, [Optional(), _ahead], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError("Write the day as year, month and day: 2026-05-04.") from None


def _ahead(form: Form, field: _Day) -> None:
    if field.data and not 0 < (field.data - access.today()).days <= FURTHEST_DAYS:
        raise ValidationError("Name a day after today, within two years.")


class Boxes(SelectMultipleField):
    """Several of a few, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, **kwargs: object) -> None:
        super().__init__(label, validate_choice=False, **{"choices": []} | kwargs)


class WithdrawMotionForm(Once, Form):
    """Why a mover takes a motion back."""

    motion = HiddenField(validators=[Length(max=18)])
    reason = prose("Why do you withdraw it?", description="Members read it. Votes already cast on it are void.")


class VoteForm(Form):
    """Yes, no or abstain, and why."""

    motion = HiddenField(validators=[Length(max=18)])
    choice = _choose("Your vote", Choice, "Choose yes, no or abstain.")
    reason = prose("Reason", description="A no must say why. Members and the secretariat read it.")


class RecusalForm(Form):
    """Why a member steps aside."""

    reason = prose("Why do you step aside?", description="Kept with the item. Members and the secretariat read it.")


class MotionForm(Once, Form):
    """One of the five outcomes, with what it needs."""

    outcome = _choose("What should the board do?", Outcome, "Choose one of the five outcomes.")
    reason = prose(
        "Reason", description="Needed for every outcome but plain approval. It becomes the reason of the decision."
    )
    conditions = prose(
        "Conditions",
        most=10_100,
        description="For an approval with conditions: each on a line of its own.",
    )
    put_off = Boxes("Travellers to defer", description="A split decision: approve the others now, and these later.")
    defer_until = _Day("Defer until", description="For a deferral, of all or of some: the day on which it comes back.")
    defer_event = SelectField("Or until an event", description="It comes back on the event's last day.",
                              validate_choice=False)  # fmt: skip
    closes_on = _Day("Ask for votes by", description="Left empty, it is the day named above.")


class CloseForm(Once, Form):
    """Nothing but the wish to close this vote."""

    motion = HiddenField(validators=[Length(max=18)])


class ConditionForm(Once, Form):
    """What shows that a condition is met."""

    evidence = prose("What shows that it is met?", description="Name the document, message or person, with the date.")


class RefuseForm(Once, Form):
    """What the evidence does not show."""

    reason = prose("What is missing?", description="The owner reads it.")


class WaiveForm(Once, Form):
    """Why the board should waive a condition."""

    reason = prose("Why should the board waive it?", description="It becomes a matter on the docket.")


class OwnerForm(Once, Form):
    """Whose a condition is to be."""

    owner = text("E-mail address of the new owner", 200, render_kw={"autocomplete": "off"})


class InterestForm(Once, Form):
    """An interest that a member declares, and its days."""

    kind = RadioField(
        "In what?",
        [InputRequired("Choose one."), AnyOf(["country", "partner", "forum", "organisation"], message="Choose one.")],
        choices=[
            SelectChoice("country", "A country"),
            SelectChoice("partner", "A partner in the register"),
            SelectChoice("forum", "A forum in the register"),
            SelectChoice("organisation", "Another organisation"),
        ],
        validate_choice=False,
    )
    named = text("Its name", 200, description="As the register has it, or its code: Estonia, CERT-EE, FIRST.")
    why = prose("What is the interest?", 2000, description="Only you, the secretariat and the auditor read it.")
    starts_on = Day("From", [InputRequired("Give the first day.")])
    ends_on = Day("Through", [Optional()], description="Left empty, until you end it.")
