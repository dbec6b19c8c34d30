"""What lies ahead is counted as its lists count, and leaves as a page, on paper, as a workbook and as CSV."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import factories as make
import pytest
from factories import TODAY
from openpyxl import load_workbook

from engage.rules.marking import Marking
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import outlook
from engage.services.transaction import transaction
from engage.services.visibility import scope

DAY = timedelta(days=1)


@pytest.fixture
def leader(store):
    with transaction():
        return make.person(Role.LEADERSHIP)


def plan(*begins, state=State.APPROVED, **facts):
    with transaction():
        for day in begins:
            make.engagement(state, title=f"Visit {state} {day}", starts=TODAY + day * DAY, days=2, **facts)


def test_sums_and_weeks_hold_what_begins_within_them(store, leader):
    with transaction():
        party = [make.person(), make.person()]
    plan(0, 1, 30, travellers=party)  # one that begins today is under way
    plan(31, 60, 61, 90, 91)
    plan(0, 2, 90, state=State.SUBMITTED)
    plan(5, state=State.DRAFT)
    plan(5, state=State.WITHDRAWN)
    who = make.actor(leader)
    found = outlook.of(scope(who), who.id, TODAY)
    numbers = {days: (one.agreed, one.deciding) for days, one in found.sums.items()}
    assert numbers == {30: (2, 2), 60: (4, 2), 90: (6, 3)}
    assert found.sums[30].travellers == 4
    assert (found.weeks[0].first, found.weeks[-1].last) == (TODAY, TODAY + 90 * DAY)
    assert all(one.first.weekday() == 0 for one in found.weeks[1:])
    assert sum(one.ahead.total for one in found.weeks) == found.sums[90].total
    assert all(later.first == one.last + DAY for one, later in zip(found.weeks, found.weeks[1:], strict=False))


def test_each_number_is_the_length_of_its_list(store, visitor, leader):
    plan(1, 3, 8, 40)
    plan(2, 9, 9, 80, state=State.SCHEDULED)
    plan(4, 5, marking=Marking.RED)
    visitor.sign_in(leader)
    for days, lists in ((90, 12), (30, 8)):
        page = visitor.get(f"/ahead?days={days}")
        found = re.findall(r'<a href="(/register[?]from=[^"]+)">([0-9]+)<span', page.html)
        assert len(found) >= lists
        for link, number in dict.fromkeys(found):
            listed = [word for word in visitor.get(unescape(link)).words if word.startswith("Visit")]
            assert len(listed) == int(number), link
    visitor.get("/ahead?days=45", 404)
    visitor.get("/ahead?days=" + "9" * 4000, 404)


def test_what_one_may_not_see_is_not_counted(store, visitor, leader):
    plan(1, 2, marking=Marking.RED)
    with transaction():
        somebody = make.actor(make.person())
    for who in (make.actor(leader), somebody):
        assert outlook.of(scope(who), who.id, TODAY).sums[90].total == 0
        assert list(outlook.countries(scope(who), who.id, TODAY, 90)) == []


def test_the_same_tables_leave_as_files_with_their_bars(store, visitor, leader):
    plan(1, 8)
    client = visitor.sign_in(leader).client
    rows = list(csv.reader(io.StringIO(client.get("/ahead/60.csv").data.decode("utf-8-sig"))))
    assert rows[1:3] == [
        ["When", "Approved", "Being decided", "Travellers", "Estimated cost, USD"],
        ["Within 30 days", "2", "0", "2", rows[2][4]],
    ]
    book = load_workbook(io.BytesIO(client.get("/ahead/60.xlsx").data))
    assert book.sheetnames == ["In sum", "By week", "By country", "By goal"]
    assert client.get("/ahead/60.pdf").data[:5] == b"%PDF-"
    assert client.get("/ahead/61.pdf").status_code == 404


def test_statements_do_not_grow(store, visitor, statements, leader):
    visitor.sign_in(leader)
    counts = []
    for many in (1, 2, 27):
        plan(*(n % 20 for n in range(many)))
        statements.clear()
        visitor.get("/ahead")
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 10, counts
