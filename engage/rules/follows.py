"""The only place that says what may be followed, and which news of an engagement its followers are told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engage.rules.workflow import APPROVED, State


class Followed(StrEnum):
    """What somebody may follow. A topic is an objective of the strategic plan."""

    COUNTRY = "country"
    PARTNER = "partner"
    FORUM = "forum"
    TOPIC = "topic"

    @property
    def label(self) -> str:
        """The kind in words."""
        return self.value.capitalize()


class News(StrEnum):
    """What happened to an engagement."""

    APPROVED = "approved"
    MOVED = "moved"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    STARTED = "started"

    @property
    def label(self) -> str:
        """The news in words, before a title."""
        return {
            "approved": "Approved", "moved": "New dates", "reopened": "To be decided once more",
            "cancelled": "Cancelled", "started": "Starts today",
        }[self]  # fmt: skip


@dataclass(frozen=True)
class Stay:
    """A stay of an item in a state."""

    id: int
    state: State
    started_at: datetime


@dataclass(frozen=True)
class Text:
    """A version of an engagement: its number and the days that it says."""

    id: int
    days: tuple[date | str | None, date | str | None]
    valid_from: datetime


@dataclass(frozen=True)
class Event:
    """One piece of news. `key` names it for ever; `seen_as` is the state in which a follower must have seen it."""

    news: News
    key: str
    at: datetime
    seen_as: State | None = None  # None: as it stands now


def of_stays(stays: Iterable[Stay]) -> Iterator[Event]:
    """The news in an item's stays, in order: approved; and what becomes of an approval."""
    before: Stay | None = None
    for stay in stays:
        was_approved = before is not None and before.state in APPROVED
        if stay.state in APPROVED and not was_approved:
            yield Event(News.APPROVED, f"stay:{stay.id}", stay.started_at)
        elif was_approved and before is not None and stay.state is State.CANCELLED:
            yield Event(News.CANCELLED, f"stay:{stay.id}", stay.started_at, before.state)
        elif was_approved and before is not None and stay.state not in APPROVED:
            yield Event(News.REOPENED, f"stay:{stay.id}", stay.started_at, before.state)
        elif stay.state in (State.CANCELLED, State.WITHDRAWN) and before is not None:
            yield Event(News.CANCELLED, f"stay:{stay.id}", stay.started_at, before.state)
        before = stay


def of_texts(texts: Iterable[Text]) -> Iterator[Event]:
    """The news in an item's versions, in order: other days than the version before."""
    before: Text | None = None
    for text in texts:
        if before is not None and text.days != before.days:
            yield Event(News.MOVED, f"text:{text.id}", text.valid_from)
        before = text
