"""What the tests of changes share: an engagement approved by the real path, and what is said of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import factories as make
from asking import accept_clashes, complete
from factories import NOON

from engage.extensions import db
from engage.models.board import Decision, Motion
from engage.models.engagements import Engagement, Item
from engage.models.people import Person
from engage.rules.asking import Content
from engage.rules.policy import Role
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import Action
from engage.services import board, changes, contents, engagements, items, states, visibility
from engage.services.changes import Changed
from engage.services.transaction import transaction


class House:
    """A board of seven, a secretariat of two, and the clock."""

    def __init__(self) -> None:
        self.now = NOON
        with transaction():
            _, self.members = make.board()
            self.screener = make.person(Role.SECRETARIAT)
        self.chair = self.members[0]

    def later(self, **delta: Any) -> datetime:
        """Let time pass, by a minute if nothing else is said."""
        self.now += timedelta(**(delta or {"minutes": 1}))
        return self.now

    def do(self, item: Item, action: Action, who: Person, reason: str = "") -> None:
        """One act of the workflow."""
        with transaction():
            subject = visibility.subject(item.id)
            items.act(item, subject, action, by=make.actor(who), now=self.later(), reason=reason)

    def submitted(self, asker: Person, *others: Person, **facts: Any) -> Engagement:
        """An engagement that was submitted; `others` travel beside the asker, who leads."""
        with transaction():
            content = complete(asker, *others, **facts)
            item = engagements.draft(content, by=make.actor(asker), now=self.later())
            accept_clashes(item, make.actor(asker), self.now)
        self.do(item, Action.SUBMIT, asker)
        return item

    def docketed(self, asker: Person, *others: Person, **facts: Any) -> Engagement:
        """One that stands on the docket."""
        item = self.submitted(asker, *others, **facts)
        self.do(item, Action.PLACE, self.screener)
        return item

    def put(self, item: Item, outcome: Outcome = Outcome.APPROVE, by: Person | None = None, **facts: Any) -> Motion:
        """A motion on it."""
        with transaction():
            return board.put_motion(
                states.get(item.id), visibility.subject(item.id), outcome, by=make.actor(by or self.chair),
                now=self.later(), **facts,
            )  # fmt: skip

    def vote(self, motion: Motion, choice: Choice = Choice.YES, voters: int = 5) -> None:
        """The first so many members vote."""
        for member in self.members[:voters]:
            with transaction():
                board.cast(motion, choice, reason="Why.", by=make.actor(member), now=self.later())

    def close(self, motion: Motion) -> Decision | None:
        """The chair closes the vote."""
        with transaction():
            return board.close(motion, by=make.actor(self.chair), now=self.later())

    def decided(self, item: Item, outcome: Outcome = Outcome.APPROVE, **facts: Any) -> Decision:
        """The board decides it so."""
        motion = self.put(item, outcome, **facts)
        self.vote(motion)
        decision = self.close(motion)
        assert decision is not None
        return decision

    def approved(self, asker: Person, *others: Person, **facts: Any) -> Engagement:
        """One that the board approved."""
        item = self.docketed(asker, *others, **facts)
        self.decided(item)
        return item

    def change(self, item: Engagement, who: Person, why: str = "The host asked.", **facts: Any) -> Changed:
        """The requester changes what it says."""
        return self.change_to(item, who, replace(said(item), **facts), why)

    def change_to(self, item: Engagement, who: Person, wanted: Content, why: str = "The host asked.") -> Changed:
        """The requester lets it say `wanted`."""
        with transaction():
            return changes.change(
                item, visibility.subject(item.id), wanted, item.version, why=why, by=make.actor(who), now=self.later()
            )


def said(item: Item) -> Content:
    """What the engagement says now, as plain values."""
    db.session.rollback()
    return contents.asked_by(contents.content_of(item.id))
