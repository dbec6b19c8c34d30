"""The timeline, the agenda and the days of the calendar: the same engagements, and what else a day holds."""

from datetime import date, timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.documents import timeline
from engage.documents.timeline import Span
from engage.models.asking import Blackout
from engage.models.meetings import Meeting
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services.transaction import transaction

DAY = timedelta(days=1)
FIRST, LAST = date(2026, 3, 2), date(2026, 5, 31)
days = st.integers(-20, 120).map(lambda n: FIRST + timedelta(days=n))


@pytest.fixture
def leader(store):
    with transaction():
        return make.person(Role.LEADERSHIP)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(days, st.integers(0, 40)), max_size=12))
def test_no_two_bars_lie_on_each_other_and_all_lie_on_the_drawing(wanted):
    spans = [Span(f"{n}", "", "", "", first, first + timedelta(days=long)) for n, (first, long) in enumerate(wanted)
             if first <= LAST and first + timedelta(days=long) >= FIRST]  # fmt: skip
    drawing = timeline.draw([("A", spans), ("B", spans)], FIRST, LAST, TODAY)
    for line in drawing.lines:
        assert len(line.bars) == len(spans)
        for one in line.bars:
            assert timeline.NAMES <= one.x <= timeline.WIDTH
            assert line.y <= one.y < line.y + line.height <= drawing.height
        for n, one in enumerate(line.bars):
            for other in line.bars[n + 1 :]:
                apart = one.span.last < other.span.first or other.span.last < one.span.first
                assert apart or one.y != other.y


def test_a_timeline_has_a_row_for_each_country_or_leader_and_says_it_as_a_list(store, visitor, leader):
    with transaction():
        ana = make.person(name="Ana Leads")
        make.engagement(State.APPROVED, by=ana, title="Visit A", starts=TODAY + 5 * DAY)
        make.engagement(State.SUBMITTED, title="Visit B", starts=TODAY + 9 * DAY, country="JP", city="Tokyo",
                        zone="Asia/Tokyo")  # fmt: skip
        make.engagement(State.WITHDRAWN, title="Visit C", starts=TODAY)
        make.engagement(State.APPROVED, title="Visit D", starts=TODAY + 100 * DAY)
    page = visitor.sign_in(leader).get("/timeline")
    assert "Visit A Estonia 7 to 12 Mar 2026 Approved" in page.text
    assert "Visit B Japan 11 to 16 Mar 2026 Being decided" in page.text
    assert "Visit C" not in page.text
    assert "Visit D" not in page.text
    assert "Visit A Ana Leads" in visitor.get("/timeline?by=person").text
    assert "Visit B" not in visitor.get("/timeline?country=EE").text
    assert "Visit D" in visitor.get("/timeline?from=2026-05-01").text


def test_a_day_names_who_rests_and_when_the_board_meets(store, visitor, leader):
    with transaction():
        board, members = make.board()
        store.add(
            Meeting(board_id=board.id, title="Spring meeting", starts_at=NOON + DAY, minutes_long=60,
                    zone="America/New_York", place="Room 1", scheduled_at=NOON, scheduled_by_id=members[0].id,
                    changed_at=NOON)
        )  # fmt: skip
        make.engagement(State.APPROVED, title="Visit A", starts=date(2026, 2, 23), days=3)  # Estonia's day is the 24th
    for path in ("/calendar?month=2026-02", "/agenda?from=2026-02-23"):
        assert "Holiday in Estonia: Independence Day" in visitor.sign_in(leader).get(path).text
        assert "Holiday at home" in visitor.get("/calendar?month=2026-02").text  # the presidents' day
    with transaction():
        for code in ("EE", "FR"):  # nobody goes to France
            store.add(Blackout(country_code=code, starts_on=date(2026, 2, 26), ends_on=date(2026, 3, 3), why="Election",
                               source="cable"))  # fmt: skip
    assert visitor.get("/agenda?from=2026-02-23").text.count("No visits to Estonia: Election") == 4
    assert "France" not in visitor.page.text
    assert "Spring meeting" not in visitor.get("/calendar").text
    assert "Board meets: Spring meeting" in visitor.sign_in(members[0]).get("/calendar").text
    page = visitor.get("/agenda")
    assert "Tue 3 Mar 2026 Board meets: Spring meeting" in page.text


def test_an_agenda_reads_day_by_day(store, visitor, leader):
    with transaction():
        make.engagement(State.APPROVED, title="Visit A", starts=date(2026, 3, 3), days=2)
        make.engagement(State.APPROVED, title="Visit B", starts=date(2026, 3, 12), days=0)
    page = visitor.sign_in(leader).get("/agenda")
    assert [word for word in page.words if word.startswith("Visit")] == ["Visit A"] * 3
    page = visitor.get("/agenda?length=28")
    assert [word for word in page.words if word.startswith("Visit")] == ["Visit A"] * 3 + ["Visit B"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/timeline?from=9999-12-31", 404), ("/timeline?from=x", 404), ("/agenda?from=1500-01-01", 404),
        ("/agenda?from=2026-13-01", 404), ("/timeline?by=colour", 422), ("/agenda?length=9", 422),
        ("/timeline?country=Narnia", 422), ("/agenda?country=Narnia", 422),
        ("/timeline?country=" + "x," * 3000, 422),
    ],
)  # fmt: skip
def test_an_address_that_is_no_page_is_refused(visitor, leader, path, status):
    visitor.sign_in(leader).get(path, status)


@pytest.mark.parametrize("path", ["/timeline", "/agenda?length=28", "/calendar"])
def test_statements_do_not_grow(visitor, statements, leader, path):
    with transaction():
        _, members = make.board()
    visitor.sign_in(members[0])
    counts = []
    for many in (1, 2, 27):
        with transaction():
            for n in range(many):
                make.engagement(State.APPROVED, starts=TODAY + n % 20 * DAY)
        statements.clear()
        visitor.get(path)
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 12, counts
