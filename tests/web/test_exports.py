"""Any list as a file: the same rows as its page for the same reader, by the same filters, and noted."""

import csv
import io
import json

import factories as make
import openpyxl
import pytest
import sqlalchemy as sa

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


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "url", ["/engagements", "/register", "/partners", "/forums", "/events", "/admin/people", "/board/decisions"]
)
def test_every_list_is_offered_on_its_page_and_given(visitor, url, kind):
    with transaction():
        who = make.person(Role.ADMINISTRATOR, Role.SECRETARIAT)
        make.engagement(State.APPROVED, by=who)
    page = visitor.sign_in(who).get(url)
    if url != "/board/decisions":
        assert f"{url}?as={kind}" in page.links
    assert visitor.client.get(f"{url}?as={kind}").status_code == 200
    visitor.get(f"{url}?as=exe")
