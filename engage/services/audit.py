"""The only writer of AuditEvent, and the reader that proves the trail whole."""

import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import Table, bindparam, func, insert, select, update

from engage.extensions import db
from engage.models.audit import AuditEvent, AuditHead, Verdict
from engage.rules.canonical import canonical_json
from engage.rules.policy import Actor

FIRST_MAC = "0" * 64
DENIALS_A_MINUTE = 20  # of one actor; further ones are refused all the same, but leave no line

_H = AuditHead.__table__.c
_READ_HEAD = select(_H.last_id, _H.last_mac).where(_H.id == 1)
_HEAD = _READ_HEAD.with_for_update()
_MOVE_HEAD = update(cast(Table, AuditHead.__table__)).where(_H.id == 1)
_WRITE = insert(cast(Table, AuditEvent.__table__))
_E = AuditEvent.__table__.c
_LINES = (
    select(*_E)
    .where(_E.id > bindparam("after"), _E.id <= bindparam("until"))
    .order_by(_E.id)
    .limit(bindparam("batch"))
)
_BEYOND = select(func.min(_E.id)).where(_E.id > bindparam("line"))
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
    note([line(action, about=about, by=by, now=now, outcome=outcome, **details)])


def line(
    action: str, *, about: tuple[str, int | None], by: Actor, now: datetime, outcome: Verdict = Verdict.DONE,
    **details: Any,
) -> dict[str, Any]:  # fmt: skip
    """What `record` would note, for who makes many acts ready before the transaction that takes them."""
    return {
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


def note(lines: Iterable[dict[str, Any]]) -> None:
    """Note lines that were made ready, each with the number of what it is about."""
    db.session.info.setdefault("trail", []).extend(lines)


def forget() -> None:
    """Drop the lines noted since the last commit: what they tell of did not happen."""
    db.session.info.pop("trail", None)


def seal() -> None:
    """Lock the head, chain the noted lines and write them. The last act before a commit, so the lock is short."""
    lines = db.session.info.pop("trail", None)
    if not lines:
        return
    last_id, link = db.session.execute(_HEAD).one()
    key = _key()
    for number, line in enumerate(lines, start=last_id + 1):
        line["id"] = number
        line["mac"], link = _chained(key, link, line)
    db.session.execute(_WRITE, lines)
    db.session.execute(_MOVE_HEAD, {"last_id": lines[-1]["id"], "last_mac": link})


def denials_are_many(by: Actor, now: datetime) -> bool:
    """Whether `by` was denied so often in the last minute that further lines would only flood the trail."""
    recent = db.session.scalar(_DENIED, {"actor": by.id, "since": now - timedelta(minutes=1)})
    return (recent or 0) >= DENIALS_A_MINUTE


def _key() -> bytes:
    return current_app.config["SETTINGS"].audit_key.encode()


def _code(key: bytes, parts: list[Any]) -> str:
    return hmac.digest(key, json.dumps(parts, separators=(",", ":")).encode(), "sha256").hex()


def _chained(key: bytes, link: str, line: Any) -> tuple[str, str]:
    """The line's code, and the link that the next line hangs on.

    The link stands in the head alone, never in a line: who cuts the tail cannot make the head that would hide it.
    """
    mac = _code(key, [link, line["id"], line["at"].isoformat(), line["actor_id"], line["on_behalf_of_id"],
                      line["action"], line["about_kind"], line["about_id"], line["outcome"], line["details"],
                      line["source"], line["request_id"]])  # fmt: skip
    return mac, _code(key, ["head", line["id"], mac])


@dataclass(frozen=True)
class Head:
    """Where the trail ended at some moment: kept elsewhere, it proves later that nothing before it was cut."""

    line: int
    link: str

    def __str__(self) -> str:
        return f"{self.line}:{self.link}"


def head() -> Head:
    """The end of the trail as it stands now."""
    return Head(*db.session.execute(_READ_HEAD).one())


@dataclass(frozen=True)
class Verification:
    """What a walk along the trail found. `first_bad_id` is None when every line holds."""

    lines: int
    first_bad_id: int | None
    why: str


def verify(*, noted: Head | None = None, batch: int = 5000) -> Verification:
    """Recompute the chain from the first line to the head; names the first line that does not hold.

    `noted` is a head of the past, kept outside: the trail must still pass through it. Lines that others add
    meanwhile are walked too. Only the whole trail thrown away together with its head needs `noted` to be seen.
    """
    key, link, walked = _key(), FIRST_MAC, 0
    while True:
        end = head()
        lines = _lines(walked, end.line, batch)
        while True:
            try:
                line = next(lines, None)
            except (ValueError, LookupError, TypeError):  # what a column holds is not of its kind
                return Verification(walked, walked + 1, f"line {walked + 1} cannot be read")
            if line is None:
                break
            if line["id"] != walked + 1:
                return Verification(walked, walked + 1, f"line {walked + 1} is missing")
            mac, link = _chained(key, link, line)
            if not hmac.compare_digest(mac.encode(), line["mac"].encode()):
                return Verification(walked, line["id"], f"line {line['id']} was changed")
            walked += 1
            if noted and walked == noted.line and link != noted.link:
                return Verification(walked, walked, f"line {walked} is not the one that was noted")
        if walked != end.line:
            return Verification(walked, walked + 1, f"the head says {end.line} lines, the trail has {walked}")
        if not hmac.compare_digest(link.encode(), end.link.encode()):
            return Verification(walked, walked + 1, f"the head was rewritten: what followed line {walked} is gone")
        beyond = db.session.scalar(_BEYOND, {"line": end.line})
        if beyond is None or head() == end:
            break
    if beyond is not None:
        return Verification(walked, beyond, f"line {beyond} stands after the head")
    if noted and noted.line > walked:
        return Verification(walked, walked + 1, f"line {noted.line} was noted, the trail has {walked}")
    return Verification(walked, None, "")


def walk_on(known: Head | None, *, most: int) -> tuple[Head, str]:
    """Walk up to `most` lines on from where an earlier walk ended; gives the new end, and what is wrong, or "".

    Proves what was added since, at a cost that follows that alone; `verify` proves all of it.
    """
    key, end = _key(), head()
    walked, link = (known.line, known.link) if known else (0, FIRST_MAC)
    if walked > end.line:
        return Head(walked, link), f"line {end.line + 1} is missing"
    for line in _lines(walked, min(end.line, walked + most), min(most, 5000)):
        if line["id"] != walked + 1:
            return Head(walked, link), f"line {walked + 1} is missing"
        mac, link_after = _chained(key, link, line)
        if not hmac.compare_digest(mac.encode(), line["mac"].encode()):
            return Head(walked, link), f"line {line['id']} was changed"
        walked, link = line["id"], link_after
    if walked == end.line and not hmac.compare_digest(link.encode(), end.link.encode()):
        return Head(walked, link), "the head was rewritten"
    if walked < min(end.line, (known.line if known else 0) + most):
        return Head(walked, link), f"line {walked + 1} is missing"
    return Head(walked, link), ""


def _lines(after: int, until: int, batch: int) -> Iterator[Any]:
    while after < until:
        rows = db.session.execute(_LINES, {"after": after, "until": until, "batch": batch}).mappings()
        empty = True
        for row in rows:
            empty, after = False, row["id"]
            yield row
        if empty:
            return
