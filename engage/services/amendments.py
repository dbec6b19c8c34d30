"""The only writer of amendments: a material change of an approved engagement, from its draft to its being made."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from engage.extensions import db
from engage.models.engagements import Engagement, Item
from engage.models.matters import Amendment, amendment_traveller
from engage.rules import completeness as complete
from engage.rules import material, workflow
from engage.rules.asking import Asks, Content, Direction
from engage.rules.canonical import canonical_json
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.workflow import APPROVED, EDITABLE, OPEN, State
from engage.services import (
    audit,
    completeness,
    contents,
    engagements,
    kinds,
    motions,
    notices,
    states,
    trips,
    versions,
)

_OPEN_OF = (
    select(Amendment)
    .where(Amendment.amends_id == bindparam("engagement"), Amendment.state.in_(sorted(OPEN)))
    .order_by(Amendment.id)
)
_FORGET = delete(amendment_traveller).where(amendment_traveller.c.amendment_id == bindparam("amendment"))


def open_of(engagement_id: int) -> list[Amendment]:
    """The amendments of an engagement that are not decided yet, the oldest first."""
    return list(db.session.scalars(_OPEN_OF, {"engagement": engagement_id}))


def faults(before: Content, after: Content, *, today: date) -> dict[str, str]:
    """What a change leaves lacking that was not lacking before, a sentence for each field.

    A change is not late: the lead time was kept, or excused, when the engagement was asked for.
    """
    old, _ = completeness.judge(before, today=today)
    new, _ = completeness.judge(after, today=today)
    return {
        field: sentence
        for field, sentence in new.items()
        if field != "late_reason" and (old.get(field) != sentence or field in complete.unkeepable(after))
    }


def begin(engagement: Engagement, wanted: Content, *, why: str, by: Actor, now: datetime) -> Amendment:
    """Draft the amendment that would make the engagement say `wanted`. The caller holds the engagement and has asked.

    Raises Incomplete where another open amendment changes the same already.
    """
    base = versions.current(engagement.id)
    if base is None:
        raise NotOpen("This was not submitted, so it is simply changed.")
    must_stand_alone(engagement.id, contents.asked_by(base.content), wanted)
    amendment = Amendment(
        amends_id=engagement.id, title=_title(engagement), asks=Asks.DECISION, requester_id=engagement.requester_id,
        starts_on=wanted.first_day, ends_on=wanted.last_day, base_version_id=base.id, why=why,
        marking=engagement.marking,
        proposal=_frozen(wanted, base.content),
    )  # fmt: skip
    states.begin(amendment, by=by, now=now, amends=engagement.id, base=base.number, title=amendment.title)
    _name_travellers(amendment, contents.asked_by(base.content), wanted)
    return amendment


def revise(
    amendment: Amendment, subject: Subject, wanted: Content, version: int, *, why: str, by: Actor, now: datetime
) -> None:
    """Write another proposal over a draft, or over what was returned. `version` is the one that was read.

    Raises NotAllowed, NotOpen, Stale, or Incomplete where nothing would change.
    """
    if not may(by, Do.EDIT, subject):
        raise NotAllowed("Only the requester may change what an amendment says.")
    states.hold(amendment)
    if amendment.state not in EDITABLE:
        raise NotOpen(f"This cannot be changed now: it is {amendment.state.label.lower()}.")
    if amendment.version != version:
        raise Stale("Somebody saved this amendment while you were writing, so your text was not saved.")
    base = versions.by_id(amendment.base_version_id)
    before, wanted = contents.asked_by(base.content), contents.in_order(wanted)
    if wanted == before:
        raise Incomplete({"title": "Nothing would change. Withdraw the amendment if it is not needed."})
    if wrong := {**complete.unkeepable(wanted), **({} if why else {"why": "Say why it changes."})}:
        raise Incomplete(wrong)
    must_stand_alone(amendment.amends_id or 0, before, wanted, but=amendment.id)
    amendment.proposal, amendment.why = _frozen(wanted, base.content), why
    amendment.starts_on, amendment.ends_on = wanted.first_day, wanted.last_day
    db.session.flush()
    db.session.execute(_FORGET, {"amendment": amendment.id})
    _name_travellers(amendment, before, wanted)
    audit.record("revise", about=("item", amendment.id), by=by, now=now, version=amendment.version)


def judge(content: dict[str, Any], today: date) -> tuple[dict[str, str], dict[str, Any]]:
    """What keeps an amendment from being submitted on `today`; nothing more is frozen with it."""
    wrong = {} if content["why"] else {"why": "Say why it changes."}
    engagement = db.session.get_one(Item, content["engagement"]["id"])
    if engagement.state not in APPROVED:
        wrong["title"] = f"The engagement is {engagement.state.label.lower()}, so there is no approval to amend."
    return wrong, {}


def apply(amendment: Amendment, *, by: Actor, now: datetime) -> None:
    """Make the change that the board approved, and nothing else: a new version, and trips that follow it.

    Raises NotOpen when the engagement's own approval no longer stands.
    """
    engagement = db.session.get_one(Engagement, amendment.amends_id, with_for_update=True, populate_existing=True)
    if engagement.state not in APPROVED:
        raise NotOpen(f"The engagement is {engagement.state.label.lower()}, so there is no approval to amend.")
    base = contents.asked_by(versions.by_id(amendment.base_version_id).content)
    wanted = contents.asked_by(contents.thawed(amendment.proposal))
    now_said = contents.asked_by(contents.content_of(engagement.id))
    amendment.applied_version_id = rewrite(
        engagement, material.merged(base, wanted, now_said), reason=f"Amendment {amendment.id}: {amendment.why}"[:5000],
        by=by, now=now, verb="amend", amendment=amendment.id,
    )  # fmt: skip
    db.session.flush()


def rewrite(
    engagement: Engagement, content: Content, *, reason: str, minor: bool = False, verb: str = "change", by: Actor,
    now: datetime, **facts: Any,
) -> int:  # fmt: skip
    """Let an engagement that was submitted say `content`, frozen as its next version; gives that version's id.

    What follows from an approval follows the change: trips are opened, moved and ended, and the party is told.
    """
    before = versions.current(engagement.id)
    engagements.write(engagement, content, now=now)
    said = contents.content_of(engagement.id)
    late = before.content.get("late", False) if before else False
    number, sha256 = versions.freeze(engagement.id, {**said, "late": late}, minor=minor, reason=reason, by=by, now=now)
    audit.record(
        verb, about=("item", engagement.id), by=by, now=now, version=number, sha256=sha256, minor=minor, reason=reason,
        **facts,
    )  # fmt: skip
    if engagement.state in APPROVED:
        if engagement.asks is Asks.DECISION and engagement.direction is Direction.OUTBOUND:
            trips.open_for(engagement.id, now=now)
        else:
            trips.cancel_for(engagement.id, now=now)
        notices.changed(engagement, number, reason=reason, by=by, now=now)
    version_id: int = versions.in_force(engagement.id).id
    return version_id


def put_off(
    engagement: Engagement, people: Collection[int], *, until: date | None, event_id: int | None,
    motion_id: int | None, reason: str, by: Actor, now: datetime,
) -> Amendment:  # fmt: skip
    """Approve an engagement without some of its travellers: an amendment that adds them waits until the stated day.

    Raises NotOpen when nobody would be left, or the lead would stay at home.
    """
    judged = versions.current(engagement.id)
    asked = contents.asked_by(contents.content_of(engagement.id))
    kept = material.without(asked, people)
    if judged is None or until is None:
        raise NotOpen("A split decision names the day on which the others come back.")
    if said := material.cannot_put_off(asked, people):
        raise NotOpen(said)
    engagements.write(engagement, kept, now=now)
    left = {**contents.content_of(engagement.id), "late": judged.content.get("late", False)}
    number, sha256 = versions.freeze(engagement.id, left, reason="Split decision of the board", by=by, now=now)
    audit.record(
        "split", about=("item", engagement.id), by=by, now=now, version=number, sha256=sha256, put_off=sorted(people),
        until=until,
    )  # fmt: skip
    base = versions.in_force(engagement.id)
    amendment = Amendment(
        amends_id=engagement.id, title=_title(engagement), asks=Asks.DECISION, requester_id=engagement.requester_id,
        starts_on=engagement.starts_on, ends_on=engagement.ends_on, base_version_id=base.id, put_off_by_id=motion_id,
        marking=engagement.marking,
        why="Put off by a split decision of the board." + (f" {reason}" if reason else ""),
        proposal=_frozen(asked, left), deferred_until=until, deferred_event_id=event_id,
    )  # fmt: skip
    states.begin(
        amendment, state=State.DEFERRED, verb="put_off", reason=reason, by=by, now=now, amends=engagement.id,
        travellers=sorted(people), until=until,
    )  # fmt: skip
    _name_travellers(amendment, kept, asked)
    versions.freeze(amendment.id, kinds.content_of(amendment.id, amendment.kind), by=by, now=now)
    return amendment


def must_stand_alone(engagement_id: int, before: Content, after: Content, *, but: int = 0) -> None:
    """Raises Incomplete when an open amendment of the engagement, not `but`, changes something of the same."""
    touched = material.parts(before, after)
    for other in open_of(engagement_id):
        if other.id == but:
            continue
        base = contents.asked_by(versions.by_id(other.base_version_id).content)
        wanted = contents.asked_by(contents.thawed(other.proposal))
        if touched & material.parts(base, wanted):
            raise Incomplete({
                "title": f"Amendment {other.id} changes something of the same and is {other.state.label.lower()}. "
                "Wait for it to be decided, or withdraw it first."
            })


def end_with(engagement: Item, *, by: Actor, now: datetime) -> None:
    """Withdraw what would change an engagement whose approval has ended."""
    for amendment in open_of(engagement.id):
        left = amendment.state
        transition = workflow.step(left, workflow.Action.WITHDRAW, amendment.kind)
        said = f"The engagement is {engagement.state.label.lower()}."
        states.move(amendment, transition, by=by, now=now, reason=said)
        if left in workflow.WITH_THE_BOARD:
            motions.void_open_motion(amendment.id, reason="it left the docket: withdrawn.", by=by, now=now)


def _title(engagement: Item) -> str:
    return f"Change: {engagement.title}"[:200]


def _frozen(wanted: Content, base: dict[str, Any]) -> str:
    return canonical_json(contents.named(wanted, base["requester"]))


def _name_travellers(amendment: Amendment, before: Content, after: Content) -> None:
    known = {t.person_id for t in before.travellers}
    new = sorted({t.person_id for t in after.travellers if t.person_id is not None} - known)
    if new:
        db.session.execute(insert(amendment_traveller), [{"amendment_id": amendment.id, "person_id": p} for p in new])

