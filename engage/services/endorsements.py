"""The only writer of endorsements: what the requester's supervisor says of an item before it is screened."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, select

from engage.extensions import db
from engage.models.engagements import Item, ItemVersion
from engage.models.people import Person
from engage.models.routing import Endorsement
from engage.rules import workflow
from engage.rules.items import PARTY
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.workflow import Action, State
from engage.services import audit, charters, outbox, seats, states, versions, visibility

LONGEST = 5_000  # characters
OPEN = frozenset({State.SUBMITTED, State.UNDER_REVIEW})

_E, _V, _I = Endorsement.__table__.c, ItemVersion.__table__.c, Item.__table__.c
_P = Person.__table__.c
_supervisor = Person.__table__.alias("supervisor")
_LAST = (  # on the text in force, or on one that differs from it in nothing material
    select(_E.endorsed, _E.without, _E.reason, _E.at, _P.name.label("by_name"), _E.item_version_id)
    .join_from(Endorsement.__table__, Person.__table__, _P.id == _E.by_id)
    .where(_E.item_id == bindparam("item"))
    .order_by(_E.id.desc())
    .limit(1)
)
_WHO = (
    select(_supervisor.c.id, _supervisor.c.name, _I.submitted_at, _I.state_since)
    .select_from(
        Item.__table__.join(Person.__table__, _P.id == _I.requester_id).join(
            _supervisor, _supervisor.c.id == _P.supervisor_id
        )
    )
    .where(_I.id == bindparam("item"), _supervisor.c.disabled_at.is_(None))
)

_judged = ItemVersion.__table__.alias("judged")
_NEWEST = select(func.max(_judged.c.id)).where(_judged.c.item_id == _I.id, _judged.c.minor.is_(False))
_WAITING = (  # as `stand` says it of one item; nothing is screened while its supervisor has yet to speak
    select(_I.id, _I.title, _I.submitted_at, _I.starts_on, _supervisor.c.id.label("supervisor_id"))
    .select_from(
        Item.__table__.join(Person.__table__, _P.id == _I.requester_id).join(
            _supervisor, _supervisor.c.id == _P.supervisor_id
        )
    )
    .where(
        _I.state.in_(sorted(OPEN)), _I.kind.in_(sorted(PARTY)), _supervisor.c.disabled_at.is_(None),
        ~exists().where(
            _E.item_id == _I.id,
            _E.item_version_id >= _NEWEST.correlate(Item.__table__).scalar_subquery(),
        ).correlate(Item.__table__),
    )
    .order_by(_I.submitted_at, _I.id)
)  # fmt: skip


@dataclass(frozen=True)
class Stand:
    """Whether an item waits for its supervisor's word, whose, and the last word that was given on its text."""

    waits: bool
    supervisor: str
    supervisor_id: int | None
    word: Any


def stand(item_id: int, subject: Subject) -> Stand | None:
    """Where an item stands with its supervisor; None where the charter asks for no word, or nobody could give it.

    The charter is that of the day on which it was submitted.
    """
    if subject.kind not in PARTY or subject.state not in OPEN:
        return None
    who = db.session.execute(_WHO, {"item": item_id}).one_or_none()
    if who is None or who.submitted_at is None or who.id in subject.traveller_ids:
        return None
    board = seats.the_board()
    charter = seats.find_charter(board.id, seats.board_day(board, who.submitted_at))
    if charter is None or not charter.endorsement:
        return None
    version, word = versions.in_force(item_id), db.session.execute(_LAST, {"item": item_id}).one_or_none()
    if word is not None and (version is None or word.item_version_id < version.judged_id):
        word = None
    return Stand(word is None, who.name, who.id, word)


def waiting(which: ColumnElement[bool]) -> list[Any]:
    """Of the items that `which` keeps, those that wait for their supervisor's word, the longest first.

    Rows of id, title, submitted_at, starts_on and supervisor_id; the same number of statements however many there are.
    """
    rows = db.session.execute(_WAITING.where(which)).all()
    if not rows:
        return []
    board = seats.the_board()
    said = charters.all_of(board)  # the newest first
    subjects = visibility.subjects([row.id for row in rows])

    def asks(row: Any) -> bool:
        day = seats.board_day(board, row.submitted_at)
        kept = next((charter for charter in said if charter.starts_on <= day), None)
        return kept is not None and kept.endorsement and row.supervisor_id not in subjects[row.id].traveller_ids

    return [row for row in rows if asks(row)]


def mine(person_id: int) -> list[Any]:
    """What waits for the word of this supervisor, the longest first, as `waiting` gives it."""
    return waiting(_supervisor.c.id == person_id)


def must_be_given(item_id: int, subject: Subject) -> None:
    """Raises NotOpen while an item waits for its supervisor's word."""
    where = stand(item_id, subject)
    if where is not None and where.waits:
        raise NotOpen(
            f"{where.supervisor}, the requester's supervisor, has yet to endorse this. Wait for that, or go on without "
            "it and say why."
        )


def ask(item: Item, *, by: Actor, now: datetime) -> None:
    """Tell the requester's supervisor that an item waits for their word."""
    who = db.session.execute(_WHO, {"item": item.id}).one_or_none()
    if who is None or item.kind not in PARTY:
        return
    outbox.post(outbox.message(
        f"endorse:{item.id}:{item.version}", to=who.id, template="endorsement_asked",
        subject=f"To endorse: {item.title}"[:200], about=("item", item.id), now=now, title=item.title, by=by.name,
        path=f"/engagements/{item.id}/endorse",
    ))  # fmt: skip


def endorse(item: Item, subject: Subject, *, endorsed: bool, reason: str = "", by: Actor, now: datetime) -> None:
    """Say whether the supervisor stands behind it. What is not endorsed goes back to the requester with the reason.

    Raises NotAllowed, NotOpen (it does not wait for this word) or Incomplete at "reason".
    """
    states.hold(item)
    where = stand(item.id, subject)
    if not may(by, Do.ENDORSE, subject):
        raise NotAllowed("Only the requester's supervisor endorses it, and never a journey of their own.")
    if where is None or not where.waits:
        raise NotOpen("This does not wait for an endorsement.")
    if not endorsed and not reason:
        raise Incomplete({"reason": "Say why you do not endorse it."})
    _keep(item, endorsed=endorsed, without=False, reason=reason, by=by, now=now)
    if not endorsed:
        states.move(item, workflow.step(item.state, Action.RETURN, item.kind), by=by, now=now, reason=reason)


def go_on(item: Item, subject: Subject, *, reason: str, by: Actor, now: datetime) -> None:
    """Let the screening go on without the supervisor's word, for a reason that is kept and shown.

    Raises NotAllowed, NotOpen or Incomplete at "without".
    """
    states.hold(item)
    if not may(by, Action.PLACE, subject):
        raise NotAllowed("Only the secretariat goes on without an endorsement, and never with an item of their own.")
    where = stand(item.id, subject)
    if where is None or not where.waits:
        raise NotOpen("This does not wait for an endorsement.")
    if not reason:
        raise Incomplete({"without": "Say why it goes on without the endorsement."})
    _keep(item, endorsed=False, without=True, reason=reason, by=by, now=now)


def _keep(item: Item, *, endorsed: bool, without: bool, reason: str, by: Actor, now: datetime) -> None:
    if len(reason) > LONGEST:
        raise Incomplete({"without" if without else "reason": f"Use at most {LONGEST:,} characters."})
    version = versions.in_force(item.id)
    db.session.add(Endorsement(
        item_id=item.id, item_version_id=version.id, endorsed=endorsed, without=without, reason=reason, by_id=by.id,
        at=now,
    ))  # fmt: skip
    db.session.flush()
    verb = "go_on_without_endorsement" if without else "endorse" if endorsed else "decline_to_endorse"
    audit.record(verb, about=("item", item.id), by=by, now=now, version=version.number, reason=reason)
