"""What an engagement said is kept moment by moment, whoever changes it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import factories as make
import pytest
import sqlalchemy as sa
from factories import NOON
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from engage.extensions import db
from engage.models.plans import PlanEntry
from engage.rules.asking import Content, ContentCost, ContentLeg, Firmness
from engage.rules.marking import Marking
from engage.rules.policy import PROGRAM, Role
from engage.services import contents, engagements, markings, versions, visibility
from engage.services.transaction import transaction

HOUR = timedelta(hours=1)
STARTS = make.TODAY + timedelta(days=90)
SAID = Content(
    title="Visit A", firmness=Firmness.IDEA, objective_ids=(1, 2),
    legs=(
        ContentLeg("EE", "Tallinn", "Europe/Tallinn", STARTS, STARTS + timedelta(days=2)),
        ContentLeg("FI", "Helsinki", "Europe/Helsinki", STARTS + timedelta(days=2), STARTS + timedelta(days=2), True),
    ),
    costs=(ContentCost("Airfare", 900), ContentCost("Hotel", 300)),
)  # fmt: skip


def entries(columns=None):
    rows = db.session.execute(select(*(columns or PlanEntry.__table__.c)).order_by(PlanEntry.id))
    return [tuple(row) for row in rows]


def test_each_change_adds_an_entry_and_none_is_written_over(store):
    with transaction():
        asker, other = make.person(), make.person()
        made = engagements.draft(SAID, by=make.actor(asker), now=NOON)
    with transaction():
        item, subject = visibility.find(made.id, by=make.actor(asker))
        later = replace(SAID, title="Visit B", firmness=Firmness.FIRM, legs=SAID.legs[1:], objective_ids=())
        engagements.revise(item, subject, later, item.version, by=make.actor(asker), now=NOON + HOUR)
    with transaction():
        item, subject = visibility.find(made.id, by=make.actor(asker))
        markings.mark(item, subject, Marking.RED, item.version, why="Names.", by=make.actor(asker), now=NOON + 2 * HOUR)
    with transaction():
        secretary = make.actor(make.person(Role.SECRETARIAT))
        drafts = [("x", Content(title="Visit C"))]
        [loose] = engagements.import_drafts(drafts, requester_id=None, by=PROGRAM, now=NOON)
        engagements.claim(loose, visibility.subject(loose.id), for_id=other.id, by=secretary, now=NOON + HOUR)
    names = ("at", "title", "firmness", "marking", "requester_id", "places", "countries", "objectives", "cost")
    assert entries([getattr(PlanEntry, name) for name in names]) == [
        (NOON, "Visit A", "idea", "green", asker.id, "Tallinn, EE\nHelsinki, FI", " EE ", " 1 2 ", 1200),
        (NOON + HOUR, "Visit B", "firm", "green", asker.id, "Helsinki, FI", " ", " ", 1200),
        (NOON + 2 * HOUR, "Visit B", "firm", "red", asker.id, "Helsinki, FI", " ", " ", 1200),
        (NOON, "Visit C", "firm", "green", None, "", " ", " ", 0),
        (NOON + HOUR, "Visit C", "firm", "green", other.id, "", " ", " ", 0),
    ]  # fmt: skip
    for statement in (sa.update(PlanEntry).values(title="Never"), sa.delete(PlanEntry)):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            store.execute(statement)
        store.rollback()


def test_what_was_frozen_before_there_were_entries_becomes_entries(store):
    with transaction():
        asker = make.person()
        who = make.actor(asker)
        draft = make.engagement(by=asker, title="Visit A")
        said = contents.asked_by(contents.content_of(draft.id))
        made = engagements.draft(said, by=who, now=NOON)
        engagements.draft(SAID, by=who, now=NOON + HOUR)
    with transaction():
        item, _ = visibility.find(made.id, by=who)
        versions.freeze(item.id, contents.content_of(item.id), by=who, now=NOON + HOUR)
        item.submitted_at = NOON + HOUR
    with transaction():
        item, _ = visibility.find(made.id, by=who)
        moved = replace(said, title="Visit B", marking=Marking.AMBER)
        engagements.write(item, moved, now=NOON + 2 * HOUR)
        versions.freeze(item.id, contents.content_of(item.id), by=who, now=NOON + 2 * HOUR)
    early = draft.id
    columns = [c for c in PlanEntry.__table__.c if c.name != "id"]
    kept = entries(columns)
    number = next(Path("migrations/versions").glob("*_plans_as_they_stood.py")).name[:4]
    store.remove()
    downgrade(revision=f"{int(number) - 1:04d}")
    upgrade()
    found = entries(columns)
    assert [row for row in found if row[0] == early] == [(early, NOON, "Visit A", *found[0][3:])]
    assert sorted(row for row in found if row[0] != early) == sorted(kept)
