"""The secretariat's room: what waits, what is returned, placed and handed out."""

from datetime import date, timedelta

import factories as make
import pytest
from asking import complete
from factories import NOON, TODAY
from sqlalchemy import func, select

from engage.extensions import db
from engage.models.engagements import Engagement, StateSpan
from engage.rules.asking import ContentLeg
from engage.rules.policy import PROGRAM, Role
from engage.rules.workflow import Action, State
from engage.services import engagements, items, visibility
from engage.services.transaction import transaction
from engage.web.secretariat.queries import PAGE


@pytest.fixture
def screener(visitor):
    """Somebody of the secretariat, signed in."""
    who = make.person(Role.SECRETARIAT)
    visitor.sign_in(who)
    return who


def waiting(**facts: object) -> Engagement:
    """A request that waits to be screened, committed."""
    item = make.engagement(State.SUBMITTED, **facts)
    db.session.commit()
    return item


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_the_list_costs_the_same_however_much_waits(visitor, statements, screener, rows):
    for n in range(rows):
        make.engagement(State.SUBMITTED)
        make.engagement(State.DEFERRED, deferred_until=TODAY + timedelta(days=n))
        made = make.engagement()
        made.requester_id = None
    db.session.commit()

    statements.clear()
    page = visitor.get("/screening")

    assert len(statements) == 7  # who reads, their unread messages, three lists, their countries, who holds each
    listed = [link for link in page.links if link.startswith("/screening/") and link != "/screening/closed"]
    assert len(listed) == min(rows, PAGE) + 2 * min(rows, 10)


@pytest.mark.parametrize("show", ["waiting", "deferred", "unclaimed"])
def test_pages_of_each_list_follow_each_other_without_gaps(visitor, screener, show):
    ids = []
    for n in range(PAGE + 7):
        state = {"waiting": State.SUBMITTED, "deferred": State.DEFERRED, "unclaimed": State.DRAFT}[show]
        item = make.engagement(state, deferred_until=TODAY + timedelta(days=n % 3) if show == "deferred" else None)
        item.state_since = NOON + timedelta(minutes=n % 4)
        if show == "unclaimed":
            item.requester_id = None
        ids.append((item.deferred_until or TODAY, item.id) if show == "deferred"
                    else (item.state_since if show == "waiting" else NOON, item.id))  # fmt: skip
    db.session.commit()

    seen, url = [], f"/screening?show={show}"
    while url:
        page = visitor.get(url)
        seen += [int(link.split("/")[2]) for link in page.links if link.startswith("/screening/")]
        url = next((link for link in page.links if "after=" in link), None)

    assert seen == [number for _, number in sorted(ids)]


def test_the_oldest_waits_on_top_with_its_requester_and_days(visitor, screener):
    newer = waiting(title="Newer")
    older = waiting(title="Older", by=make.person(name="Olga Older"))
    older.state_since = NOON - timedelta(days=4)
    db.session.commit()

    page = visitor.get("/screening")

    assert [link for link in page.links if link.startswith("/screening/") and link != "/screening/closed"] == [
        f"/screening/{older.id}",
        f"/screening/{newer.id}",
    ]
    held = f"The secretariat ({screener.name}) since Thu 26 Feb 2026 Screened by Thu 5 Mar 2026"
    assert f"Older Olga Older 31 May to 5 Jun 2026 Estonia {held} Missing: the secretariat’s look" in page.text


def test_a_deferral_says_when_it_comes_back(visitor, screener):
    make.engagement(State.DEFERRED, deferred_until=TODAY)
    make.engagement(State.DEFERRED, deferred_until=date(2026, 9, 1))
    db.session.commit()

    text = visitor.get("/screening").text
    assert "Comes back on Mon 2 Mar 2026" in text
    assert "Comes back on Tue 1 Sep 2026" in text


def test_an_address_nobody_made_begins_at_the_beginning(visitor, screener):
    item = waiting()
    queries = ["show=x", "after=²", "after=-1", "since=x", "since=2026-03-02", "until=9", "after=" + "9" * 5000]

    met = {query: f"/screening/{item.id}" in visitor.get(f"/screening?{query}").links for query in queries}

    assert met == dict.fromkeys(queries, True)


def test_a_request_is_placed_on_the_docket(visitor, screener):
    item = waiting()
    visitor.get(f"/screening/{item.id}")

    visitor.submit({}, form=0)

    assert "Placed on the docket." in visitor.follow().text
    made = db.session.get_one(Engagement, item.id)
    assert (made.state, made.placed_at) == (State.SCHEDULED, NOON)


def test_a_request_is_returned_with_questions_only(visitor, screener):
    item = waiting()
    visitor.get(f"/screening/{item.id}")

    page = visitor.submit({"reason": ""}, form=-1, status=422)
    assert "Write your questions" in page.text
    long = visitor.submit({"reason": "x" * 5001}, form=-1, status=422)
    assert long.forms[-1]["fields"]["reason"] == "x" * 5001
    visitor.submit({"reason": "Who pays?"}, form=-1)

    assert db.session.get_one(Engagement, item.id).state is State.RETURNED
    assert "Who pays?" in visitor.get(f"/engagements/{item.id}").text


def test_a_second_click_finds_the_first(visitor, screener):
    item = waiting()
    form = visitor.get(f"/screening/{item.id}").forms[-1]["fields"]

    for _ in range(2):
        visitor.post(f"/screening/{item.id}/return", {**form, "reason": "Who pays?"})
        assert visitor.response.headers["Location"] == "/screening"

    assert db.session.scalar(select(func.count(StateSpan.id)).where(StateSpan.state == State.RETURNED)) == 1


def test_nobody_screens_a_request_of_their_own(visitor, screener):
    item = waiting(by=screener)

    page = visitor.get(f"/screening/{item.id}")
    assert "This one is your own" in page.text
    assert page.acts == []
    for act in ("place", "return"):
        visitor.post(f"/screening/{item.id}/{act}", {"once": act, "reason": "why"}, status=403)

    assert db.session.get_one(Engagement, item.id).state is State.SUBMITTED


def test_what_is_not_waiting_is_not_moved(visitor, screener):
    item = make.engagement(State.DISAPPROVED)
    db.session.commit()

    assert visitor.get(f"/screening/{item.id}").acts == []
    visitor.post(f"/screening/{item.id}/place", {"once": "a"}, status=409)


def test_an_import_is_handed_to_its_requester(visitor, screener):
    asker = make.person(email="ada@example.gov")
    with transaction():
        said = complete(asker, missing="The zone of Campinas.")
        [item] = engagements.import_drafts([("requests:REQ-01", said)], requester_id=None, by=PROGRAM, now=NOON)
    assert "requests:REQ-01" in visitor.get("/screening").text

    assert "The zone of Campinas." in visitor.get(f"/screening/{item.id}").text
    page = visitor.submit({"person": "nobody@example.gov"}, status=422)
    assert "Nobody has an account at this address." in page.text
    visitor.submit({"person": "Ada@Example.gov"})

    assert db.session.get_one(Engagement, item.id).requester_id == asker.id
    visitor.get(f"/screening/{item.id}", status=404)  # a draft is its requester's alone


def test_a_draft_of_somebody_else_is_not_there(visitor, screener):
    item = make.engagement()
    db.session.commit()

    visitor.get(f"/screening/{item.id}", status=404)
    visitor.post(f"/screening/{item.id}/claim", {"person": screener.email, "once": "a"}, status=404)


def test_the_room_is_the_secretariats(visitor):
    item = waiting()
    others = [make.person(role) for role in Role if role is not Role.SECRETARIAT]
    db.session.commit()

    for who in others:
        visitor.sign_in(who)
        visitor.get("/screening", status=403)
        visitor.post(f"/screening/{item.id}/place", {"once": "a"}, status=403)

    assert db.session.get_one(Engagement, item.id).state is State.SUBMITTED


def test_a_late_request_is_marked_on_the_list(visitor, screener):
    asker = make.person()
    soon = TODAY + timedelta(days=10)
    leg = ContentLeg("EE", "Tallinn", "Europe/Tallinn", soon, soon)
    with transaction():
        item = engagements.draft(
            complete(asker, legs=(leg,), late_reason="The host moved it."), by=make.actor(asker), now=NOON
        )
        subject = visibility.subject(item.id)
        items.act(item, subject, Action.SUBMIT, by=make.actor(asker), now=NOON)

    assert "Late" in visitor.get("/screening").text
    assert "Asked for later than the lead time." in visitor.get(f"/screening/{item.id}").text
