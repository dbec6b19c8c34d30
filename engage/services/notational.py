"""The only place where a member takes a vote on paper to a meeting, and where an item waits for one."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, text, update

from engage.extensions import db
from engage.models.authority import Calendared
from engage.models.board import Motion
from engage.models.engagements import Item
from engage.rules.authority import BETWEEN_MEETINGS
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete, NotOpen
from engage.services import audit, ballots, escalations, motions, seats, visibility

_C, _I = Calendared.__table__.c, Item.__table__.c
_OVERDUE = (
    select(_C.id, _C.item_id, _I.title, _C.meet_by)
    .join(Item.__table__, _I.id == _C.item_id)
    .where(text("calendared.settled_at IS NULL AND calendared.escalated_at IS NULL"), _C.meet_by <= bindparam("now"))
    .order_by(_C.meet_by, _C.id)
    .limit(bindparam("most"))
)


def calendar(motion: Motion, *, reason: str, by: Actor, now: datetime) -> None:
    """Take an open notational vote or silence to a meeting: votes cast are void, and the item waits for the meeting.

    Any member who may vote on it does, alone; the charter says within how many days the meeting must be.
    Raises NotAllowed, NotOpen (closed already, or put in a meeting) or Incomplete at "reason".
    """
    standing = motions.hold_item(motion.item_id)
    board, charter = motions.hold(motion)
    subject = visibility.subject(motion.item_id)
    if subject is None:
        raise NotOpen("This item is gone.")
    ballots.seat_for(by, subject, seats.seats_on(board.id, seats.board_day(board, now)), charter)
    motions.must_be_open(motion)
    if motion.method not in BETWEEN_MEETINGS:
        raise NotOpen("This motion is before a meeting already.")
    if not reason or len(reason) > motions.LONGEST_REASON:
        raise Incomplete({
            "reason": f"Use at most {motions.LONGEST_REASON:,} characters." if reason else "Say why it needs a meeting."
        })
    why = f"{by.name} calendared it to a meeting. {reason}"
    meet_by = now + timedelta(days=charter.calendar_days)
    motions.settle(motion, carried=False, sums=[f"Not counted: {why}"], by=by, now=now)
    db.session.execute(
        insert(Calendared).values(
            item_id=motion.item_id, motion_id=motion.id, person_id=by.id, reason=reason, at=now, meet_by=meet_by
        )
    )
    audit.record("calendar", about=("item", motion.item_id), by=by, now=now, motion=motion.id, reason=reason,
                 meet_by=meet_by)  # fmt: skip
    motions.tell_voters(
        "vote_void", motion, charter, subject, now=now, subject_line=f"To a meeting: {standing.title}"[:200],
        title=standing.title, why=f"{why} The item waits for the next meeting.",
    )  # fmt: skip


def escalate_overdue(now: datetime, *, most: int = 200) -> int:
    """Tell those above of items whose meeting did not come in time; approves nothing. Cost: that of what is due."""
    rows = db.session.execute(_OVERDUE, {"now": now, "most": most}).all()
    for row in rows:
        db.session.execute(update(Calendared).where(_C.id == row.id).values(escalated_at=now),
                           execution_options={"synchronize_session": False})  # fmt: skip
        escalations.tell(
            f"calendared:{row.id}", row.item_id, row.title,
            "A member took this item to a meeting, and no meeting has decided it in the days that the charter gives.",
            now=now,
        )  # fmt: skip
    return len(rows)
