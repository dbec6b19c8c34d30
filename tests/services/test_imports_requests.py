"""Requests become drafts: as typed, never shifted, and what is not sure is said."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import factories as make
import pytest
from factories import NOON
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from engage.extensions import db
from engage.importing.parsed import Problem
from engage.importing.requests import REQUEST_COLUMNS
from engage.models.audit import AuditEvent
from engage.models.engagements import Engagement, ItemVersion, StateSpan
from engage.models.norms import Objective
from engage.rules.policy import PROGRAM
from engage.rules.refusals import Incomplete
from engage.rules.workflow import Action, State
from engage.services import imports, items, visibility
from engage.services.imports import Unsound
from engage.services.transaction import transaction

REAL = Path(imports.__file__).parents[2] / "seed" / "real"
REQUESTS = (REAL / "requests-real.csv").read_bytes()


def printed():
    with (REAL / "requests-real.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def take(kind="requests", source=REQUESTS, **how):
    with transaction():
        return imports.take(kind, source, by=PROGRAM, now=NOON, **how)


def drafts(*parts):
    loaded = [selectinload(part) for part in parts]
    return db.session.scalars(select(Engagement).options(*loaded).order_by(Engagement.id)).all()


def only(*parts):
    (made,) = drafts(*parts)
    return made


def typed(**cells):
    """A file of one request; what is not said is empty."""
    row = {"request_ref": "R-1", "title": "A visit", **cells}
    return ("\r\n".join([",".join(REQUEST_COLUMNS), ",".join(row.get(name, "") for name in REQUEST_COLUMNS)])).encode()


def test_each_real_request_becomes_an_unclaimed_draft_as_it_was_typed(store):
    done = take()

    made = drafts(Engagement.legs, Engagement.costs, Engagement.travellers, Engagement.partners)
    rows = printed()
    assert (len(done.new), done.changed, done.same) == (len(rows), (), ())
    assert [
        (m.source_ref, m.title, m.state, m.requester_id, m.purpose, m.why_not_virtual, m.late_reason, str(m.nature))
        for m in made
    ] == [
        (f"request:{r['request_ref']}", r["title"], State.DRAFT, None, r["purpose"], r["why_not_virtual"],
         r["late_reason"], r["event_kind"])
        for r in rows
    ]  # fmt: skip
    days = [[leg[:10] for leg in r["legs"].split(";")] for r in rows]
    assert [(str(m.starts_on), str(m.ends_on)) for m in made] == [(d[0], d[-1]) for d in days]
    assert [sum(c.amount for c in m.costs) for m in made] == [Decimal(r["cost_estimate_usd"]) for r in rows]
    assert [sum(c.amount for c in m.costs if c.non_federal) for m in made] == [
        Decimal(r["nonfederal_usd"]) for r in rows
    ]
    assert [[t.name_given for t in m.travellers] for m in made] == [r["travellers"].split(";") for r in rows]
    assert [[t.name_given for t in m.travellers if t.is_lead] for m in made] == [[r["lead_traveller"]] for r in rows]
    assert [{p.name for p in m.partners} for m in made] == [set(r["partners"].split(";")) for r in rows]


def test_forums_and_events_are_found_by_their_exact_names(store):
    take()

    found = [
        (m.forum.code if m.forum else "", m.event.name, str(m.event.starts_on))
        for m in drafts(Engagement.forum, Engagement.event)
    ]
    assert found == [(r["forum_code"], r["event_name"], r["event_starts_on"]) for r in printed()]


def test_what_the_real_file_leaves_open_stands_in_the_draft(store):
    take()

    missing = {m.source_ref: m.missing.splitlines() for m in drafts()}
    assert missing["request:REQ-02"] == [
        "The traveller “traveller-03” is nobody's name or address here.",
        "Choose an objective under goal 2.",
    ]
    assert missing["request:REQ-14"] == [
        "The time zone of Shenzhen.",
        "The traveller “traveller-28” is nobody's name or address here.",
        "Choose an objective under goal 1.",
    ]


def test_where_it_came_from_stands_in_the_notes(store):
    take()

    notes = {m.source_ref: m.notes.splitlines() for m in drafts()}
    assert notes["request:REQ-04"] == [
        "31 USC 1353 paperwork to follow - host letter attached separately",
        "Funding as typed: agency travel budget; host pays lodging (non-federal, UAE side).",
        "Imported from request REQ-04, typed on 10 March 2025 by staff-14, Capacity Building.",
    ]


def test_twice_is_the_same_as_once(store):
    take(name="requests-real.csv")
    before = [(m.id, m.version, m.title) for m in drafts()]
    spans = db.session.scalar(select(func.count()).select_from(StateSpan))

    done = take(name="requests-real.csv")

    assert (done.new, len(done.same), done.questions) == ((), 16, ())
    assert [(m.id, m.version, m.title) for m in drafts()] == before
    assert db.session.scalar(select(func.count()).select_from(StateSpan)) == spans
    lines = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "import").order_by(AuditEvent.id)).all()
    assert [line.details.split('"sha256"')[0] for line in lines] == [
        '{"changed":0,"file":"requests-real.csv","new":16,"same":0,',
        '{"changed":0,"file":"requests-real.csv","new":0,"same":16,',
    ]


def test_each_draft_leaves_its_span_and_its_line(store):
    take(source=typed())
    made = only()

    spans = db.session.scalars(select(StateSpan).where(StateSpan.item_id == made.id)).all()
    assert [(span.state, span.started_at, span.ended_at) for span in spans] == [(State.DRAFT, NOON, None)]
    lines = db.session.scalars(select(AuditEvent).where(AuditEvent.about_kind == "item")).all()
    assert [(line.action, line.about_id, line.actor_id) for line in lines] == [("draft", made.id, None)]
    assert db.session.scalar(select(func.count()).select_from(ItemVersion)) == 0


def test_a_request_that_its_requester_changed_is_theirs(store):
    owner = make.person()
    take(source=typed(), requester_id=owner.id)
    with transaction():
        only().title = "Changed by its requester"

    done = take(source=typed(title="Another title"))
    assert [entry.says for entry in done.same] == [("here already, left as it is",)]
    assert only().title == "Changed by its requester"


def test_drafts_are_those_of_the_person_named(store):
    owner = make.person(email="owner@example.gov")
    take(source=typed(), requester_id=imports.requester(" Owner@Example.gov "))

    assert only().requester_id == owner.id


def test_nobody_is_named_who_is_unknown_or_disabled(store):
    make.person(email="gone@example.gov", disabled_at=NOON)

    for email in ("gone@example.gov", "nobody@example.gov", ""):
        with pytest.raises(KeyError):
            imports.requester(email)


def test_travellers_are_people_by_name_or_by_the_front_of_their_address(store):
    by_name = make.person(name="Rosa Example", email="re@example.gov")
    by_address = make.person(name="Sam Sample", email="traveller-02@example.gov")
    make.person(name="Kim Twice", email="k1@example.gov")
    make.person(name="Kim Twice", email="k2@example.gov")
    make.person(name="Gone Away", email="gone@example.gov", disabled_at=NOON)

    take(source=typed(
        lead_traveller="rosa example", travellers="rosa example;Traveller-02;Kim Twice;Gone Away;sam sample",
    ))  # fmt: skip

    made = only(Engagement.travellers)
    assert [(t.person_id, t.name_given, t.is_lead) for t in made.travellers] == [
        (by_name.id, "", True), (by_address.id, "", False), (None, "Kim Twice", False), (None, "Gone Away", False),
    ]  # fmt: skip
    assert made.missing.splitlines() == [
        "The traveller “Kim Twice” may be several people.",
        "The traveller “Gone Away” is nobody's name or address here.",
    ]


def test_names_that_name_nothing_here_are_not_guessed_at(store):
    take(source=typed(
        forum_code="NOSUCH", partners="aeCERT;Nobody's CERT", event_name="CyCon 2024: Over the Horizon",
        event_starts_on="2024-05-29", event_ends_on="2024-05-31", source_url="https://example.org/e",
    ))  # fmt: skip

    made = only(Engagement.partners)
    assert (made.forum_id, made.event_id, [p.name for p in made.partners]) == (None, None, ["aeCERT"])
    assert made.missing.splitlines() == [
        "The forum NOSUCH is not in the register.",
        "The event “CyCon 2024: Over the Horizon” of 29 May 2024 is not in the register.",
        "The partner “Nobody's CERT” is not in the register.",
    ]
    assert made.notes.splitlines()[0] == (
        "Event: CyCon 2024: Over the Horizon, 29 May 2024 to 31 May 2024, https://example.org/e."
    )
    assert (made.starts_on, made.ends_on) == (date(2024, 5, 29), date(2024, 5, 31))


def test_a_goal_with_one_objective_needs_no_choice(store):
    with transaction():
        for code in ("3.2", "3.3"):
            db.session.delete(db.session.scalar(select(Objective).where(Objective.code == code)))

    take(source=typed(objective_refs="goal 3; goal 1"))

    made = only(Engagement.objectives)
    assert [o.code for o in made.objectives] == ["3.1"]
    assert made.missing == "Choose an objective under goal 1."


def test_a_zone_that_is_not_sure_is_asked_and_the_answer_is_kept(store):
    plan = imports.preview("requests", REQUESTS, now=NOON)
    (question,) = plan.questions
    assert (question.about, question.options) == (
        "Which time zone has Shenzhen, China?", ("Asia/Shanghai", "Asia/Urumqi"),
    )  # fmt: skip

    take(answers={question.key: "Asia/Shanghai"})

    made = {m.source_ref: m for m in drafts(Engagement.legs)}["request:REQ-14"]
    hong_kong = ("Hong Kong", "HK", "Asia/Hong_Kong")
    assert [(leg.city, leg.country_code, leg.zone) for leg in made.legs] == [
        hong_kong, ("Shenzhen", "CN", "Asia/Shanghai"), hong_kong,
    ]  # fmt: skip
    assert "The time zone of Shenzhen." not in made.missing


def test_without_an_answer_the_stay_has_no_zone(store):
    take()

    zones = {leg.city: leg.zone for made in drafts(Engagement.legs) for leg in made.legs}
    assert [city for city, zone in zones.items() if zone is None] == ["Shenzhen"]


def test_a_stay_in_no_known_country_waits_in_words(store):
    take(source=typed(legs="2026-05-01 Washington DC > Erewhon;2026-05-04 Erewhon > Washington DC"))

    made = only(Engagement.legs)
    assert made.legs == []
    assert made.missing.splitlines() == [
        "The country and time zone of Erewhon.",
        "The stay in Erewhon from 1 May 2026 to 4 May 2026: add it once its country is known.",
    ]


def test_a_departure_that_is_past_is_drafted_and_refused_only_when_submitted(store):
    owner = make.person()
    take(
        source=typed(legs="2024-05-26 Washington DC > Tallinn;2024-06-01 Tallinn > Washington DC"),
        requester_id=owner.id,
    )
    made = only()

    assert made.starts_on == date(2024, 5, 26)
    with pytest.raises(Incomplete) as refused:
        items.act(made, visibility.subject(made.id), Action.SUBMIT, by=make.actor(owner), now=NOON)
    assert refused.value.at["legs-0-arrives_on"] == "This departure is past."


def test_every_bad_request_is_named_and_none_is_drafted(store):
    lines = REQUESTS.decode().splitlines(keepends=True)
    lines[2] = lines[2].replace("2720", "2721", 1)
    lines[4] = lines[4].replace("traveller-10;traveller-11", "traveller-99;traveller-11")
    lines[6] = lines[6].replace("goal 2", "goal two")

    with pytest.raises(Unsound) as refused:
        take(source="".join(lines).encode())

    assert refused.value.plan.problems == (
        Problem(3, "cost_breakdown_usd", "The items add up to 2,720, the estimate says 2,721."),
        Problem(5, "lead_traveller", "traveller-10 is not among the travellers."),
        Problem(7, "objective_refs", "“goal two”: write goal 1; goal 2."),
    )
    assert drafts() == []


def test_a_party_past_what_a_draft_holds_is_a_problem_with_its_line(store):
    crowd = ";".join(f"person {n}" for n in range(41))

    with pytest.raises(Unsound) as refused:
        take(source=typed(travellers=crowd, lead_traveller="person 1"))

    assert refused.value.plan.problems == (
        Problem(2, "others", "A party has at most 40 travellers; split a larger one."),
    )


