"""The only place that knows what board members have yet to do."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, select

from engage.extensions import db
from engage.models.board import Ballot, Charter, Motion
from engage.models.engagements import Item
from engage.rules.workflow import State
from engage.services import motions, seats, visibility
from engage.services.duties.declared import OpenDuty, Subjects

_B, _C, _I, _M = Ballot.__table__.c, Charter.__table__.c, Item.__table__.c, Motion.__table__.c

_VOTES = (  # on paper: of a vote in a meeting nobody is reminded
    select(_M.id, _M.item_id, _M.board_id, _M.closes_at, _I.title, _C.chair_votes)
    .join_from(Motion.__table__, Item.__table__, _I.id == _M.item_id)
    .join(Charter.__table__, _C.id == _M.charter_id)
    .where(_M.closed_at.is_(None), _M.meeting_id.is_(None), _I.state == State.SCHEDULED)
    .order_by(_M.closes_at, _M.id)
)


def _to_vote(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """A vote is owed by each member who may vote on the item and has not."""
    rows = db.session.execute(_VOTES.where(which)).all()
    if not rows:
        return
    cast = select(_B.motion_id, _B.person_id).where(_B.motion_id.in_([row.id for row in rows]))
    voted = {(motion_id, person_id) for motion_id, person_id in db.session.execute(cast)}
    held = {board_id: seats.seats_on(board_id, today) for board_id in {row.board_id for row in rows}}
    subjects = visibility.subjects({row.item_id for row in rows})
    for row in rows:
        for person_id in motions.voters(held[row.board_id], subjects[row.item_id], chair_votes=row.chair_votes):
            if (row.id, person_id) not in voted:
                yield OpenDuty(
                    "vote", "motion", row.id, person_id, row.closes_at, f"Vote on “{row.title}”",
                    title=row.title, path=f"/board/items/{row.item_id}",
                )  # fmt: skip


VOTE = Subjects(
    kind="vote", label="Votes that are open", counted_from="The end of the vote", anchor_name="motion.closes_at",
    anchor=_M.closes_at, by_day=False, about_kind="motion", about=_M.id, open=_to_vote,
    changes={"item": _M.item_id},
)  # fmt: skip
