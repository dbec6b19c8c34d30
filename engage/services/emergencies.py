"""The only place where one person decides: the chair or a delegate under a ceiling, or at once, to be ratified."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, text

from engage.extensions import db
from engage.models.authority import Delegation, Emergency
from engage.models.board import Board, Charter, Decision, Recusal
from engage.models.engagements import Item
from engage.models.matters import Matter
from engage.rules import authority as rules
from engage.rules import workflow
from engage.rules.asking import Asks
from engage.rules.authority import Limits, Method, Power
from engage.rules.policy import PROGRAM, Actor, Do, Subject, may
from engage.rules.refusals import NotAllowed, NotOpen
from engage.rules.voting import Outcome
from engage.rules.workflow import APPROVED, OPEN, WITH_THE_BOARD, Action, State
from engage.services import (
    audit,
    authority,
    calendared,
    deciding,
    escalations,
    items,
    kinds,
    motions,
    recusals,
    routing,
    seats,
    states,
    versions,
    visibility,
)

SUBMITTED = frozenset({State.SUBMITTED, State.UNDER_REVIEW, State.SCHEDULED, State.DEFERRED})
SCREENED = frozenset({State.UNDER_REVIEW, State.SCHEDULED})

NOT_RATIFIED = "The board did not ratify the emergency decision."
ASIDE = "They stand aside from what this ratifies."

_E, _I = Emergency.__table__.c, Item.__table__.c
_OF_MATTER = select(Emergency).where(_E.matter_id == bindparam("item"), _E.settled_at.is_(None)).with_for_update()
_OPEN_AMONG = select(_E.matter_id).where(
    _E.matter_id.in_(bindparam("ids", expanding=True)), _E.settled_at.is_(None)
).order_by(_E.matter_id)  # fmt: skip
_DUE = (
    select(_E.id)
    .where(text("emergency.settled_at IS NULL"), _E.ratify_by <= bindparam("now"))
    .order_by(_E.ratify_by, _E.id)
    .limit(bindparam("most"))
)


def power_of(by: Actor, item_id: int, subject: Subject, board: Board, charter: Charter, now: datetime) -> str:
    """The authority under which `by` decides this item alone today, as a decision cites it. Raises NotAllowed."""
    if not may(by, Do.DECIDE_ALONE, subject):
        raise NotAllowed("Only the chair or the chair's delegate decides alone, and nobody an item of their own.")
    day, case = seats.board_day(board, now), deciding.case_of(item_id, subject)
    if any(seat.is_chair and seat.holder_id == by.id for seat in seats.seats_on(board.id, day)):
        return f"The chair, under the {deciding.by_charter(charter)}"
    row = next(iter(authority.usable(by, Power.DECIDE, case, board, day)), None)
    held = {seat.holder_id for seat in seats.seats_on(board.id, day) if seat.is_chair}
    if row is None or row.principal_id not in held:
        raise NotAllowed("You are not the chair today, and hold no delegation of the chair's that reaches this item.")
    if db.session.scalar(select(Delegation.revoked_at).where(Delegation.id == row.id).with_for_update(read=True)):
        raise NotAllowed("This delegation was revoked.")
    return f"Delegation {row.id} of the chair, through {row.ends_on.day} {row.ends_on:%B %Y}, under the charter"


def charter_of(submitted_at: datetime, board: Board) -> Charter:
    """The charter that an item keeps: the one in force on the day it was submitted."""
    return seats.charter_on(board.id, seats.board_day(board, submitted_at))


def within_ceiling(item_id: int, subject: Subject, charter: Charter) -> str:
    """Why the charter's ceiling keeps this item from being decided alone, as a sentence; empty when it does not."""
    limits = Limits(rules.kinds_of(charter.alone_kinds), charter.alone_cost)
    return rules.beyond(limits, deciding.case_of(item_id, subject))


def decide_alone(item_id: int, *, version: int, reason: str, by: Actor, now: datetime) -> Decision:
    """Approve a screened item alone, citing the authority, under the ceiling of the charter that the item keeps.

    Raises NotAllowed, NotOpen, Stale or Incomplete at "reason".
    """
    standing, subject, charter, cited = _proved(item_id, by, now)
    if standing.state not in SCREENED:
        raise NotOpen(f"This is decided after screening: it is {standing.state.label.lower()} now.")
    calendared.must_not_wait(item_id)
    routing.must_allow(item_id, Method.DELEGATED, subject.kind, charter)
    if why := within_ceiling(item_id, subject, charter):
        raise NotAllowed(f"The board decides this, nobody alone. {why}")
    return deciding.alone(
        standing, version, method=Method.DELEGATED, authority=cited, reason=reason, by=by, now=now,
        sums=[f"Decided by {by.name} alone. {cited}."],
    )  # fmt: skip


def decide_at_once(item_id: int, *, version: int, reason: str, by: Actor, now: datetime) -> Emergency:
    """Approve an item at once, for a reason. The board is asked to ratify it: a matter stands on the docket by itself.

    It is the decider's own matter, so they have no vote on it. Raises NotAllowed, NotOpen, Stale or Incomplete.
    """
    standing, subject, charter, cited = _proved(item_id, by, now)
    if standing.state not in SUBMITTED:
        raise NotOpen(f"There is nothing to decide here: this is {standing.state.label.lower()}.")
    if (db.session.scalar(select(_E.id).where(_E.matter_id == item_id))) is not None:
        raise NotOpen("What ratifies an emergency decision is decided by the board alone.")
    decision = deciding.alone(
        standing, version, method=Method.EMERGENCY, authority=f"Emergency power. {cited}", reason=reason, by=by,
        now=now, sums=[f"Decided at once by {by.name}. {cited}.", "The board has yet to ratify it."],
    )  # fmt: skip
    calendared.settle(item_id, now)
    matter = Matter(
        title=f"Ratify: {standing.title}"[:200], asks=Asks.DECISION, requester_id=by.id,
        text=f"{by.name} approved “{standing.title}” at once, by decision {decision.id}. The reason: {reason}",
        question="Does the board ratify this emergency decision?",
    )  # fmt: skip
    states.begin(matter, by=by, now=now, kind=matter.kind, title=matter.title, ratifies=decision.id)
    versions.freeze(matter.id, kinds.content_of(matter.id, matter.kind), by=by, now=now)
    for action in (Action.SUBMIT, Action.PLACE):
        states.move(matter, workflow.step(matter.state, action, matter.kind), by=PROGRAM, now=now)
    _keep_out(matter.id, subject, by=by, now=now)
    made = Emergency(
        decision_id=decision.id, item_id=item_id, matter_id=matter.id,
        ratify_by=now + timedelta(days=charter.ratify_days),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("emergency", about=("item", item_id), by=by, now=now, decision=decision.id, matter=matter.id,
                 ratify_by=made.ratify_by, reason=reason)  # fmt: skip
    return made


def settle(matter_id: int, outcome: Outcome, *, by: Actor, now: datetime) -> None:
    """What the board's decision on a matter does to the emergency decision that it ratifies, if it is such a matter."""
    emergency = db.session.scalar(_OF_MATTER, {"item": matter_id})
    if emergency is None:
        return
    if outcome in (Outcome.APPROVE, Outcome.APPROVE_WITH_CONDITIONS):
        emergency.settled_at, emergency.ratified = now, True
        db.session.flush()
        audit.record("ratify", about=("item", emergency.item_id), by=by, now=now, decision=emergency.decision_id)
    elif outcome is Outcome.DISAPPROVE:
        _lapse(emergency, NOT_RATIFIED, by=by, now=now)


def lost(matter_id: int, outcome: Outcome, *, by: Actor, now: datetime) -> None:
    """What a lost motion does to the emergency decision that it would have ratified: it lapses."""
    if outcome in (Outcome.APPROVE, Outcome.APPROVE_WITH_CONDITIONS):
        refuse(matter_id, NOT_RATIFIED, by=by, now=now)


def to_ratify(item_ids: Collection[int]) -> list[int]:
    """Those of the items that are to ratify an emergency decision and have not. One statement."""
    return list(db.session.scalars(_OPEN_AMONG, {"ids": list(item_ids)})) if item_ids else []


def refuse(matter_id: int, why: str, *, by: Actor, now: datetime) -> None:
    """End the emergency decision that a matter was to ratify, if it is such a matter and still open."""
    emergency = db.session.scalar(_OF_MATTER, {"item": matter_id})
    if emergency is not None:
        _lapse(emergency, why, by=by, now=now)


def lapse_overdue(now: datetime, *, most: int = 200) -> int:
    """End emergency decisions that nobody ratified in time: escalated, never approved. Cost: that of what is due."""
    count = 0
    for number in list(db.session.scalars(_DUE, {"now": now, "most": most})):
        matter_id = db.session.execute(select(_E.matter_id).where(_E.id == number)).scalar_one()
        states.hold(states.get(matter_id))  # the matter, the emergency, the item: in this order, as a vote closes
        row = db.session.scalar(
            select(Emergency).where(_E.id == number).with_for_update().execution_options(populate_existing=True)
        )
        if row is not None and row.settled_at is None:
            _lapse(row, "The board did not ratify the emergency decision in time.", by=PROGRAM, now=now)
            count += 1
    return count


def of_item(item_id: int) -> Emergency | None:
    """The newest emergency decision on an item, or None."""
    return db.session.scalar(select(Emergency).where(_E.item_id == item_id).order_by(_E.id.desc()).limit(1))


def _proved(item_id: int, by: Actor, now: datetime) -> tuple[motions.Standing, Subject, Charter, str]:
    standing = motions.hold_item(item_id)
    subject = visibility.subject(item_id)
    if subject is None:
        raise NotOpen("This item is gone.")
    board = seats.the_board()
    charter = charter_of(standing.submitted_at, board)
    cited = power_of(by, item_id, subject, board, charter, now)
    recusals.must_have_answered(item_id, subject, by=by, now=now)
    return standing, subject, charter, cited


def _end_matter(matter_id: int, why: str, *, now: datetime) -> None:
    """Nothing is left to ratify: the matter leaves the docket, and a motion open on it is void."""
    matter = states.get(matter_id)
    states.hold(matter)
    if matter.state not in OPEN:
        return
    docketed = matter.state in WITH_THE_BOARD
    states.move(matter, workflow.step(matter.state, Action.WITHDRAW, matter.kind), by=PROGRAM, now=now, reason=why)
    if docketed:
        calendared.settle(matter_id, now)
        motions.void_open_motion(matter_id, reason="there is nothing left to ratify.", by=PROGRAM, now=now)


def _keep_out(matter_id: int, subject: Subject, *, by: Actor, now: datetime) -> None:
    """Whoever stands aside from the item stands aside from its ratification: nobody decides their own by that path."""
    for person in sorted(motions.aside(subject) - {by.id}):
        db.session.add(Recusal(item_id=matter_id, person_id=person, reason=ASIDE, at=now))
        audit.record("recuse", about=("item", matter_id), by=PROGRAM, now=now, person=person)
    db.session.flush()


def _lapse(emergency: Emergency, why: str, *, by: Actor, now: datetime) -> None:
    emergency.settled_at, emergency.ratified, emergency.why = now, False, why
    db.session.flush()
    item = states.get(emergency.item_id)
    states.hold(item)
    if item.state in APPROVED:
        items.lapse(item, reason=why, now=now)
    _end_matter(emergency.matter_id, why, now=now)
    audit.record("lapse", about=("item", item.id), by=by, now=now, decision=emergency.decision_id, reason=why)
    escalations.tell(f"emergency:{emergency.id}", item.id, item.title, why, now=now)
