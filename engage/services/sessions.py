"""The only writer of sign-in sessions, and the one place that turns a cookie into an Actor."""

import hashlib
import secrets
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, or_, select, update

from engage.extensions import db
from engage.models.people import Person, RoleGrant, SignInSession
from engage.rules.policy import NOBODY, Actor
from engage.services import audit

IDLE = timedelta(minutes=15)  # NIST SP 800-53 AC-12, ASVS 7.3.1
LIFE = timedelta(hours=12)  # ASVS 7.3.2
SEEN_EVERY = timedelta(minutes=1)  # last-seen is written at most this often

_P, _S, _G = Person.__table__.c, SignInSession.__table__.c, RoleGrant.__table__.c
_in_force = (_G.starts_on <= bindparam("today"), or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")))
_ROLES = Person.__table__.outerjoin(
    RoleGrant.__table__,
    (_G.person_id == _P.id) & _in_force[0] & _in_force[1],
)
_PERSON = (_P.id, _P.name, _P.email, _P.office_id, _P.home_zone, _G.role)
_BY_TOKEN = (
    select(*_PERSON, _S.id.label("session_id"), _S.csrf_token, _S.last_seen_at)
    .select_from(SignInSession.__table__.join(_ROLES, _P.id == _S.person_id))
    .where(
        _S.token_hash == bindparam("hash"),
        _S.ended_at.is_(None),
        _S.expires_at > bindparam("now"),
        _S.last_seen_at > bindparam("idle_since"),
        _P.disabled_at.is_(None),
    )
)
_BY_ID = select(*_PERSON).select_from(_ROLES).where(_P.id == bindparam("person"))
_SEEN = update(SignInSession).where(_S.id == bindparam("session"), _S.ended_at.is_(None))


def hashed(token: str) -> str:
    """What the database keeps of a random token."""
    return hashlib.sha256(token.encode()).hexdigest()


def office_day(now: datetime, zone: str) -> date:
    """The calendar day of `now` in the office's time zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def start(person_id: int, *, address: str, browser: str, now: datetime) -> str:
    """Open a session for `person_id` and give the token for its cookie: 256 random bits, kept only as a hash."""
    token = secrets.token_urlsafe(32)
    browser = "".join(letter for letter in browser if letter.isprintable())  # a header may hold anything
    db.session.add(
        SignInSession(
            token_hash=hashed(token), person_id=person_id, csrf_token=secrets.token_hex(32), started_at=now,
            last_seen_at=now, expires_at=now + LIFE, address=address[:40], browser=browser[:200],
        )
    )
    db.session.flush()
    return token


def recognise(token: str, *, address: str, request_id: str, now: datetime, today: date) -> tuple[Actor, str, bool]:
    """The actor a cookie's token stands for, their CSRF token, and whether last-seen is due to be written.

    A token that is unknown, ended, idle, expired or of a disabled person gives NOBODY. One statement.
    """
    rows = db.session.execute(
        _BY_TOKEN, {"hash": hashed(token), "now": now, "idle_since": now - IDLE, "today": today}
    ).all()
    if not rows:
        return NOBODY, "", False
    first = rows[0]
    actor = Actor(
        id=first.id, name=first.name, email=first.email, office_id=first.office_id, zone=first.home_zone,
        roles=frozenset(row.role for row in rows if row.role), address=address, request_id=request_id,
        session_id=first.session_id, is_authenticated=True,
    )  # fmt: skip
    return actor, first.csrf_token, now - first.last_seen_at > SEEN_EVERY


def actor_for(person_id: int, *, today: date, address: str = "") -> Actor:
    """The actor a person is today, without a session: for commands, jobs and tests. KeyError when unknown."""
    rows = db.session.execute(_BY_ID, {"person": person_id, "today": today}).all()
    if not rows:
        raise KeyError(person_id)
    first = rows[0]
    return Actor(
        id=first.id, name=first.name, email=first.email, office_id=first.office_id, zone=first.home_zone,
        roles=frozenset(row.role for row in rows if row.role), address=address, is_authenticated=True,
    )  # fmt: skip


def seen(session_id: int, *, now: datetime) -> None:
    """Remember that the session was used just now."""
    db.session.execute(_SEEN, {"session": session_id, "last_seen_at": now})


def end(session_id: int, *, by: Actor, now: datetime) -> bool:
    """End one session of the actor's own: its cookie is worthless from now on. False when there is none such."""
    ended = db.session.execute(
        update(SignInSession)
        .where(_S.id == session_id, _S.person_id == by.id, _S.ended_at.is_(None))
        .values(ended_at=now)
    )
    if not ended.rowcount:  # type: ignore[attr-defined]
        return False
    audit.record("sign_out", about=("person", by.id), by=by, now=now)
    return True


def end_all(person_id: int, *, now: datetime, but: int | None = None) -> int:
    """End every session of a person, but for the one named; gives how many ended."""
    statement = update(SignInSession).where(_S.person_id == person_id, _S.ended_at.is_(None))
    if but is not None:
        statement = statement.where(_S.id != but)
    return db.session.execute(statement.values(ended_at=now)).rowcount  # type: ignore[attr-defined, no-any-return]


def end_others(*, by: Actor, now: datetime) -> int:
    """End every session of the actor's own but the one they act in; gives how many ended."""
    if by.id is None:
        return 0
    ended = end_all(by.id, now=now, but=by.session_id)
    if ended:
        audit.record("end_sessions", about=("person", by.id), by=by, now=now)
    return ended


def live(person_id: int, *, now: datetime) -> list[Row[tuple[int, datetime, datetime, str, str]]]:
    """A person's live sessions, the last used first: id, started_at, last_seen_at, address, browser."""
    return list(
        db.session.execute(
            select(_S.id, _S.started_at, _S.last_seen_at, _S.address, _S.browser)
            .where(_S.person_id == person_id, _S.ended_at.is_(None), _S.expires_at > now, _S.last_seen_at > now - IDLE)
            .order_by(_S.last_seen_at.desc(), _S.id.desc())
            .limit(50)
        )
    )
