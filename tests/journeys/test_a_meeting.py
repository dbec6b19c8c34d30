"""A whole meeting over HTTP: called, prepared, held, minuted, sealed, and corrected by an addendum."""

import io
from datetime import date, time, timedelta

import factories as make
from factories import NOON
from pypdf import PdfReader

from engage.models.meetings import Meeting
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import agendas, meeting_rows, meetings, read_ahead
from engage.services.meetings import Plan
from engage.services.transaction import transaction


def test_a_meeting_from_its_call_to_sealed_minutes_with_an_addendum(store, visitor, app):
    with transaction():
        _, (chair, *members) = make.board()
        secretary = make.person(Role.SECRETARIAT, name="Ada Secretary")
        items = [make.engagement(State.SCHEDULED) for _ in range(3)]
        for item in items:
            make.version(item)
        ids, titles = [item.id for item in items], [item.title for item in items]

    # The secretary calls it; a meeting in the past is refused with the text kept.
    ada = visitor.sign_in(secretary)
    ada.get("/board/meetings/new")
    said = {"title": "March meeting", "day": "2026-03-01", "hour": "14:00", "minutes_long": "120",
            "zone": "America/New_York", "place": "Room 7", "link": ""}  # fmt: skip
    page = ada.submit(said, status=422)
    assert "This is past. Name a day and hour ahead." in page.text
    page = ada.submit(said | {"day": "2026-03-16"}, status=303) and ada.follow()
    meeting = store.scalars(make.db.select(Meeting)).one()
    url, starts = f"/board/meetings/{meeting.id}", meeting.starts_at
    assert "Monday 16 March 2026, 14:00 to 16:00 EDT" in page.text

    # The agenda: two on the consent list, one for decision; ordered; a paper; published.
    ada.get(f"{url}/agenda")
    for item, section in zip(ids, ("consent", "consent", "decision"), strict=True):
        ada.post(f"{url}/agenda", {"act": "add", "item": str(item), "section": section}, status=303)
    ada.post(f"{url}/agenda", {"act": "add", "item": str(ids[0])}, status=409)
    entries = [row.id for row in meeting_rows.entries(meeting.id)]
    ada.post(f"{url}/agenda", {"act": "down", "entry": str(entries[0])}, status=303)
    ada.post(f"{url}/agenda", {"act": "move", "entry": str(entries[0]), "position": "1"}, status=303)
    ada.get(f"{url}/papers/new")
    ada.submit({"entry": str(entries[2]), "title": "Costs", "text": "In full."}, status=303)
    ada.post(f"{url}/agenda", {"act": "publish"}, status=303)
    assert "Agenda 1" in ada.get(f"{url}/agendas/1").text
    assert "In time" in ada.get(url).text

    # A member reads ahead, which is recorded, and takes an item off the consent list.
    member = visitor.sign_in(members[0])
    assert "In full." in member.get(f"{url}/papers").text
    assert members[0].name in member.get(url).text
    member.post(f"{url}/pull", {"entry": str(entries[1])}, status=303)
    member.post(f"{url}/live", {"act": "open"}, status=403)

    # The day: opened, four of seven present, the consent list adopted by a roll call.
    app.config["CLOCK"] = lambda: starts
    ada = visitor.sign_in(secretary)
    live = f"{url}/live"
    ada.post(live, {"act": "open"}, status=303)
    for seat, who in enumerate([chair, *members][:4], 1):
        ada.post(live, {"act": "come", "seat": str(seat), "person": str(who.id), "attends": "in_room"}, status=303)
    page = ada.get(live)
    assert "Of 7, 4 make a quorum: 4 present, 3 absent." in page.text
    ada.post(live, {"act": "consent"}, status=303)
    ada.post(live, {"act": "end"}, status=409)
    for seat in range(1, 5):
        ada.post(live, {"act": "roll_consent", "seat": str(seat), "choice": "yes"}, status=303)
    ada.get(live)
    ada.post(live, {"act": "close_consent"}, status=303)
    assert store.get(type(items[0]), ids[0]).state is State.APPROVED

    # The next item: a motion, members vote, one leaves, without a quorum nothing is decided.
    ada.post(live, {"act": "call", "entry": str(entries[2])}, status=303)
    ada.get(live)
    ada.post(f"{live}/motion", {"entry": str(entries[2]), "outcome": "defer", "once": "a1"}, status=422)
    ada.post(f"{live}/motion", {"entry": str(entries[2]), "outcome": "approve_with_conditions", "reason": "Goal 1.",
                                "conditions": "Take one phone.", "once": "a2"}, status=303)  # fmt: skip
    motion = str(meeting_rows.motions(meeting.id)[-1].id)
    for who in (chair, *members[:2]):
        visitor.sign_in(who).get(live)
        visitor.post(live, {"act": "vote", "motion": motion, "choice": "yes"}, status=303)
    visitor.sign_in(members[5]).post(live, {"act": "vote", "motion": motion, "choice": "yes"}, status=403)
    ada = visitor.sign_in(secretary)
    ada.post(live, {"act": "go", "person": str(members[2].id)}, status=303)
    page = ada.post(live, {"act": "close", "motion": motion}, status=409)
    assert "There is no quorum, so the vote stays open." in page.text
    ada.post(live, {"act": "come", "seat": "4", "person": str(members[2].id), "attends": "remote"}, status=303)
    ada.post(live, {"act": "close", "motion": motion}, status=303)
    ada.get(f"{url}/actions/new")
    ada.submit({"text": "Write to the partner.", "owner": str(members[1].id), "due_on": "2026-03-20"}, status=303)
    app.config["CLOCK"] = lambda: starts + timedelta(hours=1)
    ada = visitor.sign_in(secretary)
    ada.post(live, {"act": "end"}, status=303)

    # Minutes: narrative, approval by the chair, seal, addendum; a sealed text is never edited.
    ada.get(f"{url}/minutes/edit")
    ada.submit({"opening": "The chair welcomed all."}, status=303)
    page = ada.get(f"{url}/minutes")
    for words in ("The chair welcomed all.", "Take one phone.", "Entered by Ada Secretary", titles[1],
                  "Taken off the consent list by", "it stays on the docket", "Write to the partner."):  # fmt: skip
        assert words in page.text, words
    ada.post(f"{url}/minutes/approve", {"how": "By the chair, as the charter says."}, status=403)
    visitor.sign_in(chair).get(f"{url}/minutes")
    visitor.post(f"{url}/minutes/approve", {"how": "By the chair, as the charter says."}, status=303)
    ada = visitor.sign_in(secretary)
    ada.post(f"{url}/minutes/seal", {}, status=303)
    ada.get(f"{url}/minutes/edit", status=409)
    ada.get(f"{url}/minutes/addendum")
    ada.submit({"text": "The room was 8."}, status=303)
    page = ada.get(f"{url}/minutes")
    assert "Sealed" in page.text
    assert "The room was 8." in page.text
    pdf = ada.client.get(f"{url}/minutes.pdf")
    assert (pdf.status_code, pdf.data[:5]) == (200, b"%PDF-")

    # The owner says that it is done.
    action = meeting_rows.actions(meeting.id)[0].id
    visitor.sign_in(members[1]).get(f"/actions/{action}")
    visitor.submit({"outcome": "Written."}, status=303)
    visitor.sign_in(members[3]).post(f"/actions/{action}", {"outcome": "Me too."}, status=403)


def test_the_pack_is_tagged_the_same_bytes_and_without_what_its_reader_stands_aside_from(store, visitor):
    with transaction():
        _, (chair, member, *_) = make.board()
        secretary = make.actor(make.person(Role.SECRETARIAT))
        item = make.engagement(State.SCHEDULED, purpose="To agree a joint exercise.")
        own = make.engagement(State.SCHEDULED, by=member, purpose="A purpose of my own.")
        for one in (item, own):
            make.version(one)
    with transaction():
        meeting = meetings.schedule(
            Plan("March", date(2026, 3, 16), time(14), "Europe/Tallinn", 60, "Room 1"), by=secretary, now=NOON
        )
        for one in (item, own):
            agendas.add(meeting, one.id, by=secretary, now=NOON)
        read_ahead.add(meeting, "Secret", text="Of the other.", by=secretary, now=NOON,
                       entry_id=meeting_rows.entries(meeting.id)[1].id)  # fmt: skip
        agendas.publish(meeting, by=secretary, now=NOON)
        url = f"/board/meetings/{meeting.id}"

    def words(who):
        visitor.sign_in(who)
        first, second = (visitor.client.get(f"{url}/pack.pdf").data for _ in range(2))
        assert first == second
        read = PdfReader(io.BytesIO(first))
        assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
        return " ".join(" ".join(page.extract_text() for page in read.pages).split())

    assert "A purpose of my own." in words(chair)
    assert "Of the other." in words(chair)
    told = words(member)
    assert "To agree a joint exercise." in told
    assert "A purpose of my own." not in told
    assert "Of the other." not in told
    assert "You stand aside from this item" in told

    visitor.sign_in(member)
    ics = visitor.client.get(f"{url}/meeting.ics").data.decode()
    lines = (f"UID:meeting-{meeting.id}@", "SEQUENCE:0", "TZID=Europe/Tallinn:20260316T140000")
    assert [line for line in lines if line not in ics] == []
    with transaction():
        meetings.cancel(meetings.hold(meeting.id), reason="No quorum.", by=secretary, now=NOON)
    ics = visitor.client.get(f"{url}/meeting.ics").data.decode()
    assert [line for line in ("SEQUENCE:1", "STATUS:CANCELLED") if line not in ics] == []
