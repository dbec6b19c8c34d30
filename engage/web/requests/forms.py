"""What the requests room asks for."""

from wtforms import BooleanField, FormField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from engage.rules.asking import Asks, Direction, EngagementKind, Firmness
from engage.rules.completeness import MOST_COSTS, MOST_LEGS
from engage.rules.items import ItemKind
from engage.rules.marking import Marking
from engage.rules.reviews import GIVEN
from engage.rules.workflow import State
from engage.web.forms import Day, Form, Once, prose, text
from engage.web.requests.fields import Dollars, Rows

LARGE = {"class": "usa-input--xl"}
NOT_CHOSEN = "Choose one of these."


class _Row(Form):
    class Meta(Form.Meta):
        csrf = False  # the whole form carries one token


class LegForm(_Row):
    """One stay. The time zone is asked only where the country has several and the city does not settle it."""

    TELLING = ("country", "city", "arrives_on", "departs_on")  # a row in which these are blank says nothing

    country = text("Country", 120)
    city = text("City", 200)
    zone = SelectField("Time zone", choices=[], validate_choice=False)
    arrives_on = Day("Arrives on", [Optional()])
    departs_on = Day("Departs on", [Optional()])
    transit = BooleanField("Only a stop on the way: nobody is visited there")


class CostForm(_Row):
    """One line of the estimate, for the whole party."""

    TELLING = ("what", "amount")

    what = text("What for", 200)
    amount = Dollars("Amount in US dollars", render_kw={"inputmode": "decimal", "class": "usa-input--medium"})
    funder = text("Who pays", 200, default="Agency travel budget")
    non_federal = BooleanField("Paid by somebody outside the federal government")
    per_diem_on = Day("Per-diem rates as of", [Optional()])


class CheckboxesField(SelectMultipleField):
    """Several of a few."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class EngagementForm(Once, Form):
    """A request for an engagement, whole. What may be missing is the rules' to say, when it is submitted."""

    version = HiddenField()
    missing = CheckboxesField(
        "Settled", choices=[], validate_choice=False,
        description="The file this came from left these open. Settle each in the form, then tick it.",
    )  # fmt: skip

    title = text("Title", 200, description="As it should stand on the board's docket.", render_kw=LARGE)
    direction = RadioField(
        "Who comes to whom?",
        choices=[
            SelectChoice(Direction.OUTBOUND.value, "Outbound: we travel to them"),
            SelectChoice(Direction.INBOUND.value, "Inbound: they come to us"),
            SelectChoice(Direction.VIRTUAL.value, "Virtual: nobody travels"),
        ],
        default=Direction.OUTBOUND.value,
        validate_choice=False,
    )
    nature = SelectField(
        "Kind of meeting",
        choices=[SelectChoice("", "Choose one"), *(SelectChoice(kind.value, kind.label) for kind in EngagementKind)],
        validate_choice=False,
    )
    asks = RadioField(
        "What do you ask the board for?",
        choices=[
            SelectChoice(Asks.DECISION.value, "A decision"),
            SelectChoice(Asks.ADVICE.value, "Advice: nothing is to be approved"),
        ],
        default=Asks.DECISION.value,
        validate_choice=False,
    )
    firmness = SelectField(
        "How sure is it?",
        choices=[
            SelectChoice(Firmness.IDEA.value, "An idea"),
            SelectChoice(Firmness.TENTATIVE.value, "Tentative"),
            SelectChoice(Firmness.FIRM.value, "Firm"),
        ],
        default=Firmness.FIRM.value,
        description="A mark for those who look ahead.",
        validate_choice=False,
    )
    marking = RadioField(
        "How may it be shared?",
        choices=[SelectChoice(m.value, f"{m.label}. {m.meaning} {m.circle}") for m in Marking],
        default=Marking.GREEN.value,
        description="The handling marking, after TLP 2.0. It decides who sees this here, and what leaves this program.",
        validate_choice=False,
    )
    purpose = prose("Purpose", description="What the engagement is for, in a few sentences.")
    outcome_sought = prose(
        "Outcome sought", description="What you will come home with, so that one can tell afterwards."
    )
    why_not_virtual = prose("Why not virtual", description="Why a call would not do. Not asked where nobody travels.")
    objectives = CheckboxesField(
        "Objectives served", choices=[], coerce=str, validate_choice=False, description="At least one."
    )

    partners = prose(
        "Partners",
        description="Names from the partner register, one a line: CERT.LV, or CERT (EE) with its country.",
    )
    forum = text(
        "Forum", 200, description="Its code or name in the register, such as FIRST. Leave empty if there is none."
    )
    event = text("Event", 250, description="Its name in the register, if it is there.", render_kw=LARGE)

    legs = Rows(FormField(LegForm, "Stay"), "Stays", max_entries=MOST_LEGS)
    starts_on = Day(
        "First day", [Optional()], description="Only where there are no stays: inbound, virtual, or an idea."
    )
    ends_on = Day("Last day", [Optional()])

    lead = text("Lead", 200, description="E-mail address or full name of whoever leads the party.", render_kw=LARGE)
    others = prose("Other travellers", 8000, description="E-mail addresses or full names, each on a line of its own.")
    why_this_many = prose("Why this many", description="Asked from the second traveller up.")
    other_than_coach = BooleanField("Somebody is to fly in a premium class", description="Other than coach.")
    media = BooleanField("The press attends, or will be spoken to")

    costs = Rows(FormField(CostForm, "Cost line"), "Cost lines", max_entries=MOST_COSTS)

    late_reason = prose("Why it is late", description="Asked when departure is nearer than the lead time.")
    notes = prose("Notes for the secretariat")

    def refuse(self, at: dict[str, str]) -> None:
        """Put a rule's sentences at their fields, those of rows ("legs-1-zone") too."""
        whole = {}
        for name, sentence in at.items():
            rows, _, rest = name.partition("-")
            number, _, inner = rest.partition("-")
            if inner and int(number) < len(self[rows].entries):
                field = self[rows].entries[int(number)].form[inner]
                field.errors = [*field.errors, sentence]
                self[rows].errors = [*self[rows].errors, {inner: [sentence]}]
            else:
                whole[name] = sentence
        super().refuse(whole)


class ChangeForm(EngagementForm):
    """A change of what was submitted, whole, and why."""

    why = prose("Why it changes", description="Kept with the change, and shown to those whom it concerns.")


class MarkForm(Once, Form):
    """Another handling marking, and why."""

    version = HiddenField()
    marking = RadioField(
        "How may it be shared?",
        choices=[SelectChoice(m.value, f"{m.label}. {m.meaning} {m.circle}") for m in Marking],
        validators=[AnyOf(list(Marking), message=NOT_CHOSEN)],
        validate_choice=False,
    )
    why = prose("Why", description="Kept with the change, and shown to those whom it concerns.")


class PostponeForm(Once, Form):
    """The new first day, and why; everything else moves with it."""

    version = HiddenField()
    first_on = Day("New first day", [InputRequired("Give the new first day.")])
    why = prose("Why it moves", description="Everybody in the party reads it.")


class ReconsiderForm(Once, Form):
    """What the board did not know."""

    new_facts = prose("Which facts are new?", description="The board decides once more on these, and on nothing else.")


class MatterForm(Once, Form):
    """A matter for advice, or the annual statement of priorities. What may be missing is the rules' to say."""

    version = HiddenField()
    kind = RadioField(
        "What do you put before the board?",
        choices=[
            SelectChoice(ItemKind.MATTER.value, "A matter for advice"),
            SelectChoice(ItemKind.PRIORITIES.value, "The annual statement of priorities"),
        ],
        default=ItemKind.MATTER.value,
        validators=[AnyOf([ItemKind.MATTER.value, ItemKind.PRIORITIES.value], message=NOT_CHOSEN)],
        validate_choice=False,
    )
    title = text("Title", 200, description="As it should stand on the board's docket.", render_kw=LARGE)
    year = text(
        "Year", 4, description="For a statement of priorities.",
        render_kw={"inputmode": "numeric", "class": "usa-input--small"},
    )  # fmt: skip
    text = prose("Text", 20_000, description="What the matter is; or the statement itself.")
    question = prose("Question to the board", 20_000, description="For a matter for advice.")


class ActForm(Once, Form):
    """Why somebody withdraws or cancels."""

    reason = prose("Reason", description="Shown to everybody who may see the engagement, and kept.")


class ReviewForm(Once, Form):
    """What came of a further review."""

    finding = RadioField(
        "What came of it?",
        [InputRequired("Choose what came of the review."), AnyOf(list(GIVEN), message=NOT_CHOSEN)],
        choices=[SelectChoice(word.value, word.label) for word in GIVEN],
        validate_choice=False,
    )
    note = prose("What should the board know?", description="Asked for unless there is nothing to say.")


class FilterForm(Form):
    """Which engagements to list."""

    state = SelectField(
        "State", choices=[SelectChoice("", "All states"), *(SelectChoice(s.value, s.label) for s in State)], default=""
    )
