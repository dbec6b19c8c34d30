"""The only writer of Commitment and of what was said of it: promises of either side, until kept or released."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.commitments import Commitment, CommitmentWord
from engage.models.engagements import Engagement
from engage.models.people import Person
from engage.rules.commitments import Settled, Side, Word
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.workflow import APPROVED
from engage.services import audit, outbox, partners

LONGEST = 2_000  # characters
LONGEST_NAME = 200
SHORT = 120  # characters of a promise in a subject line

_C = Commitment.__table__.c
_ONE = (
    select(Commitment)
    .where(_C.id == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)  # fmt: skip


@dataclass(frozen=True)
class Promise:
    """A promise as it is written down. Either `partner_id` or, in words, `counterpart` says to or by whom."""

    side: Side
    what: str
    due_on: date | None
    owner_id: int | None
    partner_id: int | None = None
    counterpart: str = ""
    made_on: date | None = None


def make(
    engagement: Engagement, subject: Subject, said: Promise, *, by: Actor, now: datetime, today: date
) -> Commitment:
    """Write down a promise made at an engagement that has begun, and tell its owner.

    Raises NotAllowed, NotOpen, or Incomplete with a sentence at each field.
    """
    if not may(by, Do.MAKE_COMMITMENT, subject) or by.id is None:
        raise NotAllowed("Who travelled, who asked for the engagement and the secretariat write promises down.")
    if engagement.state not in APPROVED or engagement.starts_on is None or engagement.starts_on > today:
        raise NotOpen("Promises are written down once an approved engagement has begun.")
    made_on = said.made_on or min(today, engagement.ends_on or today)
    at = _wrong(said, made_on, engagement.starts_on, today)
    if at or said.due_on is None or said.owner_id is None:
        raise Incomplete(at)
    made = Commitment(
        engagement_id=engagement.id, side=said.side, what=said.what, partner_id=said.partner_id,
        counterpart="" if said.partner_id else said.counterpart, owner_id=said.owner_id, made_on=made_on,
        due_on=said.due_on,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    _note(made, Word.MADE, said.what, by, now, due_on=made.due_on, owner_id=made.owner_id, at_id=engagement.id)
    _tell_owner(made, by, now)
    return made


def _wrong(said: Promise, made_on: date, first: date, today: date) -> dict[str, str]:
    at = {}
    if not said.what or len(said.what) > LONGEST:
        at["what"] = f"Use at most {LONGEST:,} characters." if said.what else "Say what was promised."
    if said.partner_id and not partners.live(said.partner_id):
        at["partner_id"] = "Choose a partner of the register."
    elif not said.partner_id and not said.counterpart:
        at["counterpart"] = "Choose the partner above, or name here who it was."
    elif len(said.counterpart) > LONGEST_NAME:
        at["counterpart"] = f"Use at most {LONGEST_NAME} characters."
    owner = db.session.get(Person, said.owner_id) if said.owner_id else None
    if owner is None or owner.disabled_at is not None:
        at["owner_id"] = "Name who keeps it, or follows it on our side."
    if not first <= made_on <= today:
        at["made_on"] = "Give a day from the first day of the engagement to today."
    if said.due_on is None:
        at["due_on"] = "Name the day by which it is to be kept."
    elif said.due_on < made_on:
        at["due_on"] = "A promise is not due before it was made."
    return at


def find(commitment_id: int) -> Commitment | None:
    """A promise, or None."""
    return db.session.get(Commitment, commitment_id)


def say(commitment: Commitment, text: str, *, engagement_id: int | None = None, by: Actor, now: datetime) -> None:
    """Note what was heard of a promise, at a later engagement perhaps. Raises NotAllowed, NotOpen or Incomplete."""
    _hold(commitment, by)
    _needed(text, "Say what was heard of it.")
    _note(commitment, Word.NOTE, text, by, now, at_id=engagement_id)


def move(commitment: Commitment, due_on: date | None, text: str, *, by: Actor, now: datetime, today: date) -> None:
    """Agree another day; the first stays in the history. Raises NotAllowed, NotOpen or Incomplete."""
    _hold(commitment, by)
    at = _missing(text, "Say who agreed to the new day.")
    if due_on is None or due_on < today:
        at["due_on"] = "Give today or a later day."
    elif due_on == commitment.due_on:
        at["due_on"] = "That is the day already."
    if at or due_on is None:
        raise Incomplete(at)
    before, commitment.due_on = commitment.due_on, due_on
    _note(commitment, Word.MOVED, text, by, now, due_on=due_on, before=before)


def hand(commitment: Commitment, owner_id: int | None, text: str, *, by: Actor, now: datetime) -> None:
    """Give a promise to another owner, and tell them. Raises NotAllowed, NotOpen or Incomplete."""
    _hold(commitment, by)
    owner = db.session.get(Person, owner_id) if owner_id else None
    if owner is None or owner.disabled_at is not None:
        raise Incomplete({"owner_id": "Name who keeps it from now on."})
    if owner.id == commitment.owner_id:
        raise Incomplete({"owner_id": "It is theirs already."})
    before, commitment.owner_id = commitment.owner_id, owner.id
    _note(commitment, Word.HANDED, text[:LONGEST], by, now, owner_id=owner.id, before=before)
    _tell_owner(commitment, by, now)


def keep(commitment: Commitment, evidence: str, *, on: date | None, by: Actor, now: datetime, today: date) -> None:
    """Say that a promise was kept, and what shows it. Raises NotAllowed, NotOpen or Incomplete."""
    _settle(commitment, Settled.KEPT, evidence, "Say what shows that it was kept.", on, by, now, today)


def release(commitment: Commitment, word: str, *, on: date | None, by: Actor, now: datetime, today: date) -> None:
    """Note that the side it was made to gave it up: by whose word. Raises NotAllowed, NotOpen or Incomplete."""
    _settle(commitment, Settled.RELEASED, word, "Say whose word released it, and when.", on, by, now, today)


def _settle(
    commitment: Commitment, how: Settled, text: str, needed: str, on: date | None, by: Actor, now: datetime, today: date
) -> None:
    _hold(commitment, by)
    at, day = _missing(text, needed), on or today
    if not commitment.made_on <= day <= today:
        at["on"] = "Give a day from that of the promise to today."
    if at:
        raise Incomplete(at)
    commitment.settled_as, commitment.settled_on = how, day
    _note(commitment, Word(how.value), text, by, now)


def _hold(commitment: Commitment, by: Actor) -> None:
    """Lock the promise, and refuse who may not follow it, and what is settled."""
    db.session.scalars(_ONE, {"id": commitment.id}).one()
    if not may(by, Do.FOLLOW_COMMITMENT, commitment.owner_id) or by.id is None:
        raise NotAllowed("Its owner and the secretariat follow a promise.")
    if commitment.settled_as is not None:
        raise NotOpen(f"This promise is settled: {commitment.settled_as.label.lower()}.")


def _missing(text: str, needed: str) -> dict[str, str]:
    if not text:
        return {"text": needed}
    return {"text": f"Use at most {LONGEST:,} characters."} if len(text) > LONGEST else {}


def _needed(text: str, sentence: str) -> None:
    if at := _missing(text, sentence):
        raise Incomplete(at)


def _note(
    commitment: Commitment, word: Word, text: str, by: Actor, now: datetime, *, due_on: date | None = None,
    owner_id: int | None = None, at_id: int | None = None, before: Any = None,
) -> None:  # fmt: skip
    db.session.add(
        CommitmentWord(
            commitment_id=commitment.id, word=word, text=text, due_on=due_on, owner_id=owner_id, engagement_id=at_id,
            by_id=by.id, at=now,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(
        f"{word.value}_promise", about=("commitment", commitment.id), by=by, now=now, before=before, text=text,
        due_on=due_on, owner=owner_id, engagement=at_id or commitment.engagement_id,
    )  # fmt: skip


def _tell_owner(commitment: Commitment, by: Actor, now: datetime) -> None:
    if commitment.owner_id == by.id:
        return
    short = " ".join(commitment.what.split())
    outbox.post(
        outbox.message(
            f"commitment:{commitment.id}:{commitment.owner_id}:{now.isoformat()}", to=commitment.owner_id,
            template="commitment_owned",
            subject=f"A promise for you to {'keep' if commitment.side is Side.OURS else 'follow'}: {short[:SHORT]}",
            about=("commitment", commitment.id), now=now, path=f"/commitments/{commitment.id}", text=commitment.what,
            due_on=f"{commitment.due_on.day} {commitment.due_on:%B %Y}", by=by.name, side=commitment.side.label,
        )
    )  # fmt: skip
