"""The travel room: a traveller's trips, the verdict on each, and the way to it."""

from datetime import date
from typing import TYPE_CHECKING, Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.rules.marking import Marking
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.readiness import Item
from engage.rules.refusals import Incomplete
from engage.rules.requirements import Kind
from engage.rules.trip_facts import ClearanceKind, ClearanceStatus
from engage.rules.trip_state import trip_state
from engage.services import advisories, advisory_checks, condition_lists, guide_places, ledger, readiness, trips
from engage.services.transaction import transaction
from engage.web import access, exports, keyset, reminder_words, safety
from engage.web.travel import advice, after, away, brief, demands, queries, reading, waiving
from engage.web.travel.forms import KINDS, STATUSES, ClearanceForm
from engage.web.travel.room import bp

if TYPE_CHECKING:
    from engage.models.trips import Trip

__all__ = ["advice", "after", "away", "bp", "brief", "demands", "reading", "waiving"]
COLUMNS = (
    exports.Column("Number", lambda line: line.id),
    exports.Column("Trip", lambda line: exports.title(line.marking, line.title)),
    exports.Column("Marking", lambda line: line.marking.label),
    exports.Column("Places", lambda line: "" if line.marking is Marking.RED else line.places),
    exports.Column("Departs", lambda line: line.departs_on),
    exports.Column("Returns", lambda line: line.returns_on),
    exports.Column("Stage", lambda line: line.state.label),
    exports.Column("Cleared to travel", lambda line: line.verdict.cleared),
    exports.Column("Missing", lambda line: len(line.verdict.missing)),
)


@bp.get("/trips")
def mine() -> ResponseReturnValue:
    """My trips: those to come, or those past."""
    past = request.args.get("when") == "past"
    me = access.me()
    if exports.asked():
        day = access.today()
        pages = exports.paged(lambda after: queries.mine(me.id, day, past, after))  # type: ignore[arg-type]
        return exports.answer("trips", COLUMNS, pages)
    lines, more = queries.mine(me.id, access.today(), past, keyset.read(date))  # type: ignore[arg-type]
    return render_template(
        "travel/mine.html",
        lines=lines,
        past=past,
        assisted=[] if past or me.id is None else queries.assisted(me.id, access.today()),
        next_url=keyset.following(after=keyset.cursor(*more)) if more else None,
        first_url=keyset.following(after=None) if "after" in request.args else None,
    )


@bp.get("/trips/<int:trip_id>")
def trip(trip_id: int) -> ResponseReturnValue:
    """One trip: the verdict, the checklist it follows from, and what is known of the journey.

    A look at somebody else's is left in the trail.
    """
    found, subject = _visible(trip_id)
    if found.person_id != access.me().id:
        with transaction():
            trips.look(found, by=access.me(), now=access.clock())
    head = queries.head(trip_id)
    verdict = readiness.verdict(trip_id, access.today())
    legs = queries.legs(head.engagement_id)
    may_record = head.cancelled_at is None and may(access.me(), Do.RECORD_CLEARANCE, subject)
    return render_template(
        "travel/trip.html",
        trip=head,
        mine=head.person_id == access.me().id,
        state=trip_state(head.departs_on, head.returns_on, head.cancelled_at is not None, access.today()),
        verdict=verdict,
        checklist=[(item, _address(item, head, access.me(), may_record)) for item in verdict.items],
        legs=[(leg, queries.local_now(leg.zone, access.clock()) if leg.zone else None) for leg in legs],
        advisories=advisories.on(access.today(), [leg.country_code for leg in legs]),
        clearances=queries.clearances(trip_id),
        kinds=KINDS,
        statuses=STATUSES,
        conditions=condition_lists.of_item(head.engagement_id),
        read=queries.read(trip_id),
        guide_code=guide_places.code_of,
        may_record=may_record,
        may_waive=may(access.me(), Do.WAIVE, subject),
        may_debrief=may(access.me(), Do.DEBRIEF, subject) and head.returns_on <= access.today(),
        checks=advisory_checks.of_trip(trip_id),
    )


@bp.get("/trips/<int:trip_id>/reminders")
def reminders_sent(trip_id: int) -> ResponseReturnValue:
    """Who was reminded of what is missing for this trip, and what became of it."""
    found, _ = _visible(trip_id)
    head = queries.head(found.id)
    return render_template(
        "reminders_sent.html", title=head.title, back=f"/trips/{trip_id}",
        rows=reminder_words.shown(ledger.of_trip(trip_id, most=reminder_words.MOST), access.clock()),
    )  # fmt: skip


def _visible(trip_id: int) -> tuple["Trip", Subject]:
    return access.or_404(trips.find(trip_id, by=access.me(), today=access.today()))


def _address(item: Item, trip: Any, me: Actor, may_record: bool) -> str | None:
    """Where an item of the checklist is done, for who may do it."""
    asked = item.requirement
    if asked.kind == Kind.APPROVAL:
        return f"/engagements/{trip.engagement_id}"
    if asked.kind == Kind.GUIDANCE and asked.version:
        return f"/trips/{trip.id}/guides/{asked.version.guide_id}"
    if asked.kind == Kind.TRAINING and trip.person_id == me.id:
        return f"/training?course={asked.target}#claim"
    if asked.kind == Kind.CLEARANCE and may_record:
        return f"/trips/{trip.id}/clearance?kind={asked.target}&country={asked.country_code or ''}"
    return None


@bp.route("/trips/<int:trip_id>/clearance", methods=["GET", "POST"])
def clearance(trip_id: int) -> ResponseReturnValue:
    """Record how an outside clearance stands."""
    found, subject = _visible(trip_id)
    if not may(access.me(), Do.RECORD_CLEARANCE, subject):
        abort(404)
    head = queries.head(trip_id)
    form = ClearanceForm(request.form)
    countries = {leg.country_code: leg.country for leg in queries.legs(head.engagement_id) if leg.foreign}
    form.country_code.choices = [SelectChoice(code, name) for code, name in countries.items()]
    if request.method == "GET":
        _fill(form, trip_id)
    elif form.accepted():
        answer = trips.Recorded(
            kind=ClearanceKind(form.kind.data),
            country_code=form.country_code.data,
            status=ClearanceStatus(form.status.data),
            reference=form.reference.data or "",
            decided_on=form.decided_on.data,
            valid_until=form.valid_until.data,
            restriction=form.restriction.data or "",
        )
        try:
            with transaction():
                trips.record_clearance(found, answer, by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return safety.say("Recorded. The verdict below takes it into account.", f"/trips/{trip_id}")
    return render_template("travel/clearance.html", trip=head, form=form), 422 if form.errors else 200


def _fill(form: ClearanceForm, trip_id: int) -> None:
    """Begin with what the checklist asked for, as it was last recorded."""
    form.kind.data = request.args.get("kind") or form.kind.data
    form.country_code.data = request.args.get("country") or form.country_code.data
    for known in queries.clearances(trip_id):
        if (known.kind, known.country_code) == (form.kind.data, form.country_code.data):
            form.status.data, form.reference.data = known.status.value, known.reference
            form.decided_on.data, form.valid_until.data = known.decided_on, known.valid_until
            form.restriction.data = known.restriction
