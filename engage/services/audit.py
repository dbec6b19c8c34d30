"""The only writer of AuditEvent, and the reader that proves the trail whole."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, func, insert, select, update

from engage.extensions import db
from engage.models.audit import AuditEvent, AuditHead, Verdict
from engage.rules.canonical import canonical_json
from engage.rules.policy import Actor

FIRST_MAC = "0" * 64
DENIALS_A_MINUTE = 20  # of one actor; further ones are refused all the same, but leave no line

_HEAD = select(AuditHead.last_id, AuditHead.last_mac).where(AuditHead.id == 1).with_for_update()
_MOVE_HEAD = update(AuditHead).where(AuditHead.id == 1)
_DENIED = select(func.count()).where(
    AuditEvent.actor_id == bindparam("actor"),
    AuditEvent.outcome == Verdict.DENIED,
    AuditEvent.at > bindparam("since"),
)


def record(
    action: str,
    *,
    about: tuple[str, int | None],
    by: Actor,
    now: datetime,
    outcome: Verdict = Verdict.DONE,
    **details: Any,
) -> None:
    """Note an act for the trail; it is chained and written as the last thing before the commit.

    `about` is (kind, id) of the record; `details` are plain values: before, after, reason and the like.
    """
    db.session.info.setdefault("trail", []).append(
        {
            "at": now.astimezone(UTC),
            "actor_id": by.id,
            "on_behalf_of_id": None,
            "action": str(action),
            "about_kind": about[0],
            "about_id": about[1],
            "outcome": outcome,
            "details": canonical_json(details),
            "source": by.address,
            "request_id": by.request_id,
        }
    )


def forget() -> None:
    """Drop the lines noted since the last commit: what they tell of did not happen."""
    db.session.info.pop("trail", None)


def seal() -> None:
    """Lock the head, chain the noted lines and write them. The last act before a commit, so the lock is short."""
    lines = db.session.info.pop("trail", None)
    if not lines:
        return
    last_id, mac = db.session.execute(_HEAD).one()
    key = _key()
    for number, line in enumerate(lines, start=last_id + 1):
        line["id"] = number
        line["mac"] = mac = _mac(key, mac, line)
    db.session.execute(insert(AuditEvent), lines)
    db.session.execute(_MOVE_HEAD, {"last_id": lines[-1]["id"], "last_mac": mac})


def denials_are_many(by: Actor, now: datetime) -> bool:
    """Whether `by` was denied so often in the last minute that further lines would only flood the trail."""
    recent = db.session.scalar(_DENIED, {"actor": by.id, "since": now - timedelta(minutes=1)})
    return (recent or 0) >= DENIALS_A_MINUTE


def _key() -> bytes:
    return current_app.config["SETTINGS"].audit_key.encode()


def _mac(key: bytes, before: str, line: Any) -> str:
    text = canonical_json([before, line["id"], line["at"], line["actor_id"], line["on_behalf_of_id"], line["action"],
                           line["about_kind"], line["about_id"], line["outcome"], line["details"], line["source"],
                           line["request_id"]])  # fmt: skip
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Verification:
    """What a walk along the trail found. `first_bad_id` is None when every line holds."""

    lines: int
    first_bad_id: int | None
    why: str


def verify(batch: int = 5000) -> Verification:
    """Recompute the chain from the first line to the head; names the first line that does not hold."""
    key, mac, expected = _key(), FIRST_MAC, 0
    for line in _lines(batch):
        expected += 1
        if line["id"] != expected:
            return Verification(expected - 1, expected, f"line {expected} is missing")
        mac = _mac(key, mac, line)
        if not hmac.compare_digest(mac, line["mac"]):
            return Verification(expected - 1, line["id"], f"line {line['id']} was changed")
    head_id, head_mac = db.session.execute(select(AuditHead.last_id, AuditHead.last_mac)).one()
    if head_id != expected:
        return Verification(expected, min(head_id, expected) + 1, f"the head says {head_id} lines, the trail has {expected}")
    if head_mac != mac:
        return Verification(expected, expected, "the head does not carry the last line's code")
    return Verification(expected, None, "")


def _lines(batch: int) -> Iterator[Any]:
    last = -1
    columns = AuditEvent.__table__.c
    while True:
        rows = db.session.execute(select(*columns).where(columns.id > last).order_by(columns.id).limit(batch)).mappings()
        empty = True
        for row in rows:
            empty, last = False, row["id"]
            yield row
        if empty:
            return
