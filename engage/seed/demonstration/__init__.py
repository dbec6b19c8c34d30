"""The only place for the demonstration: its people, their password, and when its story is told."""

from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import select

from engage.extensions import db
from engage.models.people import Person
from engage.seed.demonstration.stage import Stage
from engage.seed.demonstration.story import tell

__all__ = ["DEMONSTRATION_PASSWORD", "anybody_here", "beginning", "load_story", "sign_ins"]

DEMONSTRATION_PASSWORD = "seven lanterns by the harbour"  # noqa: S105  printed at every start, refused where people are real
BEGAN = timedelta(days=400)  # before the story is loaded, people, seats and guides were there

_SIGN_INS = MappingProxyType({
    "requester": "Requester: asks for engagements",
    "supervisor": "Supervisor of the requester and the traveller",
    "secretariat": "Secretariat: screens, and runs the docket",
    "chair": "Chair of the board",
    "member": "Board member",
    "member2": "Board member",
    "member3": "Board member, who travels too",
    "member4": "Board member",
    "member5": "Board member",
    "member6": "Board member",
    "reviewer": "Reviewer for security",
    "traveller": "Traveller with a trip ahead",
    "content": "Owner of the etiquette guides",
    "training": "Owner of the training records",
    "duty": "Duty officer",
    "leadership": "Leadership",
    "auditor": "Auditor",
    "admin": "Administrator",
})


def sign_ins() -> dict[str, str]:
    """Who may sign in, with their part in words, in the order in which a start prints them."""
    return {f"{name}@example.gov": words for name, words in _SIGN_INS.items()}


def anybody_here() -> bool:
    """Whether there is anybody at all: then a story would be told over real work."""
    return db.session.scalar(select(Person.id).limit(1)) is not None


def beginning(now: datetime) -> datetime:
    """When the demonstration's organisation began its work."""
    return now - BEGAN


def load_story(*, now: datetime) -> bool:
    """Bring the people and tell the story, when nobody is here yet; gives whether it was told. Flushes, never commits.

    The same at the same `now`: nothing is left to chance.
    """
    if anybody_here():
        return False
    tell(Stage.set(began=beginning(now), now=now, password=DEMONSTRATION_PASSWORD))
    return True
