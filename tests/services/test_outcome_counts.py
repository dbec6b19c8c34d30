"""Outcomes are counted as far as their reader may see the engagements that they are of, whatever is marked how."""

import csv
import io
from collections import Counter
from datetime import date, timedelta

import factories as make
import pytest
from factories import NOON, TODAY

from engage.rules.marking import Marking
from engage.rules.outcomes import Outcome as Said
from engage.rules.outcomes import OutcomeKind
from engage.rules.policy import Role, See, may
from engage.rules.workflow import State
from engage.services import outcome_counts, outcomes, reports, visibility
from engage.services.transaction import transaction

FIRST, LAST = date(2025, 1, 1), date(2026, 1, 1)


@pytest.fixture
def said(store):
    """Engagements of every marking with filed reports: what each outcome is, beside its engagement."""
    found = []
    with transaction():
        asker, other = make.person(), make.person()
        for n, marking in enumerate((*Marking, Marking.GREEN)):
            by = asker if n % 2 else other
            item = make.engagement(
                State.APPROVED, by=by, travellers=[by], starts=TODAY - timedelta(days=20 + 90 * (n % 3)), days=5,
                marking=marking,
            )  # fmt: skip
            for place in range(n + 1):
                kind, country = list(OutcomeKind)[place % 2], ("EE", None, "JP")[place % 3]
                one = Said(kind, f"What {n} brought", 1 + place % 2, number=place + 1, country_code=country)
                outcomes.record(item, one, by=make.actor(by), now=NOON)
                found.append((item.id, kind.value, country or ""))
            reports.write(
                item, {"readout": "It went well.", "recommendations": "", "no_outcome": ""}, version=0,
                by=make.actor(by), now=NOON,
            )  # fmt: skip
            reports.file(item, by=make.actor(by), now=NOON, today=TODAY)
    return asker, found


@pytest.mark.parametrize("role", [None, Role.LEADERSHIP, Role.SECRETARIAT, Role.AUDITOR])
def test_whoever_counts_counts_what_they_may_see_one_by_one_and_their_list_has_as_many(said, role):
    asker, found = said
    with transaction():
        reader = make.person(*([role] if role else []))
    for who in (make.actor(reader), make.actor(asker)):
        may_see = {
            number: may(who, See.ENGAGEMENT, subject)
            for number in {number for number, _, _ in found}
            if (subject := visibility.subject(number))
        }
        seen = [(kind, country) for number, kind, country in found if may_see[number]]

        counted = outcome_counts.counts(who, FIRST, LAST)

        assert {row.key: row.outcomes for row in counted["kind"]} == Counter(kind for kind, _ in seen)
        assert {row.key: row.outcomes for row in counted["country"]} == Counter(country for _, country in seen)
        sums = {what: sum(row.outcomes for row in rows) for what, rows in counted.items()}
        assert sums == dict.fromkeys(outcome_counts.WAYS, len(seen))
        assert len(outcome_counts.listed(who, FIRST, outcome_counts.last_day(LAST))[0]) == len(seen)
        in_estonia = outcome_counts.counts(who, FIRST, LAST, country="EE")["quarter"]
        assert sum(row.outcomes for row in in_estonia) == sum(country == "EE" for _, country in seen)


def test_a_file_of_outcomes_holds_what_its_reader_may_see_and_no_word_of_what_is_red(said, visitor):
    _, found = said
    with transaction():
        clerk = make.person(Role.SECRETARIAT)
    answer = visitor.sign_in(clerk).client.get(f"/outcomes?as=csv&first={FIRST}&last={LAST}")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))
    assert Counter(row["Kind"] for row in rows) == Counter(OutcomeKind(kind).label for _, kind, _ in found)
    assert Counter(row["Outcome"] for row in rows) == {
        "What 0 brought": 1, "What 1 brought": 2, "What 2 brought": 3, "What 3 brought": 4,
        "A restricted engagement": 5, "What 5 brought": 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("begins", "ends"),
    [(date(2026, 1, 1), date(2026, 3, 31)), (date(2025, 10, 1), date(2025, 12, 31)),
     (date(2024, 4, 1), date(2024, 6, 30)), (date(2024, 7, 1), date(2024, 9, 30))],
)  # fmt: skip
def test_a_quarter_ends_on_its_last_day(begins, ends):
    assert outcome_counts.last_day(begins) == ends
