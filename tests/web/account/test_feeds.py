"""Calendar programs read what their person may see, from an address that only its person knows and may end."""

import re
from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from icalendar import Calendar
from sqlalchemy import select, update

from engage.models.engagements import Item
from engage.models.feeds import Feed
from engage.models.meetings import Meeting
from engage.models.partners import Forum
from engage.models.people import Person
from engage.rules.marking import Marking
from engage.rules.policy import Role
from engage.rules.workflow import Action, State
from engage.server import gunicorn_options
from engage.services import items, visibility
from engage.services.transaction import transaction

DAY = timedelta(days=1)


@pytest.fixture
def reader(store, visitor):
    """Somebody who leads, signed in."""
    with transaction():
        visitor.person = make.person(Role.LEADERSHIP)
    return visitor.sign_in(visitor.person)


def subscribe(visitor, **asked):
    """A new address, as its page tells it once."""
    visitor.get("/account/feeds")
    page = visitor.send("/account/feeds", {"covers": "all", "country": "", "forum": ""} | asked, status=200)
    (address,) = re.findall(r"/feeds/[\w-]{43}\.ics", page.html)
    assert address not in visitor.get("/account/feeds").html
    return address


def read(app, address, status=200):
    """What a calendar program without a cookie reads there."""
    answer = app.test_client().get(address)
    assert answer.status_code == status
    if status != 200:
        return None
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "no-store"
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    return {
        str(entry["SUMMARY"]): (str(entry["STATUS"]), entry["DTSTART"].dt, entry["DTEND"].dt, entry.get("LOCATION"))
        for entry in Calendar.from_ical(answer.data).walk("VEVENT")
    }


def test_each_entry_says_how_sure_it_is_and_nothing_hidden_is_there(store, app, reader):
    with transaction():
        begins = TODAY + 5 * DAY
        make.engagement(State.APPROVED, title="Sure", starts=begins, days=2)
        make.engagement(State.SUBMITTED, title="Asked", starts=begins, days=0)
        make.engagement(State.WITHDRAWN, title="Off", starts=begins, days=0)
        make.engagement(State.DRAFT, title="Somebody's draft", starts=begins)
        make.engagement(State.APPROVED, title="Long ago", starts=TODAY - 200 * DAY)
        make.engagement(State.APPROVED, title="Delicate", starts=begins, days=0, marking=Marking.AMBER)

    assert read(app, subscribe(reader)) == {
        "Sure": ("CONFIRMED", begins, begins + 3 * DAY, "Estonia"),
        "Asked": ("TENTATIVE", begins, begins + DAY, "Estonia"),
        "Off": ("CANCELLED", begins, begins + DAY, "Estonia"),
        "A restricted engagement": ("CONFIRMED", begins, begins + DAY, None),
    }


def test_what_one_reads_is_what_one_may_see(store, app, visitor):
    with transaction():
        asker, someone = make.person(), make.person()
        make.engagement(State.SUBMITTED, by=asker, title="Asked")
        make.engagement(State.APPROVED, title="Japan", country="JP", city="Tokyo", zone="Asia/Tokyo")
    visitor.sign_in(asker)
    assert list(read(app, subscribe(visitor, covers="mine"))) == ["Asked"]
    assert sorted(read(app, subscribe(visitor))) == ["Asked", "Japan"]
    assert list(read(app, subscribe(visitor, covers="country", country="japan"))) == ["Japan"]
    visitor.sign_in(someone)
    assert list(read(app, subscribe(visitor))) == ["Japan"]
    assert read(app, subscribe(visitor, covers="mine")) == {}


def test_a_withdrawal_cancels_the_same_entry_under_a_higher_sequence(store, app, reader):
    with transaction():
        asker = make.person()
        number = make.engagement(State.SUBMITTED, by=asker, title="Asked").id

    address = subscribe(reader)

    def entry():
        (found,) = Calendar.from_ical(app.test_client().get(address).data).walk("VEVENT")
        return found["UID"], str(found["STATUS"]), int(found["SEQUENCE"])

    uid, status, sequence = entry()
    assert status == "TENTATIVE"
    with transaction():
        item = store.get_one(Item, number)
        items.act(item, visibility.subject(number), Action.WITHDRAW, by=make.actor(asker), now=NOON, reason="Off.")
    later = entry()
    assert later[:2] == (uid, "CANCELLED")
    assert later[2] > sequence


def test_a_forums_feed_brings_its_engagements_and_no_others(store, app, reader):
    with transaction():
        forum = store.scalars(select(Forum).where(Forum.code == "CRI")).one()
        make.engagement(State.APPROVED, title="In it").forum_id = forum.id
        make.engagement(State.APPROVED, title="Elsewhere")
    assert list(read(app, subscribe(reader, covers="forum", forum="cri"))) == ["In it"]
    reader.get("/account/feeds")
    reader.send("/account/feeds", {"covers": "forum", "forum": "none of that name"}, status=422)


def test_who_saw_an_approval_reads_that_it_was_cancelled_and_nobody_else_does(store, app, visitor):
    with transaction():
        asker, someone = make.person(), make.person()
        made = make.engagement(State.APPROVED, by=asker, title="Open")
        hidden = make.engagement(State.APPROVED, by=asker, title="Closed", marking=Marking.RED)
        never = make.engagement(State.SUBMITTED, by=asker, title="Never approved")
    address = subscribe(visitor.sign_in(someone))

    def entries():
        found = Calendar.from_ical(app.test_client().get(address).data).walk("VEVENT")
        return [(str(e["SUMMARY"]), str(e["STATUS"]), int(e["SEQUENCE"]), "URL" in e) for e in found]

    ((_, _, before, _),) = entries()
    with transaction():
        for item, act in ((made, Action.CANCEL), (hidden, Action.CANCEL), (never, Action.WITHDRAW)):
            item = store.get_one(Item, item.id)
            items.act(item, visibility.subject(item.id), act, by=make.actor(asker), now=NOON, reason="The host asked.")
    ((title, status, after, opens),) = entries()
    assert (title, status, opens) == ("Open", "CANCELLED", False)
    assert after > before


def test_an_address_ends_when_told_when_old_and_when_its_person_leaves(store, app, reader):
    ended, old, left = subscribe(reader), subscribe(reader), subscribe(reader)
    (first, second, _) = store.scalars(select(Feed.id).order_by(Feed.id)).all()
    store.rollback()
    reader.get("/account/feeds")
    reader.send(f"/account/feeds/{first}/end")
    read(app, ended, 404)
    read(app, old)
    with transaction():
        store.execute(update(Feed).where(Feed.id == second).values(expires_at=NOON))
    read(app, old, 404)
    read(app, left)
    with transaction():
        store.execute(update(Person).where(Person.id == reader.person.id).values(disabled_at=NOON))
    read(app, left, 404)


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00" * 43, "é" * 43, "../" * 15, "a" * 5000])
def test_a_token_that_is_wrong_is_not_there(store, app, token):
    assert app.test_client().get(f"/feeds/{token}.ics").status_code == 404


def test_nobody_ends_anothers_address_and_only_its_hash_is_kept(store, app, reader):
    address = subscribe(reader)
    (kept,) = store.scalars(select(Feed.token_hash))
    number = store.scalar(select(Feed.id))
    store.rollback()
    assert kept not in address
    assert address[7:-4] not in kept
    with transaction():
        other = make.person()
    reader.sign_in(other).post(f"/account/feeds/{number}/end", status=404)
    read(app, address)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"covers": "country"}, "Choose the country."),
        ({"covers": "country", "country": "Narnia"}, "Choose the country."),
        ({"covers": "country", "country": "XX"}, "Choose the country."),
        ({"covers": "board"}, "Not a valid choice"),
        ({"covers": "everything"}, "Not a valid choice"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(reader, asked, sentence):
    reader.get("/account/feeds")
    typed = {"covers": "all", "country": "", "forum": ""} | asked
    assert sentence in reader.send("/account/feeds", typed, status=422).text


def test_members_read_the_boards_meetings(store, app, visitor):
    with transaction():
        board, _ = make.board()
        member = make.person(Role.MEMBER)
        store.add(
            Meeting(board_id=board.id, title="Spring meeting", starts_at=NOON + DAY, minutes_long=60,
                    zone="America/New_York", place="Room 1", scheduled_at=NOON, scheduled_by_id=member.id,
                    changed_at=NOON)
        )  # fmt: skip
    found = read(app, subscribe(visitor.sign_in(member), covers="board"))
    begins = NOON + DAY
    assert found == {"Spring meeting": ("CONFIRMED", begins, begins + timedelta(hours=1), "Room 1")}


def test_reading_costs_the_same_statements_for_1_3_and_30(store, app, reader, statements):
    address, counts = subscribe(reader), []
    for many in (1, 2, 27):
        with transaction():
            for n in range(many):
                make.engagement(State.APPROVED, starts=TODAY + n * DAY)
        statements.clear()
        read(app, address)
        counts.append(len(statements))
    assert counts[0] == counts[1] == counts[2] <= 6, counts


def test_the_server_writes_no_address_down(app):
    """A feed's address is its key: no access log may hold it."""
    assert gunicorn_options(app.config["SETTINGS"])["accesslog"] is None
