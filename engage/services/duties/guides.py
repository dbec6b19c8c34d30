"""The only place that knows which guides and which travel advisories are to be looked at again."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, exists, select

from engage.extensions import db
from engage.models.engagements import Leg
from engage.models.guidance import Guide, GuideCare, GuideVersion
from engage.models.places import Advisory, Country
from engage.models.trips import Trip
from engage.rules.policy import Role
from engage.services import guide_places
from engage.services.duties.declared import OpenDuty, Subjects, holding

_G, _V, _A, _C = Guide.__table__.c, GuideVersion.__table__.c, Advisory.__table__.c, Country.__table__.c
_K, _L, _T = GuideCare.__table__.c, Leg.__table__.c, Trip.__table__.c

_newer_version = GuideVersion.__table__.alias("newer_version")
_GUIDES = (
    select(_K.id, _K.part, _K.review_by, _K.owner_id, _V.title, _G.country_code, _G.partner_id, _G.forum_id)
    .join_from(GuideCare.__table__, Guide.__table__, _G.id == _K.guide_id)
    .join(GuideVersion.__table__, _V.guide_id == _G.id)
    .where(
        ~exists()
        .where(_newer_version.c.guide_id == _V.guide_id, _newer_version.c.number > _V.number)
        .correlate(GuideVersion.__table__)
    )
    .order_by(_K.review_by, _K.id)
)
_WANTED = (
    select(_T.id, _T.departs_on, _L.country_code, _C.name)
    .join_from(Trip.__table__, Leg.__table__, _L.engagement_id == _T.engagement_id)
    .join(Country.__table__, _C.code == _L.country_code)
    .where(
        _T.cancelled_at.is_(None),
        _C.foreign,
        ~exists().where(_G.country_code == _L.country_code).correlate(Leg.__table__),
    )
    .order_by(_T.departs_on, _T.id, _L.position)
)
_newer_advisory = Advisory.__table__.alias("newer_advisory")


def _advisories(today: date) -> object:
    """The newest advisory of each country to which somebody is still to leave."""
    return (
        select(_A.id, _A.country_code, _A.as_of, _A.level, _C.name)
        .join_from(Advisory.__table__, Country.__table__, _C.code == _A.country_code)
        .where(
            ~exists()
            .where(_newer_advisory.c.country_code == _A.country_code, _newer_advisory.c.as_of > _A.as_of)
            .correlate(Advisory.__table__),
            exists()
            .where(
                _L.country_code == _A.country_code,
                _L.arrives_on >= today,
                _T.engagement_id == _L.engagement_id,
                _T.cancelled_at.is_(None),
            )
            .correlate(Advisory.__table__),
        )
        .order_by(_A.as_of, _A.id)
    )


def _to_review(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """A section of a guide, or all of it, is its owner's to review; where it has none, every content owner's."""
    rows = db.session.execute(_GUIDES.where(which)).all()
    owners = holding(Role.CONTENT_OWNER, today) if any(row.owner_id is None for row in rows) else []
    for row in rows:
        what = f"“{row.part.replace('_', ' ')}” of the guide “{row.title}”" if row.part else f"the guide “{row.title}”"
        for id_ in [row.owner_id] if row.owner_id else owners:
            yield OpenDuty(
                "guide_review", "guide_care", row.id, id_, row.review_by, f"Review {what}",
                title=row.title, path=f"/guidance/{guide_places.code_of(row)}",
            )  # fmt: skip


def _to_write(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """A country that somebody is to travel to and that has no guide is every content owner's to write about."""
    rows = db.session.execute(_WANTED.where(which, _T.departs_on >= today)).all()
    owners = holding(Role.CONTENT_OWNER, today) if rows else []
    told: set[str] = set()
    for row in rows:
        if row.country_code in told:
            continue  # the first departure is the one that counts
        told.add(row.country_code)
        for id_ in owners:
            yield OpenDuty(
                "guide_wanted", "trip", row.id, id_, row.departs_on, f"Write the guide for {row.name}",
                title=row.name, path=f"/guidance/{row.country_code}/edit",
            )  # fmt: skip


def _to_check(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """An advisory on which a trip ahead rests is the secretariat's to look up again."""
    rows = db.session.execute(_advisories(today).where(which)).all()  # type: ignore[attr-defined]
    checkers = holding(Role.SECRETARIAT, today) if rows else []
    for row in rows:
        for id_ in checkers:
            yield OpenDuty(
                "advisory", "advisory", row.id, id_, row.as_of, f"Look up the travel advisory for {row.name} again",
                title=f"{row.name}, level {row.level}", path="/calendar",
            )  # fmt: skip


WRITE = Subjects(
    kind="guide_wanted", label="Countries travelled to without a guide", counted_from="Departure",
    anchor_name="trip.departs_on", anchor=_T.departs_on, by_day=True, about_kind="trip", about=_T.id,
    open=_to_write, changes={"trip": _T.id, "item": _T.engagement_id},
)  # fmt: skip
REVIEW = Subjects(
    kind="guide_review", label="Guides to be reviewed", counted_from="The day by which it is to be reviewed",
    anchor_name="guide_care.review_by", anchor=_K.review_by, by_day=True, about_kind="guide_care",
    about=_K.id, open=_to_review, changes={"guide": _K.guide_id},
)  # fmt: skip
ADVISORY = Subjects(
    kind="advisory", label="Travel advisories to be checked again", counted_from="The day the advisory was published",
    anchor_name="advisory.as_of", anchor=_A.as_of, by_day=True, about_kind="advisory", about=_A.id, open=_to_check,
)  # fmt: skip
