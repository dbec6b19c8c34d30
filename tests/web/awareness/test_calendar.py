"""The calendar and the register show what is planned, to whom it may be shown, narrowed as asked."""

from datetime import timedelta

import factories as make
import pytest

from engage.extensions import db
from engage.models.commitments import Commitment
from engage.models.engagements import Firmness
from engage.models.partners import Forum
from engage.rules.commitments import Side
from engage.rules.policy import Role
from engage.rules.standing import Standing
from engage.rules.workflow import State
from engage.services import lookahead
from engage.services.transaction import transaction
from engage.web.awareness import queries


@pytest.fixture
def leader(store):
    with transaction():
        return make.person(Role.LEADERSHIP)


def titles(page):
    return [word for word in page.words if word.startswith("Visit")]


def test_a_month_shows_each_day_of_each_engagement_that_goes_ahead(visitor, leader):
    with transaction():
        make.engagement(State.APPROVED, starts=make.TODAY, days=2, title="Visit A")
        make.engagement(State.SUBMITTED, starts=make.TODAY, days=0, title="Visit B")
        make.engagement(State.WITHDRAWN, starts=make.TODAY, title="Visit C")
        make.engagement(State.APPROVED, starts=make.TODAY + timedelta(days=60), title="Visit D")
    page = visitor.sign_in(leader).get("/calendar?month=2026-03")
    assert titles(page) == ["Visit A", "Visit B", "Visit A", "Visit A"]


def test_a_draft_is_on_its_requesters_calendar_alone(visitor, leader):
    with transaction():
        asker = make.person()
        make.engagement(State.DRAFT, by=asker, starts=make.TODAY, days=0, title="Visit A", firmness=Firmness.IDEA)
    assert titles(visitor.sign_in(asker).get("/calendar")) == ["Visit A"]
    assert titles(visitor.sign_in(leader).get("/calendar")) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Visit Estonia", "Visit Japan"]),
        ("country=ee", ["Visit Estonia"]),
        ("country=Japan", ["Visit Japan"]),
        ("country=FR", []),
        ("forum=test", ["Visit Japan"]),
        ("goal=1", ["Visit Estonia", "Visit Japan"]),
        ("goal=2", []),
        ("objective=1", ["Visit Estonia", "Visit Japan"]),
        ("objective=2", []),
        ("partner=board+of+tests", ["Visit Estonia"]),
        ("leader=ada+asker", ["Visit Estonia"]),
        ("leader=ADA@example.gov&partner=board+of+tests&goal=1&standing=live", ["Visit Estonia"]),
        ("standing=in_progress", ["Visit Japan"]),
        ("standing=approved", ["Visit Estonia"]),
        ("week=2026-W11", ["Visit Estonia"]),
        ("week=2026-W11&country=JP", []),
        ("from=2026-03-12", ["Visit Japan"]),
        ("until=2026-03-12", ["Visit Estonia"]),
    ],
)
def test_the_register_is_narrowed_by_its_address(visitor, leader, query, expected):
    with transaction():
        forum = Forum(code="TEST", name="A forum for tests", kind="multilateral")
        db.session.add(forum)
        db.session.flush()
        make.engagement(
            State.APPROVED, starts=make.TODAY + timedelta(days=7), days=2, title="Visit Estonia",
            by=make.person(name="Ada Asker", email="ada@example.gov"), partners=[make.partner("Board of Tests")],
        )  # fmt: skip
        make.engagement(
            State.SUBMITTED, starts=make.TODAY + timedelta(days=20), title="Visit Japan", country="JP", city="Tokyo",
            zone="Asia/Tokyo", forum_id=forum.id,
        )  # fmt: skip
    assert titles(visitor.sign_in(leader).get(f"/register?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("country=Narnia", "There is no country of that name or code."),
        ("forum=nowhere", "The register has no forum of that code or name."),
        ("partner=nobody", "The register has no partner of that name."),
        ("leader=nobody", "Nobody here has that name or e-mail address."),
        ("objective=99", "Not a valid choice."),
        ("week=2026-W60", "Write the week as year and number, such as 2026-W10."),
        ("goal=99", "Not a valid choice."),
        ("standing=unheard", "Not a valid choice."),
    ],
)
def test_a_filter_that_means_nothing_says_so_at_its_field(visitor, leader, query, sentence):
    assert sentence in visitor.sign_in(leader).get(f"/register?{query}", 422).text
    if "week" not in query:
        assert sentence in visitor.get(f"/calendar?{query}", 422).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/calendar?month=9999-12", 404),
        ("/calendar?month=2026-13", 404),
        ("/calendar?month=x", 404),
        ("/register?from=yesterday", 404),
        ("/register?after=nonsense", 400),
        ("/register?after=2026-01-01_99999999999999999999", 400),
    ],
)
def test_an_address_that_is_no_page_is_refused(visitor, leader, path, status):
    visitor.sign_in(leader).get(path, status)


def test_the_register_is_read_a_page_at_a_time_without_gap_or_repeat(visitor, leader):
    with transaction():
        who = make.person()
        for n in range(120):
            make.engagement(State.APPROVED, by=who, starts=make.TODAY + timedelta(days=n % 7), title=f"Visit {n:03}")
    page, seen = visitor.sign_in(leader).get("/register"), []
    while True:
        seen += titles(page)
        following = [link for link in page.links if "after=" in link]
        if not following:
            break
        page = visitor.get(following[0])
    assert sorted(seen) == [f"Visit {n:03}" for n in range(120)]
    assert len(seen) == 120


def test_every_standing_lists_exactly_the_engagements_that_stand_so(store, leader):
    with transaction():
        for state in State:
            for start in (-30, -2, 0, 5):
                make.engagement(state, starts=make.TODAY + timedelta(days=start), days=3)
        make.engagement(State.DRAFT, by=leader, firmness=Firmness.IDEA)
        make.engagement(State.DRAFT, by=leader, firmness=Firmness.TENTATIVE)
    who, early = make.actor(leader), make.TODAY - timedelta(days=99)
    everything, _ = queries.register(who, make.TODAY, early, {}, None)
    for standing in Standing:
        listed, _ = queries.register(who, make.TODAY, early, {"standing": standing.value}, None)
        assert [row.id for row in listed] == [row.id for row in everything if row.standing is standing]


def test_a_tile_counts_what_its_list_holds(store, visitor, leader):
    with transaction():
        for state in State:
            for start in (-3, 0, 10, 45, 100):
                make.engagement(
                    state, starts=make.TODAY + timedelta(days=start), days=5, title=f"Visit {state} {start}"
                )
        met = make.engagement(State.APPROVED, starts=make.TODAY - timedelta(days=30))
        db.session.add(Commitment(
            engagement_id=met.id, side=Side.OURS, what="Visit them", counterpart="A CERT", owner_id=leader.id,
            made_on=make.TODAY - timedelta(days=29), due_on=make.TODAY - timedelta(days=1),
        ))  # fmt: skip
    visitor.sign_in(leader)
    counted = [tile for tile in lookahead.tiles(make.actor(leader), make.TODAY) if tile.url.startswith("/register")]
    assert len(counted) == 5
    for tile in counted:
        assert len(titles(visitor.get(tile.url))) == tile.number > 0, tile


@pytest.mark.parametrize("path", ["/calendar", "/register", "/"])
def test_statements_do_not_grow_with_the_rows(visitor, statements, leader, path):
    visitor.sign_in(leader)
    counts = []
    for many in (1, 2, 27):
        with transaction():
            for n in range(many):
                make.engagement(State.APPROVED, starts=make.TODAY + timedelta(days=n % 20))
        statements.clear()
        visitor.get(path)
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 12, counts


def test_the_calendar_does_not_show_more_than_it_can(visitor, leader, monkeypatch):
    monkeypatch.setattr(queries, "MONTH_MOST", 3)
    queries._listing.cache_clear()
    with transaction():
        who = make.person()
        for n in range(5):
            make.engagement(State.APPROVED, by=who, starts=make.TODAY, days=0, title=f"Visit {n}")
    page = visitor.sign_in(leader).get("/calendar")
    assert "The list has them all" in page.text


@pytest.mark.parametrize("path", ["/calendar", "/agenda", "/timeline", "/register"])
def test_a_filter_with_ten_thousand_values_is_refused_at_its_field(visitor, path):
    with transaction():
        reader = make.person(Role.LEADERSHIP)
    visitor.sign_in(reader)
    for query in ("&".join(f"goal={n}" for n in range(10_000)), "country=" + ",".join(["EE"] * 10_000)):
        visitor.get(f"{path}?{query}", 422)
