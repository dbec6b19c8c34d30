"""The first story in a real browser, at a desk and on a phone, with and without JavaScript."""

import factories as make
import pytest
import sqlalchemy as sa
from journeys.cast import assemble
from journeys.screen import CHROMIUM, PASSWORD, Screen, chromium, served

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.guidance import GuideVersion
from engage.models.people import Person
from engage.models.training import Course
from engage.models.trips import Trip
from engage.rules.workflow import State
from engage.services import passwords
from engage.services.transaction import transaction

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="LEFT OUT: Chromium is not installed, so no browser test ran"),
]


@pytest.fixture
def cast(store):
    people = assemble()
    kept = passwords.hashed(PASSWORD)
    with transaction():
        db.session.execute(sa.update(Person).values(password_hash=kept))
        make.partner("CERT.LV of the story", "LV")
    return people


@pytest.fixture
def address(app, cast):
    db.session.rollback()
    with served(app) as url:
        yield url


@pytest.fixture
def browser():
    with chromium() as opened:
        yield opened


def fresh(statement):
    """The first row of what is in the database by now."""
    db.session.rollback()
    row = db.session.execute(statement).first()
    db.session.rollback()
    return row


def test_from_an_idea_to_a_cleared_traveller(store, cast, address, browser):
    # At a desk, the requester types it all, and is told what is missing before anything is lost.
    robin = Screen(browser, address).sign_in(cast.requester.email)
    robin.follow("Ask for an engagement").follow("Everything on one page")
    robin.fill(title="A joint range day in Riga", purpose="To agree a joint range day.", nature="bilateral")
    robin.press("Save and submit", 422)
    assert "Please mend what is marked below" in robin.text
    first_objective = robin.page.locator('[name="objectives"]').first.get_attribute("value")
    robin.fill(
        **{
            "outcome_sought": "A date and a scope.",
            "why_not_virtual": "The range is shown on site only.",
            "partners": "CERT.LV of the story",
            "objectives": [first_objective],
            "legs-0-country": "Latvia", "legs-0-city": "Riga",
            "legs-0-arrives_on": "2026-06-08", "legs-0-departs_on": "2026-06-12",
            "lead": cast.lead.email,
            "costs-0-what": "Airfare", "costs-0-amount": "1,450.50",
        }
    ).press("Save and submit")  # fmt: skip
    item_id, state = fresh(sa.select(Item.id, Item.state).where(Item.title == "A joint range day in Riga"))
    assert state is State.SUBMITTED

    # The secretariat places it, the chair moves, the members vote on their phones, the tally decides.
    Screen(browser, address).sign_in(cast.secretary.email).open(f"/screening/{item_id}").press("Place on the docket")
    charlie = Screen(browser, address).sign_in(cast.chair.email).open(f"/board/items/{item_id}/motion")
    charlie.fill(outcome="approve").press("Put the motion")
    for member in cast.members[:4]:
        phone = Screen(browser, address, width=360).sign_in(member.email)
        phone.follow("A joint range day in Riga").fill(choice="yes").press("Vote")
    charlie.open(f"/board/items/{item_id}/close").press("Close the vote: carried")
    assert "4 yes" in charlie.text
    charlie.open("/board").open("/board/decisions")

    # On a phone, the traveller reads, ticks and answers; training is claimed and verified; the verdict follows.
    (trip_id,) = fresh(sa.select(Trip.id))
    taylor = Screen(browser, address, width=360).sign_in(cast.lead.email).open(f"/trips/{trip_id}")
    assert "Not cleared" in taylor.text
    guides = [link.get_attribute("href") for link in taylor.page.locator('main a[href*="/guides/"]').all()]
    for link in dict.fromkeys(guides):
        taylor.open(link)
        version = taylor.page.locator('main [name="version_id"]').get_attribute("value")
        (content,) = fresh(sa.select(GuideVersion.content).where(GuideVersion.id == int(version)))
        for point in taylor.page.locator('main [name="must_know"]').all():
            taylor.page.locator(f'label[for="{point.get_attribute("id")}"]').click()
        taylor.fill(**{f"question_{n}": str(asked["answer"]) for n, asked in enumerate(content["check"])})
        taylor.press("I have read this guide and will follow it")
    (ctat,) = fresh(sa.select(Course.id).where(Course.code == "CTAT"))
    taylor.open("/training").fill(course_id=str(ctat), completed_on="2026-02-20", evidence="Learning system")
    taylor.press("Record it")
    terry = Screen(browser, address).sign_in(cast.trainer.email).open("/training/queue")
    terry.page.locator('main a[href*="/training/claims/"]').first.click()
    terry.look().press("Verify it")
    taylor.open(f"/trips/{trip_id}/clearance").fill(
        kind="country", country_code="LV", status="granted", reference="ECC-LV-7", decided_on="2026-02-27"
    ).press("Record it")
    taylor.open(f"/trips/{trip_id}")
    assert "Cleared to travel" in taylor.text, taylor.text

    # Leaders see it.
    lou = Screen(browser, address).sign_in(cast.leader.email).open("/calendar?month=2026-06")
    assert "A joint range day in Riga" in lou.text
    lou.open("/register?country=LV").follow("A joint range day in Riga")


def test_everything_works_without_javascript(store, cast, address, browser):
    robin = Screen(browser, address)
    robin.context.close()
    robin.context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    robin.page = robin.context.new_page()
    robin.page.goto(f"{address}/sign-in")
    robin.page.get_by_label("E-mail address").fill(cast.requester.email)
    robin.page.get_by_label("Password").fill(PASSWORD)
    robin.page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    robin.page.get_by_role("link", name="Ask for an engagement").click()
    robin.page.get_by_role("link", name="Everything on one page").click()
    robin.page.locator('[name="title"]').fill("Typed without JavaScript")
    robin.page.get_by_role("button", name="Save draft").last.click()
    assert fresh(sa.select(Item.title)) == ("Typed without JavaScript",)
