"""After the trip, over HTTP: one report of three, promises kept and broken, a gift, a deviation, a year's lists."""

import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import factories as make
import pytest
from factories import TODAY
from journeys.test_first_journey import enter  # noqa: F401
from PIL import Image

from engage.extensions import db
from engage.models.board import Charter
from engage.models.commitments import Commitment
from engage.models.engagements import CostLine
from engage.models.gifts import Gift
from engage.models.lists import KeptList
from engage.models.partners import Partner
from engage.models.trips import Trip
from engage.rules.policy import Role
from engage.rules.reports import LateReports
from engage.rules.workflow import State
from engage.services import file_access, files
from engage.services.transaction import transaction

BEGAN = TODAY - timedelta(days=10)  # a Friday; back on Wednesday 25 February
DAYS = 5


def photograph(place: bool = True) -> bytes:
    """A JPEG as a telephone takes it, with the place where it was taken."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (59.0, 26.0, 0.0), 3: "E", 4: (24.0, 45.0, 0.0)}
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "navy").save(out, "JPEG", exif=exif if place else Image.Exif())
    return out.getvalue()


@pytest.fixture
def party(store):
    """Three who are back from Tallinn, the secretariat, a reviewer, and the partner they met."""
    with transaction():
        boss = make.person(Role.SUPERVISOR, name="Sasha Supervisor")
        three = [make.person(name=name, supervisor_id=boss.id) for name in ("Lee Lead", "Mo Second", "Nat Third")]
        others = {
            "sec": make.person(Role.SECRETARIAT, name="Sidney Secretary"),
            "rev": make.person(Role.REVIEWER, name="Robin Reviewer"),
            "con": make.person(Role.CONTENT_OWNER, name="Chris Content"),
            "lea": make.person(Role.LEADERSHIP, name="Lou Leader"),
        }
        item = make.engagement(State.APPROVED, by=three[0], travellers=three, starts=BEGAN, days=DAYS)
        make.version(item)
        return three, others, item.id, item.partners[0].id


def test_a_delegation_of_three_files_one_report_and_its_outcomes_count(app, party, enter):  # noqa: F811
    (lead, second, third), others, item, partner = party
    url = f"/engagements/{item}/report"
    lee, mo = enter(lead), enter(second)
    page = lee.get("/reports")
    assert "To be filed" in page.text
    page = lee.get(url)
    known = ("Lee Lead (lead)", "Mo Second", "Nat Third", "Tallinn", "Report: Engagement")
    assert all(name in page.text for name in known)

    # Nothing is filed that says nothing; both write, and the slower of two sees what the other saved.
    lee.post(f"{url}/file", {"once": "a" * 32}, status=422)
    mo.get(url)
    lee.get(url)
    lee.submit({"readout": "The range is ours to use twice a year."}, form=0)
    page = mo.submit({"readout": "We agreed the range."}, status=409, form=0)
    assert "Lee Lead has written in this report" in page.text
    assert "We agreed the range." in page.html
    mo.submit({"readout": "The range is ours to use twice a year. We agreed the range."}, form=0)

    # An outcome needs its objective; a training says whom it reached.
    mo.get(f"{url}/outcomes/new")
    told = {"kind": "training", "summary": "Two days on the range.", "country_code": "EE", "number": "1"}
    page = mo.submit({**told, "objective_id": ""}, status=422)
    assert "Choose the objective it serves" in page.text
    assert "Two days on the range." in page.html
    page = mo.submit({**told, "objective_id": "1"}, status=422)
    assert "Of a training, say how many nations it reached." in page.text
    mo.submit({**told, "objective_id": "1", "nations": "3", "people": "25", "partner_id": str(partner)})
    mo.get(f"{url}/met/new")
    assert "Name, function and house are enough" in mo.submit(
        {"name": "Ann Range", "function": "Head", "organisation": "ann@range.example"}, status=422
    ).text
    mo.submit({"name": "Ann Range", "function": "Head of the range", "organisation": "Range"})
    mo.get(f"{url}/lessons/new")
    mo.submit({"kind": "etiquette", "country_code": "EE", "text": "Say no before noon, and mean it."})

    lee.get(url)
    lee.post(f"{url}/file", {"once": "b" * 32})
    assert "Filed" in lee.get(url).text
    assert "Report filed: Engagement" in enter(third).get("/inbox").text
    assert "Training delivered" in lee.get(f"{url}/versions/1").text
    page = enter(others["lea"]).get("/outcomes")
    assert "Two days on the range." in page.text
    assert "People reached" in page.text

    # It is found by the next traveller, and by the guide's owner, who answers it beside the way to a new version.
    assert "Say no before noon" in lee.get("/lessons?country=Estonia&kind=etiquette").text
    assert "Say no before noon" not in lee.get("/lessons?country=LV").text
    chris = enter(others["con"])
    assert "Estonia : 1 lesson" in chris.get("/guidance/work").text
    page = chris.get("/guidance/EE/said")
    assert "/guidance/EE/edit" in page.html
    page = chris.post("/guidance/EE/said", {"lesson": "1", "taken": "no", "words": "", "once": "c" * 32}, status=422)
    chris.post("/guidance/EE/said", {"lesson": "1", "taken": "yes", "words": "Version 2", "once": "d" * 32})
    assert "In the guide" in chris.get("/guidance/EE/said").text

    # Taken back with a reason its outcomes do not count; filed again it says what changed.
    mo.get(f"{url}/take-back")
    mo.submit({"reason": ""}, status=422)
    mo.submit({"reason": "The number of people was wrong."})
    assert "Nothing in these quarters." in enter(others["lea"]).get("/outcomes").text
    mo.post(f"{url}/file", {"once": "e" * 32}, status=422)
    mo.post(f"{url}/file", {"once": "f" * 32, "reason": "25 people, counted once more."})
    assert "Version 2" in mo.get(f"{url}/versions").text


def test_a_kept_and_a_broken_promise_and_the_broken_one_shows_wherever_the_partner_does(app, party, enter):  # noqa: F811
    (lead, *_), others, item, partner = party
    lee, sid = enter(lead), enter(others["sec"])
    new = f"/engagements/{item}/commitments/new"
    lee.get(new)
    page = lee.submit({"side": "ours", "what": "Send the range plan.", "due_on": "2026-02-01"}, status=422)
    assert "A promise is not due before it was made." in page.text
    soon = {"side": "ours", "partner_id": str(partner), "due_on": str(TODAY + timedelta(days=3))}
    lee.submit({**soon, "what": "Send the range plan."})
    lee.get(new)
    lee.submit({**soon, "side": "theirs", "what": "Name a liaison."})
    kept, broken = db.session.scalars(db.select(Commitment.id).order_by(Commitment.id)).all()
    db.session.rollback()

    lee.get(f"/commitments/{kept}")
    assert "what shows that it was kept" in lee.submit({"what": "keep", "text": ""}, status=422).text.lower()
    lee.submit({"what": "keep", "text": "Sent on 2 March, they wrote back."})
    lee.post(f"/commitments/{kept}", {"what": "keep", "text": "Again", "once": "9" * 32}, status=409)

    app.config["CLOCK"] = lambda: make.NOON + timedelta(days=20)
    with transaction():
        asked = make.engagement(State.SUBMITTED, by=others["lea"], starts=TODAY + timedelta(days=120))
        asked.partners = [db.session.get(Partner, partner)]
        make.version(asked)
        asked_id = asked.id
    lee, sid = enter(lead), enter(others["sec"])
    page = sid.get(f"/screening/{asked_id}")
    assert "Overdue promises with these partners" in page.text
    assert "Name a liaison." in page.text
    assert "Send the range plan." not in page.text
    assert "Name a liaison." in sid.get(f"/board/items/{asked_id}/memo").text
    assert "Overdue" in sid.get(f"/partners/{partner}").text
    assert "Name a liaison." in sid.get("/commitments?show=overdue").text
    assert "Promises overdue" in enter(others["lea"]).get("/").text

    # Their word releases it; until then another day may be agreed, and it may go to somebody else.
    lee.get(f"/commitments/{broken}")
    lee.submit({"what": "move", "due_on": "2026-04-30", "text": "Their head asked for April."})
    lee.get(f"/commitments/{broken}")
    lee.submit({"what": "hand", "owner_email": others["sec"].email, "text": "I leave the team."})
    sid.get(f"/commitments/{broken}")
    sid.submit({"what": "release", "text": "Their head said on the phone that the post is gone."})
    page = sid.get(f"/commitments/{broken}")
    assert all(word in page.text for word in ("Released", "New day agreed", "Handed on", "Their head asked for April."))


def trip_of(engagement, person):
    """The trip of somebody on an engagement, by id."""
    found = db.session.scalars(db.select(Trip.id).where(Trip.engagement_id == engagement, Trip.person_id == person.id))
    number = found.one()
    db.session.rollback()
    return number


VASE = {
    "kind": "object", "description": "A silver vase.", "received_on": "2026-02-24", "amount": "520.00",
    "currency": "EUR", "rate": "1.08", "rate_source": "Treasury reporting rates, 31 December 2025",
    "donor_name": "Ann Range", "donor_position": "Minister", "donor_country": "EE",
    "circumstances": "At the farewell; to refuse would have offended.", "position": "Deputy director",
}  # fmt: skip


def test_a_gift_above_the_minimal_value_is_judged_counted_down_and_handed_in(app, party, enter):  # noqa: F811
    (lead, second, _), others, item, _ = party
    lee = enter(lead)

    def log(status=303, **changes):
        lee.get(f"/gifts/new?of={item}")
        return lee.submit({**VASE, **changes}, status=status)

    # What is wrong is said at its field, and nothing that was typed is lost.
    for changes, said in (
        ({"received_on": str(TODAY + timedelta(days=1))}, "That day is still to come"),
        ({"currency": ""}, "A value needs its currency."),
        ({"rate": ""}, "Give the rate of that day: US dollars for one EUR."),
        ({"amount": "1e9"}, "Write the amount in digits"),
        ({"photograph": (io.BytesIO(b"%PDF-1.7 no photograph"), "vase.jpg")}, "This is not a photograph."),
        ({"photograph": (io.BytesIO(photograph()), "vase.heic")}, "a telephone's own format"),
    ):
        page = log(422, **changes)
        assert said in page.text
        assert "A silver vase." in page.html
    log(photograph=(io.BytesIO(photograph()), "vase.jpg"))
    gift = db.session.scalars(db.select(Gift)).one()
    assert (gift.value_usd, gift.minimal_usd, gift.due_on) == (Decimal("561.60"), 480, date(2026, 4, 25))
    kept = files.about("gift", [gift.id])[gift.id][0]
    with files.open_bytes(files.find(kept.id)) as stream, Image.open(stream) as picture:
        assert dict(picture.getexif()) == {}
    number, file_id = gift.id, kept.id
    assert file_access.find(file_id, by=make.actor(second), day=TODAY) is None
    db.session.rollback()

    page = lee.get(f"/gifts/{number}")
    assert "54 days left." in page.text
    assert "Kept by the recipient" not in page.text
    enter(second).get(f"/gifts/{number}", status=404)
    rob = enter(others["rev"])
    assert "A silver vase." in rob.get("/gifts?show=waiting").text
    rob.get(f"/gifts/{number}")
    rob.submit({"to": "official_use", "on_day": "2026-03-01"}, status=422)
    rob.submit({"to": "deposited", "on_day": "2026-03-01"})
    rob.get(f"/gifts/{number}")
    rob.submit({"to": "kept"}, status=422)
    rob.submit({"to": "transferred", "on_day": "2026-03-02", "note": "To GSA, form 120."})
    assert "Transferred to GSA" in lee.get("/gifts").text
    assert "Transferred to GSA" in lee.get("/inbox").text

    # Ten megabytes of photograph fit into a request here, as they do nowhere else, up to the missing token.
    head = b'--x\r\nContent-Disposition: form-data; name="photograph"; filename="a.jpg"\r\n\r\n'
    for path, size, status in (("/gifts/new", 10, 400), ("/gifts/new", 12, 413), ("/training", 10, 413)):
        whole = head + b"a" * (size * 1024**2) + b"\r\n--x--\r\n"
        with lee.client.post(path, data=whole, content_type="multipart/form-data; boundary=x") as sent:
            assert sent.status_code == status, (path, size)

    # What is not above is the recipient's to keep.
    log(amount="20.00", description="A scarf.")
    lee.follow()
    lee.submit({"to": "kept", "on_day": "2026-02-25"})
    assert "Kept by the recipient" in lee.get("/gifts").text


def test_a_journey_that_was_another_a_claim_and_what_closes_the_trip(app, party, enter):  # noqa: F811
    (lead, second, _), others, item, _ = party
    lee, mo = enter(lead), enter(second)
    trip = trip_of(item, second)
    page = mo.get(f"/trips/{trip}/after")
    assert "Lee Lead leads the group." in page.text
    assert page.text.count("To do") == 4  # the report, the journey, the claim, the debrief

    mo.get(f"/trips/{trip}/itinerary")
    assert "Say why the journey was another." in mo.submit({"went": "other"}, status=422).text
    page = mo.submit({"went": "other", "why": "The ship was late.", "stays-0-departs_on": "2026-02-19"}, status=422)
    assert "The departure is before the arrival." in page.text
    stay = {"stays-0-departs_on": "2026-02-23", "stays-1-country_code": "FI", "stays-1-city": "Helsinki",
            "stays-1-arrives_on": "2026-02-23", "stays-1-departs_on": "2026-02-26"}  # fmt: skip
    mo.submit({"went": "other", "why": "The ship was late.", **stay})
    page = mo.get(f"/trips/{trip}/after")
    assert "As travelled" in page.text
    assert "Helsinki, Finland" in page.text
    lee.get(f"/trips/{trip}/itinerary", status=403)

    mo.get(f"/trips/{trip}/claim")
    for number in ("4111 1111 1111 1111", "DE89370400440532013000", "account 12-34-56-78"):
        page = mo.submit({"reference": number, "handed_in_on": "2026-02-27"}, status=422)
        assert "no account, card or document number" in page.text, number
    mo.submit({"reference": "TV-26-0417", "handed_in_on": "2026-03-03"}, status=422)
    mo.submit({"reference": "TV-26-0417", "handed_in_on": "2026-02-27"})

    lee.get(f"/engagements/{item}/report")
    lee.submit({"readout": "It went well.", "no_outcome": "A first talk."}, form=0)
    lee.post(f"/engagements/{item}/report/file", {"once": "a" * 32})
    assert "Open" in mo.get(f"/trips/{trip}/after").text
    sid = enter(others["sec"])
    sid.get(f"/trips/{trip}/debrief")
    sid.submit({"done_on": "2026-02-27"})
    assert "Closed" in mo.get(f"/trips/{trip}/after").text
    assert "Open" in lee.get(f"/trips/{trip_of(item, lead)}/after").text


def test_a_charter_may_block_who_owes_a_report_and_the_secretariat_lets_them_through_with_a_reason(
    app, party, enter, store  # noqa: F811
):  # fmt: skip
    (*_, third), others, _, _ = party
    app.config["CLOCK"] = lambda: make.NOON + timedelta(days=40)  # Saturday 11 April
    with transaction():
        store.scalars(db.select(Charter)).one().late_reports = LateReports.BLOCK
        asked = make.engagement(State.DRAFT, by=third, starts=TODAY + timedelta(days=150)).id
    nat, sid = enter(third), enter(others["sec"])
    nat.get(f"/engagements/{asked}/submit")
    page = nat.submit({}, status=422)
    assert "has been overdue since 26 March 2026" in page.text
    assert "Overdue" in nat.get("/reports").text

    sid.get("/reports")
    assert "Nat Third" in sid.page.text
    sid.get(f"/reports/late/{third.id}")
    sid.submit({"ends_on": "2026-12-31", "reason": "Too long"}, status=422)
    sid.submit({"ends_on": "2026-04-30", "reason": "The lead is ill; Nat is needed in May."})
    assert "May ask through" in sid.get("/reports").text
    nat.get(f"/engagements/{asked}/submit")
    nat.submit({})
    page = sid.get(f"/screening/{asked}")
    assert "Overdue reports" in page.text
    assert "Lee Lead" not in page.text  # who neither asks nor would travel is not named
    nat.get(f"/reports/late/{third.id}", status=403)


def test_a_years_lists_are_previewed_with_what_is_missing_and_kept_as_they_were_sent(app, party, enter, store):  # noqa: F811
    (lead, *_), others, item, _ = party
    with transaction():
        store.add(
            CostLine(engagement_id=item, position=1, what="Hotel", amount=800, funder="The host", non_federal=True)
        )
    lee, sid = enter(lead), enter(others["sec"])
    lee.get("/lists", status=403)
    lee.get(f"/engagements/{item}/report/payments/new")
    lee.submit({"payer": "=HYPERLINK(1)", "what": "Hotel", "amount": "-3", "received_on": "2026-02-25"}, status=422)

    payments, gifts, why = (f"/lists/{one}" for one in
                            ("payments/2025-10-01", "gifts/2026-01-01", "justifications/2026-02-01"))  # fmt: skip
    assert "named an outside payer, and nobody has said what was given" in sid.get(payments).text
    lee.get(f"/engagements/{item}/report/payments/new")
    paid = {"payer": "=HYPERLINK(1)", "what": "Hotel", "amount": "812.50", "in_kind": "y"}
    lee.submit({**paid, "received_on": "2026-02-25"})
    lee.get("/gifts/new")
    lee.submit(VASE)

    app.config["CLOCK"] = lambda: make.NOON + timedelta(days=400)  # in April 2027
    sid = enter(others["sec"])
    page = sid.get("/lists")
    assert "Gifts from foreign governments, 2026" in page.text
    page = sid.get(payments)
    assert "=HYPERLINK(1)" in page.text
    assert "$812.50" not in page.text  # amounts stand as the files have them
    assert "Nothing is missing." in page.text
    page = sid.get(gifts)
    assert all(word in page.text for word in ("has not been handed in", "has no photograph", "redefined every 3 years"))
    assert "Nobody has written why the travel" in sid.get(why).text
    sid.get(f"/lists/justify/{item}")
    sid.submit({"words": "The range can only be seen on site."})
    assert "The range can only be seen on site." in sid.get(why).text

    csv = sid.client.get(f"{payments}/preview.csv").data.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in csv
    assert "812.50" in csv
    sid.get(gifts)
    sid.submit({"sent_to": "Department of State", "sent_on": "2027-01-20"}, status=422)
    sid.submit({"sent_to": "Department of State", "sent_on": "2027-01-20", "although": "y"})
    page = sid.follow()
    assert "A silver vase." in page.text
    assert "Missing when it was sent" in page.text
    sid.get("/lists/payments/2026-04-01")  # a half year in which nobody paid
    assert "Nothing to report." in sid.page.text
    sid.submit({"sent_to": "OGE", "sent_on": "2027-04-01"})
    nil = sid.follow()
    assert nil.text.count("SHA-256") == 4

    kept = db.session.scalars(db.select(KeptList).order_by(KeptList.id)).all()
    assert [(one.rows, one.number) for one in kept] == [(1, 1), (0, 1)]
    for one in files.about("kept_list", [kept[0].id])[kept[0].id]:
        with sid.client.get(f"/files/{one.id}") as answer:
            assert answer.status_code == 200, one.name
            content = answer.data
        if one.name.endswith("xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                assert b"A silver vase." in b"".join(book.read(name) for name in book.namelist())
    db.session.rollback()
    with pytest.raises(Exception, match="append-only"):
        store.execute(db.update(KeptList).values(rows=7))
    store.rollback()


def test_nothing_is_written_before_the_trip_nor_by_strangers(app, party, enter):  # noqa: F811
    (lead, *_), others, item, _ = party
    with transaction():
        ahead = make.engagement(State.APPROVED, by=lead).id
        stranger = make.person(name="Sam Stranger")
    lee, sam = enter(lead), enter(stranger)
    assert "The engagement has not begun." in lee.get(f"/engagements/{ahead}/report").text
    lee.get(f"/engagements/{ahead}/report/outcomes/new", status=409)
    lee.post(f"/engagements/{ahead}/report", {"readout": "Too early", "once": "a" * 32}, status=409)
    assert "What you write" not in sam.get(f"/engagements/{item}/report").text
    for path in (f"/engagements/{item}/report", f"/engagements/{item}/report/file",
                 f"/engagements/{item}/report/lessons/new", f"/engagements/{item}/commitments/new"):  # fmt: skip
        sam.post(path, {"once": "b" * 32, "readout": "Mine now"}, status=403)
    lee.get("/lists/gifts/2026-02-01", status=403)
    sid = enter(others["sec"])
    for path in ("/lists/gifts/2026-02-01", "/lists/gifts/2027-01-01", "/lists/gifts/soon", "/lists/sent/9"):
        sid.get(path, status=404)
