"""The only writer of Reconsideration: one per item, on new facts, within the charter's days."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.board import Ballot, Board, Charter, Decision, Motion
from engage.models.engagements import Item
from engage.models.matters import Reconsideration
from engage.rules.policy import Action, Actor, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.voting import Choice
from engage.services import items, sessions, states

LONGEST = 5_000  # characters

_D, _M, _C, _B, _R = (t.__table__.c for t in (Decision, Motion, Charter, Ballot, Reconsideration))
# The newest decision on the item, with the charter it was made under and what the asker said in that vote.
_LAST: Any = (
    select(
        _D.id, _D.decided_at, _C.title, _C.reconsider_days, _C.prevailing_may_reconsider,
        Board.__table__.c.zone, _B.choice,
    )
    .select_from(
        Decision.__table__.join(Motion.__table__, _M.id == _D.motion_id)
        .join(Charter.__table__, _C.id == _M.charter_id)
        .join(Board.__table__, Board.__table__.c.id == _M.board_id)
        .outerjoin(Ballot.__table__, (_B.motion_id == _M.id) & (_B.person_id == bindparam("me")))
    )
    .where(_D.item_id == bindparam("item"))
    .order_by(_D.id.desc())
    .limit(1)
)  # fmt: skip
_ASKED = select(func.count()).where(_R.item_id == bindparam("item"))
_OF_ITEM = select(Reconsideration).where(_R.item_id == bindparam("item"))


def of_item(item_id: int) -> Reconsideration | None:
    """That the item was asked to be decided once more, or None."""
    return db.session.scalar(_OF_ITEM, {"item": item_id})


def until(item_id: int, *, by: Actor) -> date | None:
    """The last day on which `by` may ask that the item be decided once more; None where they may not, or not again."""
    row = db.session.execute(_LAST, {"item": item_id, "me": by.id}).one_or_none()
    if row is None or not row.reconsider_days or db.session.scalar(_ASKED, {"item": item_id}):
        return None
    return _last_day(row)


def voted_for(item_id: int, *, by: Actor) -> bool:
    """Whether `by` voted with the majority that decided the item, and the charter lets such members ask."""
    row = db.session.execute(_LAST, {"item": item_id, "me": by.id}).one_or_none()
    return row is not None and row.prevailing_may_reconsider and row.choice is Choice.YES


def must_be_open(item: Item, subject: Subject, *, by: Actor, now: datetime) -> Any:
    """The decision to be reconsidered, as a row. Raises NotAllowed or NotOpen with the reason."""
    if not may(by, Action.RECONSIDER, subject):
        raise NotAllowed("Only the requester, and members of the board who have no interest, ask to reconsider.")
    row = db.session.execute(_LAST, {"item": item.id, "me": by.id}).one_or_none()
    if row is None:
        raise NotOpen("The board has decided nothing on this yet.")
    if by.id != subject.requester_id:
        if not row.prevailing_may_reconsider:
            raise NotAllowed(f"Under {row.title} only the requester asks to reconsider.")
        if row.choice is not Choice.YES:
            raise NotAllowed("Only a member who voted with the majority that decided it may ask to reconsider.")
    if db.session.scalar(_ASKED, {"item": item.id}):
        raise NotOpen("This was reconsidered once already, and an item is reconsidered once.")
    if not row.reconsider_days:
        raise NotOpen(f"{row.title} knows no reconsideration.")
    last = _last_day(row)
    if sessions.office_day(now, row.zone) > last:
        raise NotOpen(
            f"The time to ask was over on {last.day} {last:%B %Y}: {row.reconsider_days} days after the decision."
        )
    return row


def ask(item: Item, subject: Subject, new_facts: str, *, by: Actor, now: datetime) -> Reconsideration:
    """Ask that the board decide once more, on facts it did not know; the secretariat then routes the item.

    Raises NotAllowed, NotOpen (asked before, window over, nothing decided) or Incomplete.
    """
    states.hold(item)
    row = must_be_open(item, subject, by=by, now=now)
    if not new_facts:
        raise Incomplete({"new_facts": "Say which facts are new: the board decides once more on nothing else."})
    if len(new_facts) > LONGEST:
        raise Incomplete({"new_facts": f"Use at most {LONGEST:,} characters."})
    asked_as = "requester" if by.id == subject.requester_id else "member"
    made = Reconsideration(
        item_id=item.id, decision_id=row.id, asked_by_id=by.id or 0, asked_as=asked_as, new_facts=new_facts,
        asked_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    items.act(item, subject, Action.RECONSIDER, by=by, now=now, reason=new_facts)
    return made


def _last_day(row: Any) -> date:
    decided: date = sessions.office_day(row.decided_at, row.zone)
    return decided + timedelta(days=row.reconsider_days)
