"""Votes outside meetings that meet an edit, an end or a meeting at the same instant: real threads on both databases."""

from dataclasses import replace

import factories as make
import pytest
from factories import NOON, TODAY
from services.test_between_meetings import Case, stand_in
from services.test_board_races import at_once
from sqlalchemy import func, select

from engage.extensions import db
from engage.models.authority import Calendared
from engage.models.board import Ballot, Decision, Motion
from engage.models.engagements import Engagement, Item
from engage.models.people import Person
from engage.rules.policy import Role
from engage.rules.voting import Choice
from engage.rules.workflow import State
from engage.services import (
    audit,
    authority,
    board,
    changes,
    contents,
    notational,
    seats,
    stand_ins,
    versions,
    visibility,
)
from engage.services.transaction import transaction

AGAIN = pytest.mark.parametrize("again", range(3))


class Paper:
    """A notational vote with `yes` ballots cast; its item can be edited, its vote closed, each from any thread."""

    def __init__(self, yes=0):
        case = Case()
        self.case, motion = case, case.put()
        with transaction():
            for who in (case.chair, *case.members)[:yes]:
                board.cast(motion, Choice.YES, by=make.actor(who), now=NOON)
        self.motion, self.item = motion.id, case.id
        self.asker = make.actor(db.session.get_one(Person, case.item.requester_id))
        self.chair, self.members = make.actor(case.chair), [make.actor(who) for who in case.members]
        self.read = case.item.version
        self.sha256 = versions.current(self.item).sha256
        db.session.remove()

    def edit(self):
        item = db.session.get_one(Engagement, self.item)
        said = contents.asked_by(contents.content_of(self.item))
        wanted = replace(said, notes="Bring cables.")
        changes.change(item, visibility.subject(self.item), wanted, self.read, why="So.", by=self.asker, now=NOON)

    def close(self):
        board.close(db.session.get_one(Motion, self.motion), by=self.chair, now=NOON)

    def cast(self, number, choice):
        def act():
            board.cast(
                db.session.get_one(Motion, self.motion), choice, reason="So.", by=self.members[number], now=NOON
            )

        return act


@AGAIN
def test_the_close_and_an_edit_never_both_win(app, store, again):
    paper = Paper(yes=7)
    closed, edited = at_once(app, [paper.close, paper.edit])
    decisions = store.scalars(select(Decision.sha256)).all()
    if closed == "done":
        assert (edited, decisions, store.get(Item, paper.item).state) == ("Stale", [paper.sha256], State.APPROVED)
    else:
        assert (closed, edited, decisions) == ("NotOpen", "done", [])
        assert store.get(Motion, paper.motion).carried is False
    assert audit.verify().first_bad_id is None


@AGAIN
def test_a_vote_that_meets_an_edit_counts_for_nothing(app, store, again):
    paper = Paper(yes=3)
    edited, voted = at_once(app, [paper.edit, paper.cast(5, Choice.YES)])
    assert edited == "done"
    assert voted in ("done", "NotOpen")  # cast before, and void with the rest; or after, and refused
    assert store.scalar(select(func.count()).select_from(Ballot)) == 3 + (voted == "done")
    assert (store.get(Motion, paper.motion).carried, store.scalar(select(func.count()).select_from(Decision))) == (
        False, 0
    )  # fmt: skip


@AGAIN
def test_the_last_yes_against_the_last_no_gives_what_the_tally_says(app, store, again):
    paper = Paper(yes=3)
    said = at_once(app, [paper.cast(3, Choice.NO), paper.cast(4, Choice.NO), paper.cast(5, Choice.YES)])
    assert said == ["done"] * 3  # 4 to 2: one seat has not spoken, and cannot turn it
    assert at_once(app, [paper.close, paper.close]).count("done") == 1
    decision = store.scalars(select(Decision)).one()
    assert board.sums(decision.arithmetic)[2].startswith("4 yes, 2 no")


@AGAIN
def test_the_close_and_a_members_wish_for_a_meeting_never_both_win(app, store, again):
    paper = Paper(yes=7)

    def calendar():
        notational.calendar(
            db.session.get_one(Motion, paper.motion), reason="Let us hear them.", by=paper.members[0], now=NOON
        )

    closed, taken = at_once(app, [paper.close, calendar])
    assert sorted((closed, taken)) == ["NotOpen", "done"]
    waits = store.scalar(select(func.count()).where(Calendared.settled_at.is_(None)))
    assert (waits, store.scalar(select(func.count()).select_from(Decision))) == (
        (0, 1) if closed == "done" else (1, 0)
    )  # fmt: skip


@AGAIN
def test_a_revoked_stand_in_is_counted_before_the_revoking_or_not_at_all(app, store, again):
    paper = Paper(yes=3)
    with transaction():
        deputy = make.person(Role.MEMBER)
    principal = paper.case.members[5]
    row = stand_in(paper.case, principal, deputy)
    seat = next(seat.id for seat in seats.seats_on(1, TODAY) if seat.holder_id == principal.id)
    with transaction():
        motion = db.session.get_one(Motion, paper.motion)
        stand_ins.cast_for(motion, seat, Choice.YES, by=make.actor(deputy), now=NOON)
        make.time_is_up()
    number, by = row.id, make.actor(principal)
    db.session.remove()

    closed, revoked = at_once(app, [paper.close, lambda: authority.revoke(number, reason="Back.", by=by, now=NOON)])
    assert revoked == "done"
    assert (closed, store.scalar(select(func.count()).select_from(Decision))) in [("done", 1), ("QuorumLacking", 0)]
