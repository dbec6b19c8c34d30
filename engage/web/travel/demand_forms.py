"""What is typed of a rule: what it asks for, of which trips, how early, and who may waive it."""

from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from engage.rules.asking import EngagementKind
from engage.rules.marking import Marking
from engage.rules.policy import Role
from engage.services.requirements import MOST_LEAD_DAYS, SIGNERS
from engage.web.forms import Day, Form, text


class Ticks(SelectMultipleField):
    """Any number of a list."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Days(IntegerField):
    """A number of days that a column can hold."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read at most six digits."""
        if valuelist and len(valuelist[0].strip()) > 6:
            raise ValueError("Give a smaller number.")
        super().process_formdata(valuelist)


SMALL = {"class": "usa-input--small", "inputmode": "numeric"}


class RuleForm(Form):
    """A rule as it is from a day on."""

    label = text("Name", 200, validators=[InputRequired("Name the rule.")])
    asks_for = SelectField("What it asks for", [InputRequired("Choose what the rule asks for.")])
    lead_days = Days(
        "Due, days before departure",
        [InputRequired("Give the days."), NumberRange(0, MOST_LEAD_DAYS, f"Give 0 to {MOST_LEAD_DAYS} days.")],
        render_kw=SMALL,
    )
    blocks = BooleanField("It blocks: without it nobody is cleared")
    min_level = SelectField(
        "From advisory level",
        choices=[SelectChoice("", "Any level"), *(SelectChoice(str(level), str(level)) for level in (1, 2, 3, 4))],
        description="A country without a recorded level counts as asking.",
    )
    only_of_concern = BooleanField("Only for countries of concern")
    countries = text("Countries", 500, description="Two-letter codes with spaces between. Empty: all.")
    on_transit = BooleanField("Also for stops on the way")
    min_trip_days = Days("Trips of at least so many days", [Optional()], render_kw=SMALL)
    min_days_abroad = Days("From so many days abroad within 12 months", [Optional()], render_kw=SMALL)
    natures = Ticks(
        "Kinds of engagement",
        choices=[SelectChoice(kind.value, kind.label) for kind in EngagementKind],
        description="None ticked: all.",
    )
    roles = Ticks(
        "Travellers with one of these roles",
        choices=[SelectChoice(role.value, role.label) for role in Role],
        description="None ticked: all.",
    )
    markings = Ticks(
        "Handling markings of the engagement",
        choices=[SelectChoice(marking.value, marking.label) for marking in Marking],
        description="None ticked: all.",
    )
    waivable_by = Ticks(
        "Who may waive it",
        choices=[SelectChoice(role.value, role.label) for role in SIGNERS],
        description="Two people of two different roles sign. None ticked: nobody may.",
    )
    source = text("Source", 500, validators=[InputRequired("Say who decided it, and where that is written.")])
    starts_on = Day("In force from", [InputRequired("Give the day.")], description="Today at the earliest.")


class EndForm(Form):
    """The last day of a rule."""

    last_on = Day("Last day", [InputRequired("Give the last day.")])
