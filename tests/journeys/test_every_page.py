"""Every page of the demonstration, as each of its people meets it: sound, and on a screen free of axe findings."""

import re

import pytest
import sqlalchemy as sa
from journeys.screen import CHROMIUM, Screen, chromium, served
from pages import Visitor

from engage import seed
from engage.extensions import db
from engage.models.people import Person
from engage.seed.demonstration import sign_ins
from engage.services import sessions
from engage.services.transaction import transaction

MOST = 150  # kinds of pages of one person; more would be a crawl without an end

SAVED = (".pdf", ".ics", ".csv", ".xlsx", ".html")  # what a browser saves is no page


def kind(path: str) -> str:
    """What kind of page an address is: numbers and country codes do not make another."""
    bare = re.sub(r"\d+", "N", path.split("#")[0].split("?")[0])
    return re.sub(r"/(guidance|countries)/[A-Z]{2}", r"/\1/CC", bare)


def next_links(links: list[str], seen: set[str]) -> list[str]:
    """Links to kinds of pages not met yet."""
    fresh: dict[str, str] = {}
    for link in links:
        saved = link.startswith(("/static", "/files/")) or kind(link).endswith(SAVED)
        if link.startswith("/") and not saved and kind(link) not in seen:
            fresh.setdefault(kind(link), link)
    return list(fresh.values())


@pytest.fixture
def story(store, app):
    now = app.config["CLOCK"]()
    with transaction():
        assert seed.load_story(now=now)
    return {person.email: person for person in db.session.scalars(sa.select(Person)).all()}


def test_each_persons_pages_are_sound_as_far_as_links_lead(app, story):
    for email in sign_ins():
        visitor, seen, ahead = Visitor(app).sign_in(story[email]), set(), ["/"]
        while ahead:
            path = ahead.pop(0)
            if kind(path) in seen:
                continue
            seen.add(kind(path))
            assert len(seen) < MOST
            visitor.get(path)  # 200, and every check of a page
            ahead += next_links(visitor.page.links, seen)
        assert {"/", "/engagements", "/trips", "/guidance", "/calendar", "/partners", "/account", "/inbox"} <= seen


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="LEFT OUT: Chromium is not installed, so no browser test ran")
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_and_nothing_scrolls_sideways_on_any_page(app, database, story, width):
    if database.kind != "sqlite":
        pytest.skip("the pages are the same on both databases; the test above visits them on each")
    met: set[str] = set()
    with served(app) as address, chromium() as browser:
        for email in sign_ins():
            with transaction():
                token = sessions.start(
                    story[email].id, address="127.0.0.1", browser="test", now=app.config["CLOCK"]()
                )
            screen = Screen(browser, address, width=width)
            screen.context.add_cookies(
                [{"name": app.config["SETTINGS"].cookie_name, "value": token, "url": address}]
            )
            seen, ahead = set(), ["/"]
            while ahead:
                path = ahead.pop(0)
                if kind(path) in seen or (kind(path) in met and path != "/"):
                    continue
                seen.add(kind(path))
                screen.open(path)
                links = screen.page.eval_on_selector_all(
                    "a[href]:not([download])", "all => all.map(a => a.getAttribute('href'))"
                )
                ahead += next_links(links, seen)
            met |= seen
            screen.context.close()
    assert len(met) > 40, sorted(met)
