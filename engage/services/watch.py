"""The only place that notes which trips a changed fact touches, so that the next tick asks their verdicts again.

What is noted is a question, never an answer: whether a traveller is cleared is computed whenever it is asked.
"""

from datetime import date
from typing import Any

from sqlalchemy import Select, Table, bindparam, select, update

from engage.extensions import db
from engage.models.clearing import ReadinessWatch
from engage.models.engagements import Leg
from engage.models.trips import Trip

MOST_CAUSES = 20  # sentences kept of one trip until it is asked again

_W, _T, _L = ReadinessWatch.__table__.c, Trip.__table__.c, Leg.__table__.c
_TABLE: Table = ReadinessWatch.__table__  # type: ignore[assignment]
_AHEAD = select(_T.id).where(_T.cancelled_at.is_(None), _T.returns_on >= bindparam("today"))
_OF_ENGAGEMENT = select(_T.id).where(_T.engagement_id == bindparam("engagement"))
_OF_PERSON = _AHEAD.where(_T.person_id == bindparam("person"))
_TO_COUNTRY = _AHEAD.where(
    _T.engagement_id.in_(select(_L.engagement_id).where(_L.country_code == bindparam("country")))
)
_AGAIN = update(_TABLE).where(_W.trip_id == bindparam("trip")).values(ask_again=True, causes=bindparam("said"))


def trip(trip_id: int, cause: str) -> None:
    """A fact of this trip changed; `cause` is a sentence for its traveller."""
    _note(select(_T.id).where(_T.id == bindparam("trip")), cause, trip=trip_id)


def engagement(engagement_id: int, cause: str) -> None:
    """A fact of every trip of this engagement changed."""
    _note(_OF_ENGAGEMENT, cause, engagement=engagement_id)


def person(person_id: int, cause: str, *, today: date) -> None:
    """A fact of every trip of this person that is not over on the office's day changed."""
    _note(_OF_PERSON, cause, person=person_id, today=today)


def country(code: str, cause: str, *, today: date) -> None:
    """A fact of every trip that leads to this country, or through it, and is not over changed."""
    _note(_TO_COUNTRY, cause, country=code, today=today)


def everybody(cause: str, *, today: date) -> None:
    """A fact of every trip that is not over changed."""
    _note(_AHEAD, cause, today=today)


def _note(which: Select[Any], cause: str, **given: Any) -> None:
    """A trip that was never asked about is asked in any case, and needs no note. Two statements."""
    rows = db.session.execute(select(_W.trip_id, _W.causes).where(_W.trip_id.in_(which)).with_for_update(), given).all()
    if rows:
        said = [(row.trip_id, [*(known for known in row.causes if known != cause), cause]) for row in rows]
        db.session.execute(_AGAIN, [{"trip": id_, "said": causes[-MOST_CAUSES:]} for id_, causes in said])
