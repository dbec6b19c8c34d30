"""The part of the story about coming home: a report with its outcomes, promises kept and late, a gift, a draft."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.engagements import Engagement, Leg, Traveller, engagement_objective, engagement_partner
from engage.models.trips import Trip
from engage.rules.commitments import Side
from engage.rules.gifts import Disposition, GiftKind
from engage.rules.outcomes import Outcome, OutcomeKind
from engage.rules.policy import Actor
from engage.rules.reports import LessonKind
from engage.seed.demonstration.stage import Stage
from engage.services import commitments, gifts, outcomes, report_facts, report_parts, reports, returned, visibility
from engage.services.commitments import Promise

Scene = tuple[datetime, Callable[[datetime], Any]]
GROUP, ALONE = "traveller-07", "traveller"  # who was away with others, and alone
READOUT = (
    "Two scenarios ran at once, and our newer teams held their own. The host gave us its logs of both, "
    "which show where the exchange of indicators stalls between time zones."
)
DRAFT = "The working group took our two drafts. A second reading is due in the autumn."


def scenes(stage: Stage) -> Iterator[Scene]:
    """The group's report and what goes with it, then the draft of somebody who came home later."""
    yield stage.moment(42, 3), partial(_journeys, stage)
    yield stage.moment(41, 3), partial(_gift, stage)
    yield stage.moment(40, 4), partial(_report, stage)
    yield stage.moment(30, 9), partial(_handed_in, stage)
    yield stage.moment(18, 9), partial(_kept, stage)
    yield stage.moment(6, 4), partial(_draft, stage)


def _trips(stage: Stage, name: str) -> list[Trip]:
    """The trips of the group with which somebody came home last."""
    own = select(Trip.engagement_id).where(
        Trip.person_id == stage.people[name], Trip.returns_on < stage.today, Trip.cancelled_at.is_(None)
    )
    last = db.session.scalars(own.order_by(Trip.returns_on.desc()).limit(1)).first()
    return list(db.session.scalars(select(Trip).where(Trip.engagement_id == last).order_by(Trip.id)))


def _known(stage: Stage, name: str) -> tuple[Engagement, str, int, int | None]:
    """The engagement of a group, its country, its objective and its first partner."""
    engagement = db.session.get_one(Engagement, _trips(stage, name)[0].engagement_id)

    def first(statement: Any) -> Any:
        return db.session.scalars(statement.limit(1)).first()

    country = first(select(Leg.country_code).where(Leg.engagement_id == engagement.id).order_by(Leg.position))
    objective = first(
        select(engagement_objective.c.objective_id).where(engagement_objective.c.engagement_id == engagement.id)
    )
    partner = first(
        select(engagement_partner.c.partner_id)
        .where(engagement_partner.c.engagement_id == engagement.id)
        .order_by(engagement_partner.c.partner_id)
    )
    return engagement, country or "EE", objective or 1, partner


def _by(stage: Stage, person_id: int, now: datetime) -> Actor:
    name = next(name for name, number in stage.people.items() if number == person_id)
    return stage.actor(name, now)


def _journeys(stage: Stage, now: datetime) -> None:
    """Two went as approved, one had to stay a day longer; each hands in a claim."""
    for place, trip in enumerate(_trips(stage, GROUP)):
        by, today = _by(stage, trip.person_id, now), now.date()
        stays = [
            returned.Stay(leg.country_code, leg.city, leg.arrives_on, leg.departs_on)
            for leg in db.session.scalars(
                select(Leg).where(Leg.engagement_id == trip.engagement_id).order_by(Leg.position)
            )
        ]
        changed = [*stays[:-1], returned.Stay(
            stays[-1].country_code, stays[-1].city, stays[-1].arrives_on, trip.returns_on + timedelta(days=1)
        )]  # fmt: skip
        returned.state_journey(
            trip, as_approved=place != 1, stays=changed,
            why="The flight home was cancelled; the next left a day later.", by=by, now=now, today=today,
        )  # fmt: skip
        returned.hand_in(
            trip, reference=f"TV-{1040 + place}", handed_in_on=today, by=by, now=now, today=today
        )


def _gift(stage: Stage, now: datetime) -> None:
    """The lead was given something that is not theirs to keep."""
    engagement, country, _, _ = _known(stage, GROUP)
    trip = next(t for t in _trips(stage, GROUP) if t.person_id == stage.people[GROUP])
    said = gifts.Given(
        kind=GiftKind.OBJECT, description="A model of a sailing ship in a case, silver, about 30 cm long.",
        circumstances="Handed over before all teams at the closing dinner; to refuse would have given offence.",
        donor_name="The host's director general", donor_position="Director general of the national authority",
        donor_country=country, position="Exercise planner", received_on=trip.returns_on, amount=Decimal("2400.00"),
        currency="AED", rate=Decimal("0.2723"), rate_source="Treasury reporting rates of the quarter",
        engagement_id=engagement.id,
    )  # fmt: skip
    gifts.record(said, by=stage.actor(GROUP, now), now=now, today=now.date())


def _report(stage: Stage, now: datetime) -> None:
    engagement, country, objective, partner = _known(stage, GROUP)
    lead = db.session.scalars(
        select(Traveller.person_id).where(Traveller.engagement_id == engagement.id, Traveller.is_lead)
    ).one()
    by, today = _by(stage, lead or 0, now), now.date()
    for said in (
        Outcome(OutcomeKind.EXERCISE, "Two scenarios were run with eleven teams.", objective, nations=11, people=90,
                partner_id=partner, country_code=country, evidence="The host's report of the exercise"),
        Outcome(OutcomeKind.TACTICS, "Analysts compared how each team hunts in logs of the cloud.", objective, number=2,
                partner_id=partner, country_code=country),
    ):  # fmt: skip
        outcomes.record(engagement, said, by=by, now=now)
    report_parts.put(
        "met", engagement, {"name": "The exercise director", "function": "Head of exercises", "organisation":
                            "The national authority", "partner_id": None}, by=by, now=now, today=today,
    )  # fmt: skip
    report_parts.put(
        "lessons", engagement, {
            "kind": LessonKind.LOGISTICS, "country_code": country, "partner_id": partner,
            "text": "Badges are made from the list sent ten days ahead; who is not on it waits an hour at the gate.",
        }, by=by, now=now, today=today,
    )  # fmt: skip
    facts = report_facts.of(engagement, today)
    for cost in facts.expected:
        given = {"payer": cost["funder"], "what": cost["what"], "in_kind": True, "amount": cost["amount"],
                 "received_on": engagement.ends_on}  # fmt: skip
        report_parts.put("payments", engagement, given, by=by, now=now, today=today)
    subject = visibility.subject(engagement.id)
    assert subject is not None  # noqa: S101  it was approved long before
    for promise in (
        Promise(Side.OURS, "Send the teams our list of indicators with comments.", today + timedelta(days=25), lead,
                partner, "" if partner else "The national authority"),
        Promise(Side.THEIRS, "Name one contact for each time zone.", today + timedelta(days=28), lead,
                partner, "" if partner else "The national authority"),
    ):  # fmt: skip
        commitments.make(engagement, subject, promise, by=by, now=now, today=today)
    next_time = "Send one planner to the next planning meeting."
    written = {"readout": READOUT, "recommendations": next_time, "no_outcome": ""}
    reports.write(engagement, written, version=0, by=by, now=now)
    reports.file(engagement, by=by, now=now, today=today)


def _handed_in(stage: Stage, now: datetime) -> None:
    (gift,) = gifts.listed("mine", stage.people[GROUP])[0]
    found = gifts.find(gift.id, by=stage.actor(GROUP, now))
    assert found is not None  # noqa: S101  its recipient logged it
    gifts.dispose(found, Disposition.DEPOSITED, on_day=now.date(), note="Locked cabinet of the secretariat.",
                  by=stage.actor("secretariat", now), now=now, today=now.date())  # fmt: skip


def _kept(stage: Stage, now: datetime) -> None:
    """Ours is kept; theirs is late by now."""
    engagement, _, _, _ = _known(stage, GROUP)
    ours = next(one for one in report_facts.of(engagement, now.date()).promises if one.side is Side.OURS)
    found = commitments.find(ours.id)
    assert found is not None  # noqa: S101  it was promised with the report
    by, sent = _by(stage, ours.owner_id, now), "Sent, and acknowledged by the exercise director."
    commitments.keep(found, sent, on=None, by=by, now=now, today=now.date())


def _draft(stage: Stage, now: datetime) -> None:
    """Somebody who came home alone has begun to write."""
    engagement, _, objective, _ = _known(stage, ALONE)
    by = stage.actor(ALONE, now)
    taken = Outcome(OutcomeKind.GUIDELINE, "Two drafts were taken into the work.", objective, number=2)
    outcomes.record(engagement, taken, by=by, now=now)
    written = {"readout": DRAFT, "recommendations": "", "no_outcome": ""}
    reports.write(engagement, written, version=0, by=by, now=now)
