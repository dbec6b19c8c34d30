"""Last safe days, counted back by hand on a calendar of paper."""

from datetime import date, timedelta

from engage.rules.gates import Gate, LastDay, Lead, last_days
from engage.rules.working_time import Calendar

HOME = Calendar(holidays=frozenset({date(2026, 5, 25)}))  # Memorial Day
EGYPT = Calendar(weekend=frozenset({4, 5}))  # Friday and Saturday
DEPARTS = date(2026, 6, 10)  # a Wednesday


def lead(gate: Gate, days: int, *, country: str = "", level: int = 0, business: bool = False) -> Lead:
    return Lead(gate, country, level, days, business, "a source")


def told(levels: dict[str, int], *leads: Lead, calendars=(HOME, EGYPT)) -> list[tuple[Gate, date]]:
    return [(day.gate, day.on) for day in last_days(DEPARTS, levels, leads, calendars)]


def test_calendar_days_step_over_the_rest_of_either_office():
    # 45 days before is Sunday 26 April; Saturday and Friday rest in one of the two, Thursday in neither.
    assert told({"EG": 2}, lead(Gate.SUBMISSION, 45)) == [(Gate.SUBMISSION, date(2026, 4, 23))]


def test_business_days_count_only_where_both_offices_are_open():
    # 9, 8 June; 4, 3, 2, 1 June; 28, 27, 26 May (25 is a holiday at home); 21 May: ten days.
    assert told({"EG": 2}, lead(Gate.GUIDANCE, 10, business=True)) == [(Gate.GUIDANCE, date(2026, 5, 21))]


def test_a_country_s_own_row_counts_before_the_one_for_everywhere():
    rows = (lead(Gate.VISA, 90), lead(Gate.VISA, 10, country="EG"))

    assert told({"EG": 2}, *rows) == [(Gate.VISA, date(2026, 5, 28))]
    assert told({"EG": 2, "KE": 2}, *rows) == [(Gate.VISA, date(2026, 3, 12))]


def test_a_higher_advisory_asks_earlier_and_an_unknown_one_asks_as_the_lowest():
    rows = (lead(Gate.SUBMISSION, 45), lead(Gate.SUBMISSION, 60, level=3))

    assert told({"EG": 3}, *rows) == [(Gate.SUBMISSION, date(2026, 4, 9))]
    assert told({"EG": 0}, *rows) == told({"EG": 2}, *rows) == [(Gate.SUBMISSION, date(2026, 4, 23))]


def test_the_earliest_gate_comes_first_and_one_day_later_it_is_passed():
    days = last_days(DEPARTS, {"EG": 1}, [lead(Gate.TRAINING, 30), lead(Gate.VISA, 90)], [HOME])

    assert [day.gate for day in days] == [Gate.VISA, Gate.TRAINING]
    assert [day.passed(day.on) for day in days] == [False, False]
    assert [day.passed(day.on + timedelta(days=1)) for day in days] == [True, True]


def test_lead_times_are_said_in_words():
    assert [lead(Gate.VISA, 1).said, lead(Gate.VISA, 20, business=True).said] == ["1 day", "20 business days"]


def test_a_journey_without_places_has_no_gates():
    assert last_days(DEPARTS, {}, [lead(Gate.VISA, 90)], [HOME]) == []
    assert isinstance(LastDay(Gate.VISA, DEPARTS, lead(Gate.VISA, 90)).lead, Lead)


def test_of_the_tier_and_the_advisory_the_earlier_counts_and_a_country_s_own_rule_before_both():
    def submitted(tier_days, country=None, level=1):
        tier = Lead(Gate.SUBMISSION, "", 0, tier_days, False, "here", "tier high")
        leads = [Lead(Gate.SUBMISSION, "", 0, 45, False, "here"), Lead(Gate.SUBMISSION, "", 3, 60, False, "here")]
        leads += [Lead(Gate.SUBMISSION, "EE", 0, country, False, "here")] if country else []
        (found,) = last_days(date(2026, 6, 1), {"EE": level}, leads, [Calendar()], tier)
        return found.lead.days, found.lead.why

    assert submitted(60) == (60, "tier high")
    assert submitted(45) == (45, "tier high")
    assert submitted(45, level=3) == (60, "")
    assert submitted(60, country=20) == (20, "")
