"""The only writer of OutboxMessage: posted with the change it tells of, sent later, once."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Insert,
    Row,
    Select,
    String,
    Table,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite

from engage.extensions import db
from engage.models.outbox import Delivery, MessagePreference, OutboxMessage
from engage.models.people import Person
from engage.rules.messages import TOPICS, UNKNOWN, URGENT, ByMail, goes, topic_of
from engage.services.handling import marking_of

MOST_ATTEMPTS = 8  # unless the norm mail_attempts says otherwise; then a message is parked, and shown

_TABLE = cast(Table, OutboxMessage.__table__)
_M, _P = OutboxMessage.__table__.c, Person.__table__.c
_SAME = (
    "template", "topic", "about_kind", "about_id", "facts", "subject", "posted_at", "due_at", "attempts", "last_error",
)  # fmt: skip
_WAITING = text("delivery IN ('queued', 'claimed')")  # as the partial index says it, not as parameters
_T = MessagePreference.__table__.c
_WAYS = ("if_unsaid", "if_at_once", "if_daily", "if_inbox_only")  # where a message begins, by what its reader wants


def _begins(person: ColumnElement[Any], topic: ColumnElement[Any]) -> ColumnElement[Any]:
    """Where a message to `person` begins: their own wish is looked up as the row is written."""
    unsaid, at_once, daily, inbox_only = (bindparam(way, type_=_M.delivery.type) for way in _WAYS)
    wished = (
        select(case((_T.by_mail == ByMail.DAILY, daily), (_T.by_mail == ByMail.INBOX_ONLY, inbox_only), else_=at_once))
        .where(_T.person_id == person, _T.topic == topic)
        .scalar_subquery()
    )
    return func.coalesce(wished, unsaid, type_=_M.delivery.type)


_ROW = {
    "key": bindparam("key"),
    "person_id": bindparam("person_id"),
    "delivery": _begins(bindparam("person_id"), bindparam("topic")),
    **{name: bindparam(name) for name in _SAME},
}
# `ON CONFLICT DO NOTHING` is written per dialect; it lives here alone.
_INTO: dict[str, Insert] = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(index_elements=["key"]),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(index_elements=["key"]),
}
_POST = {dialect: into.values(_ROW) for dialect, into in _INTO.items()}
_DUE = (
    select(_M.id, _M.attempts)
    .where(
        _WAITING,
        _M.due_at <= bindparam("now"),
        or_(_M.delivery == Delivery.QUEUED, _M.lease_until < bindparam("now")),
    )
    .order_by(_M.due_at, _M.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)  # another runner's are passed over; SQLite has one writer at a time anyway
)
_CLAIM = (
    update(_TABLE)
    .where(_M.id.in_(bindparam("ids", expanding=True)))
    .values(
        delivery=Delivery.CLAIMED,
        claimed_by=bindparam("holder"),
        lease_until=bindparam("until"),
        attempts=_M.attempts + 1,
    )
)
_CLAIMED = (
    select(
        _M.id, _M.key, _M.person_id, _M.template, _M.topic, _M.about_kind, _M.about_id, _M.facts, _M.subject,
        _M.posted_at, _M.attempts, _P.name, _P.email, _P.home_zone, _P.disabled_at,
        marking_of(_M).label("marking"),
    )
    .join_from(_TABLE, Person.__table__, _P.id == _M.person_id)
    .where(_M.id.in_(bindparam("ids", expanding=True)))
    .order_by(_M.id)
)  # fmt: skip
_SETTLED = (
    update(_TABLE)
    .where(_M.id == bindparam("message"), _M.claimed_by == bindparam("holder"), _M.delivery == Delivery.CLAIMED)
    .values(
        delivery=bindparam("to"), claimed_by=None, lease_until=None, last_error=bindparam("why"),
        sent_at=bindparam("sent"), attempts=_M.attempts - bindparam("uncounted"),
    )
)  # fmt: skip
_HANDED_BACK = _SETTLED.values(due_at=bindparam("due"))
_waiting = (
    select(_M.posted_at, _M.due_at, _M.last_error)
    .where(_WAITING)
    .order_by(_M.due_at, _M.id)
    .limit(bindparam("most"))
    .subquery()
)
_W = _waiting.c
_QUEUE = select(
    func.count(),
    func.min(_W.posted_at),
    func.count().filter(
        _W.posted_at < bindparam("late"), or_(_W.due_at < bindparam("late"), _W.last_error != "")
    ),
)
BEGINS = {
    ByMail.AT_ONCE: Delivery.QUEUED,
    ByMail.DAILY: Delivery.FOR_DIGEST,
    ByMail.INBOX_ONLY: Delivery.INBOX_ONLY,
}


def message(
    key: str, *, to: int, template: str, subject: str, about: tuple[str, int | None], now: datetime,
    due: datetime | None = None, topic: str | None = None, urgent: bool | None = None, **facts: Any,
) -> dict[str, Any]:  # fmt: skip
    """One message as a row for `post`. `facts` are plain JSON values for the template; CR and LF leave the subject.

    A fact named `path` says where on this site the message leads; else that follows from `about`. One named
    `event` is a day to note, as documents.events reads it. `topic` is what its reader chooses by, its template's
    when None (rules.messages); an `urgent` one waits for no digest. It leaves at `due` or after.
    """
    topic = topic or topic_of(template)
    about_what, hurries = TOPICS.get(topic, TOPICS[UNKNOWN]), template in URGENT if urgent is None else urgent
    wishes = (None, ByMail.AT_ONCE, ByMail.DAILY, ByMail.INBOX_ONLY)
    return {
        **{
            way: BEGINS[goes(about_what, wish, urgent=hurries)]
            for way, wish in zip(_WAYS, wishes, strict=True)
        },
        "key": key,
        "person_id": to,
        "template": template,
        "topic": topic,
        "about_kind": about[0],
        "about_id": about[1],
        "facts": facts,
        "subject": " ".join(subject.split())[:200],
        "posted_at": now,
        "due_at": due or now,
        "attempts": 0,
        "last_error": "",
    }


def post(*messages: dict[str, Any]) -> None:
    """Put messages in the outbox in the caller's transaction; one whose key is there already is quietly left out.

    One statement for all of them, in the order of their keys: two that post the same ones wait, never lock up.
    """
    if messages:
        db.session.execute(_POST[db.engine.dialect.name], sorted(messages, key=lambda row: row["key"]))


def post_each(people: Select[Any], given: dict[str, Any], message: dict[str, Any]) -> None:
    """Put `message` in the outbox for each of `people`, a kept statement for their ids that takes `given`.

    One statement whatever their number. Each row's key is the message's with ":" and the person behind it.
    """
    db.session.execute(_each(people, db.engine.dialect.name), given | message)


@cache
def _each(people: Select[Any], dialect: str) -> Any:
    person = people.subquery().c[0]
    key = bindparam("key", type_=String) + ":" + sql_cast(person, String)
    same = [bindparam(name, type_=_M[name].type) for name in _SAME]
    begins = _begins(person, bindparam("topic", type_=String))
    rows = select(key, person, begins, *same).where(person.is_not(None)).order_by(person)
    return _INTO[dialect].from_select(["key", "person_id", "delivery", *_SAME], rows)


def known(keys: Collection[str]) -> set[str]:
    """Those of `keys` that are in the outbox already."""
    ordered, found = list(keys), set[str]()
    for start in range(0, len(ordered), 500):
        found.update(db.session.scalars(select(_M.key).where(_M.key.in_(ordered[start : start + 500]))))
    return found


def claim(
    holder: str, *, now: datetime, limit: int, lease: timedelta, most_attempts: int = MOST_ATTEMPTS
) -> list[Row]:
    """Take up to `limit` messages that are due, for `lease`; the caller commits before it sends any.

    Each row carries the message, the attempt's number and its person. What another holder took and let lapse is
    due again; what was begun `most_attempts` times without an end is set aside, so that it can stop nobody.
    """
    due = db.session.execute(_DUE, {"now": now, "most": limit}).all()
    spent = [row.id for row in due if row.attempts >= most_attempts]
    ids = [row.id for row in due if row.attempts < most_attempts]
    if spent:
        db.session.execute(
            update(_TABLE).where(_M.id.in_(spent)),
            _unclaimed(Delivery.PARKED) | {"last_error": _given_up(most_attempts)},
        )
    if not ids:
        return []
    db.session.execute(_CLAIM, {"ids": ids, "holder": holder, "until": now + lease})
    return list(db.session.execute(_CLAIMED, {"ids": ids}))


def follow(person_id: int, topic: str, wanted: ByMail, *, now: datetime) -> None:
    """Let what waits for somebody's digest follow their new wish for its topic."""
    if wanted is not ByMail.DAILY:
        waits = (_M.person_id == person_id, _M.topic == topic, _M.delivery == Delivery.FOR_DIGEST)
        db.session.execute(update(_TABLE).where(*waits).values(delivery=BEGINS[wanted], due_at=now))


def settle(
    message_id: int, *, holder: str, delivery: Delivery, now: datetime, why: str = "", due: datetime | None = None,
    counted: bool = True, execute: Callable[..., Any] | None = None,
) -> bool:  # fmt: skip
    """Say what became of a claimed message; False when `holder` had lost it to another meanwhile, and nothing changed.

    `delivery` QUEUED hands it back until `due`; then `counted` False takes back the attempt, as when the mail
    server could not be reached at all. `why` is kept for the reader of the ledger. `execute` is where the one
    statement runs, the session's unless told otherwise.
    """
    statement = _SETTLED if due is None else _HANDED_BACK
    given = {
        "message": message_id, "holder": holder, "to": delivery, "why": why[:500], "due": due,
        "sent": now if delivery is Delivery.SENT else None, "uncounted": 0 if counted else 1,
    }  # fmt: skip
    if due is None:
        del given["due"]
    run: Callable[..., Any] = execute or db.session.execute
    settled: int = run(statement, given).rowcount
    return settled == 1


def _given_up(attempts: int) -> str:
    return f"Given up: {attempts} attempts were begun and none came to an end."


def _unclaimed(delivery: Delivery) -> dict[str, Any]:
    return {"delivery": delivery, "claimed_by": None, "lease_until": None}


def queue(*, most: int, late: datetime) -> tuple[int, datetime | None, int]:
    """How many messages wait for the mail server, when the oldest was posted, and how many are late; up to `most`.

    Late is what was posted before the moment `late` and was due then, or has been tried in vain.
    """
    count, oldest, overdue = db.session.execute(_QUEUE, {"most": most, "late": late}).one()
    return count, oldest, overdue
