"""What is waived on a trip, and the two signatures it takes; and that a debrief was done, never its content."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, Role, See, Subject, may
from engage.rules.readiness import SETTLED, Item
from engage.rules.refusals import Incomplete
from engage.services import readiness, trips, waivers
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.travel import queries
from engage.web.travel.forms import DebriefForm, RevokeForm, WaiverForm
from engage.web.travel.room import bp


def _subject(trip_id: int) -> Subject:
    """The trip, for whoever may see its readiness or sign for it; to others it does not exist."""
    subject = access.or_404(trips.subject(trip_id, today=access.today()))
    if not (may(access.me(), See.READINESS, subject) or may(access.me(), Do.WAIVE, subject)):
        abort(404)
    return subject


@bp.get("/trips/<int:trip_id>/waivers")
def waived(trip_id: int) -> ResponseReturnValue:
    """The waivers of a trip: asked for, signed, over and revoked; and what more could be waived."""
    subject = _subject(trip_id)
    me, today = access.me(), access.today()
    signs = may(me, Do.WAIVE, subject)
    verdict = readiness.verdict(trip_id, today)
    named = {item.requirement.key: item for item in verdict.items}
    lines = [
        (row, named.get(waivers.key_of(row)), _standing(row, today), _may_sign(row, named))
        for row in waivers.of_trip(trip_id)
    ]
    waiting = {waivers.key_of(row) for row, _, standing, _ in lines if standing == "waits"}
    return render_template(
        "travel/waivers.html",
        trip=queries.head(trip_id),
        lines=lines,
        role_label=lambda role: Role(role).label,
        could=[item for item in verdict.items if signs and _could(item, waiting)],
        sees=may(me, See.READINESS, subject),
        signs=signs,
    )  # fmt: skip


def _could(item: Item, waiting: set[str]) -> bool:
    """Whether this reader may give the first signature for a requirement now."""
    free = item.state not in SETTLED and item.requirement.key not in waiting
    return free and bool(waivers.roles_for(item, access.me()))


def _standing(row: Any, today: Any) -> str:
    if row.revoked_at:
        return "revoked"
    if row.ends_on < today:
        return "over"
    return "counts" if row.second_at else "waits"


def _may_sign(row: Any, named: dict[str, Any]) -> bool:
    item = named.get(waivers.key_of(row))
    return item is not None and bool(waivers.roles_for(item, access.me()))


@bp.route("/trips/<int:trip_id>/waivers/new", methods=["GET", "POST"])
def waive(trip_id: int) -> ResponseReturnValue:
    """Give the first signature for one requirement of one trip."""
    if not may(access.me(), Do.WAIVE, _subject(trip_id)):
        abort(404)
    key = request.args.get("key", "")
    items = {item.requirement.key: item for item in readiness.verdict(trip_id, access.today()).items}
    item = access.or_404(items.get(key))
    form: Any = WaiverForm(request.form)
    if request.method == "GET":
        form.ends_on.data = item.requirement.through
    if form.accepted():
        wanted = waivers.Wanted(key=key, reason=form.reason.data or "", ends_on=form.ends_on.data)
        try:
            with transaction():
                waivers.propose(trip_id, wanted, by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return safety.say(
                "Signed once. It counts when somebody of another role signs it.", f"/trips/{trip_id}/waivers"
            )
    page = render_template("travel/waive.html", trip=queries.head(trip_id), item=item, form=form)
    return page, 422 if form.errors else 200


def _own_waiver(trip_id: int, waiver_id: int) -> Any:
    """The waiver of this trip, or 404."""
    if not may(access.me(), Do.WAIVE, _subject(trip_id)):
        abort(404)
    return access.or_404(next((row for row in waivers.of_trip(trip_id) if row.id == waiver_id), None))


@bp.post("/trips/<int:trip_id>/waivers/<int:waiver_id>/sign")
def sign_waiver(trip_id: int, waiver_id: int) -> ResponseReturnValue:
    """Give the second signature."""
    _own_waiver(trip_id, waiver_id)
    with transaction():
        waivers.sign(waiver_id, by=access.me(), now=access.clock())
    return safety.say("Signed. It counts from now on.", f"/trips/{trip_id}/waivers")


@bp.route("/trips/<int:trip_id>/waivers/<int:waiver_id>/revoke", methods=["GET", "POST"])
def revoke_waiver(trip_id: int, waiver_id: int) -> ResponseReturnValue:
    """Take a waiver back, with the reason."""
    row = _own_waiver(trip_id, waiver_id)
    form: Any = RevokeForm(request.form)
    if form.accepted():
        with transaction():
            waivers.revoke(waiver_id, form.reason.data, by=access.me(), now=access.clock())
        return safety.say("Revoked. The traveller is told why.", f"/trips/{trip_id}/waivers")
    page = render_template("travel/revoke.html", trip=queries.head(trip_id), row=row, form=form)
    return page, 422 if form.errors else 200


@bp.route("/trips/<int:trip_id>/debrief", methods=["GET", "POST"])
def debrief(trip_id: int) -> ResponseReturnValue:
    """Record that the traveller was debriefed: the day, and nothing of what was said."""
    subject = access.or_404(trips.subject(trip_id, today=access.today()))
    if not (may(access.me(), See.READINESS, subject) or may(access.me(), Do.DEBRIEF, subject)):
        abort(404)
    if not may(access.me(), Do.DEBRIEF, subject):
        abort(403)
    form: Any = DebriefForm(request.form)
    if form.accepted():
        try:
            with transaction():
                trips.record_debrief(trip_id, form.done_on.data, by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            sees = may(access.me(), See.READINESS, subject)
            return safety.say("Recorded as done.", f"/trips/{trip_id}" if sees else "/trips")
    return render_template("travel/debrief.html", trip=queries.head(trip_id), form=form), 422 if form.errors else 200
