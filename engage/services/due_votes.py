"""The only place that acts when a vote or a silence has come to its end. Nothing else is approved by waiting."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text

from engage.extensions import db
from engage.models.board import Motion
from engage.rules import silence
from engage.rules.authority import Method
from engage.rules.policy import PROGRAM
from engage.rules.refusals import NotOpen, QuorumLacking, Stale
from engage.services import (
    audit,
    board,
    deciding,
    emergencies,
    escalations,
    motions,
    notational,
    versions,
    visibility,
)
from engage.services.silence import begin, citing, hearing

MOST = 200  # that one tick takes; the next takes the rest

_M = Motion.__table__.c
# As the partial indexes say it: read along them, and no further than what is due.
_DUE = (
    select(_M.id)
    .where(
        text("motion.closed_at IS NULL AND motion.escalated_at IS NULL AND motion.meeting_id IS NULL"),
        _M.closes_at <= bindparam("now"),
    )
    .order_by(_M.closes_at, _M.id)
    .limit(bindparam("most"))
)
_UNHEARD = (
    select(_M.id)
    .where(text("motion.closed_at IS NULL AND motion.hours IS NOT NULL AND motion.runs_from IS NULL"))
    .order_by(_M.id)
    .limit(bindparam("most"))
)


def due(now: datetime, *, most: int = MOST) -> list[int]:
    """The open motions whose end has come and about which nobody was told yet, the earliest first. One statement."""
    return list(db.session.scalars(_DUE, {"now": now, "most": most}))


def tick(now: datetime, *, most: int = MOST) -> int:
    """Begin, end or escalate what is due; gives how many. The runner calls it; twice is the same as once."""
    count = 0
    for number in list(db.session.scalars(_UNHEARD, {"most": most})):
        count += begin(db.session.get_one(Motion, number), by=PROGRAM, now=now)
    for number in due(now, most=most):
        count += settle_due(db.session.get_one(Motion, number), now=now)
    return count + notational.escalate_overdue(now, most=most) + emergencies.lapse_overdue(now, most=most)


def settle_due(motion: Motion, *, now: datetime) -> bool:
    """Close a vote that has a quorum, approve on a kept silence, escalate everything else; gives whether it acted."""
    standing = motions.hold_item(motion.item_id)
    motions.hold(motion)
    if motion.closed_at is not None or motion.escalated_at is not None or motion.closes_at > now:
        return False  # somebody was faster
    if motion.method is Method.SILENCE and motion.runs_from is not None:
        return _end_silence(motion, standing, now)
    why = "The text of a silence procedure has not reached a quorum in time, so it never began."
    if motion.method is not Method.SILENCE:
        try:
            board.close_due(motion, now=now)
        except QuorumLacking:
            why = "The time for this vote is over and there is no quorum. Nothing was decided, and it stays open."
        except (NotOpen, Stale) as refusal:
            why = f"The time for this vote is over and it cannot be counted. {refusal}"
        else:
            return True
    motion.escalated_at = now
    db.session.flush()
    escalations.tell(f"motion:{motion.id}", motion.item_id, standing.title, why, now=now)
    return True


def _end_silence(motion: Motion, standing: motions.Standing, now: datetime) -> bool:
    the_board, charter = motions.setting_of(motion)
    subject = visibility.subject(motion.item_id)
    version: Any = versions.in_force(motion.item_id)
    changed = subject is None or version is None or version.id != motion.item_version_id
    if subject is None or not silence.kept(
        runs_from=motion.runs_from, expires_at=motion.closes_at, text_changed=changed, now=now
    ):
        motions.settle(motion, carried=False, sums=["Not counted: the text changed while silence ran."], by=PROGRAM,
                       now=now)  # fmt: skip
        return True
    heard = hearing(motion, the_board, charter, subject, now)
    cited, sums = citing(motion, charter, heard.reached & set(heard.voters))
    motions.settle(motion, carried=True, sums=sums, by=PROGRAM, now=now)
    audit.record("silence_kept", about=("item", motion.item_id), by=PROGRAM, now=now, motion=motion.id)
    decision = deciding.write(motion, standing, sums, cited, by=PROGRAM, now=now)
    motions.tell_voters(
        "vote_closed", motion, charter, subject, now=now, subject_line=f"Silence kept: {standing.title}"[:200],
        title=standing.title, carried=True, arithmetic=sums, decision=decision.id,
    )  # fmt: skip
    return True
