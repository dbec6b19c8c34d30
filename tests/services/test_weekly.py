"""Who leads hears every Monday what lies ahead, as far as they may see it."""

from datetime import UTC, datetime, timedelta

import factories as make
from factories import NOON, TODAY
from sqlalchemy import select

from engage.documents import letters
from engage.models.outbox import OutboxMessage
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import weekly
from engage.services.transaction import transaction

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)  # seven o'clock in New York


def post(now):
    with transaction():
        return weekly.post(now)


def said(store):
    """The lines of each look-ahead, by its reader."""
    rows = store.execute(
        select(OutboxMessage.person_id, OutboxMessage.facts)
        .where(OutboxMessage.template == weekly.TEMPLATE).order_by(OutboxMessage.id)
    ).all()  # fmt: skip
    store.rollback()
    return [(row.person_id, row.facts["lines"]) for row in rows]


def test_it_names_what_begins_within_four_weeks_and_is_decided_or_being_decided(store):
    with transaction():
        lea = make.person(Role.LEADERSHIP, home_zone="America/New_York")
        make.person(Role.SECRETARIAT)
        two = [make.person(), make.person()]
        make.engagement(State.APPROVED, title="Near", starts=TODAY + 3 * DAY, days=2, travellers=two)
        make.engagement(State.SUBMITTED, title="Asked", starts=TODAY + 27 * DAY, days=1)
        for state, title, begins in (
            (State.DRAFT, "Draft", 4), (State.WITHDRAWN, "Withdrawn", 5), (State.APPROVED, "Past", -3),
            (State.APPROVED, "Far", 40),
        ):  # fmt: skip
            make.engagement(state, title=title, starts=TODAY + begins * DAY)

    assert post(MONDAY - timedelta(minutes=1)) == 1  # last Monday's was missed: late, once
    assert post(MONDAY) == 1
    assert post(MONDAY + DAY) == 0
    near = "5 Mar to 7 Mar: Near, Estonia (approved, 2 travellers)"
    asked = "29 Mar to 30 Mar: Asked, Estonia (submitted)"
    assert said(store) == [(lea.id, [near, asked])] * 2

    facts = store.scalars(select(OutboxMessage.facts)).first()
    text = letters.text(weekly.TEMPLATE, facts, person_name="Lea", leads_to=facts["path"])
    assert f"- {near}\n- {asked}" in text
    assert facts["path"] == f"/register?from={TODAY}&until={TODAY + 4 * WEEK}"


def test_who_may_see_nothing_of_it_hears_that(store):
    with transaction():
        make.person(Role.LEADERSHIP, home_zone="America/New_York")

    assert post(NOON) == 1

    ((_, lines),) = said(store)
    assert lines == []
    facts = store.scalars(select(OutboxMessage.facts)).first()
    text = letters.text(weekly.TEMPLATE, facts, person_name="Lea", leads_to="")
    assert "Nothing that you may see lies ahead in the next 4 weeks." in text
