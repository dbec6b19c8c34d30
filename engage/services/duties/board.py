"""The only place that knows what board members have yet to do."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select

from engage.extensions import db
from engage.models.authority import Delegation, StandingApproval
from engage.models.board import Ballot, Charter, Motion
from engage.models.engagements import Item
from engage.models.meetings import Meeting, ReadAheadOpening
from engage.models.minutes import ActionItem
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import motions, seats, visibility
from engage.services.duties.declared import OpenDuty, Subjects, holding

_B, _C, _I, _M = Ballot.__table__.c, Charter.__table__.c, Item.__table__.c, Motion.__table__.c
_E, _O, _S = Meeting.__table__.c, ReadAheadOpening.__table__.c, StandingApproval.__table__.c
_X, _D = ActionItem.__table__.c, Delegation.__table__.c

_VOTES = (  # on paper: of a vote in a meeting, or of a silence, nobody is reminded
    select(
        _M.id, _M.item_id, _M.board_id, _M.closes_at, _I.title,
        or_(_C.chair_votes, _C.chair_breaks_ties).label("chair_votes"),
    )
    .join_from(Motion.__table__, Item.__table__, _I.id == _M.item_id)
    .join(Charter.__table__, _C.id == _M.charter_id)
    .where(
        _M.closed_at.is_(None), _M.meeting_id.is_(None), _M.hours.is_(None), _I.state == State.SCHEDULED
    )
    .order_by(_M.closes_at, _M.id)
)


def _to_vote(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """A vote is owed by each member who may vote on the item and has not."""
    rows = db.session.execute(_VOTES.where(which)).all()
    if not rows:
        return
    cast = (  # what a stand-in cast is their principal's vote
        select(_B.motion_id, func.coalesce(_D.principal_id, _B.person_id))
        .join_from(Ballot.__table__, Delegation.__table__, _D.id == _B.delegation_id, isouter=True)
        .where(_B.motion_id.in_([row.id for row in rows]))
    )
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


_AHEAD = (
    select(_E.id, _E.board_id, _E.title, _E.starts_at)
    .where(_E.papers_at.is_not(None), _E.opened_at.is_(None), _E.cancelled_at.is_(None))
    .order_by(_E.starts_at, _E.id)
)
_STANDING = (
    select(_S.id, _S.title, _S.ends_on, _S.decision_id).where(_S.revoked_at.is_(None)).order_by(_S.ends_on, _S.id)
)


def _to_read(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """The papers of a meeting ahead are every seat holder's to open."""
    rows = db.session.execute(_AHEAD.where(which)).all()
    if not rows:
        return
    opened = select(_O.meeting_id, _O.person_id).where(_O.meeting_id.in_([row.id for row in rows]))
    done = {(meeting_id, person_id) for meeting_id, person_id in db.session.execute(opened)}
    held = {board_id: seats.seats_on(board_id, today) for board_id in {row.board_id for row in rows}}
    for row in rows:
        for holder_id in dict.fromkeys(seat.holder_id for seat in held[row.board_id] if seat.holder_id):
            if (row.id, holder_id) not in done:
                yield OpenDuty(
                    "read_ahead", "meeting", row.id, holder_id, row.starts_at, f"Read the papers of “{row.title}”",
                    title=row.title, path=f"/board/meetings/{row.id}",
                )  # fmt: skip


def _to_extend(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """A standing approval that ends is the secretariat's to bring before the board again, or to let go."""
    rows = db.session.execute(_STANDING.where(which, _S.ends_on >= today)).all()
    keepers = holding(Role.SECRETARIAT, today) if rows else []
    for row in rows:
        for id_ in keepers:
            yield OpenDuty(
                "standing_approval", "standing_approval", row.id, id_, row.ends_on,
                f"Ask whether “{row.title}” is to go on", title=row.title, path=f"/board/decisions/{row.decision_id}",
            )  # fmt: skip


MOST_OF_A_LINE = 150  # characters of what is to be done, where it stands in a subject
_ACTIONS = (
    select(_X.id, _X.owner_id, _X.text, _X.due_on, _E.title)
    .join_from(ActionItem.__table__, Meeting.__table__, _E.id == _X.meeting_id)
    .where(_X.done_at.is_(None))
    .order_by(_X.due_on, _X.id)
)


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= MOST_OF_A_LINE else f"{line[: MOST_OF_A_LINE - 1]}…"


def _to_do(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """What a meeting asked somebody to do is theirs until they say what came of it."""
    for row in db.session.execute(_ACTIONS.where(which)):
        yield OpenDuty(
            "action", "action", row.id, row.owner_id, row.due_on, _short(f"Do what the board asked: {row.text}"),
            title=row.title, path=f"/actions/{row.id}", missing=(row.text,),
        )  # fmt: skip


VOTE = Subjects(
    kind="vote", label="Votes that are open", counted_from="The end of the vote", anchor_name="motion.closes_at",
    anchor=_M.closes_at, by_day=False, about_kind="motion", about=_M.id, open=_to_vote,
    changes={"item": _M.item_id},
)  # fmt: skip
READ_AHEAD = Subjects(
    kind="read_ahead", label="Papers of a meeting not yet opened", counted_from="The start of the meeting",
    anchor_name="meeting.starts_at", anchor=_E.starts_at, by_day=False, about_kind="meeting", about=_E.id,
    open=_to_read, changes={"meeting": _E.id},
)  # fmt: skip
STANDING = Subjects(
    kind="standing_approval", label="Standing approvals that end", counted_from="The last day of the approval",
    anchor_name="standing_approval.ends_on", anchor=_S.ends_on, by_day=True, about_kind="standing_approval",
    about=_S.id, open=_to_extend, changes={"standing": _S.id},
)  # fmt: skip
ACTION = Subjects(
    kind="action", label="Action items of a meeting", counted_from="The day by which it is asked",
    anchor_name="action_item.due_on", anchor=_X.due_on, by_day=True, about_kind="action", about=_X.id, open=_to_do,
    changes={"action": _X.id},
)  # fmt: skip
