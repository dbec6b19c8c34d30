"""A year's priorities are the board's, are set beside what came of them, and every number is the length of its list."""

import re
from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engage.extensions import db
from engage.models.engagements import Engagement, Firmness, Leg, engagement_objective, engagement_partner
from engage.rules import workflow
from engage.rules.policy import Role, See, may
from engage.rules.priorities import Aim, AimKind, lines
from engage.rules.standing import Standing, standing
from engage.rules.voting import Outcome
from engage.rules.workflow import Action, State
from engage.services import kinds, lookahead, matters, states, visibility
from engage.services.transaction import transaction

DAY = timedelta(days=1)


def endorsed(aims, *, year=2026, at=NOON):
    """A statement that the board approved at that moment."""
    with transaction():
        leader = make.actor(make.person(Role.LEADERSHIP))
        made = matters.draft_priorities(f"Priorities {year}", year, "Grow exchange.", aims=aims, by=leader, now=at)
        for step in (Action.SUBMIT, Action.PLACE, Outcome.APPROVE):
            states.move(made, workflow.step(made.state, step, made.kind), by=leader, now=at, reason="So it is.")
        return made.id


def test_a_statement_is_written_line_by_line_and_frozen_with_its_names(store, visitor):
    with transaction():
        leader = make.person(Role.LEADERSHIP)
        partner = make.partner("Board of Tests")
    visitor.sign_in(leader).get("/matters/new?kind=priorities&year=2026")
    visitor.submit({"title": "Priorities", "text": "Grow exchange."})
    number = db.session.scalar(select(matters.Priorities.id))
    page = visitor.get(f"/items/{number}/edit")
    said = {"objective_1": "4", "country": "Estonia: 3\nJP", "partner": "board of tests: 2"}
    for wrong, sentence in (
        ({"goal_1": "many"}, "Write a whole number from 0 to 1,000."),
        ({"country": "Narnia: 3"}, "“Narnia”: there is no country of that name or code."),
        ({"country": "Estonia: some"}, "“Estonia: some”: Write a whole number from 0 to 1,000."),
        ({"partner": "nobody"}, "“nobody”: the register has no partner of that name."),
        ({"country": "\n".join(f"Place {n}" for n in range(101))}, "what is a priority, if everything is?"),
    ):
        visitor.get(f"/items/{number}/edit")
        assert sentence in visitor.submit({**said, **wrong}, status=422).text
    visitor.get(f"/items/{number}/edit")
    visitor.submit(said)
    assert kinds.content_of(number, matters.Priorities.__mapper_args__["polymorphic_identity"])["aims"] == [
        {"what": "objective", "of": 1, "name": "1.1 Objective 1.1", "planned": 4},
        {"what": "country", "of": "EE", "name": "Estonia", "planned": 3},
        {"what": "country", "of": "JP", "name": "Japan", "planned": None},
        {"what": "partner", "of": partner.id, "name": "Board of Tests", "planned": 2},
    ]
    page = visitor.get(f"/items/{number}/edit")
    assert "Estonia: 3" in page.text
    assert "Board of Tests Partner 2" in visitor.get(f"/items/{number}").text


def test_a_line_names_one_thing_once():
    assert lines("Estonia: 3\n\n  Japan \nA: b: 0") == [("Estonia", 3), ("Japan", None), ("A: b", 0)]
    for text in (": 3", "Estonia: 3\nEstonia: 4", "Estonia: 1001", "Estonia: -1", "Estonia: ٣"):
        with pytest.raises(ValueError, match="“"):
            lines(text)


def test_plan_against_actual_and_what_is_missing(app, store, visitor):
    with transaction():
        lea, partner, other = make.person(Role.LEADERSHIP), make.partner("Board of Tests"), make.partner("Far Away")
        make.engagement(State.APPROVED, starts=TODAY + 30 * DAY, title="Visit A", partners=[partner])
        make.engagement(State.APPROVED, starts=TODAY - 30 * DAY, title="Visit B", partners=[partner])
        make.engagement(State.CANCELLED, starts=TODAY + 40 * DAY, title="Visit C", partners=[partner])
        make.engagement(State.APPROVED, starts=TODAY + 400 * DAY, title="Visit next year", partners=[partner])
    page = visitor.sign_in(lea).get("/priorities")
    assert "The board has endorsed no priorities for 2026" in page.text
    number = endorsed([
        Aim(AimKind.GOAL, 1, 6), Aim(AimKind.OBJECTIVE, 1, 4), Aim(AimKind.OBJECTIVE, 5, 2),
        Aim(AimKind.COUNTRY, "EE", 3), Aim(AimKind.COUNTRY, "JP", None), Aim(AimKind.PARTNER, partner.id, 2),
        Aim(AimKind.PARTNER, other.id, 1),
    ])  # fmt: skip
    page = visitor.get("/priorities?year=2026")
    assert f"/items/{number}" in page.links
    assert "1.1 Objective 1.1 4 0 0 1 approved: 1.1 Objective 1.1 1 done: 1.1 Objective 1.1 1 not" in page.text
    assert "Estonia 3 0 0 1 approved: Estonia 1 done: Estonia 1 not going ahead: Estonia $2,400" in page.text
    missing = page.text.partition("What is missing")[2].partition("Engagements that begin in 2026")[0]
    assert "Japan , no contact that you can see in two years Far Away , no contact" in missing
    assert "Estonia" not in missing
    assert "2.2 Objective 2.2 (a priority: 2 planned)" in missing
    found = {}
    for link in page.links:
        if link.startswith("/register?country=EE"):
            found[link.rpartition("=")[2]] = [w for w in visitor.get(link).words if w.startswith("Visit")]
    assert found == {"approved": ["Visit A"], "done": ["Visit B"], "ended": ["Visit C"]}
    assert "no priorities for 2025" in visitor.get("/priorities?year=2025").text


def test_a_past_day_knows_the_statement_that_was_in_force(app, store, visitor):
    with transaction():
        lea = make.person(Role.LEADERSHIP)
    first = endorsed([Aim(AimKind.COUNTRY, "EE", 3)], at=NOON)
    second = endorsed([Aim(AimKind.COUNTRY, "JP", 3)], at=NOON + 5 * DAY)
    app.config["CLOCK"] = lambda: NOON + 9 * DAY
    visitor.sign_in(lea)
    assert f"/items/{second}" in visitor.get("/priorities").links
    assert f"/items/{first}" in visitor.get("/priorities?as_of=2026-03-04").links
    assert "endorsed no priorities" in visitor.get("/priorities?as_of=2026-03-01").text


@pytest.mark.parametrize("query", ["year=9999", "year=1999", "year=next", "as_of=9999-12-31", "as_of=never"])
def test_a_year_or_day_that_is_none_has_no_page(store, visitor, query):
    with transaction():
        someone = make.person()
    visitor.sign_in(someone).get("/priorities?" + query, 404)


def test_statements_do_not_grow(store, visitor, statements):
    with transaction():
        lea = make.person(Role.LEADERSHIP)
    endorsed([Aim(AimKind.COUNTRY, code, 1) for code in ("EE", "JP", "FI")])
    visitor.sign_in(lea)
    counts = []
    for many in (1, 2, 27):
        with transaction():
            for n in range(many):
                make.engagement(State.APPROVED, starts=TODAY + n * DAY)
        statements.clear()
        visitor.get("/priorities")
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2], counts
    assert counts[0] <= 15, counts


COUNTRIES = {"EE": ("Tallinn", "Europe/Tallinn"), "JP": ("Tokyo", "Asia/Tokyo")}
WHO = [(), (Role.LEADERSHIP,), (Role.SECRETARIAT,), (Role.MEMBER,), (Role.AUDITOR,)]


@st.composite
def engagements(draw):
    return [
        (draw(st.sampled_from(list(State))), draw(st.integers(-80, 200)), draw(st.integers(0, 40)),
         draw(st.sampled_from(sorted(COUNTRIES))), draw(st.sampled_from(list(Firmness))), draw(st.integers(0, 4)))
        for _ in range(draw(st.integers(1, 6)))
    ]  # fmt: skip


def test_every_tile_is_the_length_of_its_list_and_what_may_says_one_by_one(store, visitor):
    """For random people and engagements: home, priorities, map and measures, each number with its list."""
    with transaction():
        people = [make.person(*{*roles, Role.LEADERSHIP} if n < 2 else roles) for n, roles in enumerate(WHO)]
        numbers = [person.id for person in people]
        partner = make.partner("Board of Tests")
        partner_id = partner.id
    endorsed([Aim(AimKind.COUNTRY, "EE", 3), Aim(AimKind.COUNTRY, "JP", 1), Aim(AimKind.PARTNER, partner_id, 2)])

    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
    @given(engagements())
    def holds(wanted):
        with transaction():
            for state, begins, days, code, firmness, asker in wanted:
                city, zone = COUNTRIES[code]
                make.engagement(
                    state, by=db.session.get(type(people[0]), numbers[asker]), starts=TODAY + begins * DAY, days=days,
                    country=code, city=city, zone=zone, firmness=firmness,
                    partners=[db.session.get(type(partner), partner_id)],
                )  # fmt: skip
        facts = db.session.execute(
            select(Engagement.id, Engagement.state, Engagement.firmness, Engagement.starts_on, Engagement.ends_on,
                   Leg.country_code, engagement_objective.c.objective_id, engagement_partner.c.partner_id)
            .join(Leg, Leg.engagement_id == Engagement.id)
            .join(engagement_objective, engagement_objective.c.engagement_id == Engagement.id)
            .join(engagement_partner, engagement_partner.c.engagement_id == Engagement.id)
        ).all()  # fmt: skip
        subjects = visibility.subjects([row.id for row in facts])
        for number in numbers:
            who = make.actor(db.session.get(type(people[0]), number))
            seen = [
                (row, standing(row.state, row.firmness, row.starts_on, row.ends_on, TODAY)) for row in facts
                if may(who, See.ENGAGEMENT, subjects[row.id])
            ]  # fmt: skip
            visitor.sign_in(db.session.get(type(people[0]), number))
            for tile in lookahead.tiles(who, TODAY):
                if tile.url.startswith("/register"):
                    assert listed(visitor, tile.url) == tile.number, tile
            told = [
                sum(stands is Standing.APPROVED and row.starts_on <= TODAY + days * DAY for row, stands in seen)
                for days in (30, 60, 90)
            ]
            tiles = {tile.label: tile.number for tile in lookahead.tiles(who, TODAY)}
            if tiles:
                assert [tiles[f"Within {days} days"] for days in (30, 60, 90)] == told
            for path in ("/priorities", "/map", "/measures?quarter=2026-Q1"):
                counted(visitor, path)
            year = [(row, stands) for row, stands in seen if row.starts_on.year == 2026]
            for asked, matches in (
                ("country=EE", lambda row: row.country_code == "EE"),
                ("objective=1", lambda row: row.objective_id == 1),
                (f"partner={partner_id}", lambda row: row.partner_id == partner_id),
            ):  # fmt: skip
                going = sum(matches(row) and stands is not Standing.ENDED for row, stands in year)
                assert listed(visitor, f"/register?{asked}&from=2026-01-01&until=2026-12-31&standing=live") == going

    holds()


def listed(visitor, url):
    """How many engagements a list has, all its pages together."""
    page, number = visitor.get(url), 0
    while True:
        number += sum(bool(re.fullmatch(r"/engagements/\d+", link)) for link in page.links)
        following = [link for link in page.links if "after=" in link]
        if not following:
            return number
        page = visitor.get(following[0])


def counted(visitor, path):
    """Every number of a page that leads to a list is the length of that list."""
    visitor.get(path)
    html = visitor.response.get_data(as_text=True)
    for url, number in re.findall(r'<a href="(/register\?[^"]+)">(\d+)\b', html):
        assert listed(visitor, url.replace("&amp;", "&")) == int(number), (path, url)
