"""The only writer of Guide, GuideVersion and Acknowledgement: what is published stays for ever."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Protocol, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from engage.extensions import db
from engage.models.engagements import Item, Leg
from engage.models.guidance import Acknowledgement, Guide, GuideScope, GuideVersion
from engage.models.trips import Trip
from engage.rules.canonical import canonical_json, digest
from engage.rules.guide_text import faults, unread
from engage.rules.policy import PROGRAM, Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.services import audit, outbox, sessions

_A, _V = cast(Table, Acknowledgement.__table__), GuideVersion.__table__.c
_ONCE = ["trip_id", "guide_version_id"]
_ACKNOWLEDGE = {
    "sqlite": sqlite.insert(_A).on_conflict_do_nothing(index_elements=_ONCE).returning(_A.c.id),
    "postgresql": postgresql.insert(_A).on_conflict_do_nothing(index_elements=_ONCE).returning(_A.c.id),
}
_CURRENT = select(GuideVersion).where(_V.guide_id == bindparam("guide")).order_by(_V.number.desc()).limit(1)
_CURRENT_ID = select(_V.id).where(_V.guide_id == bindparam("guide")).order_by(_V.number.desc()).limit(1)
_ANY_LEG_IN = select(Leg.id).where(
    Leg.engagement_id == bindparam("engagement"), Leg.country_code == bindparam("country")
)
# Trips not yet over whose travellers had acknowledged an earlier version of the guide.
_HAD_READ = (
    select(Trip.id, Trip.person_id, Item.title)
    .join(Item, Item.id == Trip.engagement_id)
    .where(
        Trip.cancelled_at.is_(None),
        Trip.returns_on >= bindparam("today"),
        Trip.id.in_(
            select(Acknowledgement.trip_id)
            .join(GuideVersion, GuideVersion.id == Acknowledgement.guide_version_id)
            .where(GuideVersion.guide_id == bindparam("guide"))
        ),
    )
    .order_by(Trip.id)
)


CHANGED = "The guide has changed since you opened it, so nothing was noted. Read the version now in force."


class Text(Protocol):
    """The text of a guide as an importer read it."""

    country_code: str | None
    title: str
    reviewed: date
    status: str

    def content(self) -> dict[str, Any]:
        """Summary, sections, must_know, check and sources in plain lists and dictionaries."""
        ...


def sha256_of(title: str, content: Mapping[str, Any]) -> str:
    """The digest a version is acknowledged by: of the canonical JSON of its title and content."""
    return digest(canonical_json({"title": title, "content": content}))


def current(guide_id: int) -> GuideVersion | None:
    """The version in force: the one with the highest number."""
    return db.session.scalar(_CURRENT, {"guide": guide_id})


def guide(guide_id: int) -> Guide | None:
    """The guide with this id."""
    return db.session.get(Guide, guide_id)


def load_guide(text: Text, *, now: datetime) -> bool:
    """Publish a shipped text as version 1 of its guide, marked as starter text; gives whether it was taken.

    Twice is the same as once. A guide that somebody here has published anew is theirs, and is left alone; one
    that still has its starter text takes a changed one as the next version.
    """
    guide = db.session.scalar(
        select(Guide).where(Guide.country_code == text.country_code)
        if text.country_code
        else select(Guide).where(Guide.scope == GuideScope.GENERAL)
    )
    if guide is None:
        scope = GuideScope.COUNTRY if text.country_code else GuideScope.GENERAL
        guide = Guide(scope=scope, country_code=text.country_code)
        db.session.add(guide)
        db.session.flush()
    content = text.content()
    sha256 = sha256_of(text.title, content)
    newest = current(guide.id)
    if newest and (newest.sha256 == sha256 or not newest.starter):
        return False
    _add(
        guide,
        newest.number + 1 if newest else 1,
        text.title,
        content,
        sha256,
        starter=text.status == "starter",
        reviewed_on=text.reviewed,
        material=True,
        note="Starter text" if newest is None else "New starter text",
        by=PROGRAM,
        now=now,
    )
    return True


def publish(
    guide_id: int,
    title: str,
    content: Mapping[str, Any],
    *,
    based_on: int,
    material: bool,
    note: str,
    by: Actor,
    now: datetime,
) -> GuideVersion:
    """Publish a new version; a material one must be acknowledged anew, and its readers are told so.

    `based_on` is the id of the version whose text was edited. Raises NotAllowed; Stale when another version
    was published since; Incomplete when the text is not sound, nothing changed or nobody says what.
    """
    if not may(by, Do.PUBLISH_GUIDE):
        raise NotAllowed("Only content owners publish guides.")
    guide = db.session.scalar(select(Guide).where(Guide.id == guide_id).with_for_update())
    newest = current(guide_id)
    if guide is None or newest is None or newest.id != based_on:
        raise Stale("Somebody else has published this guide since you opened it.")
    sha256 = sha256_of(title, content)
    wrong = faults(content)
    if not title:
        wrong["title"] = "Give the guide a title."
    if sha256 == newest.sha256:
        wrong["note"] = "Nothing differs from the version in force."
    elif not note:
        wrong["note"] = "Say what changed, for those who read the guide before."
    if wrong:
        raise Incomplete(wrong)
    version = _add(
        guide,
        newest.number + 1,
        title,
        content,
        sha256,
        starter=False,
        material=material,
        note=note,
        by=by,
        now=now,
        reviewed_on=sessions.office_day(now, by.zone),
    )
    if material:
        _tell_readers(version, note, now, by)
    return version


def _add(
    guide: Guide,
    number: int,
    title: str,
    content: Mapping[str, Any],
    sha256: str,
    *,
    starter: bool,
    reviewed_on: date,
    material: bool,
    note: str,
    by: Actor,
    now: datetime,
) -> GuideVersion:
    version = GuideVersion(
        guide_id=guide.id,
        number=number,
        title=title,
        content=dict(content),
        sha256=sha256,
        material=material,
        starter=starter,
        reviewed_on=reviewed_on,
        published_at=now,
        published_by_id=by.id,
        change_note=note,
    )
    db.session.add(version)
    db.session.flush()
    audit.record(
        "publish_guide",
        about=("guide", guide.id),
        by=by,
        now=now,
        version=number,
        sha256=sha256,
        material=material,
    )
    return version


def _tell_readers(version: GuideVersion, note: str, now: datetime, by: Actor) -> None:
    rows = db.session.execute(_HAD_READ, {"guide": version.guide_id, "today": sessions.office_day(now, by.zone)})
    outbox.post(
        *(
            outbox.message(
                f"guide_changed:{version.id}:{trip_id}",
                to=person_id,
                template="guide_changed",
                about=("trip", trip_id),
                subject=f"Read again: {version.title}",
                now=now,
                guide=version.title,
                note=note,
                title=title,
                path=f"/trips/{trip_id}/guides/{version.guide_id}",
            )
            for trip_id, person_id, title in rows
        )
    )


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
    """Note that the traveller has read this version for this trip; gives whether that is new.

    `version_id` and `sha256` are those of the page that was shown. Raises NotAllowed for another's trip,
    NotOpen when the trip is cancelled or does not ask for the guide, Stale when the version shown is not the
    one in force, Incomplete when a point is not ticked or an answer is wrong.
    """
    if not may(by, Do.ACKNOWLEDGE, trip.person_id):
        raise NotAllowed("Only the traveller acknowledges guidance, for a trip of their own.")
    if trip.cancelled_at is not None:
        raise NotOpen("This trip was cancelled: nothing more is acknowledged for it.")
    version = db.session.get(GuideVersion, version_id)
    guide = db.session.get(Guide, version.guide_id) if version else None
    if version is None or guide is None or not asked_by(trip, guide):
        raise NotOpen("This trip does not ask for that guide.")
    if db.session.scalar(_CURRENT_ID, {"guide": guide.id}) != version.id or version.sha256 != sha256:
        raise Stale(CHANGED)
    if wrong := unread(version.content, ticked, answers):
        raise Incomplete(wrong)
    new = db.session.scalar(
        _ACKNOWLEDGE[db.engine.dialect.name],
        {
            "person_id": by.id,
            "trip_id": trip.id,
            "guide_version_id": version.id,
            "sha256": sha256,
            "language": "en",
            "at": now,
        },
    )
    if new is None:
        return False
    audit.record(
        "acknowledge",
        about=("trip", trip.id),
        by=by,
        now=now,
        guide=guide.id,
        version=version.number,
        sha256=sha256,
    )
    return True


def asked_by(trip: Trip, guide: Guide) -> bool:
    """Whether a trip may owe this guide: the general one always, a country's when a leg leads there."""
    if guide.scope is GuideScope.GENERAL:
        return True
    leads_there = {"engagement": trip.engagement_id, "country": guide.country_code}
    return db.session.scalar(_ANY_LEG_IN.limit(1), leads_there) is not None
