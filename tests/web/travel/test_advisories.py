"""Advisories on their pages: read by all, recorded by the secretariat and duty officers, loaded after a preview."""

import io
from datetime import timedelta

import factories as make
import getting_ready as prepare
import pytest
from importing.test_advisories import JSON
from sqlalchemy import select

from engage.extensions import db
from engage.models.places import Advisory
from engage.rules.policy import PROGRAM, Role
from engage.services import advisories
from engage.services.transaction import transaction


@pytest.fixture
def officer(store):
    with transaction():
        return make.person(Role.DUTY_OFFICER)


def levels():
    rows = db.session.scalars(select(Advisory).order_by(Advisory.country_code, Advisory.as_of))
    return [(row.country_code, row.level, row.as_of.isoformat()) for row in rows]


def test_the_published_file_is_shown_first_and_then_taken_whole(visitor, officer):
    with transaction():
        advisories.record("EE", 1, make.TODAY - timedelta(days=27), "Test", by=PROGRAM, now=make.NOON)
        advisories.record("JO", 2, make.TODAY - timedelta(days=90), "Test", by=PROGRAM, now=make.NOON)
    before = levels()
    visitor.sign_in(officer).get("/advisories/load")

    page = visitor.submit({"file": (io.BytesIO(JSON), "advisories.json")}, status=200)

    assert "2 new, 1 no newer than what is recorded, 3 left out. Nothing is taken yet." in page.text
    assert "Jordan Level 2 Level 3 Rises" in page.text
    assert levels() == before
    visitor.send("/advisories/take")
    assert "2 advisories taken." in visitor.follow().text
    assert levels() == sorted([*before, ("JO", 3, "2026-02-01"), ("MM", 4, "2026-01-05")])


@pytest.mark.parametrize("rows", ["[[", '[["EE"]]', '[["EE", "x", "2026-01-01", ""]]', '[[1, 2]]', "null"])
def test_a_made_up_preview_is_refused(visitor, officer, rows):
    visitor.sign_in(officer).post("/advisories/take", {"rows": rows}, status=400)

    assert levels() == []


@pytest.mark.parametrize("row", ['["US", 1, "2026-01-01", "x"]', '["EE", 7, "2026-01-01", "x"]',
                                 '["EE", 1, "2026-03-03", "x"]', '["XX", 1, "2026-01-01", "x"]'])  # fmt: skip
def test_a_preview_with_one_wrong_line_takes_nothing(visitor, officer, row):
    visitor.sign_in(officer).post("/advisories/take", {"rows": f'[["LV", 1, "2026-01-01", "x"], {row}]'}, status=422)

    assert levels() == []


def test_one_is_recorded_by_hand_and_a_second_level_of_the_day_is_refused(visitor, officer):
    visitor.sign_in(officer).get("/advisories/record?country=EE")
    visitor.submit({"level": "2", "source": "Cable 12"})
    assert "Recorded. Travellers it concerns" in visitor.follow().text

    visitor.get("/advisories/record?country=EE")
    page = visitor.submit({"level": "3", "source": "Cable 13"}, status=422)
    assert "Level 2 is recorded as of that day." in page.text


def test_everybody_reads_them_and_others_record_none(visitor):
    with transaction():
        who = make.person(Role.TRAINING_OWNER)
        prepare.trip(who)

    page = visitor.sign_in(who).get("/advisories")

    assert "Trips not yet over lead to these countries" in page.text
    assert "Estonia: 1 trip" in page.text
    assert "/advisories/load" not in page.links
    for path in ("/advisories/load", "/advisories/record"):
        visitor.get(path, status=403)
    visitor.post("/advisories/take", {"rows": "[]"}, status=403)
