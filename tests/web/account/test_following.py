"""The button on each page follows what the page is about, and the account lists it."""

import factories as make
import pytest
from sqlalchemy import select

from engage.models.norms import Objective
from engage.models.partners import Forum
from engage.services.transaction import transaction


@pytest.fixture
def reader(store, visitor):
    with transaction():
        who = make.person()
    return visitor.sign_in(who)


def test_each_page_has_a_button_and_the_account_lists_what_it_followed(store, reader):
    with transaction():
        partner = make.partner("Zebra").id
        forum, topic = (store.scalars(select(table.id).limit(1)).one() for table in (Forum, Objective))
    pages = {"country": ("EE", "/countries/EE"), "partner": (partner, f"/partners/{partner}"),
             "forum": (forum, f"/forums/{forum}"), "topic": (topic, f"/topics/{topic}")}  # fmt: skip
    for kind, (key, page) in pages.items():
        assert "Follow" in reader.get(page).words
        reader.send(f"/account/follows/{kind}/{key}")
        assert "Follow no more" in reader.follow().words
    listed = reader.get("/account/follows")
    assert {page for _, page in pages.values()} <= set(listed.links)
    assert {page for _, page in pages.values()} <= set(reader.get("/topics").links) | set(listed.links)
    reader.get("/account/follows")
    reader.send("/account/follows/country/EE")
    assert "/countries/EE" not in reader.follow().links
    assert "Follow" in reader.get("/countries/EE").words


@pytest.mark.parametrize("what", ["country/XX", "country/estonia", "partner/0", "partner/99999999999", "forum/-1",
                                  "topic/x", "person/1", "country/%00"])  # fmt: skip
def test_what_is_not_there_cannot_be_followed(reader, what):
    reader.get("/account/follows")
    reader.post(f"/account/follows/{what}", status=404)


def test_the_list_costs_as_much_for_one_as_for_thirty(store, reader, statements):
    counts = []
    for more in (1, 2, 27):
        for _ in range(more):
            with transaction():
                number = make.partner().id
            reader.get("/account/follows")
            reader.post(f"/account/follows/partner/{number}")
        statements.clear()
        reader.get("/account/follows")
        counts.append(len(statements))
    assert counts == [counts[0]] * 3
