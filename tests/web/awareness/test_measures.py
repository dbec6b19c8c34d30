"""The quarter's measures count what happened and what its reader may see, and leave as the same tables."""

import csv
import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import factories as make
import pytest
from factories import NOON, TODAY
from openpyxl import load_workbook
from sqlalchemy import select, update

from engage.extensions import db
from engage.models.engagements import CostLine, StateSpan
from engage.models.partners import Partner
from engage.models.people import Person
from engage.rules.policy import Role
from engage.rules.quarters import Quarter, at_share, quarter_of, read
from engage.rules.standing import Standing
from engage.rules.workflow import State
from engage.services import quarter_flow
from engage.services.transaction import transaction
from engage.web.awareness import measure_queries as queries

DAY = timedelta(days=1)
Q1 = Quarter(2026, 1)
OFFICE = "America/New_York"


@pytest.fixture
def leader(store):
    with transaction():
        return make.person(Role.LEADERSHIP)


@pytest.mark.parametrize(
    ("day", "name", "first", "last"),
    [
        (date(2026, 1, 1), "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        (date(2024, 2, 29), "2024-Q1", date(2024, 1, 1), date(2024, 3, 31)),
        (date(2026, 6, 30), "2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
        (date(2026, 12, 31), "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_its_quarter(day, name, first, last):
    quarter = quarter_of(day)
    assert (quarter.name, quarter.first, quarter.last) == (name, first, last)
    assert read(name) == quarter
    assert quarter.after.before == quarter == quarter.before.after


@pytest.mark.parametrize("text", ["2026-Q5", "2026-Q0", "9999-Q1", "1999-Q1", "2026", "٢٠٢٦-Q1", ""])
def test_what_is_no_quarter_is_none(text):
    assert read(text) is None


def test_shares_by_nearest_rank():
    assert [at_share([4, 1, 3, 2], share) for share in (0.25, 0.5, 0.9, 1)] == [1, 2, 4, 4]
    assert at_share([], 0.5) == 0.0
    assert at_share([7], 0.5) == 7


def test_what_came_in_and_went_out(store, leader):
    with transaction():
        make.engagement(State.SUBMITTED, late_reason="The host asked late.")
        make.engagement(State.APPROVED)
        make.engagement(State.DISAPPROVED)
        make.engagement(State.WITHDRAWN)
        make.engagement(State.RETURNED)
        make.engagement(State.DRAFT)
    found = quarter_flow.flow(make.actor(leader), Q1, OFFICE)
    assert (found.late, found.returned, found.approved, found.disapproved, found.called_off) == (1, 1, 1, 1, 1)
    assert quarter_flow.flow(make.actor(leader), Q1.after, OFFICE) == quarter_flow.Flow(0, 0, 0, 0, 0, 0)
    someone = make.actor(db.session.get_one(Person, make_person(store)))
    assert quarter_flow.flow(someone, Q1, OFFICE).approved == 1
    assert quarter_flow.flow(someone, Q1, OFFICE).late == 0  # a request that is not theirs to see


def make_person(store):
    with transaction():
        return make.person().id


def test_days_in_a_stage_count_where_it_was_left(store, leader):
    with transaction():
        for days in (1, 2, 3, 10):
            item = make.engagement(State.APPROVED)
            store.add(StateSpan(item_id=item.id, state=State.SUBMITTED, started_at=NOON - days * DAY, ended_at=NOON))
        outside = make.engagement(State.APPROVED)
        left = datetime(2026, 1, 1, tzinfo=ZoneInfo(OFFICE)) - timedelta(seconds=1)
        store.add(StateSpan(item_id=outside.id, state=State.SUBMITTED, started_at=left - DAY, ended_at=left))
    found = {one.state: one for one in quarter_flow.stages(make.actor(leader), Q1, OFFICE)}
    stage = found[State.SUBMITTED]
    assert (stage.number, stage.median, stage.slow) == (4, 2.0, 10.0)


def test_plan_against_actual_agrees_with_the_register(store, visitor, leader):
    with transaction():
        for state, begins in ((State.APPROVED, -30), (State.APPROVED, 3), (State.SUBMITTED, 5), (State.WITHDRAWN, 5),
                              (State.APPROVED, 90)):  # fmt: skip
            item = make.engagement(state, title=f"Visit {state} {begins}", starts=TODAY + begins * DAY, days=2)
            store.execute(update(CostLine).where(CostLine.engagement_id == item.id).values(amount=Decimal("100.50")))
    goals = queries.aims(make.actor(leader), Q1, TODAY, by_goal=True)
    served = next(one for one in goals if one.total)
    assert served.numbers == {
        Standing.COMPLETE: 1, Standing.APPROVED: 1, Standing.IN_PROGRESS: 1, Standing.ENDED: 1,
    }  # fmt: skip
    lines = len(store.scalars(select(CostLine.id).where(CostLine.engagement_id == item.id)).all())
    assert served.cost == Decimal("100.50") * 3 * lines
    page = visitor.sign_in(leader).get("/measures?quarter=2026-Q1")
    lists = [link for link in page.links if link.startswith("/register?goal=")]
    assert len(lists) == 4
    for link in lists:
        assert len([word for word in visitor.get(link).words if word.startswith("Visit")]) == 1


def test_a_country_of_partners_without_contact_is_named_until_somebody_was_there(store, leader):
    def named():
        found, months = queries.gaps(make.actor(leader), TODAY)
        assert months == 6
        return {row.code: row.last_on for row in found}

    with transaction():
        store.add(Partner(name="CERT Malta", short_name="", country_code="MT", kind="csirt", url="", source_url=""))
        make.engagement(State.APPROVED, starts=TODAY - 300 * DAY, days=1, country="MT", city="Valletta",
                        zone="Europe/Malta")  # fmt: skip
    assert named()["MT"] == TODAY - 299 * DAY
    with transaction():
        make.engagement(State.APPROVED, starts=TODAY - 20 * DAY, days=1, country="MT", city="Valletta",
                        zone="Europe/Malta")  # fmt: skip
    assert "MT" not in named()


def test_the_same_tables_leave_as_csv_workbook_and_paper(store, visitor, leader):
    with transaction():
        make.engagement(State.APPROVED, starts=TODAY)
    client = visitor.sign_in(leader).client
    at = "/measures/2026-Q1."
    rows = list(csv.reader(io.StringIO(client.get(at + "csv").data.decode("utf-8-sig"))))
    assert rows[:3] == [["Requests"], ["What", "2026-Q1", "2025-Q4"], ["Submitted", "1", "0"]]
    book = load_workbook(io.BytesIO(client.get(at + "xlsx").data))
    assert book.sheetnames == [
        "Requests", "Days in each stage", "Duties", "Goals", "Objectives", "Outcomes", "Without contact",
    ]  # fmt: skip
    assert [cell.value for cell in book["Requests"][4]] == ["Submitted", 1, 0]
    paper = client.get(at + "pdf")
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
    assert client.get(at + "svg").status_code == 404
    assert client.get("/measures/2026-Q7.pdf").status_code == 404


@pytest.mark.parametrize("query", ["quarter=2026-Q9", "quarter=9999-Q4", "quarter=x", "quarter=" + "9" * 5000])
def test_a_quarter_that_is_none_has_no_page(store, visitor, leader, query):
    visitor.sign_in(leader).get("/measures?" + query, 404)


def test_statements_do_not_grow(store, visitor, statements, leader):
    visitor.sign_in(leader)
    counts = []
    for many in (1, 2, 27):
        with transaction():
            for n in range(many):
                make.engagement(State.APPROVED, starts=TODAY + n % 20 * DAY)
        statements.clear()
        visitor.get("/measures")
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 26, counts  # one of its parts is checklists, of seven
