"""The only place that says what a trip still needs to be closed: computed on reading, with no column of its own."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import BindParameter, bindparam, func, select

from engage.extensions import db
from engage.models.away import EmergencyContact, Loan
from engage.models.engagements import Traveller
from engage.models.gifts import Gift
from engage.models.people import Person
from engage.models.reports import TripReport
from engage.models.returned import Claim, Itinerary
from engage.models.trips import Trip
from engage.reference.calendars import calendar_of
from engage.rules.gifts import Disposition
from engage.rules.reports import day_after
from engage.services import norms
from engage.services.report_facts import DUE, days_of

DIALS = {"deviation_days": 5, "claim_days": 5, "emergency_contact_days": 7, **DUE}

_T, _TR, _P, _R, _J, _K, _L, _G, _E = (
    t.__table__.c for t in (Trip, Traveller, Person, TripReport, Itinerary, Claim, Loan, Gift, EmergencyContact)
)
_mine: BindParameter[int] = bindparam("trip")
_FACTS = (
    select(
        _T.engagement_id, _T.person_id, _T.returns_on, _T.debriefed_on, _R.first_filed_at, _R.filed_at, _J.as_approved,
        _K.handed_in_on, _K.settled_on, _K.reference, _P.name.label("lead"), _P.id.label("lead_id"),
        select(func.count()).where(
            _L.trip_id == _T.id, _L.issued_at.is_not(None), _L.cancelled_at.is_(None), _L.inspected_at.is_(None)
        ).scalar_subquery().label("loans_out"),
        select(func.count()).where(_L.trip_id == _T.id, _L.inspected_at.is_not(None)).scalar_subquery()
        .label("loans_done"),
        select(func.count()).where(
            _G.recipient_id == _T.person_id, _G.engagement_id == _T.engagement_id
        ).scalar_subquery().label("gifts"),
        select(func.count()).where(
            _G.recipient_id == _T.person_id, _G.engagement_id == _T.engagement_id,
            _G.disposition == Disposition.RECEIVED, _G.due_on.is_not(None),
        ).scalar_subquery().label("gifts_held"),
        select(func.count()).where(_E.trip_id == _T.id).scalar_subquery().label("contacts"),
    )
    .select_from(
        Trip.__table__.outerjoin(TripReport.__table__, _R.engagement_id == _T.engagement_id)
        .outerjoin(Itinerary.__table__, _J.trip_id == _T.id)
        .outerjoin(Claim.__table__, _K.trip_id == _T.id)
        .outerjoin(Traveller.__table__, (_TR.engagement_id == _T.engagement_id) & _TR.is_lead)
        .outerjoin(Person.__table__, _P.id == _TR.person_id)
    )
    .where(_T.id == _mine)
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One thing after a trip. `needed` False: it does not keep the trip open. `due` None: no day is set."""

    label: str
    done: bool
    note: str
    url: str | None = None
    due: date | None = None
    needed: bool = True


@dataclass(frozen=True)
class Closing:
    """What a trip needs to be closed, in the order in which people do it."""

    steps: tuple[Step, ...]

    @property
    def closed(self) -> bool:
        """Whether nothing is missing."""
        return all(step.done for step in self.steps if step.needed)


def of(trip_id: int, today: date, *, debrief_asked: bool = False) -> Closing:
    """What is done and what is missing after a trip. Two statements.

    `debrief_asked`: its readiness rules asked for a talk, so one is wanted afterwards too.
    """
    row: Any = db.session.execute(_FACTS, {"trip": trip_id}).one()
    dials = norms.on(min(row.returns_on, today), DIALS)
    home = current_app.config["SETTINGS"].home_country
    calendar = calendar_of(home, row.returns_on, date(row.returns_on.year + 1, 12, 31))
    report_due, _ = days_of(row.returns_on, today, dials)
    own, group = f"/trips/{trip_id}", f"/engagements/{row.engagement_id}/report"
    lead = f"{row.lead} leads the group." if row.lead and row.lead_id != row.person_id else "You lead the group."
    purged_on = row.returns_on + timedelta(days=dials["emergency_contact_days"])
    return Closing((
        Step("The group's report", row.first_filed_at is not None,
             "Filed." if row.filed_at else "Taken back, to be filed again." if row.first_filed_at
             else f"One for all who went. {lead}", group, report_due),
        Step("How the journey was", row.as_approved is not None,
             "As approved." if row.as_approved else "It was another than approved; written down." if
             row.as_approved is False else "As approved, or what was different and why.", f"{own}/itinerary",
             day_after(row.returns_on, dials["deviation_days"], calendar)),
        Step("Travel claim", row.handed_in_on is not None,
             f"Handed in, reference {row.reference}{'; settled' if row.settled_on else ''}." if row.handed_in_on
             else "Hand it in in the finance system; its day and reference belong here.", f"{own}/claim",
             day_after(row.returns_on, dials["claim_days"], calendar)),
        Step("Security debrief", row.debriefed_on is not None,
             "Done." if row.debriefed_on else "Only that it was done is recorded, by security or the secretariat.",
             needed=debrief_asked),
        Step("Loaner devices", not row.loans_out,
             f"{row.loans_out} to be returned or inspected." if row.loans_out
             else "Returned and inspected." if row.loans_done else "None was issued.", f"{own}/away"),
        Step("Gifts", not row.gifts_held,
             f"{row.gifts_held} above the minimal value to be handed in." if row.gifts_held
             else f"{row.gifts} logged." if row.gifts
             else "None is logged. Log what you were given, whatever it is worth.",
             f"/gifts/new?of={row.engagement_id}" if not row.gifts else "/gifts"),
        Step("Emergency contact", not row.contacts,
             f"Deleted by itself on {purged_on.day} {purged_on:%B %Y}." if row.contacts else "None is kept.",
             needed=False),
    ))  # fmt: skip
