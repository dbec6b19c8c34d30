"""Asking for an engagement, step by step: from an invitation, with clashes, questions, a party, hostile input."""

import io

import factories as make
import pytest
import sqlalchemy as sa
from factories import TODAY
from journeys.cast import assemble
from pages import Visitor

from engage.extensions import db
from engage.models.asking import AcceptedClash, Question
from engage.models.engagements import Engagement, Item
from engage.models.partners import Event
from engage.rules.workflow import State
from engage.services import contents, files
from engage.services.transaction import transaction

INVITATION = b"""BEGIN:VCALENDAR\r
METHOD:PUBLISH\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:pp26-placeholder-0001\r
SUMMARY:ITU Plenipotentiary Conference 2026 (PP-26)\r
DESCRIPTION:Three weeks\\; delegations may rotate.\r
DTSTART;VALUE=DATE:20261109\r
DTEND;VALUE=DATE:20261128\r
LOCATION:Doha\\, Qatar\r
STATUS:TENTATIVE\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
def cast(store):
    return assemble()


@pytest.fixture
def enter(app):
    return lambda who: Visitor(app).sign_in(who)


def begun(visitor: Visitor, content: bytes = INVITATION, status: int = 303, name: str = "pp-26.ics"):
    """Begin a request from a calendar file."""
    page = visitor.get("/engagements/start")
    fields = next(f["fields"] for f in page.forms if f["fields"].get("how") == "invitation")
    response = visitor.client.post(
        "/engagements/start", data={**fields, "file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )
    return visitor._met(response, status)


def the_one() -> Engagement:
    return db.session.scalars(sa.select(Engagement).order_by(Engagement.id.desc())).first()


def said(item_id: int):
    return contents.asked_by(contents.content_of(item_id))


def finish(visitor: Visitor, item_id: int, partner: str) -> None:
    """The steps that an invitation cannot know."""
    ask = f"/engagements/{item_id}/ask"
    visitor.get(f"{ask}/about")
    visitor.submit({"nature": "multilateral", "save": "1"})
    visitor.get(f"{ask}/why")
    visitor.submit({
        "purpose": "Elections and resolutions on cyber.", "outcome_sought": "Our candidate elected.",
        "why_not_virtual": "Votes are cast in the room.", "objectives": ["1"], "save": "1",
    })  # fmt: skip
    visitor.get(f"{ask}/with")
    visitor.submit({"partners": partner, "save": "1"})
    visitor.get(f"{ask}/costs")
    visitor.submit({
        "costs-0-what": "Lodging and meals", "costs-0-amount": "5,200", "costs-0-funder": "Agency travel budget",
        "costs-0-per_diem_on": "2026-03-01", "save": "1",
    })  # fmt: skip


def test_from_an_invitation_to_submission_without_typing_anything_twice(cast, enter):
    with transaction():
        partner = make.partner("Q-CERT", "QA")
    robin = enter(cast.requester)
    begun(robin)
    page = robin.follow()
    item = the_one()

    content = said(item.id)
    (leg,) = content.legs
    assert (content.title, leg.country_code, leg.city) == ("ITU Plenipotentiary Conference 2026 (PP-26)", "QA", "Doha")
    assert (str(leg.arrives_on), str(leg.departs_on), leg.zone) == ("2026-11-09", "2026-11-27", "Asia/Qatar")
    assert [t.person_id for t in content.travellers] == [cast.requester.id]
    assert "pp-26.ics" in robin.get(f"/engagements/{item.id}/ask/files").text
    assert "Submit this request" in page.text
    assert "45 days before departure" in page.text
    assert f"/engagements/{item.id}/submit" not in page.links

    finish(robin, item.id, f"{partner.name} (QA)")
    page = robin.get(f"/engagements/{item.id}/ask")
    assert f"/engagements/{item.id}/submit" in page.links, page.text
    robin.get(f"/engagements/{item.id}/submit")
    robin.submit({})
    assert db.session.get(Item, item.id).state is State.SUBMITTED
    kept = files.about("item", [item.id])[item.id]
    assert [one.name for one in kept] == ["pp-26.ics"]
    for who, page in (
        (cast.secretary, f"/screening/{item.id}"), (cast.members[0], f"/board/items/{item.id}"),
        (cast.requester, f"/engagements/{item.id}"),
    ):  # fmt: skip
        reader = enter(who)
        met = reader.get(page)
        assert [link for link in met.links if link.startswith("/files/")] == [f"/files/{kept[0].id}"]
        assert "pp-26.ics" in met.text
        with reader.client.get(f"/files/{kept[0].id}") as answer:
            assert answer.status_code == 200
            assert b"BEGIN:VCALENDAR" in answer.data
    enter(make.person()).get(f"/files/{kept[0].id}", status=404)
    assert said(item.id).costs[0].per_diem_on.isoformat() == "2026-03-01"


def test_a_clash_is_accepted_with_a_reason_that_the_board_reads(cast, enter):
    with transaction():
        partner = make.partner("Q-CERT", "QA")
        other = make.engagement(
            State.APPROVED, title="Gulf cyber week", country="QA", city="Doha", zone="Asia/Qatar",
            starts=TODAY.replace(month=11, day=12),
        )  # fmt: skip
    robin = enter(cast.requester)
    begun(robin)
    item = the_one()
    finish(robin, item.id, f"{partner.name} (QA)")

    page = robin.get(f"/engagements/{item.id}/ask")
    assert "1 of these need a reason, or another plan." in page.text
    robin.get(f"/engagements/{item.id}/submit")
    assert "One clash needs a reason" in robin.submit({}, status=422).text
    page = robin.get(f"/engagements/{item.id}/ask/clashes")
    assert "Gulf cyber week" in page.text
    robin.submit({f"reason-item:{other.id}": "They meet the regulator; we vote."})
    assert db.session.scalars(sa.select(AcceptedClash.reason)).all() == ["They meet the regulator; we vote."]
    robin.get(f"/engagements/{item.id}/submit")
    robin.submit({})

    frozen = robin.get(f"/engagements/{item.id}")
    assert "They meet the regulator; we vote." in frozen.text
    assert "They meet the regulator; we vote." in enter(cast.secretary).get(f"/board/items/{item.id}/memo").text


def test_returned_with_questions_and_answered(cast, enter, app):
    with transaction():
        partner = make.partner("Q-CERT", "QA")
    robin, sidney = enter(cast.requester), enter(cast.secretary)
    begun(robin)
    item = the_one()
    finish(robin, item.id, f"{partner.name} (QA)")
    robin.get(f"/engagements/{item.id}/submit")
    robin.submit({})
    sidney.get(f"/screening/{item.id}")
    sidney.send(f"/screening/{item.id}/return", {"reason": "Who votes?\n\nWho pays for the visa?"})

    assert "the clock stands still" in robin.get(f"/engagements/{item.id}").text
    page = robin.get(f"/engagements/{item.id}/answer")
    first, second = db.session.scalars(sa.select(Question.id).order_by(Question.id)).all()
    page = robin.submit({f"answer-{first}": "The lead does."}, status=422)
    assert page.forms[-1]["fields"][f"answer-{first}"] == "The lead does."
    robin.submit({f"answer-{first}": "The lead does.", f"answer-{second}": "We do."})
    assert db.session.get(Item, item.id).state is State.SUBMITTED
    assert "The lead does." in sidney.get(f"/screening/{item.id}").text
    kept = db.session.scalars(sa.select(Question).order_by(Question.id)).all()
    assert [(q.answer, q.answered_by_id) for q in kept] == [
        ("The lead does.", cast.requester.id), ("We do.", cast.requester.id)
    ]  # fmt: skip


def test_a_party_is_put_together_by_finding_people(cast, enter):
    robin = enter(cast.requester)
    begun(robin)
    item = the_one()
    url = f"/engagements/{item.id}/ask/who"
    robin.get(url)
    page = robin.submit({"who": "taylor", "find": "1"}, status=200)
    assert f"Add {cast.lead.name}" in page.text
    page = robin.submit({"add_person": cast.lead.email}, status=200)
    assert cast.lead.name in page.text
    robin.submit({"lead": cast.lead.email, "why_this_many": "One votes, one negotiates.", "save": "1"})
    party = said(item.id).travellers
    assert [(t.person_id, t.is_lead) for t in party] == [(cast.lead.id, True), (cast.requester.id, False)]
    assert "The lead and the others" not in robin.get(url).text


def test_stays_are_added_moved_and_taken_out_and_nothing_else_is_touched(cast, enter):
    robin = enter(cast.requester)
    begun(robin)
    item = the_one()
    url = f"/engagements/{item.id}/ask/where"
    before = said(item.id)
    robin.get(url)
    stay = {"country": "Estonia", "city": "Tallinn", "arrives_on": "2026-11-28", "departs_on": "2026-11-30"}
    second = {f"legs-1-{name}": value for name, value in stay.items()}
    page = robin.submit({**second, "up": "1"}, status=200)
    assert page.forms[-1]["fields"]["legs-0-city"] == "Tallinn"
    page = robin.submit({"save": "1"})
    page = robin.get(url)
    assert [leg.city for leg in said(item.id).legs] == ["Tallinn", "Doha"]
    assert "This stay begins before the one above it ends." in robin.get(f"/engagements/{item.id}/ask").text
    robin.get(url)
    robin.submit({"drop-legs": "0"}, status=200)
    robin.submit({"save": "1"})
    assert said(item.id) == before


BOMB = b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 20_000
WRONG = [
    (INVITATION.replace(b"METHOD:PUBLISH", b"METHOD:CANCEL"), "pp.ics"),
    (BOMB, "bomb.ics"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "agenda.pdf"),
    (b"not a calendar", "pp.ics"),
    (INVITATION.replace(b"DTSTART;VALUE=DATE:20261109", b"DTSTART;TZID=Mars/Olympus:20261109T090000"), "pp.ics"),
]


def test_what_cannot_be_an_invitation_is_refused_at_its_field(cast, enter):
    robin, found = enter(cast.requester), []
    for content, name in WRONG:
        page = begun(robin, content, status=422, name=name)
        found.append('id="invitation-file-error"' in page.html)
    assert found == [True] * len(WRONG)
    assert db.session.scalars(sa.select(Engagement)).all() == []


def test_right_to_left_and_emoji_names_are_kept_and_five_hundred_travellers_are_not(cast, enter):
    robin = enter(cast.requester)
    robin.get("/engagements/start")
    fields = next(f["fields"] for f in robin.page.forms if f["fields"].get("how") == "blank")
    robin.post("/engagements/start", {**fields, "title": "اجتماع الدوحة 🕊️", "direction": "outbound"})
    item = the_one()
    assert item.title == "اجتماع الدوحة 🕊️"
    url = f"/engagements/{item.id}/ask"
    robin.get(f"{url}/who")
    crowd = [f"p{n}@example.gov" for n in range(499)]
    page = robin.submit({"going": crowd, "save": "1"}, status=422)
    assert "at most 40 travellers" in page.text
    robin.get(f"{url}/costs")
    for amount in ("1e9", "١٢٣", "-4"):
        page = robin.submit({"costs-0-what": "Air", "costs-0-amount": amount, "save": "1"}, status=422)
        assert page.forms[-1]["fields"]["costs-0-amount"] == amount
    robin.get(f"{url}/where")
    stay = {"legs-0-country": "Brazil", "legs-0-city": "Campinas", "legs-0-zone": "Mars/Olympus"}
    days = {"legs-0-arrives_on": "2026-07-02", "legs-0-departs_on": "2026-07-01"}
    page = robin.submit({**stay, **days, "save": "1"}, status=422)
    assert "This is before the day of arrival." in page.text
    assert page.forms[-1]["fields"]["legs-0-city"] == "Campinas"


def test_a_past_engagement_is_copied_to_other_days(cast, enter):
    with transaction():
        old = make.engagement(State.APPROVED, by=cast.requester)
    robin = enter(cast.requester)
    robin.get(f"/engagements/{old.id}/copy")
    robin.submit({"first_on": "2026-10-05"})
    made = the_one()
    assert (made.id != old.id, made.state, str(made.starts_on)) == (True, State.DRAFT, "2026-10-05")
    assert said(made.id).purpose == said(old.id).purpose


def test_an_event_of_the_register_begins_a_request(cast, enter):
    robin = enter(cast.requester)
    page = robin.get("/engagements/start")
    fields = next(f["fields"] for f in page.forms if f["fields"].get("how") == "event")
    event = db.session.scalars(sa.select(Event).where(Event.starts_on > TODAY, Event.country_code == "QA")).first()
    robin.post("/engagements/start", {**fields, "event": str(event.id)})
    assert (the_one().event_id, said(the_one().id).legs[0].country_code) == (event.id, "QA")
    robin.get("/engagements/start")
    robin.post("/engagements/start", {**fields, "once": "x", "event": "999999"}, status=422)
