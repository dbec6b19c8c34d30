"""Whose each condition of a motion is, by when, and whether departure waits: rows beside the lines of the motion."""

from wtforms import BooleanField, StringField
from wtforms.validators import Length

from engage.rules.conditions import Term
from engage.rules.refusals import Incomplete
from engage.services import conditions, new_motions, people
from engage.web import access
from engage.web.board.forms import MotionForm
from engage.web.forms import Day, text

ROWS = range(1, 6)  # lines of conditions that may say more; further ones are the requester's, by departure


class _Optional(Day):
    """A day that may be left empty."""


for _n in ROWS:
    setattr(MotionForm, f"owner_{_n}", text("Owner’s e-mail address", 200, render_kw={"autocomplete": "off"}))
    setattr(
        MotionForm,
        f"days_{_n}",
        StringField(
            "Days before departure", [Length(max=4)], render_kw={"inputmode": "numeric", "class": "usa-input--small"}
        ),
    )
    setattr(MotionForm, f"on_{_n}", _Optional("Or on a day"))
    setattr(MotionForm, f"light_{_n}", BooleanField("Departure does not wait for it"))


def written(form: MotionForm) -> str:
    """What the rows say of the motion's conditions, as put_motion takes it. Raises Incomplete with the field."""
    lines = new_motions.conditions_of(form.conditions.data or "") if "conditions" in form else []
    terms = [_term(form, number) for number in ROWS]
    for number in ROWS[len(lines) :]:
        if terms[number - 1] != Term():
            raise Incomplete({f"owner_{number}": f"There is no condition {number} above to say this of."})
    if said := conditions.refuse_terms(terms[: len(lines)], access.today()):
        raise Incomplete({"conditions": said})
    return conditions.written(terms[: len(lines)])


def _term(form: MotionForm, number: int) -> Term:
    address, days = form[f"owner_{number}"].data or "", (form[f"days_{number}"].data or "").strip()
    owner = people.by_email(address) if address else None
    if address and (owner is None or owner.disabled_at is not None):
        raise Incomplete({f"owner_{number}": "Nobody has an account at this address."})
    if days and not (days.isascii() and days.isdigit()):
        raise Incomplete({f"days_{number}": "Write a whole number of days."})
    return Term(
        owner.id if owner else None, int(days) if days else None, form[f"on_{number}"].data,
        not form[f"light_{number}"].data,
    )  # fmt: skip
