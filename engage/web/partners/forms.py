"""The forms of the partners' room: the register, agreements, contacts, and merging."""

from typing import Any

import wtforms
from wtforms import HiddenField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from engage.importing.registers import MEMBERSHIP, PARTNER_KINDS
from engage.reference.countries import country
from engage.reference.places import country_named
from engage.rules.marking import Marking
from engage.rules.partners import AgreementKind
from engage.web.forms import Day, Form, Once, clean, prose, sound, text


def word(value: str) -> str:
    """A word of the register as people read it."""
    return value.replace("_", " ").capitalize().replace("csirt", "CSIRT").replace("Ngo", "NGO")


def code_of(typed: str | None) -> str | None:
    """A country's code from its code or name; what is neither is given back, and refused as no country."""
    said = (typed or "").strip()
    return said.upper()[:2] if len(said) == 2 else country_named(said) or "??" if said else None


class PartnerForm(Once, Form):
    """What the register says of a partner."""

    name = text("Name", 200, validators=[InputRequired("Give the name.")])
    short_name = text("Short name", 200, description="As people say it: CERT-EE.")
    country = text("Country (name or code)", 60, description="Leave it empty for a body of several nations.")
    kind = SelectField("Kind", choices=[SelectChoice(kind, word(kind)) for kind in PARTNER_KINDS])
    first_member = SelectField(
        "Member of FIRST", default="unknown", choices=[SelectChoice(one, word(one)) for one in reversed(MEMBERSHIP)]
    )
    forums = text("Other forums it belongs to", 400, description="Their codes, with commas between: CRI, IWWN.")
    url = text("Its page", 500)
    source_url = text("Where this is from", 500, description="The address of the list or page that says it.")
    version = HiddenField()


class AgreementForm(Once, Form):
    """What was agreed."""

    kind = SelectField("Kind", choices=[SelectChoice(one.value, one.label) for one in AgreementKind])
    title = text("Title", 200, validators=[InputRequired("Give the title.")])
    reference = text("Reference", 200, description="The number under which the signed text is kept.")
    marking = SelectField(
        "Handling marking", default=Marking.GREEN.value,
        choices=[SelectChoice(one.value, one.label) for one in Marking],
        description="Who sees it here, as of an approved engagement of its owner.",
    )  # fmt: skip
    owner = text(
        "Owner (work address)", 200, validators=[InputRequired("Say who looks after it.")],
        description="Told before it expires: half a year, a quarter and a month ahead, then who can help.",
    )  # fmt: skip
    signed_on = Day("Signed on", [InputRequired("Give the day on which it was signed.")])
    expires_on = Day("Last day", description="Leave it empty where it does not expire.")
    version = HiddenField()


class EndForm(Once, Form):
    """That an agreement is no longer looked after."""

    on = Day("Ended on", [InputRequired("Give the day on which it ended.")])
    why = text("Why", 200, validators=[InputRequired("Say why: replaced, given notice of, or not renewed.")])


class ContactForm(Once, Form):
    """Somebody at a partner: no more than is needed to reach the office."""

    name = text("Name", 200, validators=[InputRequired("Give the name.")])
    role = text("Role", 200, validators=[InputRequired("Give the role.")])
    work_address = text("Work address", 200, description="An office mail address or telephone; nothing private.")
    purpose = text("Kept for", 200, validators=[InputRequired("Say what the contact is kept for.")])
    delete_on = Day("Delete on", [InputRequired("Give the day on which this is deleted.")])


class MergeForm(Once, Form):
    """How somebody knows that two are one."""

    reason = prose("How do you know?", 2000, validators=[InputRequired("Say how you know that they are one.")],
                   description="Kept in the trail, with what was moved.")  # fmt: skip


class PartnerFilters(wtforms.Form):
    """What the list is narrowed by."""

    q = StringField("Name, or the beginning of a word of it", [Length(max=100), sound], filters=[clean])
    country = StringField("Country (name or code)", [Length(max=60), sound], filters=[clean])
    kind = SelectField("Kind", default="")
    forum = StringField("Forum (code)", [Length(max=40), sound], filters=[clean])
    show = SelectField(
        "Show", default="", choices=[SelectChoice("", "All"), SelectChoice("quiet", "No contact for long")]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [SelectChoice("", "Any kind"), *(SelectChoice(kind, word(kind)) for kind in PARTNER_KINDS)]

    def validate_country(self, field: Any) -> None:
        """A country by its code or English name."""
        if field.data and country(code_of(field.data) or "") is None:
            raise ValidationError("There is no country of that name or code.")

    def chosen(self) -> dict[str, Any]:
        """What was understood, ready for the query; what is no choice narrows to nothing."""
        said: dict[str, Any] = {}
        if self.q.data:
            said["q"] = self.q.data
        if self.country.data:
            said["country"] = code_of(self.country.data)
        if self.kind.data:
            said["kind"] = self.kind.data
        if self.forum.data:
            said["forum"] = self.forum.data.upper()
        if self.show.data == "quiet":
            said["quiet"] = True
        return said
