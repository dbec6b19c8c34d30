"""What a request lacks, sentence by sentence. Pure: the day and the lead time are arguments."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engage.rules.asking import (
    Asks,
    Content,
    ContentCost,
    ContentLeg,
    ContentTraveller,
    Direction,
    EngagementKind,
)
from engage.rules.completeness import InTime, is_late, lacking, unkeepable

TODAY = date(2026, 3, 2)
STARTS = TODAY + timedelta(days=90)


def days(count: int) -> date:
    """A day so many days after the departure."""
    return STARTS + timedelta(days=count)


TALLINN = ContentLeg("EE", "Tallinn", "Europe/Tallinn", days(0), days(3))
RIGA = ContentLeg("LV", "Riga", "Europe/Riga", days(3), days(5))
LEAD, SECOND = ContentTraveller(1, is_lead=True), ContentTraveller(2)
AIRFARE = ContentCost("Airfare", Decimal(1200))
WHOLE = Content(
    title="Range day", nature=EngagementKind.BILATERAL, purpose="Why.", outcome_sought="What.",
    why_not_virtual="It is a range.", objective_ids=(1,), partner_ids=(1,), legs=(TALLINN, RIGA), travellers=(LEAD,),
    costs=(AIRFARE,),
)  # fmt: skip
INBOUND = replace(
    WHOLE, direction=Direction.INBOUND, legs=(), travellers=(), costs=(), why_not_virtual="", starts_on=days(0)
)


def in_time(content: Content) -> InTime | None:
    """Submitted on TODAY, under a lead time of 45 days."""
    first = content.first_day
    return InTime(first - timedelta(days=45), "45 days", TODAY) if first else None


def faults(content: Content, **facts: object) -> dict[str, str]:
    """What is lacking on TODAY under a lead time of 45 days."""
    return lacking(content, **{"today": TODAY, "in_time": in_time(content), **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        WHOLE,
        replace(WHOLE, asks=Asks.ADVICE),
        replace(WHOLE, partner_ids=(), forum_id=1),
        replace(WHOLE, travellers=(LEAD, SECOND), why_this_many="One each."),
        INBOUND,
        replace(INBOUND, direction=Direction.VIRTUAL, ends_on=days(0)),
    ],
)
def test_nothing_is_lacking_in_a_whole_request(content):
    assert faults(content) == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"nature": None}, "nature"),
        ({"purpose": ""}, "purpose"),
        ({"outcome_sought": ""}, "outcome_sought"),
        ({"why_not_virtual": ""}, "why_not_virtual"),
        ({"objective_ids": ()}, "objectives"),
        ({"partner_ids": ()}, "partners"),
        ({"legs": ()}, "legs"),
        ({"legs": (replace(TALLINN, zone=None),)}, "legs-0-zone"),
        ({"legs": (TALLINN, replace(RIGA, city=""))}, "legs-1-city"),
        ({"legs": (replace(TALLINN, departs_on=days(-1)),)}, "legs-0-departs_on"),
        ({"legs": (TALLINN, replace(RIGA, arrives_on=days(2)))}, "legs-1-arrives_on"),
        ({"legs": (RIGA, TALLINN)}, "legs-1-arrives_on"),
        ({"travellers": ()}, "lead"),
        ({"travellers": (SECOND,)}, "lead"),
        ({"travellers": (LEAD, SECOND)}, "why_this_many"),
        ({"travellers": (ContentTraveller(None, "traveller-01", True),)}, "lead"),
        ({"travellers": (LEAD, ContentTraveller(None, "traveller-02")), "why_this_many": "One each."}, "others"),
        ({"travellers": (LEAD, LEAD), "why_this_many": "One each."}, "lead"),
        ({"costs": ()}, "costs"),
        ({"costs": (replace(AIRFARE, funder=""),)}, "costs-0-funder"),
        ({"costs": (AIRFARE, replace(AIRFARE, what=""))}, "costs-1-what"),
        ({"costs": (replace(AIRFARE, amount=Decimal(-1)),)}, "costs-0-amount"),
        ({"missing": "The time zone of Campinas."}, "missing"),
    ],
)
def test_each_thing_lacking_is_named_at_its_field(change, field):
    assert list(faults(replace(WHOLE, **change)))[-1] == field


def test_everything_lacking_is_named_at_once():
    bare = faults(Content(title="An idea"))

    assert set(bare) == {
        "nature", "purpose", "outcome_sought", "why_not_virtual", "objectives", "partners", "legs", "lead", "costs",
    }  # fmt: skip
    assert all(sentence.endswith(".") for sentence in bare.values())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"starts_on": None}, "starts_on"),
        ({"starts_on": TODAY - timedelta(days=1)}, "starts_on"),
        ({"ends_on": days(-1)}, "ends_on"),
        ({"starts_on": None, "ends_on": days(1)}, "starts_on"),
        ({"legs": (TALLINN,)}, "legs"),
        ({"travellers": (LEAD,)}, "lead"),
    ],
)
def test_where_nobody_of_ours_travels_only_the_days_are_asked(change, field):
    assert list(faults(replace(INBOUND, **change))) == [field]


def test_a_past_departure_is_refused_and_not_called_late():
    leg = replace(TALLINN, arrives_on=TODAY - timedelta(days=1), departs_on=TODAY)

    assert faults(replace(WHOLE, legs=(leg,))) == {"legs-0-arrives_on": "This departure is past."}


def test_a_traveller_whose_account_is_disabled_is_named():
    assert list(faults(replace(WHOLE, travellers=(LEAD, SECOND), why_this_many="One each."), not_enabled={2})) == [
        "others"
    ]


@pytest.mark.parametrize(("ahead", "late"), [(45, False), (44, True), (0, True)])
def test_a_late_request_says_why(ahead, late):
    leg = replace(TALLINN, arrives_on=TODAY + timedelta(days=ahead), departs_on=TODAY + timedelta(days=ahead + 3))
    content = replace(WHOLE, legs=(leg,))

    assert list(faults(content)) == (["late_reason"] if late else [])
    assert faults(replace(content, late_reason="The host moved it.")) == {}
    assert is_late(content, in_time(content)) is late


def test_lead_times_are_for_journeys():
    content = replace(INBOUND, starts_on=TODAY)

    assert not is_late(content, in_time(content))


def test_while_questions_are_open_the_clock_stands_still():
    asked, late = InTime(TODAY, "45 days", TODAY), InTime(TODAY, "45 days", TODAY + timedelta(days=1))

    assert (is_late(WHOLE, asked), is_late(WHOLE, late)) == (False, True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "x" * 201}, "title"),
        ({"purpose": "x" * 5001}, "purpose"),
        ({"legs": (TALLINN,) * 31}, "legs"),
        ({"costs": (AIRFARE,) * 31}, "costs"),
        ({"partner_ids": tuple(range(51))}, "partners"),
        ({"travellers": tuple(ContentTraveller(n) for n in range(500))}, "others"),
        ({"travellers": (LEAD, replace(SECOND, is_lead=True))}, "lead"),
        ({"travellers": (LEAD, ContentTraveller(1))}, "others"),
    ],
)
def test_even_a_draft_has_its_bounds(change, field):
    assert list(unkeepable(replace(WHOLE, **change))) == [field]
