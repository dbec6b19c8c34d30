"""The only writer of Acknowledgement and CheckTry: who has read which text, for which trip, and how well."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from engage.extensions import db
from engage.models.engagements import Engagement, Leg, engagement_partner
from engage.models.guidance import Acknowledgement, CheckTry, Guide, GuideScope, GuideVersion
from engage.models.norms import Norm
from engage.models.trips import Trip
from engage.rules.guide_changes import Edition, Mark, Reread, to_reread
from engage.rules.guide_text import drawn, right, unread
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.services import audit, sessions, trips, watch
from engage.services.guidance import CHANGED

_A, _V, _G, _T = cast(Table, Acknowledgement.__table__), GuideVersion.__table__.c, Guide.__table__.c, Trip.__table__.c
_L, _E, _N, _Y = Leg.__table__.c, Engagement.__table__.c, Norm.__table__.c, CheckTry.__table__.c
_NEWER = GuideVersion.__table__.alias("newer")
# What a reading must know, in one statement: the version, its guide, whether the trip asks for it, and how much to ask.
_ASKS = or_(
    _G.scope == GuideScope.GENERAL,
    exists().where(_L.engagement_id == _T.engagement_id, _L.country_code == _G.country_code).correlate(Guide, Trip),
    exists().where(_E.id == _T.engagement_id, _E.forum_id == _G.forum_id).correlate(Guide, Trip),
    exists()
    .where(engagement_partner.c.engagement_id == _T.engagement_id, engagement_partner.c.partner_id == _G.partner_id)
    .correlate(Guide, Trip),
)
_QUESTIONS = (
    select(_N.value)
    .where(_N.key == "check_questions", _N.starts_on <= bindparam("today"))
    .order_by(_N.starts_on.desc())
    .limit(1)
    .scalar_subquery()
)
_OLD = GuideVersion.__table__.alias("old")
_NUMBER_READ = (
    select(func.max(_OLD.c.number))
    .select_from(_OLD.join(_A, _A.c.guide_version_id == _OLD.c.id))
    .where(_OLD.c.guide_id == _G.id, _A.c.person_id == _T.person_id)
    .correlate(Guide, Trip)
    .scalar_subquery()
)
_SINCE = select(_V.number, _V.material, _V.marks).where(
    _V.guide_id == bindparam("guide"), _V.number > bindparam("number")
)
_TEXT = select(GuideVersion).where(_V.guide_id == bindparam("guide"), _V.number == bindparam("number"))
_IN_FORCE = ~exists().where(_NEWER.c.guide_id == _V.guide_id, _NEWER.c.number > _V.number).correlate(GuideVersion)
_READING = (
    select(GuideVersion, Guide, _QUESTIONS.label("questions"), _NUMBER_READ.label("read"))
    .join(Guide, _G.id == _V.guide_id)
    .join(Trip.__table__, _T.id == bindparam("trip"))
    .where(_ASKS, _IN_FORCE)
)
_OF_GUIDE = _READING.where(_G.id == bindparam("guide"))
_OF_VERSION = _READING.where(
    _G.id == select(_OLD.c.guide_id).where(_OLD.c.id == bindparam("version")).scalar_subquery()
)
_OWED = (
    select(GuideVersion)
    .join(Guide, _G.id == _V.guide_id)
    .join(Trip.__table__, _T.id == bindparam("trip"))
    .where(_ASKS, _IN_FORCE)
    .order_by(_G.id)
)
_FIRST_SCORE = (
    select(_Y.score)
    .where(_Y.trip_id == bindparam("trip_id"), _Y.guide_version_id == bindparam("guide_version_id"))
    .order_by(_Y.id)
    .limit(1)
    .scalar_subquery()
)
_ONCE = ["trip_id", "guide_version_id"]
_SCORED = {"score": func.coalesce(_FIRST_SCORE, bindparam("questions"))}
_ACKNOWLEDGE = {
    name: insert(_A)
    .values({column: bindparam(column) for column in (
        "person_id", "by_id", "trip_id", "guide_version_id", "sha256", "language", "questions", "at",
    )} | _SCORED)
    .on_conflict_do_nothing(index_elements=_ONCE)
    .returning(_A.c.id, _A.c.score)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}  # fmt: skip
@dataclass(frozen=True)
class Reading:
    """A guide as one trip meets it: the version in force, the questions drawn, and what changed since it was read."""

    guide: Guide
    version: GuideVersion
    asked: tuple[int, ...]
    before: GuideVersion | None  # the newest version the traveller ever acknowledged; None: never, or this one
    again: Reread


def reading(trip: Trip, guide_id: int, *, today: date) -> Reading | None:
    """What the traveller of `trip` reads of a guide; None when the trip does not ask for it.

    The same trip and version always meet the same questions; those on parts to read again come first.
    """
    return _reading(trip, _OF_GUIDE, {"guide": guide_id}, today)


def _reading(trip: Trip, statement: Any, given: Mapping[str, int], today: date) -> Reading | None:
    row = db.session.execute(statement, {"trip": trip.id, "today": today, **given}).one_or_none()
    if row is None:
        return None
    guide, version = row.Guide, row.GuideVersion
    before, again = None, Reread(whole=row.read is None)
    if row.read is not None and row.read < version.number:
        since = db.session.execute(_SINCE, {"guide": guide.id, "number": row.read})
        again = to_reread(
            Edition(one.number, one.material, {part: Mark(mark) for part, mark in one.marks.items()}) for one in since
        )
        before = db.session.scalar(_TEXT, {"guide": guide.id, "number": row.read})
    asked = drawn(version.content, row.questions or 0, f"{trip.id}:{version.sha256}", again.parts)
    return Reading(guide, version, asked, before, again)


def owed(trip: Trip) -> list[GuideVersion]:
    """The text in force of every guide the trip may ask for: general, of its countries, partners and forum."""
    return list(db.session.scalars(_OWED, {"trip": trip.id}))


def acknowledge(
    trip: Trip,
    version_id: int,
    sha256: str,
    *,
    ticked: Collection[int],
    answers: Mapping[int, int],
    by: Actor,
    now: datetime,
) -> bool:
    """Note that this version was read for this trip, by the traveller or the assistant they named; whether that is new.

    `version_id` and `sha256` are those of the page that was shown. Raises NotAllowed for another's trip,
    NotOpen when the trip is cancelled or does not ask for the guide, Stale when the version shown is not the
    one in force, Incomplete when a point is not ticked or an answer is wrong.
    """
    today = sessions.office_day(now, by.zone)
    subject = trips.subject(trip.id, today)
    if subject is None or not may(by, Do.ACKNOWLEDGE, subject):
        raise NotAllowed("Guidance is acknowledged by the traveller, or by an assistant whom the traveller named.")
    if trip.cancelled_at is not None:
        raise NotOpen("This trip was cancelled: nothing more is acknowledged for it.")
    found = _reading(trip, _OF_VERSION, {"version": version_id}, today)
    if found is None:
        raise NotOpen("This trip does not ask for that guide.")
    version = found.version
    if version.id != version_id or version.sha256 != sha256:
        raise Stale(CHANGED)
    if wrong := unread(version.content, ticked, answers, found.asked):
        raise Incomplete(wrong)
    new = db.session.execute(
        _ACKNOWLEDGE[db.engine.dialect.name],
        {
            "person_id": trip.person_id, "by_id": by.id, "trip_id": trip.id, "guide_version_id": version.id,
            "sha256": sha256, "language": "en", "questions": len(found.asked), "at": now,
        },
    ).one_or_none()  # fmt: skip
    if new is None:
        return False
    watch.trip(trip.id, "A guide was acknowledged.")
    audit.record(
        "acknowledge", about=("trip", trip.id), by=by, now=now, guide=found.guide.id, version=version.number,
        sha256=sha256, score=new.score, questions=len(found.asked), on_behalf_of=_other(trip.person_id, by),
    )  # fmt: skip
    return True


def _other(person_id: int, by: Actor) -> int | None:
    return None if person_id == by.id else person_id


def note_try(trip: Trip, found: Reading, answers: Mapping[int, int], *, by: Actor, now: datetime) -> None:
    """Keep how a short check went that was not passed; one that was left without any answer is none."""
    if answers and found.asked:
        db.session.add(
            CheckTry(
                trip_id=trip.id, guide_version_id=found.version.id, by_id=by.id,
                score=right(found.version.content, answers, found.asked), questions=len(found.asked), at=now,
            )
        )
        db.session.flush()
