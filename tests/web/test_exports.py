"""Any list as a file: the same rows as its page for the same reader, by the same filters, and noted."""

import csv
import io
import json

import factories as make
import openpyxl
import pytest
import sqlalchemy as sa
from factories import TODAY

from engage.models.audit import AuditEvent
from engage.rules.marking import Marking
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services.transaction import transaction


def rows(visitor, url):
    """The rows of a CSV, by heading."""
    answer = visitor.client.get(url)
    assert answer.status_code == 200, url
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def test_a_file_holds_what_its_page_shows_and_no_more(visitor, store):
    with transaction():
        stranger, secretary = make.person(), make.person(Role.SECRETARIAT)
        by = make.person(name="=HYPERLINK(1)")
        for i in range(60):
            make.engagement(State.APPROVED, by=by, title=f"Talks {i:02}")
        for marking in Marking:
            make.engagement(State.APPROVED, by=by, title=f"Marked {marking}", marking=marking)
        make.engagement(State.SUBMITTED, by=by, title="Not yet decided")

    found = rows(visitor.sign_in(stranger), "/register?as=csv")
    assert [row["Engagement"] for row in found] == [f"Talks {i:02}" for i in range(60)] + [
        "Marked clear", "Marked green"
    ]  # fmt: skip
    assert {row["Requester"] for row in found} == {"'=HYPERLINK(1)"}
    found = rows(visitor.sign_in(secretary), "/register?as=csv&standing=in_progress")
    assert [row["Engagement"] for row in found] == ["Not yet decided"]
    found = rows(visitor, "/register?as=csv&standing=approved")
    assert [(row["Engagement"], row["Marking"]) for row in found][-2:] == [
        ("Marked amber_strict", "TLP:AMBER+STRICT"), ("A restricted engagement", "TLP:RED")
    ]  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(visitor.client.get("/register?as=xlsx").get_data()))
    assert book.active.max_row == 67

    noted = list(store.scalars(sa.select(AuditEvent).where(AuditEvent.action == "export").order_by(AuditEvent.id)))
    assert [(event.actor_id, *map(json.loads(event.details).get, ("list", "form"))) for event in noted] == [
        (stranger.id, "register", "csv"), (secretary.id, "register", "csv"), (secretary.id, "register", "csv"),
        (secretary.id, "register", "xlsx"),
    ]  # fmt: skip


EMPTY = ("/board/decisions", "/trips", "/admin/reminders/ledger", "/commitments", "/clashes", "/outcomes",
         "/lessons", "/gifts", "/board/conditions", "/trail")  # nothing to save yet


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "url",
    [
        "/engagements", "/register", "/partners", "/forums", "/events", "/admin/people", "/board/decisions",
        "/trips", "/admin/reminders/ledger", "/commitments", "/screening", "/board", "/clashes", "/outcomes",
        "/lessons", "/gifts", "/board/conditions", "/trail",
    ],
)  # fmt: skip
def test_every_list_is_offered_on_its_page_and_given(visitor, url, kind):
    with transaction():
        roles = [Role.AUDITOR] if url == "/trail" else [Role.ADMINISTRATOR, Role.SECRETARIAT]
        who = make.person(*roles)
        make.engagement(State.APPROVED, by=who)
        make.engagement(State.SUBMITTED)
        make.engagement(State.SCHEDULED)
    page = visitor.sign_in(who).get(url)
    if url not in EMPTY:
        assert f"{url}?as={kind}" in page.links
    assert visitor.client.get(f"{url}?as={kind}").status_code == 200
    visitor.get(f"{url}?as=exe")


def test_the_trail_is_saved_as_it_is_read_and_says_that_a_list_left(visitor):
    with transaction():
        auditor, secretary = make.person(Role.AUDITOR), make.person(Role.SECRETARIAT)
    rows(visitor.sign_in(secretary), "/screening?as=csv")
    found = rows(visitor.sign_in(auditor), "/trail?action=export&as=csv")
    assert [(row["Who"], row["Act"], row["Denied"]) for row in found][-1] == (secretary.name, "export", "no")
    assert "List: screening" in found[-1]["Details"]


def test_docket_and_screening_are_saved_as_they_are_seen(visitor, store):
    with transaction():
        secretary, asker = make.person(Role.SECRETARIAT), make.person(name="+Asker")
        for i in range(30):
            make.engagement(State.SCHEDULED, by=asker, title=f"Placed {i:02}")
            make.engagement(State.SUBMITTED, by=asker, title=f"Waiting {i:02}")
            make.engagement(State.DEFERRED, by=asker, title=f"Deferred {i:02}", deferred_until=TODAY)
        make.engagement(State.SCHEDULED, by=asker, title="Secret", marking=Marking.RED)
    visitor.sign_in(secretary)
    docket = rows(visitor, "/board?as=csv")
    assert {row["Item"] for row in docket} == {f"Placed {i:02}" for i in range(30)} | {"A restricted engagement"}
    assert {(row["Asked by"], row["Who holds it"], row["Missing"]) for row in docket} == {
        ("'+Asker", "The board", "A motion")
    }
    for show, word in (("", "Waiting"), ("deferred", "Deferred")):
        found = rows(visitor, f"/screening?show={show}&as=csv")
        assert [row["Request"] for row in found] == [f"{word} {i:02}" for i in range(30)]
        assert {row["Who holds it"] for row in found} == {f"The secretariat ({secretary.name})"}
