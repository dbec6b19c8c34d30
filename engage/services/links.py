"""The only writer of one-time links and of passwords."""

import base64
import hmac
import secrets
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select, update

from engage.extensions import db
from engage.models.people import EntryToken, Person
from engage.rules.policy import Actor
from engage.services import audit, outbox, sessions
from engage.services.sessions import hashed

LIFE = timedelta(days=3)


def post(person: Person, *, now: datetime) -> str:
    """Mail somebody a new link, void the earlier ones, and give its path: good once, and for three days at most.

    The database has only the token's hash: whoever reads the message's facts cannot make the link of them.
    """
    void(person.id, now=now)
    made = secrets.token_hex(16)
    link = EntryToken(token_hash=hashed(made), person_id=person.id, created_at=now, expires_at=now + LIFE)
    db.session.add(link)
    db.session.flush()
    link.token_hash = hashed(_token(link.id, made))
    outbox.post(
        outbox.message(
            f"invitation:{link.id}", to=person.id, template="invitation", subject="Set your password for Engage",
            about=("person", person.id), now=now, email=person.email, days=LIFE.days,
            link={"id": link.id, "made": made},
        )
    )  # fmt: skip
    return path(link.id, made)


def path(link_id: int, made: str) -> str:
    """The path of a link by what its message knows of it; made anew each time, by our secret."""
    return f"/enter/{_token(link_id, made)}"


def _token(link_id: int, made: str) -> str:
    """256 bits that follow from the link's number, 128 random ones, and the secret outside the database."""
    secret = current_app.config["SETTINGS"].secret.encode()
    code = hmac.digest(secret, f"one-time link {link_id} {made}".encode(), "sha256")
    return base64.urlsafe_b64encode(code).decode().rstrip("=")


def void(person_id: int, *, now: datetime) -> None:
    """End every link of a person that is still good."""
    db.session.execute(
        update(EntryToken)
        .where(EntryToken.person_id == person_id, EntryToken.used_at.is_(None))
        .values(used_at=now)
    )


def holder(token: str, *, now: datetime) -> Person | None:
    """Whom a link lets in. None alike when it is unknown, used, too old, or its person disabled."""
    if not 20 <= len(token) <= 100:
        return None
    return db.session.scalar(
        select(Person)
        .join(EntryToken, EntryToken.person_id == Person.id)
        .where(
            EntryToken.token_hash == hashed(token),
            EntryToken.used_at.is_(None),
            EntryToken.expires_at > now,
            Person.disabled_at.is_(None),
        )
    )


def enter(token: str, password_hash: str, *, address: str, request_id: str, now: datetime) -> bool:
    """Use a link up: keep the new password's hash and end every session. False when another was quicker."""
    person = holder(token, now=now)
    if person is None:
        return False
    used = db.session.execute(
        update(EntryToken)
        .where(EntryToken.token_hash == hashed(token), EntryToken.used_at.is_(None))
        .values(used_at=now)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        return False
    _set(person, password_hash, by=Actor(id=person.id, address=address, request_id=request_id), now=now, keep=None)
    return True


def change_password(person: Person, password_hash: str, *, by: Actor, now: datetime) -> None:
    """Keep somebody's own new password; every other session of theirs ends."""
    _set(person, password_hash, by=by, now=now, keep=by.session_id)


def _set(person: Person, password_hash: str, *, by: Actor, now: datetime, keep: int | None) -> None:
    person.password_hash = password_hash
    void(person.id, now=now)
    sessions.end_all(person.id, now=now, but=keep)
    db.session.flush()
    audit.record("set_password", about=("person", person.id), by=by, now=now)
