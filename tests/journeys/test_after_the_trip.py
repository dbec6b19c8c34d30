"""After the trip, over HTTP: one report of three, promises kept and broken, a gift, a deviation, a year's lists."""

import io
from datetime import timedelta

import factories as make
import pytest
from factories import TODAY
from journeys.test_first_journey import enter  # noqa: F401
from PIL import Image

from engage.extensions import db
from engage.models.commitments import Commitment
from engage.models.partners import Partner
from engage.rules.policy import Role
from engage.rules.workflow import State
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
