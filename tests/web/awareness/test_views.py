"""A view of what is planned is kept by name: an address with its filters, and its owner's alone."""

from urllib.parse import quote

import factories as make
import pytest
from sqlalchemy import select

from engage.models.views import SavedView
from engage.services.transaction import transaction


@pytest.fixture
def reader(store, visitor):
    with transaction():
        visitor.person = make.person()
    return visitor.sign_in(visitor.person)


def save(visitor, path, name, status=303):
    visitor.get("/views?path=" + quote(path))
    return visitor.send("/views", {"name": name, "path": path}, status=status)


def test_a_view_is_saved_from_its_page_renamed_over_and_removed(store, reader):
    page = reader.get("/register?country=EE&standing=approved")
    (link,) = [link for link in page.links if link.startswith("/views?path=")]
    reader.get(link)
    reader.submit({"name": "Estonia"})
    page = reader.get("/views")
    assert "/register?country=EE&standing=approved" in page.links
    save(reader, "/map?when=past", "Estonia")
    assert "/map?when=past" in reader.get("/views").links
    number = store.scalar(select(SavedView.id))
    store.rollback()
    with transaction():
        other = make.person()
    reader.sign_in(other)
    assert "Estonia" not in reader.get("/views").text
    reader.post(f"/views/{number}/remove", status=404)
    reader.sign_in(reader.person).get("/views")
    reader.send(f"/views/{number}/remove")
    assert "No view is saved" in reader.get("/views").text


@pytest.mark.parametrize(
    "path",
    ["https://elsewhere.example/register", "//elsewhere.example/register", "/admin", "/register/../admin",
     "javascript:x", "/register?" + "x" * 600, "", "/register#x", "/register\n?x"],
)  # fmt: skip
def test_an_address_that_is_no_view_is_not_saved(store, reader, path):
    reader.get("/views")
    reader.post("/views", {"name": "A", "path": path}, status=422)
    assert store.scalars(select(SavedView.id)).all() == []


def test_names_and_numbers_have_bounds(store, reader):
    assert "Give the view a name." in save(reader, "/map", "", 422).text
    for n in range(30):
        save(reader, "/map", f"View {n}")
    assert "You have 30 views." in save(reader, "/map", "One more", 422).text
    save(reader, "/register", "View 3")
