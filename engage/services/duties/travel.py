"""The only place that knows what travellers have yet to do before they leave, and who keeps a condition."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import date

from sqlalchemy import ColumnElement, select

from engage.extensions import db
from engage.models.board import Condition
from engage.models.engagements import Item, Leg
from engage.models.trips import Trip
from engage.rules.requirements import Kind
from engage.rules.workflow import APPROVED
from engage.services import readiness
from engage.services.duties.declared import OpenDuty, Subjects

_I, _T, _L, _K = Item.__table__.c, Trip.__table__.c, Leg.__table__.c, Condition.__table__.c

_TRIPS = (
    select(_T.id, _T.person_id, _T.departs_on, _I.title)
    .join_from(Trip.__table__, Item.__table__, _I.id == _T.engagement_id)
    .where(_T.cancelled_at.is_(None), _I.state.in_(sorted(APPROVED)))
    .order_by(_T.departs_on, _T.id)
)
_CONDITIONS = (
    select(_K.id, _K.item_id, _K.text, _K.due_on, _K.owner_id, _I.title, _I.starts_on)
    .join_from(Condition.__table__, Item.__table__, _I.id == _K.item_id)
    .where(_K.met_at.is_(None), _K.given_at.is_(None), _K.waived_at.is_(None), _I.state.in_(sorted(APPROVED)))
    .order_by(_K.due_on, _K.id)
)
_BATCH = 1_000


def _hosts(trip_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The countries of each trip."""
    found: dict[int, dict[str, None]] = defaultdict(dict)
    ids = sorted(trip_ids)
    for start in range(0, len(ids), _BATCH):
        for row in db.session.execute(
            select(_T.id, _L.country_code)
            .join_from(Trip.__table__, Leg.__table__, _L.engagement_id == _T.engagement_id)
            .where(_T.id.in_(ids[start : start + _BATCH]))
            .order_by(_T.id, _L.position)
        ):
            found[row.id][row.country_code] = None
    return {id_: tuple(codes) for id_, codes in found.items()}


def _before_departure(kind: str, what: str, of: frozenset[Kind]) -> Callable[..., Iterator[OpenDuty]]:
    """The trips for which something of these kinds is missing; the verdict is asked, never stored."""

    def to_do(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
        rows = db.session.execute(_TRIPS.where(which, _T.departs_on >= today)).all()
        hosts = _hosts([row.id for row in rows])
        for start in range(0, len(rows), _BATCH):
            some = rows[start : start + _BATCH]
            verdicts = readiness.verdicts([row.id for row in some], today)
            for row in some:
                missing = [f"{item.why} {item.action}".strip() for item in verdicts[row.id].missing
                           if item.requirement.kind in of]  # fmt: skip
                if missing:
                    yield OpenDuty(
                        kind, "trip", row.id, row.person_id, row.departs_on, what.replace("{}", row.title),
                        hosts.get(row.id, ()), title=row.title, path=f"/trips/{row.id}", missing=tuple(missing),
                    )  # fmt: skip

    return to_do


def _to_keep(kind: str) -> Callable[..., Iterator[OpenDuty]]:
    """A condition of the board waits for its owner until they have given evidence, or it is waived."""

    def to_do(which: ColumnElement[bool], today: date) -> Iterator[OpenDuty]:
        by_day = kind == "condition"
        kept = _CONDITIONS.where(which, _K.due_on.is_not(None) if by_day else _K.due_on.is_(None))
        for row in db.session.execute(kept):
            if anchor := row.due_on if by_day else row.starts_on:
                yield OpenDuty(
                    kind, "condition", row.id, row.owner_id, anchor, f"Meet a condition of “{row.title}”",
                    title=row.title, path=f"/conditions/{row.id}", missing=(row.text,),
                )  # fmt: skip

    return to_do


def _trip(kind: str, label: str, what: str, *of: Kind) -> Subjects:
    return Subjects(
        kind=kind, label=label, counted_from="Departure", anchor_name="trip.departs_on", anchor=_T.departs_on,
        by_day=True, about_kind="trip", about=_T.id, open=_before_departure(kind, what, frozenset(of)),
        changes={"trip": _T.id, "item": _T.engagement_id}, moves=True,
    )  # fmt: skip


PREPARE = _trip("prepare", "Trips for which anything is missing", "Get ready for “{}”", *Kind)
GUIDANCE = _trip("guidance", "Guidance not yet acknowledged", "Read the guidance for “{}”", Kind.GUIDANCE)
CLEARANCE = _trip("clearance", "Clearances not yet recorded", "Get the clearances for “{}”", Kind.CLEARANCE)
CONDITION = Subjects(
    kind="condition", label="Conditions due on a day", counted_from="The day the condition is due",
    anchor_name="condition.due_on", anchor=_K.due_on, by_day=True, about_kind="condition", about=_K.id,
    open=_to_keep("condition"), changes={"item": _K.item_id, "condition": _K.id},
)  # fmt: skip
BEFORE_START = Subjects(
    kind="condition_before", label="Conditions due before departure", counted_from="The first day of the engagement",
    anchor_name="item.starts_on", anchor=_I.starts_on, by_day=True, about_kind="condition", about=_K.id,
    open=_to_keep("condition_before"), changes={"item": _K.item_id, "condition": _K.id}, moves=True,
)  # fmt: skip
