"""The registers are read by anybody signed in, a page at a time, and searched by the beginnings of words."""

import factories as make
import pytest

from engage.rules.workflow import State
from engage.services.transaction import transaction


@pytest.fixture
def reader(visitor):
    with transaction():
        who = make.person()
    return visitor.sign_in(who)


def test_a_register_is_searched_by_the_beginning_of_a_word(reader):
    with transaction():
        made = make.partner("Zebra Response Team")
        make.partner("Another Zeppelin_50% office")
    assert f"/partners/{made.id}" in reader.get("/partners?q=zebra").links
    assert f"/partners/{made.id}" in reader.get("/partners?q=respons").links
    assert f"/partners/{made.id}" not in reader.get("/partners?q=ebra").links
    assert "Another Zeppelin_50% office" in reader.get("/partners?q=zeppelin_50%25").text
    assert "No partner found" in reader.get("/partners?q=%25%25").text


def test_pages_follow_each_other_without_gap_or_repeat(reader):
    with transaction():
        for n in range(120):
            make.partner(f"Zzz {n:03}")
    page, seen = reader.get("/partners?q=zzz"), []
    while True:
        seen += [w for w in page.words if w.startswith("Zzz")]
        following = [link for link in page.links if "after=" in link]
        if not following:
            break
        page = reader.get(following[0])
    assert seen == [f"Zzz {n:03}" for n in range(120)]


def test_a_partners_page_lists_only_what_its_reader_may_see(reader):
    with transaction():
        shown, hidden = make.engagement(State.APPROVED, title="Shown"), make.engagement(State.SUBMITTED, title="Hidden")
        hidden.partners = shown.partners = [make.partner("Zebra")]
        about = shown.partners[0].id
    page = reader.get(f"/partners/{about}")
    assert f"/engagements/{shown.id}" in page.links
    assert f"/engagements/{hidden.id}" not in page.links


@pytest.mark.parametrize("path", ["/partners", "/forums", "/events"])
def test_statements_do_not_grow_with_the_rows(reader, statements, path):
    statements.clear()
    reader.get(path)
    assert len(statements) <= 4


@pytest.mark.parametrize("path", ["/partners/999999", "/forums/999999", "/partners/99999999999999999999"])
def test_what_is_not_there_is_not_found(reader, path):
    reader.get(path, 404)
