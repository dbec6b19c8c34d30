"""A day of mail: one message, a choice, a kind stopped from the mail itself, and a house that turns red and green."""

import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import factories as make
import pytest
from factories import NOON

from engage.environment import MailServer
from engage.jobs.runner import JobRunner
from engage.rules.policy import Role
from engage.services import outbox
from engage.services.transaction import transaction

sys.path.insert(0, str(Path(__file__).parents[1] / "jobs"))
from post_office import open_office

MORNING = datetime(2026, 3, 3, 13, 1, tzinfo=UTC)  # a minute past eight in New York


@pytest.fixture
def office(app, monkeypatch):
    """A mail server that the application knows, and a runner."""
    with open_office() as (found, port):
        settings = replace(app.config["SETTINGS"], mail=MailServer("127.0.0.1", port))
        monkeypatch.setitem(app.config, "SETTINGS", settings)
        found.runner = JobRunner(app, holder="only")
        yield found


def work(app, office, now):
    """One round of the runner at `now`; gives the mails that came of it, as text."""
    app.config["CLOCK"] = lambda: now
    before = len(office.contents)
    office.runner.sweep()
    office.runner.deliver()
    return office.taken()[before:]


def said(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_a_days_mail_its_choices_and_the_house_that_watches_it(app, store, visitor, office):
    with transaction():
        anna, desk = make.person(name="Anna Berg"), make.person(Role.ADMINISTRATOR)

        def post(template, title, now, **facts):
            outbox.post(outbox.message(f"{template}:{title}", to=anna.id, template=template, subject=f"About {title}",
                                       about=("item", 1), now=now, path="/engagements", title=title, **facts))

        moved = {"state": "Approved", "before": "Scheduled", "reason": "", "by": "Tess", "until": None}
        post("engagement_moved", "Tallinn", NOON, **moved)
        post("engagement_moved", "Riga", NOON, **moved)
        post("trip_cancelled", "Vilnius", NOON, departs_on="1 April 2026", returns_on="2 April 2026")
        for person in (anna, desk):
            store.refresh(person)
            store.expunge(person)
    visitor.sign_in(desk)
    assert "No job runner has ever run." in visitor.get("/admin/health").text

    (urgent,) = work(app, office, NOON)
    assert urgent["Subject"] == "About Vilnius"
    assert urgent["List-Unsubscribe"] is None
    assert visitor.client.get("/healthz").status_code == 200

    (digest,) = work(app, office, MORNING)
    assert digest["Subject"] == "2 messages from Engage"
    assert "- About Tallinn\n" in said(digest)
    assert "- About Riga\n" in said(digest)
    link = re.search(r"About Riga\n +http://localhost(/inbox/\d+)\n", said(digest))[1]
    assert work(app, office, MORNING + timedelta(minutes=1)) == []

    visitor.sign_in(anna)
    page = visitor.get(link)
    assert "In a daily message: Tue 3 Mar 2026" in page.text
    visitor.get("/account/messages")
    visitor.submit({"outcome": "at_once"})
    with transaction():
        post("engagement_moved", "Oslo", MORNING, **moved)
    (alone,) = work(app, office, MORNING + timedelta(minutes=2))
    assert alone["Subject"] == "About Oslo"
    assert alone["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    stop = alone["List-Unsubscribe"].removeprefix("<http://localhost").removesuffix(">")
    assert app.test_client().post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    with transaction():
        post("engagement_moved", "Bern", MORNING, **moved)
    assert work(app, office, MORNING + timedelta(days=1)) == []
    visitor.sign_in(anna)
    assert "About Bern" in visitor.get("/inbox").text

    later = MORNING + timedelta(days=1, minutes=4)
    app.config["CLOCK"] = lambda: later
    assert visitor.client.get("/healthz").status_code == 503
    work(app, office, later)
    assert visitor.client.get("/healthz").status_code == 200
