"""The only place that lets somebody in by password, and slows down who guesses."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from engage.extensions import db
from engage.models.people import Person, SignInAttempt
from engage.rules.policy import Actor
from engage.services import audit, sessions

FREE_TRIES = 5  # a person mistypes; after that each try waits twice as long, never for good
WINDOW = timedelta(minutes=30)
LONGEST_WAIT = timedelta(minutes=5)
ADDRESS_TRIES = 50  # many people may share one address


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def keys(email: str, address: str) -> dict[str, int]:
    """What attempts are counted by, with the tries each has free."""
    return {_key("account", email): FREE_TRIES, _key("address", address): ADDRESS_TRIES}


def wait(email: str, address: str, *, now: datetime) -> timedelta:
    """How long this account or address has to wait before the next try; zero when it may try now."""
    longest = timedelta(0)
    for key, free in keys(email, address).items():
        failed, last = db.session.execute(
            select(func.count(), func.max(SignInAttempt.at)).where(
                SignInAttempt.key_hash == key, SignInAttempt.at > now - WINDOW
            )
        ).one()
        if failed >= free:
            pause = min(timedelta(seconds=2 ** min(failed - free + 1, 12)), LONGEST_WAIT)
            longest = max(longest, last + pause - now)
    return longest


def find(email: str) -> tuple[int, str | None, bool] | None:
    """(id, password hash, enabled) of the account, or None. Read it, let go of the database, then hash."""
    row = db.session.execute(
        select(Person.id, Person.password_hash, Person.disabled_at).where(Person.email == email)
    ).one_or_none()
    return None if row is None else (row.id, row.password_hash, row.disabled_at is None)


def failed(email: str, *, person_id: int | None, address: str, request_id: str, now: datetime) -> None:
    """Count a failed try and leave its line in the trail, without what was typed."""
    db.session.add_all(SignInAttempt(key_hash=key, at=now) for key in keys(email, address))
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - WINDOW))
    by = Actor(id=person_id, address=address, request_id=request_id)
    audit.record("sign_in", about=("person", person_id), by=by, now=now, outcome=audit.Verdict.DENIED)


def succeeded(person_id: int, *, address: str, browser: str, request_id: str, now: datetime) -> str:
    """Start a session and give its token. The count of failed tries is left to fade: it is no one's secret."""
    token = sessions.start(person_id, address=address, browser=browser, now=now)
    by = Actor(id=person_id, address=address, request_id=request_id)
    audit.record("sign_in", about=("person", person_id), by=by, now=now)
    return token


