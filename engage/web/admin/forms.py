"""What administrators fill in."""

import wtforms
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional, Regexp, StopValidation

from engage.importing.cells import email
from engage.rules.marking import Marking
from engage.rules.policy import ReviewKind, Role
from engage.web.forms import Day, Form, Once, clean, prose, sound, text
from engage.web.personal import zone_field


def _an_address(form: Form, field: StringField) -> None:
    """An address as the import of people takes it."""
    try:
        email(field.data)
    except ValueError as fault:
        raise StopValidation(str(fault)) from None


class SearchForm(wtforms.Form):
    """The beginning of a name, a family name or an address: a GET form, so that a search is an address."""

    q = StringField("Name or e-mail", [Length(max=100), sound], filters=[clean])


class PersonForm(Form):
    """What is known of somebody."""

    name = text("Name", validators=[InputRequired("Give the name.")])
    office = text("Office", description="A new name makes a new office.", render_kw={"list": "offices"})
    supervisor = text("Supervisor's e-mail address", render_kw={"type": "email"})
    zone = zone_field("Home time zone")
    senior = BooleanField("A senior official", description="Their journeys are routed with more care.")
    version = HiddenField(validators=[Optional(), Regexp(r"[0-9]{1,9}\Z")])


class InviteForm(Once, Form):
    """Somebody new."""

    email = text(
        "E-mail address", validators=[InputRequired("Give the address."), _an_address],
        render_kw={"type": "email", "autocomplete": "off"},
    )  # fmt: skip
    name = text("Name", validators=[InputRequired("Give the name.")])
    office = text("Office", description="A new name makes a new office.", render_kw={"list": "offices"})
    supervisor = text("Supervisor's e-mail address", render_kw={"type": "email"})
    zone = zone_field("Home time zone")


class RoleForm(Form):
    """A role and its days."""

    role = SelectField("Role", choices=[SelectChoice(role.value, role.label) for role in Role])
    kind = SelectField(
        "Kind of review",
        choices=[SelectChoice("", "None"), *(SelectChoice(kind.value, kind.label) for kind in ReviewKind)],
        description="For a reviewer only.",
    )
    first_on = Day("First day", [InputRequired("Give the first day.")])
    through_on = Day("Last day", description="Leave empty for “until revoked”.")


class ReasonForm(Form):
    """Why somebody is kept out."""

    reason = prose("Reason", 500, validators=[InputRequired("Say why.")], description="Kept in the trail.")


class Whole(IntegerField):
    """A whole number that a column can hold."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read at most nine digits."""
        if valuelist and len(valuelist[0].strip()) > 9:
            raise ValueError("Use a number from 0 to 100,000.")
        super().process_formdata(valuelist)


class NumberForm(Form):
    """A new value of one of the organisation's numbers, from a day on."""

    key = SelectField("Number")
    value = Whole(
        "New value", [InputRequired("Give a whole number."), NumberRange(0, 100_000, "Use a number from 0 to 100,000.")]
    )
    starts_on = Day("In force from", [InputRequired("Give the day.")], description="After today.")
    source = text("Source", 500, validators=[InputRequired("Say who decided it, and where that is written.")])


class MarkingForm(Form):
    """The handling marking that new requests bear, from a day on."""

    marking = SelectField("Marking", choices=[SelectChoice(m.value, m.label) for m in Marking])
    starts_on = Day("In force from", [InputRequired("Give the day.")], description="After today.")
    source = text("Source", 500, validators=[InputRequired("Say who decided it, and where that is written.")])


class MaterialForm(Form):
    """Whether a kind of change is material, and from which amount, from a day on."""

    code = SelectField("Kind of change")
    applies = RadioField(
        "Is it material?",
        [InputRequired("Choose yes or no."), AnyOf(["yes", "no"], message="Choose yes or no.")],
        choices=[SelectChoice("yes", "Yes: the board decides on it"), SelectChoice("no", "No: it is minor")],
        validate_choice=False,
    )
    limit = Whole(
        "Allowed without the board", [Optional()],
        description="In the unit of the rule, such as days or percent. Empty where the rule has none.",
    )  # fmt: skip
    starts_on = Day("In force from", [InputRequired("Give the day.")], description="After today.")
    source = text("Source", 500, validators=[InputRequired("Say who decided it, and where that is written.")])
