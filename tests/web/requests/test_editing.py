"""Changing a draft, or what an import left: what is kept, who was quicker, and what is settled."""

import factories as make
import pytest
from asking import labelled, typed
from sqlalchemy import select

from engage.extensions import db
from engage.models.engagements import Engagement, Traveller
from engage.rules.workflow import State
from engage.services import contents
from engage.services.transaction import transaction


def asked() -> Engagement:
    """The one engagement there is."""
    return db.session.scalars(select(Engagement)).one()


def content():
    """What the one engagement says."""
    return contents.asked_by(contents.content_of(asked().id))


@pytest.fixture
def asker(visitor):
    """Somebody signed in, with the form for a new request before them."""
    who = make.person(name="Ada Asker", email="ada@example.gov")
    visitor.sign_in(who).get("/engagements/new")
    return who


def test_an_edit_changes_what_was_said_and_leaves_the_rest(visitor, asker):
    with transaction():
        fields = typed(asker)
    visitor.submit({**fields, "save": "1"})
    before = content()

    visitor.get(f"/engagements/{asked().id}/edit")
    visitor.submit({"purpose": "To agree two exercises.", "save": "1"})

    after = content()
    assert after.purpose == "To agree two exercises."
    assert after.legs == before.legs
    assert (after.partner_ids, after.costs, after.objective_ids) == (
        before.partner_ids,
        before.costs,
        before.objective_ids,
    )


def test_a_stale_edit_gets_both_texts(visitor, asker):
    visitor.submit({"title": "First", "save": "1"})
    form = visitor.get(f"/engagements/{asked().id}/edit")
    visitor.submit({"title": "Theirs", "save": "1"})

    visitor.page = form
    fields = {**form.forms[-1]["fields"], "title": "Mine", "save": "1", "once": "another-window"}
    page = visitor.post(f"/engagements/{asked().id}/edit", fields, status=409)

    assert asked().title == "Theirs"
    assert "Title Theirs Mine" in page.text


def test_a_version_that_is_none_is_stale(visitor, asker):
    visitor.submit({"title": "First", "save": "1"})
    form = visitor.get(f"/engagements/{asked().id}/edit")

    for version in ("", "²", "x", "99", "-1", "9" * 5000):
        visitor.page = form
        visitor.submit({"title": "Second", "version": version, "save": "1"}, status=409)

    assert asked().title == "First"


def test_an_import_is_completed_settled_and_submitted(visitor, asker):
    fields = typed(asker)
    made = make.engagement(by=asker, missing="The zone.\nThe cost by line.", travellers=[])
    db.session.add(Traveller(engagement_id=made.id, position=0, name_given="traveller-01", is_lead=True))
    db.session.commit()

    visitor.get(f"/engagements/{made.id}/edit")
    visitor.submit({"title": "Still open", "save": "1"})
    assert [t.name_given for t in content().travellers] == ["traveller-01"]
    visitor.get(f"/engagements/{made.id}/edit")
    page = visitor.submit({"submit": "1"}, status=422)
    assert set(labelled(page.html)) == {"missing", "lead"}
    visitor.submit({**fields, "missing": ["The zone.", "The cost by line."], "submit": "1"})

    assert (asked().state, content().missing) == (State.SUBMITTED, "")
