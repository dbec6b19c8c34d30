"""A past day is seen as it stood, whatever happened since; a coming one as far as it is known."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import factories as make
import pytest
from factories import NOON, TODAY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage.extensions import db
from engage.models.partners import Forum
from engage.rules import workflow
from engage.rules.asking import Content, ContentCost, ContentLeg, ContentTraveller, Firmness
from engage.rules.marking import Marking
from engage.rules.policy import Role, See, may
from engage.rules.refusals import NotOpen
from engage.rules.voting import Outcome
from engage.rules.workflow import Action
from engage.services import engagements, states, visibility
from engage.services.transaction import transaction
from engage.web.awareness import place_queries as places
from engage.web.awareness import queries
from engage.web.awareness.facts_queries import AsOf
from engage.web.awareness.place_queries import When

DAY = timedelta(days=1)
HOME = ZoneInfo("America/New_York")
PLACES = {"EE": ("Tallinn", "Europe/Tallinn"), "JP": ("Tokyo", "Asia/Tokyo")}
WHO = [(), (Role.LEADERSHIP,), (Role.SECRETARIAT,), (Role.MEMBER,)]
STEPS = (Action.SUBMIT, Action.REVIEW, Action.PLACE, Action.RETURN, Action.CANCEL, Action.WITHDRAW, Action.RECONSIDER,
         Outcome.APPROVE, Outcome.DISAPPROVE, Outcome.APPROVE)  # fmt: skip


def said(title="Visit A", starts=TODAY + 30 * DAY, code="EE", **facts):
    city, zone = PLACES[code]
    known = {"objective_ids": (1,), "costs": (ContentCost("Airfare", 1200),)}
    return Content(title=title, legs=(ContentLeg(code, city, zone, starts, starts + 2 * DAY),), **known | facts)


def ended(day):
    """The moment at which a day of the office is over."""
    return datetime.combine(day + DAY, time(), HOME).astimezone(UTC)


def seen_by(who, seen):
    """Every row of the register and every tally of the map that `who` sees."""
    rows, more = queries.register(who, seen, TODAY - 100 * DAY, {}, None)
    while more:
        later, more = queries.register(who, seen, TODAY - 100 * DAY, {}, more)
        rows += later
    told = places.tallies(who, seen, When.AHEAD, None)
    return rows, {(one.code, stands): number for one in told for stands, number in one.numbers.items()}


def take(number, step, *, by, now):
    with transaction():
        item = db.session.get(engagements.Engagement, number)
        try:
            arrow = workflow.step(item.state, step)
        except NotOpen:
            return
        states.move(item, arrow, by=by, now=now, reason="So it is.", defer_until=TODAY + 300 * DAY)


def write(number, content, *, now):
    with transaction():
        engagements.write(db.session.get(engagements.Engagement, number), content, now=now)


changes = st.one_of(
    st.tuples(st.just("draft"), st.sampled_from([0, 1]), st.sampled_from(list(Firmness))),
    st.tuples(st.just("step"), st.integers(0, 3), st.sampled_from(STEPS)),
    st.tuples(st.just("step"), st.integers(0, 3), st.sampled_from(STEPS)),
    st.tuples(
        st.just("write"), st.integers(0, 3),
        st.builds(said, st.sampled_from(["Visit B", "Visit C"]), st.integers(-5, 60).map(lambda n: TODAY + n * DAY),
                  st.sampled_from(sorted(PLACES)), marking=st.sampled_from(list(Marking))),
    ),
)  # fmt: skip


def test_whatever_changes_later_a_past_day_is_seen_as_it_stood(store):
    with transaction():
        office = make.office()
        readers = [make.actor(make.person(*roles, office_id=office.id)) for roles in WHO]

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.lists(changes, max_size=4), min_size=3, max_size=5))
    def holds(days):
        made, kept = [], []
        with transaction():
            since = make.engagement().id  # what earlier examples left is there, and is left out
        for n, day in enumerate(days):
            now = NOON + n * DAY
            for kind, which, what in day:
                if kind == "draft" or not made:
                    with transaction():
                        first = readers[which % 2]
                        going = (ContentTraveller(readers[which].id, "", True),) if which < len(readers) else ()
                        made.append(engagements.draft(said(travellers=going), by=first, now=now).id)
                elif kind == "step":
                    take(made[which % len(made)], what, by=readers[2], now=now)
                else:
                    write(made[which % len(made)], what, now=now)
            kept.append([seen_by(who, AsOf(TODAY + n * DAY)) for who in readers])
        subjects = visibility.subjects(made)
        for n, views in enumerate(kept[:-1]):
            for who, (rows, _) in zip(readers, views, strict=True):
                then = AsOf(TODAY + n * DAY, ended(TODAY + n * DAY))
                still = [row for row in rows if row.id > since and may(who, See.ENGAGEMENT, subjects[row.id])]
                assert [row for row in seen_by(who, then)[0] if row.id > since] == still

    holds()


@pytest.fixture
def a_month(store):
    """Three engagements as they stood on the first day, and everything changed on the next."""
    with transaction():
        leader, asker = make.person(Role.LEADERSHIP), make.person(name="Ada Asker")
        who, forum = make.actor(asker), Forum(code="TEST", name="A forum for tests", kind="multilateral")
        db.session.add(forum)
        db.session.flush()
        first = engagements.draft(said("Visit A", TODAY + DAY), by=who, now=NOON).id
        second = engagements.draft(said("Visit B", TODAY + 3 * DAY, "JP", forum_id=forum.id), by=who, now=NOON).id
        third = engagements.draft(said("Visit C", TODAY + 5 * DAY, marking=Marking.AMBER), by=who, now=NOON).id
    for number in (first, second, third):
        take(number, Action.SUBMIT, by=who, now=NOON)
    for step in (Action.PLACE, Outcome.APPROVE):
        take(first, step, by=who, now=NOON)

    def change():
        later = NOON + 2 * DAY
        take(first, Action.CANCEL, by=who, now=later)
        write(second, said("Visit Z", TODAY + 90 * DAY, marking=Marking.AMBER_STRICT, objective_ids=()), now=later)
        for step in (Action.PLACE, Outcome.APPROVE):
            take(third, step, by=who, now=later)
        with transaction():
            engagements.draft(said("Visit New", TODAY + 2 * DAY), by=who, now=later)

    return leader, asker, change


PAGES = [
    "/register?from=2026-03-01", "/register?from=2026-03-01&country=JP", "/register?from=2026-03-01&forum=test",
    "/register?from=2026-03-01&goal=1&leader=ada+asker", "/register?from=2026-03-01&objective=1&standing=in_progress",
    "/register?from=2026-03-01&week=2026-W10", "/calendar?month=2026-03", "/agenda?from=2026-03-02&length=28",
    "/timeline?from=2026-03-02", "/timeline?from=2026-03-02&by=person", "/map", "/countries/JP",
    "/register?from=2026-03-01&as=csv",
]  # fmt: skip


def test_every_page_of_a_past_day_is_the_same_after_everything_changed(app, visitor, a_month):
    leader, _, change = a_month

    def shown(path):
        if "as=csv" in path:
            return visitor.client.get(path).get_data(as_text=True)
        text = visitor.get(path).text
        return text[text.index("You see the plan as it stood") :]

    visitor.sign_in(leader)
    dated = [path + ("&" if "?" in path else "?") + "as_of=2026-03-02" for path in PAGES]
    live = visitor.get(PAGES[0]).words
    app.config["CLOCK"] = lambda: NOON + DAY
    visitor.sign_in(leader)
    before = [shown(path) for path in dated]
    change()
    app.config["CLOCK"] = lambda: NOON + 4 * DAY
    visitor.sign_in(leader)
    assert [shown(path) for path in dated] == before
    page = visitor.get(dated[0])
    titles = ["Visit A", "Visit B", "Visit C"]
    assert [word for word in page.words if word.startswith("Visit")] == titles
    assert [word for word in live if word.startswith("Visit")] == titles
    assert "as it stood at the end of" in page.text
    assert "/register?from=2026-03-01" in page.links
    assert "Visit Z" not in page.text
    today = visitor.get(PAGES[0])
    assert [word for word in today.words if word.startswith("Visit")] == ["Visit A", "Visit C", "Visit Z"]


def test_what_was_marked_stays_hidden_though_it_is_open_now(visitor, app, store):
    with transaction():
        office = make.office()
        asker, other = make.person(office_id=office.id), make.person()
        who = make.actor(asker)
        number = engagements.draft(said("Visit Secret", marking=Marking.RED), by=who, now=NOON).id
    for step in (Action.SUBMIT, Action.PLACE, Outcome.APPROVE):
        take(number, step, by=who, now=NOON)
    write(number, said("Visit Open"), now=NOON + 2 * DAY)
    app.config["CLOCK"] = lambda: NOON + 3 * DAY
    for path in ("/register?as_of=2026-03-02", "/calendar?month=2026-04&as_of=2026-03-02", "/map?as_of=2026-03-02"):
        text = visitor.sign_in(other).get(path).text
        assert not any(word in text for word in ("Visit Secret", "Visit Open", "Estonia 1"))
    assert "Visit Open" in visitor.get("/register").text
    assert "Visit Secret" in visitor.sign_in(asker).get("/register?as_of=2026-03-02").text


def test_of_a_coming_day_the_pages_say_what_will_be_under_way_and_complete(visitor, a_month):
    leader, _, _ = a_month
    page = visitor.sign_in(leader).get("/register?from=2026-03-01&as_of=2026-03-04")
    assert "what will be under way and complete by then" in page.text
    assert "Tallinn, EE Under way" in page.text
    assert [word for word in visitor.get("/register?from=2026-03-01&standing=complete&as_of=2026-04-04").words
            if word.startswith("Visit")] == ["Visit A"]  # fmt: skip


@pytest.mark.parametrize("day", ["9999-12-31", "1999-12-31", "yesterday", "2026-02-30", "0", "2026-03-01x" * 50])
def test_a_day_that_is_none_of_ours_is_refused_at_its_field(visitor, store, day):
    with transaction():
        someone = make.person()
    visitor.sign_in(someone)
    for path in ("/register", "/calendar", "/agenda", "/timeline", "/map"):
        assert visitor.get(f"{path}?as_of={day}", 422)
    visitor.get(f"/countries/EE?as_of={day}", 404)


def test_statements_of_a_past_day_do_not_grow(visitor, app, statements, store):
    with transaction():
        leader = make.person(Role.LEADERSHIP)
        asker = make.actor(make.person())
    counts = []
    for many in (1, 2, 27):
        with transaction():
            for n in range(many):
                engagements.draft(replace(said(starts=TODAY + n * DAY)), by=asker, now=NOON)
        app.config["CLOCK"] = lambda: NOON + DAY
        visitor.sign_in(leader)
        told = []
        for path in ("/register", "/calendar", "/agenda", "/timeline", "/map", "/countries/EE"):
            statements.clear()
            visitor.get(f"{path}?as_of=2026-03-02")
            told.append(len(statements))
        counts.append(told)
    assert counts[0] == counts[1] == counts[2], counts
    assert max(counts[0]) <= 15, counts
