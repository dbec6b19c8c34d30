"""The only place for the forms that a person fills in about themselves, and an administrator about a person."""

from typing import Any

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from engage.reference.zones import all_zones
from engage.web.forms import Day, Form, text


def zone_field(label: str, **kwargs: Any) -> SelectField:
    """One of the time zones we store."""
    return SelectField(label, choices=[SelectChoice(zone, zone.replace("_", " ")) for zone in all_zones()], **kwargs)


class AbsenceForm(Form):
    """Days on which a person cannot act."""

    starts_on = Day("First day", [InputRequired("Give the first day.")])
    ends_on = Day("Last day", [InputRequired("Give the last day.")], description="Included.")
    note = text("Note", description="Not why, only what colleagues need: who stands in, for example.")
