"""The map counts what its lists hold, for whoever looks, and every country has a page."""

from collections import Counter
from datetime import timedelta

import factories as make
import pytest
from factories import TODAY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from engage.documents import world
from engage.extensions import db
from engage.models.engagements import (
    CostLine,
    Engagement,
    Firmness,
    Leg,
    StateSpan,
    Traveller,
    engagement_objective,
    engagement_partner,
)
from engage.models.engagements import Item as AnyItem
from engage.models.trips import Trip
from engage.rules.policy import Role, See, may
from engage.rules.standing import QUARTERS, Standing, standing
from engage.rules.workflow import State
from engage.services import visibility
from engage.services.transaction import transaction
from engage.web.awareness import place_queries as places
from engage.web.awareness import queries
from engage.web.awareness.place_queries import When

DAY = timedelta(days=1)
COUNTRIES = {"EE": ("Tallinn", "Europe/Tallinn"), "JP": ("Tokyo", "Asia/Tokyo"), "MT": ("Valletta", "Europe/Malta")}
WHO = [(), (Role.LEADERSHIP,), (Role.SECRETARIAT,), (Role.MEMBER,), (Role.AUDITOR,)]


def clear(store):
    for table in (StateSpan, Trip, Leg, Traveller, CostLine, engagement_objective, engagement_partner):
        store.execute(delete(table))
    store.execute(delete(Engagement.__table__))
    store.execute(delete(AnyItem.__table__))


@st.composite
def engagements(draw):
    return [
        (draw(st.sampled_from(list(State))), draw(st.integers(-400, 400)), draw(st.integers(0, 30)),
         draw(st.sampled_from(sorted(COUNTRIES))), draw(st.sampled_from(list(Firmness))), draw(st.integers(0, 2)))
        for _ in range(draw(st.integers(0, 6)))
    ]  # fmt: skip


def test_every_number_is_the_length_of_its_list_and_what_may_says_one_by_one(store, visitor):
    with transaction():
        people = [make.person(*roles) for roles in WHO]
        numbers = [person.id for person in people]
        readers = [make.actor(person) for person in people]

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(engagements(), st.sampled_from(list(When)))
    def holds(wanted, when):
        with transaction():
            clear(store)
            for state, begins, days, code, firmness, asker in wanted:
                city, zone = COUNTRIES[code]
                make.engagement(
                    state, by=db.session.get(type(people[0]), numbers[asker]), starts=TODAY + begins * DAY, days=days,
                    country=code, city=city, zone=zone, firmness=firmness,
                )  # fmt: skip
        facts = store.execute(
            select(AnyItem.id, AnyItem.state, AnyItem.firmness, AnyItem.starts_on, AnyItem.ends_on, Leg.country_code)
            .join(Leg, Leg.engagement_id == AnyItem.id).where(~Leg.transit).distinct()
        ).all()  # fmt: skip
        subjects = visibility.subjects([row.id for row in facts])
        first, last = when.days(TODAY)
        for who in readers:
            one_by_one = Counter()
            for row in facts:
                stands = standing(row.state, row.firmness, row.starts_on, row.ends_on, TODAY)
                counts = first <= row.starts_on <= last and stands in when.standings()
                if counts and may(who, See.ENGAGEMENT, subjects[row.id]):
                    one_by_one[row.country_code, stands] += 1
            tallies = places.tallies(who, TODAY, when, None)
            told = {(one.code, stands): number for one in tallies for stands, number in one.numbers.items()}
            assert told == dict(one_by_one)
            for tally in tallies:
                chosen = {"country": tally.code, "until": last}
                wanted_standing = {"standing": "under_way"} if when is When.NOW else {"ahead": True}
                listed, _ = queries.register(who, TODAY, first, chosen | wanted_standing, None)
                assert len(listed) == tally.total

    holds()


def test_a_tally_leads_to_its_list_and_to_its_country(store, visitor):
    with transaction():
        lea = make.person(Role.LEADERSHIP)
        make.engagement(State.APPROVED, title="Visit A")
        make.engagement(State.SUBMITTED, title="Visit B")
        make.engagement(State.APPROVED, title="Visit C", country="MT", city="Valletta", zone="Europe/Malta")
        make.engagement(State.WITHDRAWN, title="Visit D")
    page = visitor.sign_in(lea).get("/map")
    assert "Estonia 2 in Estonia 1 being decided in Estonia , 1 approved in Estonia" in page.text
    lists = [link for link in page.links if link.startswith("/register?country=EE")]
    found = [[word for word in visitor.get(link).words if word.startswith("Visit")] for link in lists]
    assert sorted(map(sorted, found)) == [["Visit A"], ["Visit A", "Visit B"], ["Visit B"]]
    assert {"/countries/EE", "/countries/MT"} <= set(page.links)
    page = visitor.get("/countries/EE")
    assert [word for word in page.words if word.startswith("Visit")] == ["Visit A", "Visit B"]
    assert "Restoration of Independence" in page.text or "holidays" in page.text.lower()
    assert "Nothing to show" in visitor.get("/map?when=past").text


@pytest.mark.parametrize("path", ["/countries/XX", "/countries/ee", "/countries/Estonia", "/countries/%00%00"])
def test_a_country_that_does_not_exist_has_no_page(store, visitor, path):
    with transaction():
        someone = make.person()
    visitor.sign_in(someone).get(path, 404)


@pytest.mark.parametrize("query", ["when=never", "goal=99", "goal=" + "9" * 40])
def test_a_choice_that_is_none_is_refused_at_its_field(store, visitor, query):
    with transaction():
        someone = make.person()
    assert "Not a valid choice" in visitor.sign_in(someone).get("/map?" + query, 422).text


@pytest.mark.parametrize("path", ["/map", "/countries/EE"])
def test_statements_do_not_grow(store, visitor, statements, path):
    with transaction():
        lea = make.person(Role.LEADERSHIP)
    visitor.sign_in(lea)
    counts = []
    for many in (1, 2, 27):
        with transaction():
            for n in range(many):
                make.engagement(State.APPROVED, starts=TODAY + n * DAY)
        statements.clear()
        visitor.get(path)
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 15, counts


def test_nobody_learns_of_what_is_hidden_by_counting(store, visitor):
    with transaction():
        someone, asker = make.person(), make.person()
        make.engagement(State.SUBMITTED, by=asker)
    assert "Nothing to show" in visitor.sign_in(someone).get("/map").text
    assert "Estonia" in visitor.sign_in(asker).get("/map").text


@pytest.mark.skipif(not world.SHAPES.is_file(), reason="LEFT OUT: the map's shapes are not installed")
def test_every_country_is_drawn_once_within_the_sheet():
    shapes = world.shapes()
    codes = [shape.code for shape in shapes if shape.code]
    assert len(codes) == len(set(codes)) > 230
    assert {"EE", "US", "FJ", "RU", "SG", "MT", "KE"} <= set(codes)
    for shape in shapes:
        numbers = [float(n) for part in shape.path.replace("Z", "").split("M")[1:] for p in part.split("L")
                   for n in p.split(",")]  # fmt: skip
        assert all(-1 <= x <= world.WIDTH + 1 for x in numbers[::2]), shape.code
    assert world.backdrop().startswith("<svg")


def test_every_standing_has_a_weight():
    assert set(QUARTERS) == set(Standing)
