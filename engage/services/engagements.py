"""The only writer of an item's state, and of what an engagement says: drafting, revising, acting, deciding."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm.attributes import flag_modified

from engage.extensions import db
from engage.models.engagements import (
    CostLine,
    Engagement,
    Item,
    Leg,
    StateSpan,
    Traveller,
    engagement_objective,
    engagement_partner,
)
from engage.models.people import Person
from engage.rules import completeness as rules
from engage.rules import workflow
from engage.rules.asking import Asks, Content, Direction
from engage.rules.policy import PROGRAM, Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, ReasonNeeded, Stale
from engage.rules.voting import Outcome
from engage.rules.workflow import APPROVED, DECIDED, EDITABLE, Action, State, Transition
from engage.services import audit, completeness, motions, notices, sessions, trips, versions

LONGEST_REASON = 5_000  # characters

# What a requester may write, and while it is in their hands (workflow.EDITABLE): nothing else, and never the state.
WRITABLE = (
    "title", "nature", "direction", "asks", "firmness", "purpose", "outcome_sought", "why_not_virtual",
    "why_this_many", "late_reason", "notes", "missing", "forum_id", "event_id",
)  # fmt: skip
_PARTS = ("legs", "travellers", "costs", "partners", "objectives")

_S, _I = StateSpan.__table__.c, Item.__table__.c
_HOLD = select(_I.version).where(_I.id == bindparam("item")).with_for_update()
_TABLES: tuple[Any, ...] = (
    Leg.__table__, Traveller.__table__, CostLine.__table__, engagement_partner, engagement_objective,
)  # fmt: skip
_CLEAR = tuple(delete(table).where(table.c.engagement_id == bindparam("engagement")) for table in _TABLES)
_SPANS: Any = StateSpan.__table__  # as a table: the ORM would read every changed row back
_END_SPAN = update(_SPANS).where(_S.item_id == bindparam("item"), _S.ended_at.is_(None))
_BEGIN_SPAN = insert(_SPANS).returning(_S.id)


def draft(content: Content, *, by: Actor, now: datetime) -> Engagement:
    """Begin an engagement as a draft of `by`; it may be incomplete. `now` is aware UTC.

    Raises NotAllowed, or Incomplete at the fields that contradict themselves.
    """
    if not may(by, Do.DRAFT):
        raise NotAllowed("You may not ask for an engagement.")
    return _create(content, requester_id=by.id, source_ref=None, by=by, now=now)


def import_draft(
    content: Content, *, requester_id: int | None, source_ref: str, by: Actor, now: datetime
) -> Engagement:
    """Begin a draft from a file for `requester_id`, or for nobody yet: then the secretariat hands it out (`claim`).

    `source_ref` names the row for ever and is unique. Raises NotAllowed, Incomplete, or IntegrityError for a
    reference that is there already.
    """
    if by is not PROGRAM and not may(by, Do.IMPORT):
        raise NotAllowed("Only the secretariat imports.")
    return _create(content, requester_id=requester_id, source_ref=source_ref, by=by, now=now)


def _create(
    content: Content, *, requester_id: int | None, source_ref: str | None, by: Actor, now: datetime
) -> Engagement:
    engagement = Engagement(
        state=State.DRAFT, state_since=now, created_at=now, requester_id=requester_id, source_ref=source_ref
    )
    _write(engagement, content)
    db.session.add(engagement)
    db.session.flush()
    _write_parts(engagement, content)
    db.session.execute(_BEGIN_SPAN, _span(engagement.id, State.DRAFT, by, now, ""))
    audit.record(
        "draft", about=("item", engagement.id), by=by, now=now, after=State.DRAFT, title=content.title,
        requester=requester_id, source=source_ref,
    )  # fmt: skip
    return engagement


def revise(
    engagement: Engagement, subject: Subject, content: Content, version: int, *, by: Actor, now: datetime
) -> None:
    """Write `content` over what a draft, or a returned engagement, said. `version` is the one that was read.

    Raises NotAllowed, NotOpen once it left the requester's hands, Stale when somebody saved since, Incomplete.
    """
    _hold(engagement)
    must_be_writable(subject, engagement.state, by=by)
    if engagement.version != version:
        raise Stale("Somebody saved this engagement while you were writing, so your text was not saved.")
    before = {name: getattr(engagement, name) for name in WRITABLE}
    _write(engagement, content)
    changed = [name for name in WRITABLE if before[name] != getattr(engagement, name)]
    flag_modified(engagement, "title")  # also when only the parts differ, the version goes up
    db.session.flush()
    _write_parts(engagement, content)
    audit.record("revise", about=("item", engagement.id), by=by, now=now, changed=changed, version=engagement.version)


def must_be_writable(subject: Subject, state: State, *, by: Actor) -> None:
    """Raises NotAllowed for anybody but the requester, and NotOpen once it left the requester's hands."""
    if not may(by, Do.EDIT, subject):
        raise NotAllowed("Only the requester may change what an engagement says.")
    if state not in EDITABLE:
        raise NotOpen(f"This cannot be changed now: it is {state.label.lower()}.")


def _write(engagement: Engagement, content: Content) -> None:
    if wrong := rules.unkeepable(content):
        raise Incomplete(wrong)
    for name in WRITABLE:
        setattr(engagement, name, getattr(content, name))
    engagement.starts_on, engagement.ends_on = content.first_day, content.last_day


def _write_parts(engagement: Engagement, content: Content) -> None:
    """Replace the parts as they were by the parts as they are; they are few, and nothing refers to their rows."""
    for statement in _CLEAR:
        db.session.execute(statement, {"engagement": engagement.id})
    mine = {"engagement_id": engagement.id}
    rows: dict[Any, list[dict[str, Any]]] = {
        Leg.__table__: [{**mine, "position": i, **vars(leg)} for i, leg in enumerate(content.legs)],
        Traveller.__table__: [{**mine, "position": i, **vars(t)} for i, t in enumerate(content.travellers)],
        CostLine.__table__: [{**mine, "position": i, **vars(cost)} for i, cost in enumerate(content.costs)],
        engagement_partner: [{**mine, "partner_id": p} for p in dict.fromkeys(content.partner_ids)],
        engagement_objective: [{**mine, "objective_id": o} for o in dict.fromkeys(content.objective_ids)],
    }
    for table, new in rows.items():
        if new:
            db.session.execute(insert(table), new)
    db.session.expire(engagement, _PARTS)


def claim(engagement: Engagement, subject: Subject, *, for_id: int, by: Actor, now: datetime) -> None:
    """Hand an imported draft that is nobody's to a person, who owns it from now on.

    Raises NotAllowed, NotOpen when it has a requester already, or Incomplete at "person".
    """
    if not may(by, Do.CLAIM, subject):
        if subject.requester_id is not None:
            raise NotOpen("This has a requester already.")
        raise NotAllowed("Only the secretariat hands out imported requests.")
    _hold(engagement)
    if engagement.requester_id is not None:
        raise NotOpen("This has a requester already.")
    person = db.session.get(Person, for_id)
    if person is None or person.disabled_at is not None:
        raise Incomplete({"person": "Choose somebody who has an account."})
    engagement.requester_id = for_id
    db.session.flush()
    audit.record("claim", about=("item", engagement.id), by=by, now=now, requester=for_id)
    if for_id != by.id:
        notices.handed(engagement, to=for_id, by=by, now=now)


def act(
    engagement: Engagement, subject: Subject, action: Action, *, by: Actor, now: datetime, reason: str = ""
) -> None:
    """Take one step of the workflow and leave its trace: span, audit line and messages are one transaction.

    Submitting freezes the next version. Raises NotAllowed, NotOpen, ReasonNeeded, or Incomplete with a sentence
    for each field that keeps it from being submitted; nothing is changed then.
    """
    if not may(by, action, subject):
        raise NotAllowed(f"You may not do this: {action.label.lower()}.")
    said = _hold(engagement, to_read=action is Action.SUBMIT)
    if not may(by, action, replace(subject, state=engagement.state, requester_id=engagement.requester_id)):
        raise NotAllowed(f"You may not do this: {action.label.lower()}.")
    transition = workflow.step(engagement.state, action)
    frozen: dict[str, Any] = {}
    if action is Action.SUBMIT:
        number, sha256 = _freeze(engagement, said, by=by, now=now)
        frozen = {"version": number, "sha256": sha256}
    left = engagement.state
    _move(engagement, transition, by=by, now=now, reason=reason, **frozen)
    if left is State.SCHEDULED:
        motions.void_open_motion(
            engagement.id, reason=f"it left the docket: {transition.target.label.lower()}.", by=by, now=now
        )
    if transition.target is State.CANCELLED:
        trips.cancel_for(engagement.id, now=now)


def decide(
    item: Engagement, outcome: Outcome, *, reason: str, by: Actor, now: datetime, defer_until: date | None = None
) -> None:
    """Move an item from the docket to where a carried motion leads. Called by services.board.close alone.

    An approval of an outbound engagement opens its trips; advice opens none. Raises NotOpen, or ReasonNeeded.
    """
    _hold(item)
    transition = workflow.step(item.state, outcome)
    _move(item, transition, by=by, now=now, reason=reason, defer_until=defer_until)
    if transition.target in APPROVED and item.asks is Asks.DECISION and item.direction is Direction.OUTBOUND:
        trips.open_for(item.id, now=now)


def _hold(engagement: Engagement, *, to_read: bool = False) -> Any:
    """Lock the row until the commit: of two who act at once, the second sees what the first did.

    With `to_read` gives what the engagement says, as versions.content_of takes it, or None: then it reads again.
    """
    said = versions.held(engagement.id) if to_read else db.session.execute(_HOLD, {"item": engagement.id}).one()
    if said.version == engagement.version:
        return said
    db.session.refresh(engagement)
    return None


def _freeze(engagement: Engagement, said: Any, *, by: Actor, now: datetime) -> tuple[int, str]:
    content = versions.content_of(engagement.id, said)
    wrong, late = completeness.judge(versions.asked_by(content), today=_today(now))
    if wrong:
        raise Incomplete(wrong)
    return versions.freeze(engagement.id, {**content, "late": late}, by=by, now=now)


def _move(
    item: Engagement, transition: Transition, *, by: Actor, now: datetime, reason: str, defer_until: date | None = None,
    **facts: Any,
) -> None:  # fmt: skip
    """The one place where a state changes."""
    if transition.reason and not reason:
        raise ReasonNeeded("Say why: the reason is shown to the requester and kept.")
    if len(reason) > LONGEST_REASON:
        raise Incomplete({"reason": f"Use at most {LONGEST_REASON:,} characters."})
    before, target = item.state, transition.target
    item.state, item.state_since = target, now
    item.deferred_until = defer_until if target is State.DEFERRED else None
    if target is State.SUBMITTED:
        item.submitted_at = now
    elif target is State.SCHEDULED:
        item.placed_at = now
    elif target in DECIDED:
        item.decided_at = now
    db.session.flush()
    db.session.execute(_END_SPAN, {"item": item.id, "ended_at": now})
    span = db.session.scalar(_BEGIN_SPAN, _span(item.id, target, by, now, reason)) or 0
    verb = f"decide_{transition.action}" if isinstance(transition.action, Outcome) else transition.action
    audit.record(verb, about=("item", item.id), by=by, now=now, before=before, after=target, reason=reason,
                 **facts | ({"until": defer_until} if defer_until else {}))  # fmt: skip
    notices.moved(item, before, span=span, by=by, now=now, reason=reason, until=defer_until, today=_today(now))


def _span(item_id: int, state: State, by: Actor, now: datetime, reason: str) -> dict[str, Any]:
    return {"item_id": item_id, "state": state, "started_at": now, "ended_at": None, "by_id": by.id, "reason": reason}


def _today(now: datetime) -> date:
    return sessions.office_day(now, current_app.config["SETTINGS"].home_zone)
