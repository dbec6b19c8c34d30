"""The travel room after the return: what closes a trip, the journey as approved beside as travelled, the claim."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import FieldList, FormField, RadioField, SelectField, SubmitField
from wtforms import Form as Part
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.requirements import Kind
from engage.services import closing, readiness, returned, submissions, trips
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.forms import Day, Form, Once, prose, text
from engage.web.travel import queries
from engage.web.travel.room import bp

TALK = "PREBRIEF"  # who was to be spoken to before, is spoken to afterwards
MOST_STAYS = returned.MOST_STAYS


class StayForm(Part):
    """One stay as it was."""

    country_code = SelectField("Country", choices=[])
    city = text("City", 100)
    arrives_on = Day("Arrived on", [Optional()])
    departs_on = Day("Left on", [Optional()])


class ItineraryForm(Once, Form):
    """How the journey was."""

    went = RadioField(
        "How was the journey?", [InputRequired("Say whether it went as approved.")],
        choices=[
            SelectChoice("approved", "As approved"),
            SelectChoice("other", "Another: the stays below are as they were"),
        ],
    )  # fmt: skip
    why = prose("Why it was another", 2000, render_kw={"rows": 3})
    stays = FieldList(FormField(StayForm, "Stay"), "Stays as they were", max_entries=MOST_STAYS)
    add = SubmitField("Add a stay")


class ClaimForm(Once, Form):
    """The claim in the finance system: its reference and its days."""

    reference = text("Reference of the claim", 100, validators=[InputRequired("Give the reference.")],
                     description="As the finance system shows it. No amount, account or card number.")  # fmt: skip
    handed_in_on = Day("Handed in on", [InputRequired("Give the day.")])
    settled_on = Day("Settled on", [Optional()], description="Once it was.")


@bp.get("/trips/<int:trip_id>/after")
def after(trip_id: int) -> ResponseReturnValue:
    """What is done and what is missing before a trip is closed, and the journey as it was."""
    found, subject = access.or_404(trips.find(trip_id, by=access.me(), today=access.today()))
    if found.person_id != access.me().id:
        with transaction():
            trips.look(found, by=access.me(), now=access.clock())
    head = queries.head(trip_id)
    items = readiness.verdict(trip_id, access.today()).items
    asked = any(item.requirement.kind == Kind.TRAINING and item.requirement.target == TALK for item in items)
    said = returned.itinerary(trip_id)
    return render_template(
        "travel/after.html", trip=head, mine=head.person_id == access.me().id,
        closing=closing.of(trip_id, access.today(), debrief_asked=asked), said=said,
        approved=returned.approved(head.engagement_id),
        travelled=returned.travelled(said.id) if said and not said.as_approved else [],
        may_debrief=may(access.me(), Do.DEBRIEF, subject) and head.returns_on <= access.today(),
    )  # fmt: skip


@bp.route("/trips/<int:trip_id>/itinerary", methods=["GET", "POST"])
def itinerary(trip_id: int) -> ResponseReturnValue:
    """Say whether the journey went as approved, and if not, how it was."""
    found, head = _own(trip_id)
    known = returned.itinerary(trip_id)
    shown = returned.travelled(known.id) if known and not known.as_approved else returned.approved(head.engagement_id)
    data: dict[str, Any] = {"stays": [row._mapping for row in shown]}
    if known:
        data |= {"went": "approved" if known.as_approved else "other", "why": known.why}
    form = ItineraryForm(request.form or None, data=data)
    more = bool(request.form.get("add")) and len(form.stays.entries) < MOST_STAYS
    if more or request.method == "GET":
        form.stays.append_entry()
    countries = [SelectChoice("", "No stay"), *(SelectChoice(row.code, row.name) for row in queries.countries())]
    for entry in form.stays.entries:
        entry.form.country_code.choices = countries
    if not request.form.get("add") and form.accepted():
        try:
            return _once(form, lambda: _state(found, form), f"/trips/{trip_id}/after")
        except Incomplete as refusal:
            _refuse(form, refusal.at)
    approved = returned.approved(head.engagement_id)
    page = render_template("travel/itinerary.html", trip=head, form=form, approved=approved)
    return page, 422 if request.method == "POST" and not request.form.get("add") else 200


def _filled(form: ItineraryForm) -> list[Any]:
    """The stays that hold anything: an empty one is none."""
    return [
        entry for entry in form.stays.entries
        if any(entry.form[name].data for name in ("country_code", "city", "arrives_on", "departs_on"))
    ]  # fmt: skip


def _state(trip: Any, form: ItineraryForm) -> str:
    stays = [
        returned.Stay(e.form.country_code.data or "", e.form.city.data or "", e.form.arrives_on.data,
                      e.form.departs_on.data)
        for e in _filled(form)
    ]  # fmt: skip
    returned.state_journey(
        trip, as_approved=form.went.data == "approved", stays=stays, why=form.why.data or "", by=access.me(),
        now=access.clock(), today=access.today(),
    )  # fmt: skip
    return "Written down. Thank you."


def _refuse(form: ItineraryForm, at: dict[str, str]) -> None:
    """Put the sentences where they belong; a stay's at its country."""
    filled = _filled(form)
    for name, sentence in at.items():
        place = name.partition("-")[2]
        if place.isdecimal() and int(place) < len(filled):
            field = filled[int(place)].form.country_code
            field.errors = [*field.errors, sentence]
            form.stays.errors = form.stays.errors or ["Look at the stays."]
        elif name == "stays":
            form.stays.errors = [*form.stays.errors, sentence]
        else:
            form.refuse({name: sentence})


@bp.route("/trips/<int:trip_id>/claim", methods=["GET", "POST"])
def claim(trip_id: int) -> ResponseReturnValue:
    """Write down the claim's reference and days."""
    found, head = _own(trip_id)
    known = returned.claim_of(trip_id)
    data = {name: getattr(known, name) for name in ("reference", "handed_in_on", "settled_on")} if known else {}
    form = ClaimForm(request.form or None, data=data or {"handed_in_on": access.today()})

    def hand_in() -> str:
        returned.hand_in(
            found, reference=form.reference.data or "", handed_in_on=form.handed_in_on.data,
            settled_on=form.settled_on.data, by=access.me(), now=access.clock(), today=access.today(),
        )  # fmt: skip
        return "The claim is written down."

    if form.accepted():
        try:
            return _once(form, hand_in, f"/trips/{trip_id}/after")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    page = render_template("travel/claim.html", trip=head, form=form)
    return page, 422 if request.method == "POST" else 200


def _own(trip_id: int) -> tuple[Any, Any]:
    """The trip and its head, for its traveller alone."""
    found, subject = access.or_404(trips.find(trip_id, by=access.me(), today=access.today()))
    if not may(access.me(), Do.STATE_JOURNEY, subject):
        raise NotAllowed("Only the traveller says how the journey was.")
    return found, queries.head(trip_id)


def _once(form: Any, act: Any, url: str) -> ResponseReturnValue:
    with transaction():
        answered = submissions.claim(form.once.data or "", by=access.me(), now=access.clock(), leads_to=url)
        if answered is not None:
            return redirect(answered, 303)
        said = act()
    return safety.say(said, url)
