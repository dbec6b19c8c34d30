"""The only writer of the secretariat's recommendations, version by version."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.papers import Recommendation
from engage.models.people import Person
from engage.rules.canonical import canonical_json
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.voting import Outcome
from engage.rules.workflow import WITH_THE_BOARD, WITH_THE_SECRETARIAT
from engage.services import audit, motions, visibility

LONGEST = 1200  # characters of the reason: it stands on a page with much else
LONGEST_OPTION, LONGEST_CONSEQUENCE = 120, 200  # characters
MOST_OPTIONS = 4

_R, _P = Recommendation.__table__.c, Person.__table__.c
_LATEST = (
    select(_R.id, _R.number, _R.outcome, _R.reason, _R.options, _R.at, _R.item_version_id, _P.name.label("by_name"))
    .join_from(Recommendation.__table__, Person.__table__, _P.id == _R.by_id)
    .where(_R.item_id == bindparam("item"))
    .order_by(_R.number.desc())
)
_newer = Recommendation.__table__.alias("newer")
_LATEST_OF = (
    select(
        _R.item_id, _R.number, _R.outcome, _R.reason, _R.options, _R.at, _R.item_version_id, _P.name.label("by_name")
    )
    .join_from(Recommendation.__table__, Person.__table__, _P.id == _R.by_id)
    .where(
        _R.item_id.in_(bindparam("items", expanding=True)),
        _R.number == select(func.max(_newer.c.number)).where(_newer.c.item_id == _R.item_id)
        .correlate(Recommendation.__table__).scalar_subquery(),
    )
)  # fmt: skip
_LAST = select(func.coalesce(func.max(_R.number), 0)).where(_R.item_id == bindparam("item"))


@dataclass(frozen=True)
class Option:
    """A course open to the board, and what it would lead to."""

    what: str
    consequence: str


@dataclass(frozen=True)
class Recommended:
    """One version of a recommendation, as pages and the memo show it."""

    number: int
    outcome: Outcome
    reason: str
    options: tuple[Option, ...]
    by_name: str
    at: datetime
    item_version_id: int


def history(item_id: int) -> list[Recommended]:
    """Every version of the recommendation on an item, the newest first."""
    return [_recommended(row) for row in db.session.execute(_LATEST, {"item": item_id})]


def _recommended(row: Any) -> Recommended:
    return Recommended(
        row.number, row.outcome, row.reason, tuple(Option(**one) for one in json.loads(row.options)), row.by_name,
        row.at, row.item_version_id,
    )  # fmt: skip


def latest_of(item_ids: Collection[int]) -> dict[int, Recommended]:
    """The newest recommendation on each of many items. One statement, and none for none."""
    rows = db.session.execute(_LATEST_OF, {"items": list(item_ids)}) if item_ids else ()
    return {row.item_id: _recommended(row) for row in rows}


def recommend(
    item_id: int, outcome: Outcome, *, reason: str, options: Sequence[Option] = (), by: Actor, now: datetime
) -> int:
    """Write the next version of the recommendation on the item's version in force; gives its number.

    Saying the same again writes nothing. Raises NotAllowed, NotOpen (not with the secretariat or the board, or a
    vote is open: what members read before they vote must not move) or Incomplete.
    """
    subject = visibility.subject(item_id)
    if subject is None or not may(by, Do.RECOMMEND, subject):
        raise NotAllowed("Only the secretariat, with no interest in the item, writes the recommendation.")
    standing = motions.hold_item(item_id)
    if standing.state not in WITH_THE_SECRETARIAT | WITH_THE_BOARD:
        raise NotOpen(f"A recommendation is written while it is screened: this is {standing.state.label.lower()}.")
    if motions.open_on(item_id) is not None:
        raise NotOpen("A vote is open on this item, so what its members have read stays as it is.")
    _refuse_incomplete(reason, options)
    said = canonical_json([{"what": one.what, "consequence": one.consequence} for one in options])
    before = next(iter(history(item_id)), None)
    if before and (before.outcome, before.reason, before.options, before.item_version_id) == (
        outcome, reason, tuple(options), standing.version_id,
    ):  # fmt: skip
        return before.number
    number = (db.session.scalar(_LAST, {"item": item_id}) or 0) + 1
    db.session.add(
        Recommendation(
            item_id=item_id, number=number, item_version_id=standing.version_id, outcome=outcome, reason=reason,
            options=said, by_id=by.id, at=now,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(
        "recommend", about=("item", item_id), by=by, now=now, number=number, recommends=outcome, reason=reason,
        options=json.loads(said), version=standing.version_number,
    )  # fmt: skip
    return number


def _refuse_incomplete(reason: str, options: Sequence[Option]) -> None:
    at = {}
    if not reason:
        at["reason"] = "Say why the secretariat recommends this."
    elif len(reason) > LONGEST:
        at["reason"] = f"Use at most {LONGEST:,} characters: the memo is one page."
    if len(options) > MOST_OPTIONS:
        at["options"] = f"Give at most {MOST_OPTIONS} options."
    for number, one in enumerate(options, 1):
        if not one.what or not one.consequence:
            at["options"] = f"Option {number}: say what could be done, and what it would lead to."
        elif len(one.what) > LONGEST_OPTION or len(one.consequence) > LONGEST_CONSEQUENCE:
            at["options"] = (
                f"Option {number}: at most {LONGEST_OPTION} characters for what is done, {LONGEST_CONSEQUENCE} for"
                " what it leads to."
            )
    if at:
        raise Incomplete(at)
