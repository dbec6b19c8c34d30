"""The meeting's pages: a fixed number of statements whatever stands on them, and refusals that change nothing."""

import io
from datetime import date, time

import factories as make
import hostile_files as made
import pytest
import sqlalchemy as sa
from factories import NOON

from engage.models.files import StoredFile
from engage.rules.agenda import Attends, Section
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import agendas, attendance, board, meetings, sittings
from engage.services.meetings import Plan
from engage.services.transaction import transaction

MOST = 15


def prepared(items):
    with transaction():
        _, holders = make.board()
        secretary = make.person(Role.SECRETARIAT)
        by = make.actor(secretary)
        plan = Plan("March", date(2026, 3, 16), time(14), "America/New_York", 120, "Room 7")
        meeting = meetings.schedule(plan, by=by, now=NOON)
        for number in range(items):
            item = make.engagement(State.SCHEDULED)
            make.version(item)
            agendas.add(meeting, item.id, section=Section.CONSENT if number % 2 else None, by=by, now=NOON)
        agendas.publish(meeting, by=by, now=NOON)
        return meeting.id, meeting.starts_at, secretary, holders


@pytest.mark.parametrize("items", [1, 3, 60])
def test_no_page_of_a_meeting_takes_more_statements_for_more_items(store, visitor, statements, app, items):
    meeting_id, starts, secretary, holders = prepared(items)
    url = f"/board/meetings/{meeting_id}"
    visitor.sign_in(secretary)
    counts = {}
    for page in ("", "/agenda"):
        statements.clear()
        visitor.get(url + page)
        counts[page] = len(statements)
    app.config["CLOCK"] = lambda: starts
    by = make.actor(secretary)
    with transaction():
        meeting = meetings.hold(meeting_id)
        meetings.open_(meeting, by=by, now=starts)
        for seat, who in enumerate(holders, 1):
            attendance.come(meeting, who.id, seat_id=seat, attends=Attends.IN_ROOM, by=by, now=starts)
        entry = next(row for row in agendas._live(meeting_id) if row.section is Section.DECISION)
        sittings.call(meeting, entry.id, by=by, now=starts)
    visitor.sign_in(holders[0])
    for page in ("/live", "/minutes"):
        visitor.get(url + page)
        statements.clear()
        visitor.get(url + page)
        counts[page] = len(statements)
    assert {page: count for page, count in counts.items() if count > MOST + 5 * (page == "/minutes")} == {}


def test_what_cannot_be_is_refused_with_a_sentence(store, visitor):
    meeting_id, _, secretary, holders = prepared(1)
    url = f"/board/meetings/{meeting_id}"
    visitor.sign_in(secretary)
    for act, status in (("call", 409), ("end", 409), ("vote", 409), ("nonsense", 409)):
        visitor.post(f"{url}/live", {"act": act, "entry": "1"}, status=status)
    visitor.post(f"{url}/live", {"act": "call", "entry": "99999999999999999999"}, status=422)
    visitor.post(f"{url}/agenda", {"act": "move", "entry": "1", "section": "nowhere"}, status=422)
    visitor.get("/board/meetings/999999", status=404)
    visitor.get(f"{url}/minutes", status=404)
    visitor.sign_in(holders[1]).get(f"{url}/agenda", status=403)
    visitor.get(f"{url}/cancel", status=403)


def test_a_paper_kept_as_a_file_is_had_by_whoever_sees_the_meeting_but_who_stands_aside(store, visitor):
    meeting_id, _, secretary, holders = prepared(1)
    entry = agendas._live(meeting_id)[0]
    visitor.sign_in(secretary)
    for about in (0, entry.id):
        visitor.get(f"/board/meetings/{meeting_id}/papers/new")
        paper = (io.BytesIO(made.pdf()), "options.pdf")
        visitor.submit({"entry": str(about), "title": f"Options {about}", "text": "", "file": paper})
    of_meeting, of_entry = store.scalars(sa.select(StoredFile.id).order_by(StoredFile.id))
    with transaction():
        board.recuse(entry.item_id, reason="My partner.", by=make.actor(holders[1]), now=NOON)
        stranger = make.person()
    for who, seen in ((holders[0], (200, 200)), (holders[1], (200, 404)), (stranger, (404, 404))):
        visitor.sign_in(who)
        for number, status in zip((of_meeting, of_entry), seen, strict=True):
            with visitor.client.get(f"/files/{number}") as answer:
                assert answer.status_code == status
