"""Requests as staff typed them: the real ones to the letter, and the ways in which they go wrong."""

# ruff: noqa: E501  # one case of a table is one line

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.importing.costs import CostRow
from engage.importing.legs import StayRow
from engage.importing.parsed import Question
from engage.importing.requests import REQUEST_COLUMNS, parse_requests

REAL = Path(__file__).parents[2] / "engage" / "seed" / "real" / "requests-real.csv"
SHENZHEN = Question(
    11, "zone:CN:shenzhen", "Which time zone has Shenzhen, China?", ("Asia/Shanghai", "Asia/Urumqi")
)


@pytest.fixture(scope="module")
def real():
    return {row.request_ref: row for row in parse_requests(REAL).rows}


def test_the_real_requests_are_read_whole_and_leave_one_question():
    parsed = parse_requests(REAL)

    assert (len(parsed.rows), parsed.problems, parsed.questions) == (16, (), (SHENZHEN,))


def test_a_row_with_an_open_question_says_what_it_lacks(real):
    assert {ref: row.missing for ref, row in real.items() if row.missing} == {
        "REQ-14": ("The time zone of Shenzhen.",)
    }


def test_an_answer_settles_the_question():
    parsed = parse_requests(REAL, answers={SHENZHEN.key: "Asia/Shanghai"})
    (row,) = (row for row in parsed.rows if row.request_ref == "REQ-14")

    assert parsed.questions == ()
    assert row.missing == ()
    assert [(stay.city, stay.country_code, stay.zone) for stay in row.stays] == [
        ("Hong Kong", "HK", "Asia/Hong_Kong"),
        ("Shenzhen", "CN", "Asia/Shanghai"),
        ("Hong Kong", "HK", "Asia/Hong_Kong"),
    ]


@pytest.mark.parametrize("answer", ["Europe/Paris", "", "nonsense"])
def test_an_answer_that_is_no_option_settles_nothing(answer):
    assert parse_requests(REAL, answers={SHENZHEN.key: answer}).questions == (SHENZHEN,)


def test_costs_add_up_to_each_estimate(real):
    assert {ref: sum(line.amount for line in row.costs) for ref, row in real.items()} == {
        ref: row.cost_estimate for ref, row in real.items()
    }
    assert sum(row.cost_estimate for row in real.values()) == Decimal(163_870)


def test_legs_become_stays_and_home_is_none_of_them(real):
    assert real["REQ-20"].stays == (
        StayRow("Johannesburg", "ZA", "Africa/Johannesburg", date(2026, 4, 19), date(2026, 4, 20)),
        StayRow("Windhoek", "NA", "Africa/Windhoek", date(2026, 4, 20), date(2026, 4, 25)),
        StayRow("Dar es Salaam", "TZ", "Africa/Dar_es_Salaam", date(2026, 4, 25), date(2026, 4, 29)),
    )
    assert real["REQ-02"].stays == (
        StayRow("Amsterdam", "NL", "Europe/Amsterdam", date(2024, 10, 1), date(2024, 10, 5)),
    )
    assert {stay.country_code for row in real.values() for stay in row.stays} == {
        "EE", "NL", "AE", "DK", "SG", "QA", "AT", "HK", "CN", "CZ", "CH", "SA", "ZA", "NA", "TZ", "GB", "FR",
    }  # fmt: skip


def test_the_part_paid_by_others_stands_on_its_own_line(real):
    assert real["REQ-04"].costs == (
        CostRow("airfare", Decimal(5400), "agency travel budget"),
        CostRow("lodging", Decimal(1800), "host pays lodging (non-federal, UAE side)", non_federal=True),
        CostRow("meals", Decimal(1290), "agency travel budget"),
        CostRow("registration", Decimal(0), "agency travel budget"),
        CostRow("local transport", Decimal(210), "agency travel budget"),
    )
    assert {ref for ref, row in real.items() if any(line.non_federal for line in row.costs)} == {"REQ-04"}


def test_the_rest_of_a_request_is_read_to_the_letter(real):
    row = real["REQ-14"]

    assert (row.line, row.submitted_on, row.office, row.submitted_by) == (
        11,
        date(2026, 2, 16),
        "Standards",
        "staff-12",
    )
    assert (row.kind, row.city, row.country_code, row.forum_code) == ("standards", "Shenzhen", "CN", "IETF")
    assert (row.event_starts_on, row.event_ends_on) == (date(2026, 3, 14), date(2026, 3, 20))
    assert row.partners == ("Hong Kong Computer Emergency Response Team Coordination Centre",)
    assert (row.lead_traveller, row.travellers, row.goals) == ("traveller-28", ("traveller-28",), (1,))
    assert row.outcome_sought == "draft adopted by the working group"
    assert row.late_reason == "late by our 45-day rule: co-editor dropped out on 13 Feb"


def request(**cells):
    """One request that is sound but for `cells`."""
    row = {
        "request_ref": "R-1",
        "title": "Visit",
        "city": "Tallinn",
        "country_code": "EE",
        "legs": "2026-05-26 Washington DC > Tallinn; 2026-06-01 Tallinn > Washington DC",
        "cost_estimate_usd": "3900",
        "cost_breakdown_usd": "airfare=2900;lodging=1000",
        "funder": "agency; host",
        "lead_traveller": "Ann",
        "travellers": "Ann;Bob",
    } | cells
    out = io.StringIO()
    writer = csv.DictWriter(out, REQUEST_COLUMNS, restval="")
    writer.writeheader()
    writer.writerow(row)
    return out.getvalue().encode()


def test_the_sound_request_is_sound():
    parsed = parse_requests(request())

    assert (parsed.problems, parsed.questions, parsed.rows[0].missing) == ((), (), ())


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("request_ref", "", "This is missing."),
        ("title", " ", "This is missing."),
        ("title", "x" * 201, "This is longer than 200 characters."),
        ("purpose", "x" * 5001, "This is longer than 5,000 characters."),
        ("submitted_on", "yesterday", "Write the day as 2026-03-14."),
        ("event_kind", "party", "“party” is none of conference, multilateral, bilateral, exercise, training, standards, csirt."),
        ("legs", "Tallinn", "Leg 1: write 2026-03-14 From > To."),
        ("legs", "2026-05-26 A > B > C", "Leg 1: write 2026-03-14 From > To."),
        ("legs", "26.5.2026 A > B", "Leg 1: Write the day as 2026-03-14."),
        ("legs", "2026-05-26 A > a.", "Leg 1: it ends where it begins."),
        ("legs", "2026-05-26 A > B; 2026-05-25 B > A", "Leg 2: 2026-05-25 is before the leg above it, 2026-05-26."),
        ("legs", "2026-05-26 A > B", "The last leg does not lead back to A, so the last day in B is not known."),
        ("legs", ";".join(["2026-05-26 A > B"] * 31), "There are more than 30 legs."),
        ("cost_estimate_usd", "4000", None),
        ("cost_estimate_usd", "12.50", "Write whole dollars, such as 3900."),
        ("cost_breakdown_usd", "airfare", "“airfare”: write item=amount, such as airfare=3900."),
        ("cost_breakdown_usd", "airfare=-1", "airfare: Write whole dollars, such as 3900."),
        ("cost_breakdown_usd", "airfare=999999999", "airfare: No amount is larger than 100,000,000."),
        ("nonfederal_usd", "4000", "The part paid by others, 4,000, is more than the cost, 3,900."),
        ("objective_refs", "goal 1;win", "“win”: write goal 1; goal 2."),
        ("lead_traveller", "Cid", "Cid is not among the travellers."),
        ("travellers", ";".join(str(n) for n in range(51)), None),
        ("source_url", "see mail", "Write a web address that begins with https:// or http://."),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_by_line_column_and_reason(column, cell, reason):
    problems = parse_requests(request(**{column: cell})).problems

    if reason:
        assert [(p.line, p.column, p.reason) for p in problems] == [(2, column, reason)]
    elif column == "cost_estimate_usd":
        assert [str(p) for p in problems] == [
            "Line 2, cost_breakdown_usd: The items add up to 3,900, the estimate says 4,000."
        ]
    else:
        assert [str(p) for p in problems] == [
            "Line 2, travellers: There are more than 50 values.",
        ]


def test_an_unsure_city_asks_for_its_country_and_then_for_its_zone():
    legs = "2026-05-26 Washington DC > Springfield; 2026-06-01 Springfield > Washington DC"
    content = request(legs=legs, city="", country_code="")

    first = parse_requests(content)
    assert first.questions == (Question(2, "country:springfield", "In which country is Springfield?"),)
    assert first.rows[0].stays == (StayRow("Springfield", None, None, date(2026, 5, 26), date(2026, 6, 1)),)
    assert first.rows[0].missing == ("The country and time zone of Springfield.",)

    answers = {"country:springfield": "au"}
    (asked,) = parse_requests(content, answers=answers).questions
    assert (asked.key, asked.about) == ("zone:AU:springfield", "Which time zone has Springfield, Australia?")

    settled = parse_requests(content, answers=answers | {asked.key: "Australia/Brisbane"})
    assert (settled.questions, settled.rows[0].missing) == ((), ())
    assert settled.rows[0].stays[0].zone == "Australia/Brisbane"


def test_a_request_whose_legs_never_reach_its_country_says_so():
    (row,) = parse_requests(request(city="Riga", country_code="LV")).rows

    assert row.missing == ("A leg to Latvia, where it takes place.",)


def test_a_change_of_city_without_a_leg_is_by_road_within_a_country_and_asked_for_across_a_border():
    legs = "2026-05-26 Washington DC > Amsterdam; 2026-06-01 {} > Washington DC"
    by_road = request(legs=legs.format("Amsterdam, Netherlands"), city="Amsterdam", country_code="NL")
    across = request(legs=legs.format("Paris"), city="Amsterdam", country_code="NL")

    assert parse_requests(by_road).rows[0].missing == ()
    assert parse_requests(across).rows[0].missing == (
        "The day on which the party goes from Amsterdam to Paris.",
    )


def test_a_trip_home_between_two_stays_is_no_stay():
    legs = (
        "2026-05-01 Home > Paris;2026-05-03 Paris > Home;2026-05-05 Home > Tallinn;2026-05-07 Tallinn > Home"
    )
    (row,) = parse_requests(request(legs=legs)).rows

    assert [(stay.city, stay.departs_on) for stay in row.stays] == [
        ("Paris", date(2026, 5, 3)),
        ("Tallinn", date(2026, 5, 7)),
    ]


def test_what_the_outside_body_pays_is_asked_when_no_line_has_its_amount():
    content = request(nonfederal_usd="600")
    first = parse_requests(content)
    (asked,) = first.questions

    assert asked == Question(
        2,
        "paid:r 1",
        "R-1: which cost does the outside body pay with its 600 dollars?",
        ("airfare", "lodging"),
    )
    assert first.rows[0].missing == ("Which cost the outside body pays with its 600 dollars.",)
    assert parse_requests(content, answers={asked.key: "lodging"}).rows[0].costs == (
        CostRow("airfare", Decimal(2900), "agency"),
        CostRow("lodging", Decimal(400), "agency"),
        CostRow("lodging", Decimal(600), "host", non_federal=True),
    )


def test_amounts_may_be_written_as_spreadsheets_do():
    content = request(cost_estimate_usd="$3,900.00", cost_breakdown_usd="airfare=2,900;lodging=1000.00")

    assert parse_requests(content).problems == ()


def test_an_empty_request_is_a_draft_with_a_title():
    (row,) = parse_requests(
        request(**(dict.fromkeys(REQUEST_COLUMNS, "") | {"request_ref": "R", "title": "T"}))
    ).rows

    assert (row.stays, row.costs, row.travellers, row.missing) == ((), (), (), ())


def test_a_reference_stands_there_once():
    content = request() + request().split(b"\n", 1)[1]

    assert [str(p) for p in parse_requests(content).problems] == [
        "Line 3, request_ref: This is on line 2 too."
    ]


@given(st.dictionaries(st.sampled_from(REQUEST_COLUMNS), st.text(max_size=60), max_size=8))
@settings(deadline=None, max_examples=150)
def test_no_cell_makes_it_raise(cells):
    parse_requests(request(**{k: v.encode("utf-8", "replace").decode() for k, v in cells.items()}))
