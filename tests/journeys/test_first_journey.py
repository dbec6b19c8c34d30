"""From an idea to a cleared traveller, on a real request, over HTTP: the whole first story."""

import re
from datetime import timedelta
from pathlib import Path

import factories as make
import pytest
import sqlalchemy as sa
from journeys.cast import Cast, assemble, review_all
from pages import Page, Visitor

from engage import HERE
from engage.extensions import db
from engage.models.engagements import Engagement, Item, ItemVersion
from engage.models.guidance import Guide
from engage.models.outbox import OutboxMessage
from engage.models.training import Course
from engage.models.trips import Trip
from engage.rules.workflow import State
from engage.services import audit, readiness
from engage.services.transaction import transaction

REQUESTS = HERE / "seed" / "real" / "requests-real.csv"
WINDHOEK = "request:REQ-20"  # two travellers; through South Africa to Namibia and Tanzania; 19 April 2026


@pytest.fixture
def cast(store) -> Cast:
    return assemble()


@pytest.fixture
def enter(app):
    """Sign a person in, in a browser of their own."""
    return lambda who: Visitor(app).sign_in(who)


def imported(app, path: Path, *arguments: str) -> str:
    """What the import command prints; it must succeed."""
    answer = app.test_cli_runner().invoke(args=["import", "requests", str(path), "--yes", *arguments])
    assert answer.exit_code == 0, answer.output
    return answer.output


def links(page: Page, pattern: str) -> list[str]:
    """The page's links that match, each once, in order."""
    return list(dict.fromkeys(link for link in page.links if re.fullmatch(pattern, link)))


def settle(robin: Visitor, cast: Cast, url: str) -> None:
    """Complete what the file left open, as its requester would in the form, and submit."""
    page = robin.get(url)
    fields = page.forms[-1]["fields"]
    open_points = [c["value"] for c in page.controls if c.get("name") == "missing"]
    objectives = [c["value"] for c in page.controls if c.get("name") == "objectives"]
    robin.submit(
        {
            "missing": open_points, "objectives": objectives[1:2], "lead": cast.lead.email, "others": cast.second.email,
            "why_this_many": "The workshop needs two trainers.",
            "late_reason": fields.get("late_reason") or "The host confirmed its dates last week.",
            "submit": "1",
        }
    )  # fmt: skip


def test_from_an_idea_to_a_cleared_traveller(app, store, cast, enter):
    # The real requests come in from a file, and wait for somebody to claim them.
    assert "16 new" in imported(app, REQUESTS)
    assert "Nothing to do" in imported(app, REQUESTS)
    item_id = db.session.scalar(sa.select(Item.id).where(Item.source_ref == WINDHOEK))

    # The secretariat gives the request to the person who asked.
    sidney = enter(cast.secretary)
    assert f"/screening/{item_id}" in sidney.get("/screening?show=unclaimed").links
    sidney.get(f"/screening/{item_id}")
    sidney.send(f"/screening/{item_id}/claim", {"person": cast.requester.email})

    # The requester completes it: submission is refused while something is open, and nothing typed is lost.
    robin = enter(cast.requester)
    assert f"/engagements/{item_id}" in robin.get("/").links
    robin.get(f"/engagements/{item_id}/edit")
    refused = robin.submit({"title": "Windhoek and Dar es Salaam", "lead": "", "others": "", "submit": "1"}, 422)
    assert "Windhoek and Dar es Salaam" in refused.html
    assert db.session.get(Item, item_id).state is State.DRAFT
    settle(robin, cast, f"/engagements/{item_id}/edit")
    assert db.session.get(Item, item_id).state is State.UNDER_REVIEW  # somebody outside pays: a rule asks for a review

    # The secretariat asks a question; the answer brings it back; then it goes on the docket.
    sidney.get(f"/screening/{item_id}")
    sidney.send(f"/screening/{item_id}/return", {"reason": "Who pays for the vaccines?"})
    assert "Who pays for the vaccines?" in robin.get(f"/engagements/{item_id}").text
    robin.get(f"/engagements/{item_id}/edit")
    robin.submit({"notes": "The travel budget pays for the vaccines.", "submit": "1"})
    assert db.session.scalars(sa.select(ItemVersion.number).where(ItemVersion.item_id == item_id)).all() == [1, 2]
    sidney.get(f"/screening/{item_id}")
    sidney.send(f"/screening/{item_id}/place", status=409)
    review_all(enter(cast.reviewer))
    assert "Nothing against it" in sidney.get(f"/screening/{item_id}").text
    sidney.send(f"/screening/{item_id}/place")

    # The chair puts a motion. Nobody outside the board votes; the tally alone decides.
    charlie = enter(cast.chair)
    assert f"/board/items/{item_id}" in charlie.get("/").links
    charlie.get(f"/board/items/{item_id}/motion")
    charlie.submit({"outcome": "approve"})
    sidney.get(f"/board/items/{item_id}")
    for member, choice in zip(cast.members, ("yes", "yes", "yes", "no", "abstain"), strict=False):
        at_the_board = enter(member)
        assert f"/board/items/{item_id}" in at_the_board.get("/").links
        at_the_board.get(f"/board/items/{item_id}")
        voting = next(
            i for i, f in enumerate(at_the_board.page.forms) if "motion" in f["fields"] and f["method"] == "post"
        )
        motion = at_the_board.page.forms[voting]["fields"]["motion"]
        at_the_board.post(f"/board/items/{item_id}", {"motion": motion, "choice": choice, "reason": "Costly."})
    enter(cast.requester).post(f"/board/items/{item_id}", {"choice": "yes"}, 403)
    with transaction():
        make.time_is_up()
    charlie.get(f"/board/items/{item_id}/close")
    charlie.submit({})
    decision = charlie.follow()
    digest = db.session.scalar(
        sa.select(ItemVersion.sha256).where(ItemVersion.item_id == item_id).order_by(ItemVersion.number.desc())
    )
    assert digest in decision.html
    assert db.session.get(Item, item_id).state is State.APPROVED

    # Each traveller has a trip, and exactly what it demands.
    trip_id, other_id = db.session.scalars(
        sa.select(Trip.id).where(Trip.engagement_id == item_id).order_by(Trip.person_id)
    ).all()
    taylor = enter(cast.lead)
    assert f"/trips/{trip_id}" in taylor.get("/trips").links
    assert "Not cleared" in taylor.get(f"/trips/{trip_id}").text
    taylor.get(f"/trips/{other_id}", 404)

    # They read the guides and acknowledge the very text they saw.
    guides = links(taylor.get(f"/trips/{trip_id}"), rf"/trips/{trip_id}/guides/\d+")
    guided = {db.session.get(Guide, int(link.rsplit("/", 1)[1])).country_code for link in guides}
    assert guided == {None, "ZA", "TZ"}  # Namibia has no guide yet: the general one counts
    for link in guides:
        acknowledge(taylor, link)

    # They claim their training, and the training owner verifies it.
    for course in db.session.scalars(sa.select(Course).where(Course.code.in_(["CTAT", "PREBRIEF"]))).all():
        taylor.post(
            "/training", {"course_id": course.id, "completed_on": "2026-02-20", "evidence": "LMS", "once": course.code}
        )
    terry = enter(cast.trainer)
    for claim in links(terry.get("/training/queue"), r"/training/claims/\d+"):
        terry.post(f"{claim}/verify")

    # Country clearance is recorded for each stay; nobody can type "cleared".
    for country in ("ZA", "NA", "TZ"):
        taylor.post(
            f"/trips/{trip_id}/clearance",
            {
                "kind": "country",
                "country_code": country,
                "status": "granted",
                "reference": f"ECC-{country}-1",
                "decided_on": "2026-02-27",
            },
        )
    verdict = readiness.verdict(trip_id, make.TODAY)
    left = {item.requirement.title for item in verdict.missing}
    if left:  # what else the dated rules ask, by name, so that a new rule shows itself here
        assert left <= {"Medical clearance"}, left
        taylor.post(
            f"/trips/{trip_id}/clearance",
            {
                "kind": "medical",
                "country_code": "ZA",
                "status": "granted",
                "reference": "MED-1",
                "decided_on": "2026-02-27",
            },
        )
    assert readiness.verdict(trip_id, make.TODAY).cleared
    assert "Cleared to travel" in taylor.get(f"/trips/{trip_id}").text
    assert not readiness.verdict(other_id, make.TODAY).cleared

    # The reminders reach who is not ready, once, and leave the cleared traveller alone.
    app.config["CLOCK"] = lambda: make.NOON + timedelta(days=41)  # a week before departure
    for _ in range(2):
        answer = app.test_cli_runner().invoke(args=["remind"])
        assert answer.exit_code == 0, answer.output
    reminded = db.session.execute(
        sa.select(OutboxMessage.person_id, OutboxMessage.key).where(OutboxMessage.key.like("before_departure:%"))
    ).all()
    assert cast.second.id in {person for person, _ in reminded}
    assert cast.lead.id not in {person for person, _ in reminded}
    assert len({key for _, key in reminded}) == len(reminded)
    assert "Inbox" in enter(cast.second).get("/inbox").text

    # Leadership sees it in the month and by country; a stranger's filter finds nothing hidden.
    lou = enter(cast.leader)
    assert f"/engagements/{item_id}" in lou.get("/calendar?month=2026-04").links
    assert f"/engagements/{item_id}" in lou.get("/register?country=NA").links

    # The trail tells all of it, and holds.
    assert "approve" in enter(cast.auditor).get(f"/trail?kind=item&id={item_id}").text.lower()
    assert audit.verify().first_bad_id is None
    assert db.session.get(Engagement, item_id).source_ref == WINDHOEK


def acknowledge(traveller: Visitor, link: str) -> None:
    """Read a guide and acknowledge it: tick every point, answer every question rightly."""
    page = traveller.get(link)
    fields = page.forms[-1]["fields"]
    ticks = [c["value"] for c in page.controls if c.get("name") == "must_know"]
    content = db.session.scalar(
        sa.text("select content from guide_version where id = :id").bindparams(id=int(fields["version_id"]))
    )
    answers = {f"question_{i}": str(q["answer"]) for i, q in enumerate(_loaded(content)["check"])}
    wrong = {f"question_{i}": "0" if value != "0" else "1" for i, value in enumerate(answers.values())}
    traveller.submit({"must_know": ticks, **wrong}, 422)
    traveller.submit({"must_know": ticks, **answers})


def _loaded(content):
    import json

    return json.loads(content) if isinstance(content, str) else content
