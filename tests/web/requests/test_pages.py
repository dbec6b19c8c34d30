"""The pages on which engagements are found, read and moved on by those who ask for them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import factories as make
import pytest
from asking import complete
from factories import NOON
from pages import Visitor
from sqlalchemy import func, select

from engage.extensions import db
from engage.models.engagements import Engagement, StateSpan
from engage.models.people import Person
from engage.rules.policy import Role
from engage.rules.workflow import Action, State
from engage.services import engagements, items, visibility
from engage.services.transaction import transaction
from engage.web.requests.queries import PAGE


def submitted(by: Person, **changes: object) -> Engagement:
    """A request that was submitted through the services, committed."""
    with transaction():
        item = engagements.draft(complete(by, **changes), by=make.actor(by), now=NOON)
        subject = visibility.subject(item.id)
        items.act(item, subject, Action.SUBMIT, by=make.actor(by), now=NOON + timedelta(minutes=5))
    return item


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_my_list_costs_the_same_however_much_it_shows(visitor, statements, rows):
    me = make.person()
    for n in range(rows):
        make.engagement(
            State.SUBMITTED if n % 2 else State.APPROVED, by=me if n % 3 else make.person(), travellers=[me]
        )
    db.session.commit()
    visitor.sign_in(me)

    statements.clear()
    page = visitor.get("/engagements")

    assert len(statements) == 4  # who reads, their unread messages, the page, its countries
    assert sum(link.startswith("/engagements/") for link in page.links) == min(rows, PAGE) + 1


def test_pages_follow_each_other_without_gaps(visitor):
    me = make.person()
    ids = [make.engagement(by=me).id for _ in range(2 * PAGE + 5)]
    db.session.commit()
    visitor.sign_in(me)

    seen, url = [], "/engagements"
    while url:
        page = visitor.get(url)
        seen += [
            int(link.split("/")[2]) for link in page.links if link.startswith("/engagements/") and link[13:].isdigit()
        ]
        url = next((link for link in page.links if "before=" in link), None)

    assert seen == sorted(ids, reverse=True)


def test_my_list_has_what_i_asked_for_and_travel_on_and_nothing_else(visitor):
    me, other = make.person(), make.person()
    mine, ours = make.engagement(by=me), make.engagement(by=other, travellers=[other, me])
    theirs = make.engagement(State.APPROVED, by=other)
    db.session.commit()

    page = visitor.sign_in(me).get("/engagements")

    assert [link for link in page.links if link[13:].isdigit()] == [f"/engagements/{i.id}" for i in (ours, mine)]
    assert theirs.title not in page.text


def test_the_list_is_narrowed_by_state(visitor):
    me = make.person()
    drafts, waiting = (
        make.engagement(by=me, title="One draft"),
        make.engagement(State.SUBMITTED, by=me, title="One sent"),
    )
    db.session.commit()
    visitor.sign_in(me)

    page = visitor.get("/engagements?state=submitted")

    assert waiting.title in page.text
    assert drafts.title not in page.text
    assert "Nothing in this state" in visitor.get("/engagements?state=cancelled").text
    assert "There is no such state." in visitor.get("/engagements?state=lost", status=422).text
    visitor.get("/engagements?before=²")
    visitor.get(f"/engagements?before={'9' * 40}")


def test_an_engagement_says_who_holds_it_and_how_it_came_here(visitor, statements):
    me = make.person(name="Ada Asker")
    item = submitted(me)
    visitor.sign_in(me)

    statements.clear()
    page = visitor.get(f"/engagements/{item.id}")

    assert len(statements) <= 8
    assert "The secretariat since Mon 2 Mar 2026, 12:05 EST" in page.text
    assert "Agency travel budget pays $2,000.50" in page.text
    assert "Total $2,000.50" in page.text
    assert "Submitted Ada Asker · Mon 2 Mar 2026, 12:05 EST Draft Ada Asker" in page.text
    here = f"/engagements/{item.id}/"
    assert {link.removeprefix(here) for link in page.links if link.startswith(here)} == {
        "withdraw", "marking", "change", "postpone", "sheet", "reminders", "versions/1",
    }  # fmt: skip


def test_what_one_may_not_see_is_not_there(visitor):
    item = make.engagement()
    db.session.commit()
    visitor.sign_in(make.person())

    for path in ("", "/edit", "/submit", "/withdraw", "/cancel", "/versions/1"):
        visitor.get(f"/engagements/{item.id}{path}", status=404)
        visitor.get(f"/engagements/999{path}", status=404)
    for path in ("/edit", "/submit", "/withdraw", "/cancel"):
        visitor.post(f"/engagements/{item.id}{path}", {"title": "Mine", "reason": "why"}, status=404)

    assert db.session.get_one(Engagement, item.id).state is State.DRAFT


def test_who_may_look_may_not_therefore_change(visitor):
    item = make.engagement(State.SUBMITTED)
    db.session.commit()
    visitor.sign_in(make.person(Role.LEADERSHIP))

    visitor.get(f"/engagements/{item.id}")
    for path in ("/edit", "/submit", "/withdraw", "/cancel"):
        visitor.get(f"/engagements/{item.id}{path}", status=403)
        visitor.post(f"/engagements/{item.id}{path}", {"reason": "why", "once": "x"}, status=403)

    assert db.session.scalar(select(func.count(StateSpan.id))) == 1


def test_what_was_sent_off_is_not_edited(visitor):
    me = make.person()
    item = submitted(me)
    visitor.sign_in(me)

    visitor.get(f"/engagements/{item.id}/edit", status=409)
    visitor.post(f"/engagements/{item.id}/edit", {"title": "Other"}, status=409)
    visitor.get(f"/engagements/{item.id}/submit", status=409)


def test_submitting_asks_once_more_and_names_what_is_missing(visitor):
    me = make.person()
    with transaction():
        whole = engagements.draft(complete(me), by=make.actor(me), now=NOON)
        bare = engagements.draft(complete(me, purpose=""), by=make.actor(me), now=NOON)
    visitor.sign_in(me)

    page = visitor.get(f"/engagements/{bare.id}/submit")
    assert f"/engagements/{bare.id}/edit#purpose" in page.links
    assert (
        "Say what the engagement is for."
        in visitor.post(f"/engagements/{bare.id}/submit", {"once": "a"}, status=422).text
    )
    visitor.get(f"/engagements/{whole.id}/submit")
    visitor.submit({})

    assert [db.session.get_one(Engagement, i.id).state for i in (bare, whole)] == [State.DRAFT, State.SUBMITTED]


def test_cancelling_needs_a_reason_and_keeps_it(visitor):
    me = make.person()
    item = make.engagement(State.APPROVED, by=me)
    db.session.commit()
    visitor.sign_in(me).get(f"/engagements/{item.id}/cancel")

    assert "Say why" in visitor.submit({"reason": " "}, status=422).text
    visitor.submit({"reason": "The host withdrew."})

    assert "The host withdrew." in visitor.follow().text
    assert db.session.get_one(Engagement, item.id).state is State.CANCELLED


def test_a_second_click_on_withdraw_finds_the_first(visitor):
    me = make.person()
    item = make.engagement(by=me)
    db.session.commit()
    page = visitor.sign_in(me).get(f"/engagements/{item.id}/withdraw")

    for _ in range(2):
        visitor.page = page
        visitor.post(f"/engagements/{item.id}/withdraw", page.forms[-1]["fields"])
        assert visitor.response.headers["Location"] == f"/engagements/{item.id}"

    assert db.session.scalar(select(func.count(StateSpan.id)).where(StateSpan.state == State.WITHDRAWN)) == 1


def test_of_two_acts_at_once_one_wins(visitor, app):
    screeners = [make.person(Role.SECRETARIAT), make.person(Role.SECRETARIAT)]
    item_id = submitted(make.person()).id
    windows = [Visitor(app).sign_in(who) for who in screeners]
    together = Barrier(2)

    def click(window: Visitor) -> int:
        together.wait()
        return window.client.post(
            f"/screening/{item_id}/place", data={"csrf_token": window.csrf, "once": "one"}
        ).status_code

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(click, windows))

    db.session.rollback()
    spans = db.session.scalars(select(StateSpan).where(StateSpan.item_id == item_id).order_by(StateSpan.id)).all()
    assert sorted(answers) == [303, 409]
    assert [(s.state, s.ended_at is None) for s in spans] == [
        (State.DRAFT, False),
        (State.SUBMITTED, False),
        (State.SCHEDULED, True),
    ]


def test_of_two_edits_at_once_one_wins(visitor, app):
    me = make.person()
    with transaction():
        item_id = engagements.draft(complete(me), by=make.actor(me), now=NOON).id
    windows = [visitor.sign_in(me), Visitor(app).sign_in(me)]
    forms = [window.get(f"/engagements/{item_id}/edit").forms[-1]["fields"] for window in windows]
    together = Barrier(2)

    def click(window: Visitor, fields: dict, title: str) -> int:
        together.wait()
        return window.client.post(
            f"/engagements/{item_id}/edit", data={**fields, "title": title, "save": "1"}
        ).status_code

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(click, windows, forms, ["One", "Two"]))

    db.session.rollback()
    assert sorted(answers) == [303, 409]
    assert db.session.get_one(Engagement, item_id).title == ["One", "Two"][answers.index(303)]


def test_a_version_shows_its_text_and_what_differs(visitor):
    me, screener = make.person(), make.person(Role.SECRETARIAT)
    item = submitted(me)
    subject, sec = visibility.subject(item.id), make.actor(screener)
    with transaction():
        items.act(item, subject, Action.RETURN, by=sec, now=NOON + timedelta(hours=1), reason="Who pays?")
    with transaction():
        said = complete(me, title="Joint range day", legs=complete(me).legs[:1])
        subject = visibility.subject(item.id)
        engagements.revise(item, subject, said, item.version, by=make.actor(me), now=NOON + timedelta(hours=2))
        items.act(item, subject, Action.SUBMIT, by=make.actor(me), now=NOON + timedelta(hours=3))
    visitor.sign_in(me)

    page = visitor.get(f"/engagements/{item.id}/versions/2")

    assert page.h1 == ["Joint range day: version 2"]
    assert "Title Joint range day in Tallinn Joint range day" in page.text
    assert "Stay 2, city Riga (nothing)" in page.text
    assert "agrees with the digest" in page.text
    assert visitor.get(f"/engagements/{item.id}/versions/1").h1 == ["Joint range day in Tallinn: version 1"]
    visitor.get(f"/engagements/{item.id}/versions/3", status=404)
