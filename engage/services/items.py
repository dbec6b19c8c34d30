"""The front door of what is put before the board: acting on an item of any kind, and deciding it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from engage.models.engagements import Engagement, Item
from engage.rules import workflow
from engage.rules.asking import Asks, Content, Direction
from engage.rules.items import ItemKind
from engage.rules.policy import PROGRAM, Actor, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.voting import Outcome
from engage.rules.workflow import APPROVED, DEFERRALS_FLAGGED, WITH_THE_BOARD, Action, State
from engage.services import (
    amendments,
    calendared,
    clashes,
    completeness,
    contents,
    endorsements,
    guide_proposals,
    kinds,
    matters,
    motions,
    notices,
    questions,
    reviews,
    routing,
    routing_facts,
    states,
    tier_leads,
    trips,
    versions,
)

REVIEWED = frozenset({State.SUBMITTED, State.UNDER_REVIEW})  # while reviews may be open
Judge = Callable[[dict[str, Any], date], tuple[dict[str, str], dict[str, Any]]]


@dataclass(frozen=True)
class Kind:
    """What differs from kind to kind, beside what an item says.

    `judge` says what keeps a content from being submitted on a day, and what is frozen with it; `approved` is what
    an approval brings about, `ended` what the end of an approval, or of the item, undoes.
    """

    judge: Judge
    approved: Callable[..., None] | None = None
    ended: Callable[..., None] | None = None


def act(item: Item, subject: Subject, action: Action, *, by: Actor, now: datetime, reason: str = "") -> None:
    """Take one step of the workflow and leave its trace: span, audit line and messages are one transaction.

    Submitting freezes the next version. Raises NotAllowed, NotOpen, ReasonNeeded, or Incomplete with a sentence
    for each field that keeps it from being submitted; nothing is changed then.
    """
    if not may(by, action, subject):
        raise NotAllowed(f"You may not do this: {action.label.lower()}.")
    said = _held(item, to_read=action is Action.SUBMIT)
    if not may(by, action, replace(subject, state=item.state, requester_id=item.requester_id)):
        raise NotAllowed(f"You may not do this: {action.label.lower()}.")
    transition = workflow.step(item.state, action, item.kind)
    if action in (Action.PLACE, Action.REVIEW):
        endorsements.must_be_given(item.id, replace(subject, state=item.state))
    if action is Action.PLACE:
        reviews.must_be_settled(item.id)
    frozen, wanted = _freeze(item, said, by=by, now=now) if action is Action.SUBMIT else ({}, None)
    left = item.state
    states.move(item, transition, by=by, now=now, reason=reason, **frozen)
    if wanted is not None:
        _ask_reviews(item, wanted, by=by, now=now)
    elif left in REVIEWED and transition.target not in REVIEWED | {State.SCHEDULED}:
        reviews.end_with(item.id, by=by, now=now)
    if left in WITH_THE_BOARD:
        calendared.settle(item.id, now)
        motions.void_open_motion(
            item.id, reason=f"it left the docket: {transition.target.label.lower()}.", by=by, now=now
        )
    if (ended := KINDS[item.kind].ended) and (left in APPROVED or transition.target in workflow.FINAL):
        ended(item, by=by, now=now)


def decide(
    item: Item, outcome: Outcome, *, reason: str, by: Actor, now: datetime, defer_until: date | None = None,
    defer_event_id: int | None = None, put_off: Collection[int] = (), motion_id: int | None = None,
) -> None:  # fmt: skip
    """Move an item from the docket to where a carried motion leads. Called by services.board alone.

    An approval brings about what the item asks: trips open, an amendment is made, a guide is published; advice
    brings nothing about. `put_off` are travellers whom a split decision leaves out: an amendment that adds them
    waits until `defer_until`. Raises NotOpen, ReasonNeeded, or what keeps it from being brought about.
    """
    states.hold(item)
    transition = workflow.step(item.state, outcome, item.kind)
    split = bool(put_off) and transition.target in APPROVED
    states.move(
        item, transition, by=by, now=now, reason=reason, defer_until=defer_until, defer_event_id=defer_event_id
    )
    if split and isinstance(item, Engagement):
        amendments.put_off(
            item, put_off, until=defer_until, event_id=defer_event_id, motion_id=motion_id, reason=reason, by=by,
            now=now,
        )  # fmt: skip
    if transition.target in APPROVED and (approved := KINDS[item.kind].approved):
        approved(item, by=by, now=now)
    if transition.target is State.DEFERRED:
        times = states.stays(item.id, State.DEFERRED)
        if times >= DEFERRALS_FLAGGED:
            notices.deferred_again(item, times, by=by, now=now, today=states.office_day(now))


def lapse(item: Item, *, reason: str, now: datetime) -> None:
    """Take back an approval that the board did not ratify: the item is under review again, and its trips end.

    What an approval of another kind brought about stands: it was made, and is undone by a change of its own.
    """
    if item.state in APPROVED and item.kind is ItemKind.ENGAGEMENT:
        states.move(item, workflow.step(item.state, Action.RECONSIDER, item.kind), by=PROGRAM, now=now, reason=reason)
        _engagement_ended(item, by=PROGRAM, now=now)


def _held(item: Item, *, to_read: bool) -> Any:
    """Lock the row until the commit: of two who act at once, the second sees what the first did.

    With `to_read` gives what an engagement says, as contents.content_of takes it, or None: then it reads again.
    """
    if to_read and item.kind is ItemKind.ENGAGEMENT:
        said = contents.held(item.id)
        if said.version == item.version:
            return said
    states.hold(item)
    return None


def _freeze(item: Item, said: Any, *, by: Actor, now: datetime) -> tuple[dict[str, Any], Content | None]:
    """Freeze the next version; gives what the trail says of it, and of a journey what reviews look at."""
    if item.kind is ItemKind.ENGAGEMENT:
        content = contents.content_of(item.id, said)
    else:
        content = kinds.content_of(item.id, item.kind)
    again = item.state is State.RETURNED
    if again and item.kind is ItemKind.ENGAGEMENT:
        content["counted_on"] = questions.counted_on(item.id, item.state, states.office_day)
    today = states.office_day(now)
    known = routing_facts.read(item, content, day=today, now=now)
    if item.kind is ItemKind.ENGAGEMENT:
        content["tier_lead"] = tier_leads.lead(known)
    wrong, extra = KINDS[item.kind].judge(content, today)
    content.pop("counted_on", None)
    content.pop("tier_lead", None)
    if item.kind is ItemKind.ENGAGEMENT and not wrong:
        found = clashes.owed(contents.asked_by(content), item_id=item.id, day=today)
        wrong = owed_reasons(len(found.open))
        if found.evidence:
            extra["clashes"] = [{"what": what, "reason": reason} for what, reason in found.evidence]
    if wrong:
        raise Incomplete(wrong)
    number, sha256 = versions.freeze(item.id, {**content, **extra}, by=by, now=now)
    routing.freeze(item, known, by=by, now=now)
    if again:
        questions.settle(item.id, by=by, now=now)
    return {"version": number, "sha256": sha256}, _to_review(item, content)


def owed_reasons(count: int) -> dict[str, str]:
    """The sentence for clashes that still need a reason; empty where none does."""
    if not count:
        return {}
    which = "One clash needs" if count == 1 else f"{count} clashes need"
    return {"clashes": f"{which} a reason that the board will read, or another plan."}


def _judge_engagement(content: dict[str, Any], today: date) -> tuple[dict[str, str], dict[str, Any]]:
    asked = contents.asked_by(content)
    wrong, late = completeness.judge(
        asked, today=today, counted_on=content.get("counted_on"), tier=content.get("tier_lead")
    )
    return wrong, {"late": late}


def _to_review(item: Item, content: dict[str, Any]) -> Content | None:
    """What further reviews look at: of an amendment, the engagement as it would be; None for what is no journey."""
    if item.kind is ItemKind.AMENDMENT and item.amends_id:
        return contents.asked_by({**contents.content_of(item.amends_id), **content["after"]})
    return contents.asked_by(content) if item.kind is ItemKind.ENGAGEMENT else None


def _ask_reviews(item: Item, content: Content, *, by: Actor, now: datetime) -> None:
    """Ask for the reviews that are needed; an item that waits for one is under review."""
    wanted = reviews.open_for(item, content, today=states.office_day(now), by=by, now=now)
    if wanted:
        names = ", ".join(kind.label.lower() for kind in wanted)
        step = workflow.step(item.state, Action.REVIEW, item.kind)
        states.move(item, step, by=PROGRAM, now=now, reason=f"Reviews asked for by rule: {names}.")


def _engagement_approved(item: Any, *, by: Actor, now: datetime) -> None:
    if item.asks is Asks.DECISION and item.direction is Direction.OUTBOUND:
        trips.open_for(item.id, now=now)


def _engagement_ended(item: Item, *, by: Actor, now: datetime) -> None:
    again = item.state is State.UNDER_REVIEW
    trips.cancel_for(item.id, reason="The board is to decide on it once more." if again else "", now=now)
    amendments.end_with(item, by=by, now=now)


KINDS: Mapping[ItemKind, Kind] = MappingProxyType({
    ItemKind.ENGAGEMENT: Kind(_judge_engagement, _engagement_approved, _engagement_ended),
    ItemKind.AMENDMENT: Kind(amendments.judge, amendments.apply),
    ItemKind.GUIDE_VERSION: Kind(guide_proposals.judge, guide_proposals.publish),
    ItemKind.PRIORITIES: Kind(matters.judge_priorities),
    ItemKind.MATTER: Kind(matters.judge_matter),
})
