"""Who leads hears every Monday what lies ahead, as far as they may see it."""

import re
from datetime import UTC, datetime, timedelta

import factories as make
from factories import NOON, TODAY
from sqlalchemy import select

from engage.documents import letters
from engage.models.outbox import OutboxMessage
from engage.rules.marking import Marking
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import outlook, weekly
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


def test_it_draws_the_weeks_and_says_how_the_quarter_goes(store):
    with transaction():
        make.person(Role.LEADERSHIP, home_zone="America/New_York")
        for days in (2, 3, 9):
            make.engagement(State.APPROVED, starts=TODAY + days * DAY, days=1)
        make.engagement(State.SUBMITTED, starts=TODAY + 9 * DAY, days=1)
        make.engagement(State.APPROVED, starts=TODAY + 9 * DAY, days=1, marking=Marking.RED)
    assert post(NOON) == 1
    facts = store.scalars(select(OutboxMessage.facts)).first()
    assert facts["chart"][:3] == [
        "2 Mar: ■■ 2 approved, 0 being decided", "9 Mar: ■□ 1 approved, 1 being decided", "16 Mar:  none",
    ]  # fmt: skip
    assert facts["sums"] == [f"Within {days} days: 3 approved, 1 being decided" for days in (30, 60, 90)]
    assert facts["quarter"] == "2026-Q1"
    assert "Decided: 3 approved, 0 disapproved" in facts["measures"]

    text = letters.text(weekly.TEMPLATE, facts, person_name="Lea", leads_to=facts["path"])
    assert "9 Mar: ■□ 1 approved, 1 being decided\n" in text
    page = letters.html(text, title="Ahead")
    drawn = re.search(r'<tr><th scope="row" align="left">9 Mar</th><td>(.*?)</td><td>1 approved, 1 being', page)
    assert drawn is not None
    cells = re.findall(r'width="(\d+)" height="12" bgcolor="(#\w+)"', drawn[1])
    assert cells == [("14", "#005ea2"), ("14", "#97d4ea")]
    assert '<th scope="row" align="left">16 Mar</th><td></td><td>none</td>' in page
    assert "<li>Within 30 days: 3 approved, 1 being decided</li>" in page


def test_many_in_a_week_share_a_square_and_lines_that_draw_nothing_stay_a_paragraph():
    week = outlook.Week(TODAY, TODAY, outlook.Ahead(agreed=90, deciding=11))
    found = outlook.Outlook({}, dict.fromkeys(outlook.HORIZONS, week.ahead), (week,))
    (line,) = weekly._drawn(found)["chart"]
    assert (line.count("■"), line.count("□")) == (15, 2)
    assert letters.html("Where: Tallinn\nWhen: today", title="").count("<table") == 0
