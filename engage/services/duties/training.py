"""The only place that knows which training is to be renewed, and which completions are to be verified."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, exists, or_, select

from engage.extensions import db
from engage.models.people import Person
from engage.models.training import Completion, Course, course_satisfies
from engage.rules.policy import Actor, Do, Role, may
from engage.services.duties.declared import OpenDuty, Subjects, holding

_D, _O, _P = Completion.__table__.c, Course.__table__.c, Person.__table__.c

# Training that lapses, unless a later completion of the course, or of one that stands for it, is verified.
_later, _stands = Completion.__table__.alias("later"), course_satisfies.alias("stands")
_standing_for = (
    select(_stands.c.course_id).where(_stands.c.satisfies_id == _D.course_id).correlate(Completion.__table__)
)
_LAPSING = (
    select(_D.id, _D.person_id, _D.valid_until, _O.name)
    .join_from(Completion.__table__, Course.__table__, _O.id == _D.course_id)
    .where(
        _D.verified_at.is_not(None),
        ~exists()
        .where(
            _later.c.person_id == _D.person_id,
            _later.c.verified_at.is_not(None),
            or_(_later.c.valid_until.is_(None), _later.c.valid_until > _D.valid_until),
            or_(
                _later.c.course_id == _D.course_id,
                _later.c.course_id.in_(_standing_for),
            ),
        )
        .correlate(Completion.__table__),
    )
    .order_by(_D.valid_until, _D.id)
)
_UNVERIFIED = (
    select(_D.id, _D.person_id, _D.recorded_at, _O.name, _P.name.label("who"))
    .join_from(Completion.__table__, Course.__table__, _O.id == _D.course_id)
    .join(Person.__table__, _P.id == _D.person_id)
    .where(_D.verified_at.is_(None), _D.declined_at.is_(None))
    .order_by(_D.recorded_at, _D.id)
)


def _to_renew(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """Training that lapses is its holder's to renew."""
    for row in db.session.execute(_LAPSING.where(which)):
        yield OpenDuty(
            "renew", "completion", row.id, row.person_id, row.valid_until, f"Renew your training: {row.name}",
            title=row.name, path="/training",
        )  # fmt: skip


def _to_verify(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
    """A completion that somebody claims waits for every training owner but themselves."""
    rows = db.session.execute(_UNVERIFIED.where(which)).all()
    owners = holding(Role.TRAINING_OWNER, today) if rows else []
    for row in rows:
        for id_ in owners:
            if may(Actor(id=id_, roles=frozenset({Role.TRAINING_OWNER})), Do.VERIFY_COMPLETION, row.person_id):
                yield OpenDuty(
                    "verify", "completion", row.id, id_, row.recorded_at, f"Verify {row.name} of {row.who}",
                    title=f"{row.name}, {row.who}", path="/training",
                )  # fmt: skip


RENEW = Subjects(
    kind="renew", label="Training that lapses", counted_from="The last day of the training",
    anchor_name="completion.valid_until", anchor=_D.valid_until, by_day=True, about_kind="completion", about=_D.id,
    open=_to_renew, changes={"completion": _D.id},
)  # fmt: skip
VERIFY = Subjects(
    kind="verify", label="Training that waits to be verified", counted_from="The day it was recorded",
    anchor_name="completion.recorded_at", anchor=_D.recorded_at, by_day=False, about_kind="completion", about=_D.id,
    open=_to_verify, changes={"completion": _D.id},
)  # fmt: skip
