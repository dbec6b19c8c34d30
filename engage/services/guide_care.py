"""The only writer of GuideCare: who looks after a guide or one of its sections, and by when it is reviewed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.guidance import GuideCare
from engage.rules.guide_text import SECTIONS
from engage.rules.policy import Actor, Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import audit, duties, sessions

WHOLE = ""  # the part that stands for the guide as a whole
LONGEST_YEARS = 5

_C = GuideCare.__table__.c
_OF = select(GuideCare).where(_C.guide_id == bindparam("guide")).order_by(_C.id)


@dataclass(frozen=True)
class Care:
    """Who looks after one part (None: whoever looks after the guide) and the day by which it is reviewed."""

    part: str
    owner_id: int | None
    review_by: date | None


def of(guide_id: int) -> Mapping[str, Care]:
    """Who looks after each part of a guide that has somebody or a day of its own."""
    rows = db.session.scalars(_OF, {"guide": guide_id})
    return {row.part: Care(row.part, row.owner_id, row.review_by) for row in rows}


def set_care(guide_id: int, cares: Iterable[Care], *, by: Actor, now: datetime) -> None:
    """Say who looks after these parts; one with neither owner nor day is looked after with the guide.

    Raises NotAllowed, or Incomplete at "owner_PART" and "review_by_PART".
    """
    if not may(by, Do.PUBLISH_GUIDE):
        raise NotAllowed("Only content owners say who looks after a guide.")
    today = sessions.office_day(now, by.zone)
    owners = set(duties.holding(Role.CONTENT_OWNER, today))
    known = {row.part: row for row in db.session.scalars(_OF, {"guide": guide_id})}
    wrong: dict[str, str] = {}
    changes = {}
    for care in cares:
        was = known.get(care.part)
        if (was.owner_id, was.review_by) == (care.owner_id, care.review_by) if was else not _says(care):
            continue
        if care.part not in {WHOLE, *SECTIONS}:
            raise ValueError(f"a guide has no part called {care.part!r}")
        if care.owner_id is not None and care.owner_id not in owners:
            wrong[f"owner_{care.part}"] = "Choose somebody who is a content owner today."
        if care.review_by and care.review_by < today:
            wrong[f"review_by_{care.part}"] = "This day is past. Name today or a later day."
        elif care.review_by and care.review_by.year > today.year + LONGEST_YEARS:
            wrong[f"review_by_{care.part}"] = f"Name a day within {LONGEST_YEARS} years."
        changes[care.part] = care
    if wrong:
        raise Incomplete(wrong)
    for part, care in changes.items():
        row = known.get(part)
        if row is None:
            row = GuideCare(guide_id=guide_id, part=part)
            db.session.add(row)
        row.owner_id, row.review_by = care.owner_id, care.review_by
    if changes:
        db.session.flush()
        audit.record(
            "look_after_guide", about=("guide", guide_id), by=by, now=now,
            cares=[[care.part, care.owner_id, care.review_by] for care in changes.values()],
        )  # fmt: skip


def _says(care: Care) -> bool:
    return care.owner_id is not None or care.review_by is not None
