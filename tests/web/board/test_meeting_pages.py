"""The meeting's pages: a fixed number of statements whatever stands on them, and refusals that change nothing."""

import io
from datetime import date, time

import factories as make
import hostile_files as made
import pytest
import sqlalchemy as sa
from factories import NOON, TODAY

from engage.extensions import db
from engage.models.board import Motion, Seat
from engage.models.engagements import Item
from engage.models.files import StoredFile
from engage.models.matters import Amendment
from engage.rules.agenda import Attends, Section
from engage.rules.authority import Power
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.services import agendas, attendance, authority, board, meetings, sittings
from engage.services.meetings import Plan
from engage.services.transaction import transaction

# Statements of each page, whatever stands on it: 1 item or 60, and 15 seats.
EXACTLY = {"": 14, "/agenda": 8, "/papers": 11, "pack": 10, "/live": 14, "/minutes": 19, "voting": 14}


def prepared(items, seats=7):
    with transaction():
        for number in range(8, seats + 1):
            db.session.add(Seat(board_id=1, name=f"Member {number}"))
        db.session.flush()
        _, holders = make.board(seats)
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


@pytest.mark.parametrize("items", [1, 3, 30, 60])
def test_no_page_of_a_meeting_takes_more_statements_for_more_items(store, visitor, statements, app, items):
    meeting_id, starts, secretary, holders = prepared(items, seats=15)
    url = f"/board/meetings/{meeting_id}"
    visitor.sign_in(secretary)
    counts = {}
    for page in ("", "/agenda", "/papers"):
        visitor.get(url + page)
        statements.clear()
        visitor.get(url + page)
        counts[page] = len(statements)
    statements.clear()
    with visitor.client.get(f"{url}/pack.pdf") as answer:
        assert answer.status_code == 200
    counts["pack"] = len(statements)
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
    with transaction():
        motion = sittings.put(meeting, entry.id, Outcome.APPROVE, by=by, now=starts)
        for who in holders:
            board.cast(motion, Choice.YES, by=make.actor(who), now=starts)
    visitor.get(f"{url}/live")
    statements.clear()
    visitor.get(f"{url}/live")
    counts["voting"] = len(statements)
    assert counts == EXACTLY


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


def sat(meeting_id, starts, secretary, holders, present=7):
    """The meeting is in session, these are present, and its first item for decision is called."""
    by = make.actor(secretary)
    with transaction():
        meeting = meetings.hold(meeting_id)
        sittings.begin(meeting, by=by, now=starts)
        for seat, who in enumerate(holders[:present], 1):
            attendance.come(meeting, who.id, seat_id=seat, attends=Attends.IN_ROOM, by=by, now=starts)
        entry = next(row for row in agendas._live(meeting_id) if row.section is Section.DECISION)
        sittings.call(meeting, entry.id, by=by, now=starts)
        return entry


def test_a_split_decision_is_put_on_the_live_page_and_makes_its_amendment(store, visitor, app):
    meeting_id, starts, secretary, holders = prepared(1)
    with transaction():
        lead, other = make.person(name="Lena Lead"), make.person(name="Otto Other")
        item = make.engagement(State.SCHEDULED, by=lead, travellers=[lead, other])
        make.version(item)
        added = agendas.add(meetings.hold(meeting_id), item.id, by=make.actor(secretary), now=NOON)
    sat(meeting_id, starts, secretary, holders)
    app.config["CLOCK"] = lambda: starts
    url = f"/board/meetings/{meeting_id}/live"
    visitor.sign_in(holders[0])
    visitor.get(url)
    visitor.post(url, {"act": "call", "entry": str(added.id)})
    page = visitor.get(url)
    assert "Travellers to defer" in page.text
    assert "Otto Other" in page.text
    visitor.send(f"{url}/motion", {"outcome": "approve", "put_off": str(other.id), "reason": "One is enough.",
                                   "defer_until": "2026-06-01"})  # fmt: skip
    page = visitor.get(url)
    assert "Without Otto Other for now: an amendment that adds this traveller comes back on" in page.text
    motion = store.scalars(sa.select(Motion)).one()
    with transaction():
        for who in holders[:5]:
            board.cast(motion, Choice.YES, by=make.actor(who), now=starts)
    visitor.post(url, {"act": "close", "motion": str(motion.id)})
    amendment = store.scalars(sa.select(Amendment)).one()
    assert (amendment.amends_id, amendment.state, store.get(Item, item.id).state) == (
        item.id, State.DEFERRED, State.APPROVED,
    )  # fmt: skip
    assert "Otto Other" in visitor.get(f"/board/meetings/{meeting_id}/minutes").text


def test_stand_ins_and_alternates_of_the_day_are_offered_on_the_live_page(store, visitor, app):
    meeting_id, starts, secretary, holders = prepared(1)
    with transaction():
        deputy, alternate = (make.person(Role.MEMBER, name=name) for name in ("Dana Deputy", "Alma Alternate"))
        authority.delegate(
            principal_id=holders[6].id, holder_id=deputy.id, alternate_id=alternate.id, power=Power.VOTE,
            kinds=frozenset(ItemKind), most_cost=None, starts_on=TODAY, ends_on=starts.date(), reason="On leave.",
            by=make.actor(secretary), now=NOON,
        )  # fmt: skip
    entry = sat(meeting_id, starts, secretary, holders, present=6)
    app.config["CLOCK"] = lambda: starts
    url = f"/board/meetings/{meeting_id}/live"
    page = visitor.sign_in(secretary).get(url)
    assert "Dana Deputy is here" in page.text
    assert "Alma Alternate is here, as alternate" in page.text
    visitor.post(url, {"act": "come", "seat": "7", "person": str(deputy.id), "attends": "in_room"})
    assert f"Stands in for {holders[6].name}" in visitor.get(url).text
    with transaction():
        meeting, by = meetings.hold(meeting_id), make.actor(secretary)
        motion = sittings.put(meeting, entry.id, Outcome.APPROVE, by=by, now=starts)
        for who in (*holders[:5], deputy):
            board.cast(motion, Choice.YES, by=make.actor(who), now=starts)
    visitor.sign_in(holders[0])
    page = visitor.get(f"/board/items/{entry.item_id}")  # the item's page counts those present, and only them
    assert "6 yes, 0 no, 1 abstained" in page.text
    assert f"{holders[6].name}, by Dana Deputy" in page.text
    visitor.sign_in(secretary).post(url, {"act": "close", "motion": str(motion.id)})
    decided = visitor.get("/board/decisions/1").text
    assert f"Dana Deputy standing in for {holders[6].name}" in decided
    assert "Who held the seats that day" in decided
    assert "The charter it was counted under" in decided
    visitor.post(url, {"act": "come", "seat": "7", "person": str(alternate.id), "attends": "in_room"}, 409)
