"""The only writer of MessagePreference: what mail people want at once, gathered by day, or not at all."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.outbox import MessagePreference
from engage.models.people import Person
from engage.rules.messages import TOPICS, ByMail, silenceable
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete
from engage.services import audit, outbox

TOKEN_LIFE = timedelta(days=400)  # a mail older than that no longer stops anything
_T = MessagePreference.__table__.c
_OF = select(_T.topic, _T.by_mail).where(_T.person_id == bindparam("person"))


class Way(NamedTuple):
    """What a link to stop mails stands for."""

    person_id: int
    topic: str
    made_on: date


def of(person_id: int) -> dict[str, ByMail]:
    """How somebody wants each topic that may be chosen: what they said, else as it goes by default."""
    said = {row.topic: row.by_mail for row in db.session.execute(_OF, {"person": person_id})}
    return {word: said.get(word, topic.default) for word, topic in TOPICS.items() if topic.offered}


def choose(person_id: int, wishes: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Keep how somebody wants their mail, and let what waits follow. Raises Incomplete at the topics refused.

    Topics that are not among `wishes` stay as they are. What only that person can do is never silenced.
    """
    at = {}
    for word, wish in wishes.items():
        topic = TOPICS.get(word)
        if topic is None or not topic.offered or wish not in list(ByMail):
            at[word] = "Choose one of the ways that are offered."
        elif ByMail(wish) not in topic.choices():
            at[word] = f"“{topic.label}” cannot be turned off: nobody else can do it for you. Choose when it comes."
    if at:
        raise Incomplete(at)
    before = of(person_id)
    changed = {word: ByMail(wish) for word, wish in wishes.items() if before[word] != wish}
    for word, wish in changed.items():
        kept = db.session.get(MessagePreference, (person_id, word))
        if kept is None:
            db.session.add(MessagePreference(person_id=person_id, topic=word, by_mail=wish, set_at=now))
        else:
            kept.by_mail, kept.set_at = wish, now
        outbox.follow(person_id, word, wish, now=now)
    db.session.flush()
    if changed:
        audit.record(
            "choose_messages", about=("person", person_id), by=by, now=now,
            before={word: str(before[word]) for word in changed}, after={word: str(w) for word, w in changed.items()},
        )  # fmt: skip


def token(person_id: int, topic: str, made_on: date) -> str:
    """What a mail carries so that its reader may stop its kind without signing in. Signed; it opens nothing else."""
    plain = f"{person_id}.{topic}.{made_on.toordinal()}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=") + "." + _signature(plain)


def read(token: str) -> Way | None:
    """What a token stands for; None when it is not one of ours, whole and unchanged."""
    packed, _, signature = token.partition(".")
    try:
        plain = base64.urlsafe_b64decode(packed.encode("ascii") + b"=" * (-len(packed) % 4)).decode("ascii")
        person_id, topic, made_on = plain.split(".")
        way = Way(int(person_id), topic, date.fromordinal(int(made_on)))
    except (ValueError, OverflowError, binascii.Error):
        return None
    sound = hmac.compare_digest(_signature(plain).encode(), signature.encode("utf-8", "replace"))
    return way if sound and silenceable(topic) else None


def outlived(way: Way, today: date) -> bool:
    """Whether a token is too old, or its person is no longer there to get any mail."""
    if way.made_on < today - TOKEN_LIFE:
        return True
    return not db.session.scalar(select(Person.id).where(Person.id == way.person_id, Person.disabled_at.is_(None)))


def stop(way: Way, *, address: str, request_id: str, now: datetime) -> None:
    """Mail somebody nothing more of a topic, as its own mail let them ask. Twice is as once."""
    by = Actor(id=way.person_id, address=address, request_id=request_id)
    choose(way.person_id, {way.topic: ByMail.INBOX_ONLY}, by=by, now=now)


def _signature(plain: str) -> str:
    secret = current_app.config["SETTINGS"].secret.encode()
    return hmac.digest(secret, b"stop mails " + plain.encode(), "sha256").hex()[:40]
