"""Asking for an engagement in the browser: what is kept, what is refused and where, and what happens once."""

from datetime import date, timedelta
from decimal import Decimal

import factories as make
import pytest
from asking import STARTS, labelled, typed
from factories import TODAY
from sqlalchemy import func, select

from engage.extensions import db
from engage.models.engagements import Engagement, ItemVersion, StateSpan
from engage.models.partners import Event, Forum, Partner
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import contents
from engage.services.transaction import transaction


def asked() -> Engagement:
    """The one engagement there is."""
    return db.session.scalars(select(Engagement)).one()


def content():
    """What the one engagement says."""
    return contents.asked_by(contents.content_of(asked().id))


@pytest.fixture
def asker(visitor):
    """Somebody signed in, with the form for a new request before them."""
    who = make.person(name="Ada Asker", email="ada@example.gov")
    visitor.sign_in(who).get("/engagements/new")
    return who


def test_a_whole_request_is_kept_and_submitted(visitor, asker):
    with transaction():
        fields = typed(asker)

    visitor.submit({**fields, "submit": "1"})
    page = visitor.follow()

    kept = content()
    leg, cost = kept.legs[0], kept.costs[0]
    assert asked().state is State.SUBMITTED
    assert (leg.country_code, leg.zone, leg.arrives_on) == ("EE", "Europe/Tallinn", STARTS)
    assert (cost.what, cost.amount) == ("Airfare", Decimal("1200.50"))
    assert (kept.objective_ids, [t.name_given for t in kept.travellers]) == ((1, 5), ["Ada Asker"])
    assert "Submitted. The secretariat has it now." in page.text
    assert "SHA-256" in page.text


def test_an_incomplete_draft_is_saved(visitor, asker):
    visitor.submit({"title": "An idea", "save": "1"})

    assert (asked().state, asked().title) == (State.DRAFT, "An idea")
    assert "Before you can submit" in visitor.follow().text


def test_an_incomplete_request_is_not_submitted_and_keeps_every_word(visitor, asker):
    page = visitor.submit({"title": "An idea", "purpose": "Änderung “quoted”", "submit": "1"}, status=422)

    assert set(labelled(page.html)) == {
        "nature", "outcome_sought", "why_not_virtual", "objectives", "partners", "lead",
    }  # fmt: skip
    assert "give at least one stay" in page.text
    assert "Give at least one cost line" in page.text
    assert page.forms[-1]["fields"]["purpose"] == "Änderung “quoted”"
    assert db.session.scalars(select(Engagement)).all() == []


WRONG = [
    ("title", "", "title"),
    ("title", "x" * 201, "title"),
    ("purpose", "x" * 5001, "purpose"),
    ("purpose", "a\x00b", "purpose"),
    ("nature", "picnic", "nature"),
    ("direction", "sideways", "direction"),
    ("objectives", ["1", "999"], "objectives"),
    ("objectives", ["one"], "objectives"),
    ("partners", "Nobody Ever", "partners"),
    ("forum", "Nowhere", "forum"),
    ("event", "Never", "event"),
    ("legs-0-country", "Atlantis", "legs-0-country"),
    ("legs-0-country", "", "legs-0-country"),
    ("legs-0-arrives_on", "", "legs-0-arrives_on"),
    ("legs-0-arrives_on", "4 May 2026", "legs-0-arrives_on"),
    ("legs-0-arrives_on", "2026-02-30", "legs-0-arrives_on"),
    ("legs-0-departs_on", "9999-12-31", "legs-0-departs_on"),
    ("legs-0-departs_on", str(STARTS - timedelta(days=1)), "legs-0-departs_on"),
    ("lead", "nobody@example.gov", "lead"),
    ("others", "Somebody Unknown", "others"),
    ("others", "\n".join(f"p{n}@example.gov" for n in range(499)), "others"),
    ("costs-0-amount", "1e9", "costs-0-amount"),
    ("costs-0-amount", "١٢٣", "costs-0-amount"),
    ("costs-0-amount", "-5", "costs-0-amount"),
    ("costs-0-amount", "NaN", "costs-0-amount"),
    ("costs-0-amount", "12.345", "costs-0-amount"),
    ("costs-0-amount", "99999999999", "costs-0-amount"),
    ("costs-0-amount", "", "costs-0-amount"),
]


def test_a_wrong_value_is_refused_at_its_field_and_kept(visitor, asker):
    with transaction():
        fields = typed(asker)
    form, found = visitor.page, []

    for field, value, _ in WRONG:
        visitor.page = form
        page = visitor.submit({**fields, field: value, "save": "1"}, status=422)
        found.append((field, value, *labelled(page.html)))
        kept = page.forms[-1]["fields"]
        assert kept["outcome_sought"] == "A date and a scope."
        if field not in ("objectives", "nature", "direction", "purpose"):
            assert kept[field] == value

    assert found == WRONG
    assert db.session.scalars(select(Engagement)).all() == []


def test_what_is_wrong_and_what_is_missing_are_named_together(visitor, asker):
    given = {"title": "T", "nature": "bilateral", "forum": "Nowhere", "costs-0-amount": "x", "costs-0-what": "Air"}

    page = visitor.submit({**given, "ends_on": str(STARTS), "submit": "1"}, status=422)

    assert set(labelled(page.html)) == {
        "forum", "costs-0-amount", "starts_on", "purpose", "outcome_sought", "why_not_virtual", "objectives",
        "partners", "lead",
    }  # fmt: skip


def test_no_field_name_breaks_the_page(visitor, asker):
    with transaction():
        fields = typed(asker)
    form = visitor.page
    strange = ["legs-²-city", "legs-99999-city", "legs--city", "legs-1", "costs-x-what", "version", "missing"]

    for n, name in enumerate(strange):
        visitor.page = form
        visitor.submit({**fields, name: "²", "once": str(n), "save": "1"})

    assert db.session.scalar(select(func.count(Engagement.id))) == len(strange)


def test_a_double_click_makes_one_record(visitor, asker):
    with transaction():
        fields = {**typed(asker), "submit": "1"}
    page = visitor.page

    visitor.submit(fields)
    first = visitor.response.headers["Location"]
    visitor.page = page
    visitor.post("/engagements/new", {**page.forms[-1]["fields"], **fields})

    assert visitor.response.headers["Location"] == first
    assert db.session.scalar(select(func.count(Engagement.id))) == 1
    assert db.session.scalar(select(func.count(ItemVersion.id))) == 1


def test_another_row_keeps_what_was_typed(visitor, asker):
    with transaction():
        fields = typed(asker, title="x" * 300)
    before = len([name for name in visitor.page.forms[-1]["fields"] if name.endswith("-city")])

    page = visitor.submit({**fields, "add": "legs"}, status=200)

    kept = page.forms[-1]["fields"]
    assert (kept["title"], kept["legs-0-city"]) == ("x" * 300, "Tallinn")
    assert len([name for name in kept if name.endswith("-city")]) == before + 1
    assert db.session.scalars(select(Engagement)).all() == []


def test_blank_rows_between_say_nothing(visitor, asker):
    with transaction():
        fields = typed(asker)
    moved = {name.replace("legs-0", "legs-1").replace("costs-0", "costs-2"): value for name, value in fields.items()}

    visitor.submit({**moved, "save": "1"})

    assert [leg.city for leg in content().legs] == ["Tallinn"]
    assert [cost.what for cost in content().costs] == ["Airfare"]


def test_a_country_with_several_clocks_is_asked_which_and_nothing_is_guessed(visitor, asker):
    with transaction():
        fields = typed(asker, **{"legs-0-country": "BR", "legs-0-city": "Campinas"})

    visitor.submit({**fields, "save": "1"})
    assert content().legs[0].zone is None
    page = visitor.follow()
    assert "Now choose the time zone of Campinas" in page.text
    assert labelled(visitor.submit({"submit": "1"}, status=422).html).__next__() == "legs-0-zone"
    visitor.submit({"legs-0-zone": "Europe/Paris", "submit": "1"}, status=422)
    visitor.submit({"legs-0-zone": "America/Sao_Paulo", "submit": "1"})

    assert (asked().state, content().legs[0].zone) == (State.SUBMITTED, "America/Sao_Paulo")


def test_names_are_found_in_any_case_and_ambiguous_ones_are_listed(visitor, asker):
    with transaction():
        db.session.add_all(
            [
                Partner(name="RT.LV", short_name="RT", country_code="LV", kind="national_csirt"),
                Partner(name="RT-EE", short_name="RT", country_code="EE", kind="national_csirt"),
                Forum(code="RING", name="Ring of Teams", kind="csirt_network"),
                Event(name="RingCon", starts_on=date(2025, 5, 27), kind="conference"),
                Event(name="RingCon", starts_on=date(2026, 5, 26), kind="conference"),
            ]
        )
    ids = {p.name: p.id for p in db.session.scalars(select(Partner))}
    given = {"title": "Names", "save": "1"}

    page = visitor.submit({**given, "partners": "RT", "event": "ringcon"}, status=422)
    assert "“RT” may be several: RT-EE (EE); RT.LV (LV)" in page.text
    assert "RingCon (2026-05-26); RingCon (2025-05-27)" in page.text
    visitor.submit(
        {**given, "partners": "rt.lv\n\nRT (EE)", "forum": "ring", "event": "RingCon (2026-05-26)", "lead": "Ada Asker"}
    )

    kept = contents.content_of(asked().id)
    assert [p["id"] for p in kept["partners"]] == [ids["RT-EE"], ids["RT.LV"]]
    assert (kept["forum"]["code"], kept["event"]["starts_on"]) == ("RING", date(2026, 5, 26))
    assert [t["id"] for t in kept["travellers"]] == [asker.id]


@pytest.mark.parametrize("direction", ["inbound", "virtual"])
def test_where_nobody_travels_there_are_days_and_no_stays(visitor, asker, direction):
    with transaction():
        fields = typed(asker)
    known = {name: value for name, value in fields.items() if not name.startswith(("legs", "lead", "costs"))}

    visitor.submit({**known, "direction": direction, "asks": "advice", "starts_on": str(STARTS), "submit": "1"})

    assert (asked().state, asked().starts_on, asked().ends_on) == (State.SUBMITTED, STARTS, None)


def test_a_late_request_says_why_and_is_called_late(visitor, asker):
    with transaction():
        soon = TODAY + timedelta(days=10)
        fields = typed(asker, **{"legs-0-arrives_on": str(soon), "legs-0-departs_on": str(soon)})

    page = visitor.submit({**fields, "submit": "1"}, status=422)
    assert set(labelled(page.html)) == {"late_reason"}
    visitor.submit({"late_reason": "The host moved it.", "submit": "1"})

    assert "Asked for later than the lead time." in visitor.follow().text
    assert "Late" in visitor.get("/engagements").text


def test_an_auditor_may_not_ask(visitor):
    visitor.sign_in(make.person(Role.AUDITOR))

    visitor.get("/engagements/new", status=403)
    visitor.post("/engagements/new", {"title": "Mine"}, status=403)

    assert db.session.scalar(select(func.count(StateSpan.id))) == 0
