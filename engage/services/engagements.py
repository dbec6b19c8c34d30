"""The only writer of what an engagement says: drafting, revising, handing out."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm.attributes import flag_modified

from engage.extensions import db
from engage.models.engagements import (
    CostLine,
    Engagement,
    Item,
    Leg,
    Traveller,
    engagement_objective,
    engagement_partner,
)
from engage.models.partners import Partner
from engage.models.people import Person
from engage.rules import completeness as rules
from engage.rules.asking import Content
from engage.rules.policy import PROGRAM, Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.search_words import Kind
from engage.rules.workflow import EDITABLE, State
from engage.services import audit, notices, plans, search_index, states, watch

# What a requester may write, and while it is in their hands (workflow.EDITABLE): nothing else, and never the state.
WRITABLE = (
    "title", "nature", "direction", "asks", "firmness", "marking", "purpose", "outcome_sought", "why_not_virtual",
    "why_this_many", "other_than_coach", "media", "late_reason", "notes", "missing", "forum_id", "event_id",
)  # fmt: skip
_PARTS = ("legs", "travellers", "costs", "partners", "objectives")

TABLES: tuple[Any, ...] = (
    Leg.__table__, Traveller.__table__, CostLine.__table__, engagement_partner, engagement_objective,
)  # fmt: skip
_CLEAR = tuple(delete(table).where(table.c.engagement_id == bindparam("engagement")) for table in TABLES)

# A partner that was found to be another, since somebody chose it, is named as that one.
_PA = Partner.__table__.c
_NAME_PARTNERS = insert(engagement_partner).from_select(
    ["engagement_id", "partner_id"],
    select(bindparam("engagement", type_=_PA.id.type), func.coalesce(_PA.merged_into_id, _PA.id))
    .where(_PA.id.in_(bindparam("partners", expanding=True)))
    .distinct(),
)

# What would change an engagement is seen by those who see the engagement.
_ITEM: Any = Item.__table__
_MARK_AMENDMENTS = update(_ITEM).where(_ITEM.c.amends_id == bindparam("engagement")).values(marking=bindparam("to"))


def draft(content: Content, *, by: Actor, now: datetime) -> Engagement:
    """Begin an engagement as a draft of `by`; it may be incomplete. `now` is aware UTC.

    Raises NotAllowed, or Incomplete at the fields that contradict themselves.
    """
    if not may(by, Do.DRAFT):
        raise NotAllowed("You may not ask for an engagement.")
    return _create([(None, content)], requester_id=by.id, by=by, now=now)[0]


def import_drafts(
    drafts: Iterable[tuple[str, Content]], *, requester_id: int | None, by: Actor, now: datetime
) -> list[Engagement]:
    """Begin drafts from a file for `requester_id`, or for nobody yet: then the secretariat hands them out (`claim`).

    Each bears the reference that names its row for ever. As many statements for a thousand as for one, which is what
    a large file needs. Raises NotAllowed, Incomplete, or IntegrityError for a reference that is there already.
    """
    if by is not PROGRAM and not may(by, Do.IMPORT):
        raise NotAllowed("Only the secretariat imports.")
    return _create([(ref, content) for ref, content in drafts], requester_id=requester_id, by=by, now=now)


def _create(
    drafts: Sequence[tuple[str | None, Content]], *, requester_id: int | None, by: Actor, now: datetime
) -> list[Engagement]:
    made, beginnings = [], []
    for ref, content in drafts:
        engagement = Engagement(requester_id=requester_id, source_ref=ref)
        _write(engagement, content)
        made.append(engagement)
        beginnings.append((engagement, {"title": content.title, "requester": requester_id, "source": ref}))
    states.begin_all(beginnings, by=by, now=now)
    said = [(engagement, content) for engagement, (_, content) in zip(made, drafts, strict=True)]
    _add_parts([(engagement.id, content) for engagement, content in said])
    plans.enter(said, now=now)
    for engagement in made:
        db.session.expire(engagement, _PARTS)
    search_index.note(Kind.ENGAGEMENT, [engagement.id for engagement in made])
    return made


def revise(
    engagement: Engagement, subject: Subject, content: Content, version: int, *, by: Actor, now: datetime
) -> None:
    """Write `content` over what a draft, or a returned engagement, said. `version` is the one that was read.

    Raises NotAllowed, NotOpen once it left the requester's hands, Stale when somebody saved since, Incomplete.
    """
    states.hold(engagement)
    must_be_writable(subject, engagement.state, by=by)
    if engagement.version != version:
        raise Stale("Somebody saved this engagement while you were writing, so your text was not saved.")
    changed = write(engagement, content, now=now)
    audit.record("revise", about=("item", engagement.id), by=by, now=now, changed=changed, version=engagement.version)


def write(engagement: Engagement, content: Content, *, now: datetime) -> list[str]:
    """Write `content` over what the engagement said; gives the names of its own fields that differ.

    For services that have asked and hold the row: whatever is written over, no policy is asked here. Raises
    Incomplete for what cannot be kept.
    """
    before = {name: getattr(engagement, name) for name in WRITABLE}
    _write(engagement, content)
    flag_modified(engagement, "title")  # also when only the parts differ, the version goes up
    db.session.flush()
    if before["marking"] is not engagement.marking:
        db.session.execute(_MARK_AMENDMENTS, {"engagement": engagement.id, "to": engagement.marking})
        watch.engagement(engagement.id, f"The engagement is marked {engagement.marking.label} now.")
    _write_parts(engagement, content)
    plans.enter([(engagement, content)], now=now)
    search_index.note(Kind.ENGAGEMENT, [engagement.id])
    return [name for name in WRITABLE if before[name] != getattr(engagement, name)]


def must_be_writable(subject: Subject, state: State, *, by: Actor) -> None:
    """Raises NotAllowed for anybody but the requester, and NotOpen once it left the requester's hands."""
    if not may(by, Do.EDIT, subject):
        raise NotAllowed("Only the requester may change what an engagement says.")
    if state not in EDITABLE:
        raise NotOpen(f"This cannot be changed now: it is {state.label.lower()}.")


def _write(engagement: Engagement, content: Content) -> None:
    if wrong := rules.unkeepable(content):
        raise Incomplete(wrong)
    for name in WRITABLE:
        setattr(engagement, name, getattr(content, name))
    engagement.starts_on, engagement.ends_on = content.first_day, content.last_day


def _write_parts(engagement: Engagement, content: Content) -> None:
    """Replace the parts as they were by the parts as they are; they are few, and nothing refers to their rows."""
    for statement in _CLEAR:
        db.session.execute(statement, {"engagement": engagement.id})
    _add_parts([(engagement.id, replace(content, partner_ids=()))])
    if content.partner_ids:
        db.session.execute(_NAME_PARTNERS, {"engagement": engagement.id, "partners": sorted(set(content.partner_ids))})
    db.session.expire(engagement, _PARTS)


def _add_parts(said: Iterable[tuple[int, Content]]) -> None:
    """Write what each engagement holds, one statement a table; `said` is its number beside its content."""
    rows: dict[Any, list[dict[str, Any]]] = {table: [] for table in TABLES}
    for number, content in said:
        for table, held in parts(content).items():
            rows[table] += [{"engagement_id": number, **row} for row in held]
    for table, new in rows.items():
        if new:
            db.session.execute(insert(table), new)


def parts(content: Content) -> dict[Any, list[dict[str, Any]]]:
    """The rows of what an engagement holds, but for its number, by their table."""
    return {
        Leg.__table__: [{"position": i, **vars(leg)} for i, leg in enumerate(content.legs)],
        Traveller.__table__: [
            {"position": i, **vars(t), "name_given": "" if t.person_id else t.name_given}
            for i, t in enumerate(content.travellers)
        ],
        CostLine.__table__: [{"position": i, **vars(cost)} for i, cost in enumerate(content.costs)],
        engagement_partner: [{"partner_id": p} for p in dict.fromkeys(content.partner_ids)],
        engagement_objective: [{"objective_id": o} for o in dict.fromkeys(content.objective_ids)],
    }


def claim(engagement: Engagement, subject: Subject, *, for_id: int, by: Actor, now: datetime) -> None:
    """Hand an imported draft that is nobody's to a person, who owns it from now on.

    Raises NotAllowed, NotOpen when it has a requester already, or Incomplete at "person".
    """
    if not may(by, Do.CLAIM, subject):
        if subject.requester_id is not None:
            raise NotOpen("This has a requester already.")
        raise NotAllowed("Only the secretariat hands out imported requests.")
    states.hold(engagement)
    if engagement.requester_id is not None:
        raise NotOpen("This has a requester already.")
    person = db.session.get(Person, for_id)
    if person is None or person.disabled_at is not None:
        raise Incomplete({"person": "Choose somebody who has an account."})
    engagement.requester_id = for_id
    db.session.flush()
    plans.hand_over(engagement.id, to=for_id, now=now)
    audit.record("claim", about=("item", engagement.id), by=by, now=now, requester=for_id)
    if for_id != by.id:
        notices.handed(engagement, to=for_id, by=by, now=now)
