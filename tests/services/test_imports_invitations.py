"""Invitations become drafts: one for each event, and nobody who was invited with us is taken for a traveller."""

from pathlib import Path

import factories as make
import pytest
from factories import NOON
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from engage.extensions import db
from engage.models.engagements import Engagement, Item
from engage.rules.asking import Direction, EngagementKind, Firmness
from engage.rules.policy import PROGRAM, Role
from engage.rules.workflow import State
from engage.services import imports, visibility
from engage.services.imports import Unsound
from engage.services.transaction import transaction

REAL = Path(imports.__file__).parents[2] / "seed" / "real"
INVITES = sorted((REAL / "invites").glob("*.ics"))


def take(kind, source, **how):
    with transaction():
        return imports.take(kind, source, by=PROGRAM, now=NOON, **how)


def drafts(*parts):
    loaded = [selectinload(part) for part in parts]
    return db.session.scalars(select(Engagement).options(*loaded).order_by(Engagement.id)).all()


def only(*parts):
    (made,) = drafts(*parts)
    return made


@pytest.mark.parametrize("file", INVITES, ids=lambda file: file.stem)
def test_an_invitation_taken_twice_is_one_draft(store, file):
    first = take("invitation", file.read_bytes())
    again = take("invitation", file.read_bytes())

    assert (len(first.new), len(again.new), [entry.says for entry in again.same]) == (
        1, 0, [("here already, left as it is",)],
    )  # fmt: skip
    assert only().requester_id is None


def test_what_the_four_invitations_become(store):
    for file in INVITES:
        take("invitation", file.read_bytes())

    made = drafts(Engagement.legs, Engagement.event, Engagement.travellers)
    assert [
        (m.title, m.event and m.event.name, m.nature, m.firmness, str(m.starts_on), str(m.ends_on)) for m in made
    ] == [
        ("ITU Plenipotentiary Conference 2026 (PP-26)", "ITU Plenipotentiary Conference 2026 (PP-26)",
         EngagementKind.MULTILATERAL, Firmness.TENTATIVE, "2026-11-09", "2026-11-27"),
        ("GÉANT Security Days 2025 – pozvánka / invitation, Praha", None, None, Firmness.FIRM,
         "2025-04-08", "2025-04-10"),
        ("5th International Counter Ransomware Initiative Summit",
         "5th International Counter Ransomware Initiative Summit",
         EngagementKind.MULTILATERAL, Firmness.FIRM, "2025-10-24", "2025-10-24"),
        ("CyCon 2025", "CyCon 2025", EngagementKind.CONFERENCE, Firmness.FIRM, "2025-05-27", "2025-05-30"),
    ]  # fmt: skip
    assert [[(leg.country_code, leg.city, leg.zone) for leg in m.legs] for m in made] == [
        [("QA", "Doha", "Asia/Qatar")], [("CZ", "", "Europe/Prague")], [("SG", "Singapore", "Asia/Singapore")],
        [("EE", "Tallinn", "Europe/Tallinn")],
    ]  # fmt: skip
    assert [(m.direction, m.travellers, m.purpose) for m in made] == [(Direction.OUTBOUND, [], "")] * 4
    days = "The days of arrival and departure: the stay has the event's own days."
    assert [m.missing.splitlines() for m in made] == [[days], [days, "The city."], [days], [days]]


def test_who_invited_and_when_exactly_stands_in_the_notes(store):
    take("invitation", next(file for file in INVITES if "google" in file.name).read_bytes())

    assert only().notes.splitlines()[:5] == [
        "Imported from an invitation from Summit secretariat (secretariat@summit.example).",
        "Place: Marina Bay Sands, Singapore.",
        "When: 24 October 2025, 09:00 to 24 October 2025, 17:30, Asia/Singapore time.",
        "",
        "5th International Counter Ransomware Initiative Summit, Singapore.",
    ]


def invitation(*lines):
    body = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        "UID:one",
        "SUMMARY:A meeting",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(body).encode()


def test_an_event_called_off_begins_no_draft(store):
    with pytest.raises(Unsound) as refused:
        take("invitation", invitation("DTSTART:20260501T090000Z", "STATUS:CANCELLED"))

    assert [str(problem) for problem in refused.value.plan.problems] == [
        "Line 3, STATUS: The organiser called this event off, so there is nothing to draft."
    ]


def test_an_event_called_off_later_says_so_beside_its_draft(store):
    take("invitation", invitation("DTSTART;VALUE=DATE:20260501", "LOCATION:Tallinn, Estonia"))

    done = take("invitation", invitation("DTSTART;VALUE=DATE:20260501", "STATUS:CANCELLED"))

    assert [entry.says for entry in done.same] == [
        ("here already; the organiser called it off: withdraw or cancel it there",)
    ]
    assert only().state is State.DRAFT


def test_an_invitation_to_nowhere_asks_for_the_country(store):
    content = invitation("DTSTART;VALUE=DATE:20260501", "LOCATION:The usual place")
    plan = imports.preview("invitation", content, now=NOON)
    (question,) = plan.questions

    take("invitation", content)

    made = only(Engagement.legs)
    assert question.about == "In which country is The usual place?"
    assert (made.legs, str(made.starts_on), made.missing) == ([], "2026-05-01", "The country.")


def test_a_long_uid_still_names_one_draft(store):
    content = invitation("DTSTART;VALUE=DATE:20260501").replace(b"UID:one", b"UID:" + b"x" * 200)

    take("invitation", content)
    take("invitation", content)

    assert len(db.session.scalar(select(Item.source_ref))) <= 200


def test_a_long_description_is_cut_to_what_notes_hold(store):
    take("invitation", invitation("DTSTART;VALUE=DATE:20260501", "DESCRIPTION:" + "long " * 1500))

    assert len(only().notes) == 5_000


def test_unclaimed_drafts_are_seen_by_the_secretariat_alone(store):
    take("invitation", INVITES[0].read_bytes())
    item_id = only().id

    assert visibility.find(item_id, by=make.actor(make.person(Role.SECRETARIAT))) is not None
    assert visibility.find(item_id, by=make.actor(make.person(Role.CHAIR, Role.AUDITOR, Role.SUPERVISOR))) is None
