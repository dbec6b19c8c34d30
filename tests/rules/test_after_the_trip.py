"""The rules of what follows a trip: gifts, claims, lists and their periods, days of reports, promises, outcomes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from engage.rules.claims import looks_like_bank_data
from engage.rules.commitments import Settled, standing
from engage.rules.gifts import Disposition, GiftKind, due_on, open_steps, over, step, worth
from engage.rules.lists import ListKind, period_of, periods_until
from engage.rules.outcomes import Outcome, OutcomeKind, quarter_label, quarter_of, wrong_with
from engage.rules.refusals import NotOpen
from engage.rules.reports import day_after, missing, report_state
from engage.rules.working_time import Calendar

DAY = date(2026, 3, 2)
# Where a gift above the minimal value, and one that is not, may go from each place.
SIGNED_OFF = """
              kept deposited official_use returned transferred bought
received      .    Y         Y            Y        .           .
deposited     .    .         Y            Y        Y           .
official_use  .    Y         .            .        .           .
transferred   .    .         .            .        .           Y
returned      .    .         .            .        .           .
bought        .    .         .            .        .           .
"""


def test_a_gift_goes_where_the_owner_signed_and_nowhere_else():
    heads, *rows = (line.split() for line in SIGNED_OFF.strip().splitlines())
    for name, *marks in rows:
        for to, mark in zip(map(Disposition, heads), marks, strict=True):
            here = Disposition(name)
            below = to in open_steps(GiftKind.OBJECT, here, above=False)
            assert (to in open_steps(GiftKind.OBJECT, here, above=True)) is (mark == "Y"), (name, to)
            assert below is (mark == "Y" or (here, to) == (Disposition.RECEIVED, Disposition.KEPT))


def test_what_is_above_is_not_the_recipients_to_keep_and_travel_goes_nowhere():
    with pytest.raises(NotOpen, match="not the recipient's to keep"):
        step(GiftKind.OBJECT, Disposition.RECEIVED, Disposition.KEPT, above=True)
    with pytest.raises(NotOpen, match="does not go to"):
        step(GiftKind.OBJECT, Disposition.BOUGHT, Disposition.KEPT, above=False)
    assert open_steps(GiftKind.TRAVEL, Disposition.REPORTED, above=True) == ()


@pytest.mark.parametrize(("amount", "rate", "value", "above"), [
    ("480.00", "1", "480.00", False), ("480.01", "1", "480.01", True), ("444.44", "1.08", "480.00", False),
    ("444.45", "1.08", "480.01", True), ("0", "1.2", "0.00", False), ("0.005", "1", "0.01", False),
    ("74000", "0.00649", "480.26", True),
])  # fmt: skip
def test_a_gift_is_worth_its_amount_at_the_rate_and_the_minimal_value_itself_is_not_above(amount, rate, value, above):
    found = worth(Decimal(amount), Decimal(rate))

    assert (found, over(found, 480)) == (Decimal(value), above)


def test_sixty_days_are_counted_from_the_day_of_the_gift():
    assert due_on(date(2026, 2, 24), 60) == date(2026, 4, 25)


@pytest.mark.parametrize("text", [
    "4111 1111 1111 1111", "4111-1111-1111-1111", "5500005555555559", "DE89370400440532013000",
    "de89 3704 0044 0532 0130 00", "021000021", "ref 021000021", "Account 12345678", "my card 1234 5678",
])  # fmt: skip
def test_what_looks_like_a_bank_or_a_card_is_known(text):
    assert looks_like_bank_data(text)


@pytest.mark.parametrize("text", ["TV-26-0417", "2026-000417", "E2 / 88213", "VOUCHER 417-B", "", "120000000"])
def test_a_reference_is_none(text):
    assert not looks_like_bank_data(text)


@pytest.mark.parametrize(("kind", "day", "first", "last", "due"), [
    ("payments", date(2026, 3, 31), date(2025, 10, 1), date(2026, 3, 31), date(2026, 5, 31)),
    ("payments", date(2026, 4, 1), date(2026, 4, 1), date(2026, 9, 30), date(2026, 11, 30)),
    ("payments", date(2026, 10, 1), date(2026, 10, 1), date(2027, 3, 31), date(2027, 5, 31)),
    ("gifts", date(2026, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 31)),
    ("justifications", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29), date(2028, 3, 31)),
    ("justifications", date(2026, 12, 5), date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 31)),
])  # fmt: skip
def test_each_list_has_the_periods_of_its_law(kind, day, first, last, due):
    found = period_of(ListKind(kind), day)

    assert (found.starts_on, found.ends_on, found.due_on) == (first, last, due)


@pytest.mark.parametrize("kind", list(ListKind))
def test_every_day_is_in_one_period_and_periods_follow_each_other_without_a_gap(kind):
    for offset in range(800):
        day = date(2025, 1, 1) + timedelta(days=offset)
        found = period_of(kind, day)
        assert found.starts_on <= day <= found.ends_on < found.due_on
        assert period_of(kind, found.starts_on) == period_of(kind, found.ends_on) == found
        before = periods_until(kind, day, 2)[1]
        assert before.ends_on + timedelta(days=1) == found.starts_on


def test_days_of_a_report_are_business_days_of_the_office():
    office = Calendar(holidays=frozenset({date(2026, 2, 16)}))

    assert day_after(date(2026, 2, 13), 1, office) == date(2026, 2, 17)  # a weekend and Presidents' Day
    assert day_after(date(2026, 2, 25), 10, office) == date(2026, 3, 11)


@pytest.mark.parametrize(("filed", "today", "state"), [
    (True, DAY + timedelta(days=99), "filed"), (False, DAY - timedelta(days=1), "not_due"), (False, DAY, "due"),
    (False, DAY + timedelta(days=5), "due"), (False, DAY + timedelta(days=6), "overdue"),
])  # fmt: skip
def test_a_report_is_due_on_its_day_and_overdue_after_the_other(filed, today, state):
    assert report_state(filed, DAY, DAY + timedelta(days=5), today).value == state


def test_a_report_says_something_and_has_an_outcome_or_the_reason_why_not():
    assert set(missing("", 0, "", True)) == {"readout", "no_outcome", "payments"}
    assert missing("It went well.", 1, "", False) == missing("It went well.", 0, "A first talk.", False) == {}


@pytest.mark.parametrize(("due", "settled", "word"), [
    (0, None, "open"), (-1, None, "overdue"), (-9, Settled.KEPT, "kept"), (9, Settled.RELEASED, "released"),
])  # fmt: skip
def test_a_promise_is_in_time_on_its_day_and_settled_for_good(due, settled, word):
    assert standing(DAY + timedelta(days=due), settled, DAY).value == word


def test_an_outcome_needs_its_objective_and_a_training_says_whom_it_reached():
    whole = Outcome(OutcomeKind.AGREEMENT, "We agreed.", 1)
    training = Outcome(OutcomeKind.TRAINING, "Two days.", 1)

    assert wrong_with(whole) == wrong_with(Outcome(OutcomeKind.TRAINING, "Two days.", 1, nations=2, people=9)) == {}
    assert set(wrong_with(training)) == {"nations", "people"}
    assert set(wrong_with(Outcome(OutcomeKind.ALERT, "", None, number=0, nations=0, evidence="x" * 2001))) == {
        "summary", "objective_id", "number", "nations", "evidence",
    }  # fmt: skip


def test_quarters_are_those_of_the_calendar():
    assert [quarter_of(date(2026, m, 28)).month for m in range(1, 13)] == [1] * 3 + [4] * 3 + [7] * 3 + [10] * 3
    assert quarter_label(date(2026, 10, 1)) == "Q4 2026"
