"""The only place that lets somebody in by password, and slows down who guesses."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, bindparam, delete, func, select

from engage.extensions import db
from engage.models.people import Person, SignInAttempt
from engage.rules.policy import Actor
from engage.services import audit, sessions
from engage.services.people import is_demonstration

FREE_TRIES = 5  # a person mistypes; after that each try waits twice as long, never for good
WINDOW = timedelta(minutes=30)
LONGEST_WAIT = timedelta(minutes=5)
_TAKE_TURNS = select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)))
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


def attempt(email: str, address: str, *, now: datetime) -> tuple[timedelta, list[int]]:
    """How long to wait before the next try; where that is zero, this try is counted, and its ids are given.

    Tries of the same instant take turns until the commit: each sees those before it.
    """
    if db.session.connection().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        for key in sorted(keys(email, address)):
            db.session.execute(_TAKE_TURNS, {"key": int(key[:15], 16)})
    pause = wait(email, address, now=now)
    return pause, [] if pause > timedelta(0) else begin(email, address, now=now)


def begin(email: str, address: str, *, now: datetime) -> list[int]:
    """Count a try before its password is looked at, so that many at once are many tries; gives its ids."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - WINDOW))
    tries = [SignInAttempt(key_hash=key, at=now) for key in keys(email, address)]
    db.session.add_all(tries)
    db.session.flush()
    return [one.id for one in tries]


def find(email: str, *, demonstration: bool) -> tuple[int, str | None] | None:
    """(id, password hash) of the account, or None. Read it, let go of the database, then hash.

    The hash is None for who cannot sign in: disabled, without a password, or of a demonstration where this is none.
    """
    row = db.session.execute(
        select(Person.id, Person.password_hash, Person.disabled_at).where(Person.email == email)
    ).one_or_none()
    if row is None:
        return None
    barred = row.disabled_at is not None or (is_demonstration(email) and not demonstration)
    return row.id, None if barred else row.password_hash


def failed(*, person_id: int | None, address: str, request_id: str, now: datetime) -> None:
    """Leave the line of a failed try in the trail, without what was typed. Its count stands since `begin`."""
    by = Actor(id=person_id, address=address, request_id=request_id)
    audit.record("sign_in", about=("person", person_id), by=by, now=now, outcome=audit.Verdict.DENIED)


def right(tries: list[int]) -> None:
    """Take back the count of a try whose password was right. Earlier ones are left to fade."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.id.in_(tries)))


def succeeded(
    person_id: int, tries: list[int], *, address: str, browser: str, request_id: str, now: datetime
) -> str:
    """Start a session and give its token."""
    right(tries)
    token = sessions.start(person_id, address=address, browser=browser, now=now)
    by = Actor(id=person_id, address=address, request_id=request_id)
    audit.record("sign_in", about=("person", person_id), by=by, now=now)
    return token
