"""Searching: a request is found by its words by whoever may see it, and by nobody else."""

import factories as make
from journeys.cast import assemble
from pages import Visitor

from engage.models.engagements import Engagement
from engage.rules.marking import Marking
from engage.rules.policy import Role
from engage.rules.search_words import Kind
from engage.rules.workflow import State
from engage.services import search_index
from engage.services.transaction import transaction


def titles(visitor: Visitor, typed: str) -> list[str]:
    """Where the results of a search lead."""
    page = visitor.get(f"/search?q={typed}")
    return [link for link in page.links if link.startswith("/engagements/") and link.split("/")[2].isdecimal()]


def test_a_request_is_found_by_whoever_may_see_it_from_its_draft_to_its_approval(app, store):
    cast = assemble()
    with transaction():
        stranger = make.person()
    asker, other, desk = (Visitor(app).sign_in(who) for who in (cast.requester, stranger, cast.secretary))
    asker.get("/engagements/new")
    asker.submit({"title": "Wadden tides drill", "save": "1"})
    item = store.query(Engagement).one()
    url = [f"/engagements/{item.id}"]

    assert [titles(who, "wadden") for who in (asker, desk, other)] == [url, [], []]
    asker.get(f"/engagements/{item.id}/edit")
    asker.submit({"title": "Baltic tides drill", "save": "1"})
    assert [titles(asker, word) for word in ("wadden", "baltic", "BÀLTIC tides")] == [[], url, url]


def test_what_is_restricted_is_found_by_few_and_a_wrong_search_says_so(app, store):
    cast = assemble()
    with transaction():
        stranger, admin = make.person(), make.person(Role.ADMINISTRATOR)
        open_, closed = (
            make.engagement(State.APPROVED, by=cast.requester, travellers=[cast.lead], title=f"Harbour {marking}",
                            marking=marking)
            for marking in (Marking.GREEN, Marking.RED)
        )  # fmt: skip
        search_index.note(Kind.ENGAGEMENT, [open_.id, closed.id])
    both = {f"/engagements/{open_.id}", f"/engagements/{closed.id}"}
    found = {
        who.name: set(titles(Visitor(app).sign_in(who), "harbour"))
        for who in (cast.requester, cast.lead, cast.secretary, cast.leader, stranger, admin)
    }
    one = {f"/engagements/{open_.id}"}
    assert found == {
        cast.requester.name: both, cast.lead.name: both, cast.secretary.name: both, cast.leader.name: one,
        stranger.name: one, admin.name: one,
    }  # fmt: skip
    reader = Visitor(app).sign_in(stranger)
    for typed in ("", "%00", "'%20OR%201=1%20--", "x" * 400, "(((*", "🕊️", "اجتماع"):
        assert reader.client.get(f"/search?q={typed}").status_code in (200, 422)
