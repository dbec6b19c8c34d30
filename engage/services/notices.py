"""The only place that tells people what became of an item: one message each, and none to whoever did it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, bindparam, or_, select

from engage.models.board import Seat, SeatHolding
from engage.models.engagements import Item, Traveller
from engage.models.people import Person, RoleGrant
from engage.rules.policy import Actor, ReviewKind, Role
from engage.rules.workflow import APPROVED, State
from engage.services import outbox

_P, _G, _T, _H, _S = (t.__table__.c for t in (Person, RoleGrant, Traveller, SeatHolding, Seat))
# Whoever did it knows; and the requester has a message of their own.
_OTHERS = (bindparam("by", type_=Integer), bindparam("requester", type_=Integer))
_SECRETARIAT = (
    select(_G.person_id)
    .select_from(RoleGrant.__table__.join(Person.__table__, _P.id == _G.person_id))
    .where(
        _G.role == Role.SECRETARIAT,
        _G.starts_on <= bindparam("today"),
        or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")),
        _P.disabled_at.is_(None),
        _G.person_id.not_in(_OTHERS),
    )
    .distinct()
)
_REVIEWERS = (
    select(_G.person_id)
    .select_from(RoleGrant.__table__.join(Person.__table__, _P.id == _G.person_id))
    .where(
        _G.role == Role.REVIEWER,
        _G.review_kind == bindparam("kind"),
        _G.starts_on <= bindparam("today"),
        or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")),
        _P.disabled_at.is_(None),
        _G.person_id.not_in(_OTHERS),
    )
    .distinct()
)
_TRAVELLERS = select(_T.person_id).where(_T.engagement_id == bindparam("item"), _T.person_id.not_in(_OTHERS))
# Whoever holds the chair's seat today.
_CHAIRS = (
    select(_H.person_id)
    .select_from(SeatHolding.__table__.join(Seat.__table__, _S.id == _H.seat_id))
    .join(Person.__table__, _P.id == _H.person_id)
    .where(
        _S.is_chair,
        _H.starts_on <= bindparam("today"),
        or_(_H.ends_on.is_(None), _H.ends_on >= bindparam("today")),
        _P.disabled_at.is_(None),
    )
    .distinct()
)


def moved(
    item: Item, before: State, *, span: int, by: Actor, now: datetime, reason: str, until: date | None, today: date
) -> None:
    """Tell of a move: the requester always, the secretariat of a submission, the party of an approval or its end.

    `span` is the stay in a state that the move began; it makes the messages' keys.
    """
    key = f"moved:{item.id}:{span}"
    subject = f"To screen: {item.title}" if item.state is State.SUBMITTED else f"{item.state.label}: {item.title}"
    facts = {"state": item.state.label, "before": before.label, "reason": reason, "until": until and until.isoformat()}
    others = {"by": by.id or 0, "requester": item.requester_id or 0}
    if item.state in APPROVED | {State.CANCELLED}:
        message = _message(item, "engagement_moved", key, to=0, subject=subject, by=by, now=now, **facts)
        outbox.post_each(_TRAVELLERS, {**others, "item": item.id}, message)
    if item.state is State.SUBMITTED:
        message = _message(item, "engagement_submitted", key, to=0, subject=subject, by=by, now=now, **facts)
        outbox.post_each(_SECRETARIAT, {**others, "today": today}, message)
    if item.requester_id is not None and item.requester_id != by.id:
        to = item.requester_id
        outbox.post(_message(item, "engagement_moved", f"{key}:{to}", to=to, subject=subject, by=by, now=now, **facts))


def handed(item: Item, *, to: int, by: Actor, now: datetime) -> None:
    """Tell a person that an imported draft is theirs now."""
    subject = f"A request for you to complete: {item.title}"
    outbox.post(_message(item, "engagement_handed", f"claimed:{item.id}:{to}", to=to, subject=subject, by=by, now=now))


def changed(item: Item, number: int, *, reason: str, by: Actor, now: datetime) -> None:
    """Tell the party and the requester that an approved engagement says something else from now on."""
    facts = {"reason": reason, "version": number, "dates": _days(item)}
    others = {"by": by.id or 0, "requester": item.requester_id or 0}
    key, subject = f"changed:{item.id}:{number}", f"Changed: {item.title}"
    message = _message(item, "engagement_changed", key, to=0, subject=subject, by=by, now=now, **facts)
    outbox.post_each(_TRAVELLERS, {**others, "item": item.id}, message)
    if item.requester_id is not None and item.requester_id != by.id:
        to = item.requester_id
        own = _message(item, "engagement_changed", f"{key}:{to}", to=to, subject=subject, by=by, now=now, **facts)
        outbox.post(own)


def changed_before(item: Item, *, material: bool, reason: str, by: Actor, now: datetime, today: date) -> None:
    """Tell the secretariat that what waits for it, or for the board, says something else from now on."""
    subject = f"Changed{' materially' if material else ''}: {item.title}"
    facts = {"reason": reason, "material": material, "path": f"/screening/{item.id}"}
    others = {"by": by.id or 0, "requester": item.requester_id or 0}
    key = f"changed:{item.id}:{item.version}"
    message = _message(item, "item_changed", key, to=0, subject=subject, by=by, now=now, **facts)
    outbox.post_each(_SECRETARIAT, {**others, "today": today}, message)


def review_asked(
    item: Item, review_id: int, kind: ReviewKind, why: str, due_on: date, *, by: Actor, now: datetime, today: date
) -> None:
    """Tell every reviewer of the kind that a review is wanted."""
    subject = f"To review ({kind.label.lower()}): {item.title}"
    facts = {"why": why.splitlines(), "by_day": _in_words(due_on), "path": f"/reviews/{review_id}", "kind": kind.label}
    message = _message(item, "review_asked", f"review:{review_id}", to=0, subject=subject, by=by, now=now, **facts)
    others = {"by": by.id or 0, "requester": item.requester_id or 0}
    outbox.post_each(_REVIEWERS, {**others, "today": today, "kind": kind}, message)


def reviews_done(item: Item, review_id: int, *, by: Actor, now: datetime, today: date) -> None:
    """Tell the secretariat that every review of an item is in."""
    subject, key = f"Reviews are in: {item.title}", f"reviewed:{item.id}:{review_id}"
    facts = {"path": f"/screening/{item.id}"}
    message = _message(item, "reviews_done", key, to=0, subject=subject, by=by, now=now, **facts)
    others = {"by": by.id or 0, "requester": item.requester_id or 0}
    outbox.post_each(_SECRETARIAT, {**others, "today": today}, message)


def deferred_again(item: Item, times: int, *, by: Actor, now: datetime, today: date) -> None:
    """Tell the chair that an item was deferred once more, from the third time on."""
    subject = f"Deferred {times} times: {item.title}"
    facts = {"times": times, "until": _in_words(item.deferred_until), "path": f"/board/items/{item.id}"}
    message = _message(
        item, "deferred_again", f"deferred:{item.id}:{times}", to=0, subject=subject, by=by, now=now, **facts
    )
    outbox.post_each(_CHAIRS, {"today": today}, message)


def _in_words(day: date | None) -> str:
    return "" if day is None else f"{day.day} {day:%B %Y}"


def _days(item: Item) -> str:
    first, last = _in_words(item.starts_on), _in_words(item.ends_on)
    return f"{first} to {last}" if last and last != first else first


def _message(
    item: Item, template: str, key: str, *, to: int, subject: str, by: Actor, now: datetime, **facts: Any
) -> dict[str, Any]:
    path = f"/screening/{item.id}" if template == "engagement_submitted" else item.kind.path(item.id)
    return outbox.message(
        key, to=to, template=template, subject=subject, about=("item", item.id), now=now,
        **{"title": item.title, "by": by.name, "path": path, **facts},
    )  # fmt: skip
