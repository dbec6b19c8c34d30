"""What an engagement is called on a day follows from its state, its mark and its dates."""

from datetime import date

import pytest

from engage.rules.standing import Standing, standing
from engage.rules.workflow import State

FIRST, LAST = date(2026, 5, 4), date(2026, 5, 8)


@pytest.mark.parametrize(
    ("state", "mark", "today", "expected"),
    [
        (State.DRAFT, "idea", date(2026, 5, 5), Standing.IDEA),
        (State.DRAFT, "tentative", FIRST, Standing.TENTATIVE),
        (State.DRAFT, "firm", FIRST, Standing.DRAFT),
        (State.SUBMITTED, "idea", FIRST, Standing.IN_PROGRESS),
        (State.DEFERRED, "firm", FIRST, Standing.IN_PROGRESS),
        (State.APPROVED, "firm", date(2026, 5, 3), Standing.APPROVED),
        (State.APPROVED, "firm", FIRST, Standing.UNDER_WAY),
        (State.APPROVED_WITH_CONDITIONS, "firm", LAST, Standing.UNDER_WAY),
        (State.APPROVED, "firm", date(2026, 5, 9), Standing.COMPLETE),
        (State.CANCELLED, "firm", date(2026, 5, 3), Standing.ENDED),
        (State.WITHDRAWN, "firm", FIRST, Standing.ENDED),
        (State.DISAPPROVED, "firm", LAST, Standing.ENDED),
    ],
)
def test_an_engagement_stands(state, mark, today, expected):
    assert standing(state, mark, FIRST, LAST, today) is expected
