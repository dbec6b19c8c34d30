"""The only writer of Guide and GuideVersion: what is published stays for ever."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.guidance import Acknowledgement, Guide, GuideScope, GuideVersion
from engage.models.trips import Trip
from engage.rules.canonical import canonical_json, digest
from engage.rules.guide_changes import Mark, changed, is_material, unmarked
from engage.rules.guide_text import faults
from engage.rules.policy import PROGRAM, Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.search_words import Kind
from engage.services import audit, outbox, search_index, sessions, watch
from engage.services.guide_places import place_of

_V = GuideVersion.__table__.c
_BEGIN = {
    name: insert(cast(Table, Guide.__table__)).on_conflict_do_nothing().returning(Guide.__table__.c.id)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_CURRENT = select(GuideVersion).where(_V.guide_id == bindparam("guide")).order_by(_V.number.desc()).limit(1)
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
    material: bool = True,
    marks: Mapping[str, Mark] | None = None,
    note: str,
    by: Actor,
    now: datetime,
) -> GuideVersion:
    """Publish a new version; a material one must be acknowledged anew, and its readers are told so.

    `based_on` is the id of the version whose text was edited. `marks` say of each changed part what it asks, and
    then decide whether the version is `material`; without them a material one asks for the whole guide.
    Raises NotAllowed; Stale when another version was published since; Incomplete when the text is not sound,
    nothing changed, a changed part is not marked or nobody says what changed.
    """
    if not may(by, Do.PUBLISH_GUIDE):
        raise NotAllowed("Only content owners publish guides.")
    return publish_approved(
        guide_id, title, content, based_on=based_on, material=material, marks=marks, note=note, by=by, now=now
    )


def publish_approved(
    guide_id: int, title: str, content: Mapping[str, Any], *, based_on: int, material: bool,
    marks: Mapping[str, Mark] | None, note: str, by: Actor, now: datetime,
) -> GuideVersion:  # fmt: skip
    """Publish for whoever closed the vote that approved it; otherwise as `publish`, and by the same rules."""
    newest, material, marks = sound(
        guide_id, title, content, based_on=based_on, material=material, marks=marks, note=note
    )
    version = _add(
        db.session.get_one(Guide, guide_id), newest.number + 1, title, content, sha256_of(title, content),
        starter=False, material=material, marks=marks, note=note, by=by, now=now,
        reviewed_on=sessions.office_day(now, by.zone),
    )  # fmt: skip
    if material:
        _tell_readers(version, note, now, by)
    return version


def sound(
    guide_id: int, title: str, content: Mapping[str, Any], *, based_on: int, material: bool,
    marks: Mapping[str, Mark] | None, note: str,
) -> tuple[GuideVersion, bool, Mapping[str, Mark] | None]:  # fmt: skip
    """The version that a new text follows, held; whether the text is material; and the marks of what changed.

    Raises Stale when another version was published since; Incomplete when the text is not sound, nothing changed,
    a changed part is not marked or nobody says what changed.
    """
    guide = db.session.scalar(select(Guide).where(Guide.id == guide_id).with_for_update())
    newest = current(guide_id)
    if guide is None or newest is None or newest.id != based_on:
        raise Stale("Somebody else has published this guide since you opened it.")
    wrong = faults(content)
    if not title:
        wrong["title"] = "Give the guide a title."
    if sha256_of(title, content) == newest.sha256:
        wrong["note"] = "Nothing differs from the version in force."
    elif not note:
        wrong["note"] = "Say what changed, for those who read the guide before."
    if marks is not None:
        parts = changed(newest.content, content)
        wrong |= unmarked(parts, marks)
        marks = {part: marks[part] for part in parts if part in marks}
        material = is_material(marks)
    if wrong:
        raise Incomplete(wrong)
    return newest, material, marks


def begin(code: str, title: str, content: Mapping[str, Any], *, by: Actor, now: datetime) -> GuideVersion:
    """Publish the first version of a guide for the place with this code: a country, "partner-7" or "forum-7".

    Raises NotAllowed; NotOpen for a place nobody knows; Stale when somebody began it meanwhile; Incomplete.
    """
    if not may(by, Do.PUBLISH_GUIDE):
        raise NotAllowed("Only content owners publish guides.")
    place = place_of(code)
    if place is None:
        raise NotOpen("A guide is about a country, a partner or a forum that is on the register.")
    wrong = faults(content) | ({} if title else {"title": "Give the guide a title."})
    if wrong:
        raise Incomplete(wrong)
    guide_id = db.session.scalar(
        _BEGIN[db.engine.dialect.name], {"country_code": None, "partner_id": None, "forum_id": None, **place.columns}
    )
    if guide_id is None:
        raise Stale("Somebody else has begun this guide since you opened it.")
    guide = db.session.get_one(Guide, guide_id)
    return _add(
        guide, 1, title, content, sha256_of(title, content), starter=False, material=True, note="First version",
        reviewed_on=sessions.office_day(now, by.zone), by=by, now=now,
    )  # fmt: skip


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
    marks: Mapping[str, Mark] | None = None,
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
        marks=dict(marks or {}),
        starter=starter,
        reviewed_on=reviewed_on,
        published_at=now,
        published_by_id=by.id,
        change_note=note,
    )
    db.session.add(version)
    db.session.flush()
    search_index.note(Kind.GUIDE, [guide.id])
    if material:
        _ask_again(guide, version, sessions.office_day(now, by.zone))
    audit.record(
        "publish_guide",
        about=("guide", guide.id),
        by=by,
        now=now,
        version=number,
        sha256=sha256,
        material=material,
        marks=dict(marks or {}),
    )
    return version


def _ask_again(guide: Guide, version: GuideVersion, today: date) -> None:
    """The trips this version is read for are asked about again: to its country, or all where it is of no country."""
    cause = f"{version.title} was published anew, version {version.number}."
    if guide.country_code:
        watch.country(guide.country_code, cause, today=today)
    else:
        watch.everybody(cause, today=today)


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
