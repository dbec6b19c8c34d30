"""The only place that gathers what waits into one daily message, at its reader's morning, where they are that day."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from textwrap import shorten
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Row, Table, bindparam, select, update

from engage.extensions import db
from engage.models.outbox import Delivery, OutboxMessage
from engage.models.people import Person
from engage.models.reminders import Standing
from engage.rules.marking import STAYS_INSIDE
from engage.rules.messages import TOPICS, UNKNOWN
from engage.rules.working_time import local_day
from engage.services import ledger, norms, outbox, reminders
from engage.services.addressing import Whereabouts
from engage.services.handling import RESTRICTED_SUBJECT, marking_of

TEMPLATE = "digest"
DIALS = {"digest_hour": 8}  # of the reader's day, where nothing else is set
SHOWN = 40  # in one message; the inbox has them all
READERS = 200  # gathered for together
ONE_DAY = timedelta(days=1)

_TABLE = cast(Table, OutboxMessage.__table__)
_M, _P = _TABLE.c, Person.__table__.c
_READERS = (
    select(_P.id, _P.home_zone)
    .where(
        _P.id.in_(
            select(_M.person_id)
            .where(_M.delivery == Delivery.FOR_DIGEST, _M.due_at <= bindparam("now"))
            .distinct()
            .order_by(_M.person_id)
            .limit(READERS)
        )
    )
    .order_by(_P.id)
    .with_for_update(skip_locked=True, key_share=True)  # who is gathered for by another runner is passed over
)
_WAITING = (
    select(_M.id, _M.person_id, _M.about_id, _M.facts, _M.subject, _M.due_at, marking_of(_M).label("marking"))
    .where(
        _M.person_id.in_(bindparam("people", expanding=True)),
        _M.delivery == Delivery.FOR_DIGEST,
        _M.due_at <= bindparam("now"),
    )
    .order_by(_M.person_id, _M.id)
)
_WAIT = update(_TABLE).where(_M.id.in_(bindparam("ids", expanding=True)), _M.delivery == Delivery.FOR_DIGEST)
_POSTED = select(_M.id, _M.key).where(_M.key.in_(bindparam("keys", expanding=True)))
_CARRIED = (
    select(
        _M.id, _M.digest_id, _M.person_id, _M.topic, _M.template, _M.subject, _M.about_id, _M.facts, _M.read_at,
        marking_of(_M).label("marking"),
    )
    .where(_M.digest_id.in_(bindparam("digests", expanding=True)))
    .order_by(_M.digest_id, _M.id)
)  # fmt: skip


def gather(now: datetime) -> int:
    """Post the daily message of everybody whose morning has come; what waits of the others waits for theirs.

    Looks at READERS people at a time and gives at how many it looked: fewer than that means that all is done.
    Flushes, never commits; asked twice, or by two, each gets one a day.
    """
    office = ZoneInfo(current_app.config["SETTINGS"].home_zone)
    hour = _hour(norms.on(local_day(now, office), DIALS)["digest_hour"])
    readers = db.session.execute(_READERS, {"now": now}).all()
    if not readers:
        return 0
    places = Whereabouts({reader.id: reader.home_zone for reader in readers}, local_day(now, UTC))
    waiting: dict[int, list[Row]] = defaultdict(list)
    for row in db.session.execute(_WAITING, {"people": [reader.id for reader in readers], "now": now}):
        waiting[row.person_id].append(row)
    over = reminders.closed([row for rows in waiting.values() for row in rows], now=now)
    if over:
        done = "It was done, or its day moved, before this was sent."
        db.session.execute(
            _WAIT.values(delivery=Delivery.SUPPRESSED, last_error=done), {"ids": sorted(over)}
        )
    ready: dict[str, list[Row]] = {}
    later: dict[datetime, list[int]] = defaultdict(list)
    for reader in readers:
        rows = [row for row in waiting[reader.id] if row.id not in over]
        begun_on, morning = _last_morning(now, hour, lambda day, id_=reader.id: places.on(id_, day).zone)
        if rows and min(row.due_at for row in rows) <= morning:
            ready[f"{TEMPLATE}:{reader.id}:{begun_on.isoformat()}"] = rows
        elif rows:
            next_morning = _morning(begun_on + ONE_DAY, hour, places.on(reader.id, begun_on + ONE_DAY).zone)
            later[max(next_morning, now + timedelta(minutes=1))] += [row.id for row in rows]
    _post(ready, later, now)
    for moment, ids in later.items():
        db.session.execute(_WAIT.values(due_at=moment), {"ids": ids})
    db.session.flush()
    return len(readers)


def _post(ready: Mapping[str, list[Row]], later: dict[datetime, list[int]], now: datetime) -> None:
    """Post what is ready, each with a row of the ledger; who had today's already waits for tomorrow's."""
    had = outbox.known(ready)
    posted = []
    for key, rows in ready.items():
        if key in had:
            later[now + ONE_DAY / 4] += [row.id for row in rows]  # looked at again before the next morning
            continue
        subject = _said(rows[0]) if len(rows) == 1 else f"{len(rows)} messages from Engage"
        posted.append(
            outbox.message(
                key, to=rows[0].person_id, template=TEMPLATE, subject=subject,
                about=("person", rows[0].person_id), now=now, path="/inbox", carries=[row.id for row in rows],
            )
        )  # fmt: skip
    outbox.post(*posted)
    ledger.note(_noted(message, ready[message["key"]], now) for message in posted)
    if posted:
        keys = [message["key"] for message in posted]
        for start in range(0, len(keys), 500):
            for id_, key in db.session.execute(_POSTED, {"keys": keys[start : start + 500]}):
                db.session.execute(
                    _WAIT.values(delivery=Delivery.DIGESTED, digest_id=id_), {"ids": [row.id for row in ready[key]]}
                )


def _noted(message: Mapping[str, Any], carried: list[Row], now: datetime) -> dict[str, Any]:
    """A digest's row of the ledger; it names what the digest carried, as far as there is room."""
    reader = message["person_id"]
    return {
        "key": message["key"], "rule_code": TEMPLATE, "kind": TEMPLATE, "about_kind": "person", "about_id": reader,
        "owner_id": reader, "person_id": reader, "anchor_on": date.fromisoformat(message["key"].rpartition(":")[2]),
        "step": "daily", "reached_at": now, "noted_at": now, "standing": Standing.POSTED,
        "why": shorten("Carries: " + "; ".join(row.subject for row in carried), 500, placeholder=" …"),
        "subject": message["subject"],
    }  # fmt: skip


def contents(digest_ids: Collection[int], *, now: datetime) -> dict[int, list[dict[str, Any]]]:
    """What each of these digests says now, by topic: what was done since is left out, and may leave nothing."""
    found: dict[int, list[dict[str, Any]]] = {id_: [] for id_ in digest_ids}
    if not digest_ids:
        return found
    rows = db.session.execute(_CARRIED, {"digests": sorted(digest_ids)}).all()
    over = reminders.closed(rows, now=now)
    order = list(TOPICS)
    for row in sorted(rows, key=lambda row: (row.digest_id, order.index(_topic(row.topic)), row.id)):
        if row.id not in over:
            found[row.digest_id].append(
                {"id": row.id, "topic": TOPICS[_topic(row.topic)].label, "subject": _said(row),
                 "lines": row.facts.get("lines") or []}
            )  # fmt: skip
    return found


def _said(row: Row) -> str:
    return f"{RESTRICTED_SUBJECT} ({row.marking.label})" if row.marking in STAYS_INSIDE else row.subject


def _topic(word: str) -> str:
    return word if word in TOPICS else UNKNOWN


def _hour(number: int) -> time:
    return time(min(max(number, 0), 23))


def _last_morning(now: datetime, hour: time, zone_on: Any) -> tuple[date, datetime]:
    """The reader's latest morning until `now`: its day there, and the moment; it moves with them."""
    day = local_day(now, zone_on(local_day(now, UTC)))
    while (moment := _morning(day, hour, zone_on(day))) > now:
        day -= ONE_DAY
    return day, moment


def _morning(day: date, hour: time, zone: tzinfo) -> datetime:
    """An hour that the clocks skip moves forward by the skip; one that they repeat counts the first time."""
    return datetime.combine(day, hour, zone).astimezone(UTC)
