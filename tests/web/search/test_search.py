"""The search: what somebody may see that holds the words they typed, and nothing else."""

from dataclasses import replace
from urllib.parse import urlencode

import factories as make
import pytest
from factories import NOON

from engage.rules.marking import Marking
from engage.rules.policy import Role
from engage.rules.search_words import Kind, asked
from engage.rules.workflow import State
from engage.services import ballots, engagements, partners, people, search, search_index
from engage.services.contents import asked_by, content_of
from engage.services.transaction import transaction


def found(typed, who, **facts):
    """The titles that a search gives somebody, in its order."""
    return [hit.title for hit in search.find(asked(typed), by=who, **facts)[0]]


@pytest.fixture
def shelf(store):
    """One engagement in every state and marking, all about one word."""
    with transaction():
        office = make.office()
        boss = make.person()
        asker = make.person(supervisor_id=boss.id, office_id=office.id, name="Zoë Łukasz")
        traveller = make.person(name="Tove Traveller")
        made = [make.engagement(state, by=asker, travellers=[traveller], title=f"Wargame {state.value} {marking.value}",
                                marking=marking)
                for state in (State.DRAFT, State.SUBMITTED, State.APPROVED) for marking in Marking]
        search_index.note(Kind.ENGAGEMENT, [item.id for item in made])
        people = {"asker": asker, "traveller": traveller, "boss": boss, "colleague": make.person(office_id=office.id),
                  "stranger": make.person(), **{role.name.lower(): make.person(role) for role in Role}}
    return {name: make.actor(person) for name, person in people.items()}


def test_a_search_finds_what_its_reader_may_see_and_nothing_else(shelf):
    wide = {"clear", "green"}
    every = {marking.value for marking in Marking}
    approved = {f"Wargame approved {m}" for m in every}
    open_ = approved | {f"Wargame submitted {m}" for m in every}
    drafts = {f"Wargame draft {m}" for m in every}
    seen = {
        "asker": open_ | drafts, "traveller": open_ | drafts, "boss": open_,
        "colleague": {f"Wargame approved {m}" for m in wide | {"amber"}},
        "stranger": {f"Wargame approved {m}" for m in wide},
        "secretariat": open_, "member": open_, "auditor": open_,
        "leadership": {title for title in open_ if not title.endswith("red")},
        "administrator": {f"Wargame approved {m}" for m in wide},
    }  # fmt: skip

    assert {name: set(found("wargame", shelf[name])) for name in seen} == seen


def test_the_best_comes_first_then_the_newest(store):
    with transaction():
        who = make.actor(make.person(Role.SECRETARIAT))
        items = [
            make.engagement(State.SUBMITTED, title="A visit", purpose="About the harbour."),
            make.engagement(State.SUBMITTED, title="Harbour drill"),
            make.engagement(State.SUBMITTED, title="Harbours of the north"),
            make.engagement(State.SUBMITTED, title="Harbour drill again"),
        ]
        search_index.note(Kind.ENGAGEMENT, [item.id for item in items])

    assert found("harbour", who) == ["Harbour drill again", "Harbour drill", "Harbours of the north", "A visit"]
    assert found("harbours", who) == found("HARBOÚR", who)
    assert found('"harbours"', who) == ["Harbours of the north"]
    assert found("harbour drill", who) == ["Harbour drill again", "Harbour drill"]
    assert found("harbour nowhere", who) == []


def test_pages_follow_each_other_without_gap_or_repeat(store):
    with transaction():
        who = make.actor(make.person(Role.SECRETARIAT))
        said = {"purpose": "qrounds and qrounded"}
        items = [make.engagement(State.SUBMITTED, title=f"Qround {i}", **said) for i in range(45)]
        search_index.note(Kind.ENGAGEMENT, [item.id for item in items])
    pages, after = [], search.LAST
    while after:
        hits, after = search.find(asked("qround"), by=who, after=after)
        pages.append([hit.record_id for hit in hits])

    assert [len(page) for page in pages] == [20, 20, 5]
    assert [i for page in pages for i in page] == [item.id for item in reversed(items)]


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_a_search_asks_the_database_twice(store, statements, rows):
    with transaction():
        who = make.actor(make.person(Role.SECRETARIAT))
        items = [make.engagement(State.SUBMITTED, title=f"Beacon {i} alpha", city="Tartu") for i in range(rows)]
        search_index.note(Kind.ENGAGEMENT, [item.id for item in items])
    statements.clear()

    assert len(found("beacon tartu", who)) == min(rows, search.PAGE)
    assert len(statements) == 2


def test_what_a_recused_member_may_not_read_is_not_searched_for_them(store):
    with transaction():
        _, holders = make.board()
        item = make.engagement(State.SCHEDULED, title="Lighthouse", purpose="The sextant clause.")
        make.version(item)
        search_index.note(Kind.ENGAGEMENT, [item.id])
        member = make.actor(holders[1])
        assert found("sextant", member) == ["Lighthouse"]
        ballots.recuse(item.id, reason="A former employer.", by=member, now=make.NOON)

    assert found("sextant", member) == []
    assert found("lighthouse sextant", member) == []
    assert found("lighthouse", member) == ["Lighthouse"]


def test_the_index_follows_what_changes_and_can_be_built_anew(store):
    with transaction():
        admin, secretary = make.actor(make.person(Role.ADMINISTRATOR)), make.actor(make.person(Role.SECRETARIAT))
        content = asked_by(content_of(make.engagement(by=make.person(), title="Old qwords").id))
        item = engagements.draft(content, by=secretary, now=make.NOON)
        engagements.write(item, replace(content, title="New qwords"), now=make.NOON)
        person = people.add(email="nils@example.gov", name="Nils Ærlig", zone="Europe/Oslo", by=admin, now=make.NOON,
                            today=make.TODAY)  # fmt: skip

    assert found("old qwords", secretary) == []
    assert found("new qwords", secretary) == ["New qwords"]
    assert found("aerlig", secretary) == ["Nils Ærlig"]
    with transaction():
        people.disable(person, reason="Left.", by=admin, now=make.NOON, today=make.TODAY)
    assert found("aerlig", secretary) == []
    with transaction():
        taken = search_index.rebuild()
    assert taken["engagement"] == 2
    assert taken["person"] >= 3
    assert found("new qwords", secretary) == ["New qwords"]


@pytest.mark.parametrize(
    "typed",
    ["", "%", "\"'`;--", "\x00\x01", "🚀", "AND OR NOT (", "*:*", "a" * 5000, "\u202eabc", "NEAR/2",
     "ﷺ ₂ ²", "a\ud800b",
     "the of and", "\"", "x' OR 1=1", "{{7*7}}", "<script>alert(1)</script>", "ǅ İ ß", "\t\n", "_", "%00", "∞ ½"],
)  # fmt: skip
def test_nothing_that_is_typed_breaks_it(visitor, typed):
    with transaction():
        who = make.person()
    page = visitor.sign_in(who).get("/search?" + urlencode({"q": typed.encode("utf-8", "replace")}))

    assert "<script>alert" not in page.html


def test_a_page_of_hits_shows_their_kind_state_and_marking(visitor):
    with transaction():
        who = make.person(Role.SECRETARIAT)
        item = make.engagement(State.SUBMITTED, title="Zürich <b>talks</b>", marking=Marking.AMBER_STRICT)
        partner = make.partner("Zurich CERT", "CH")
        search_index.note(Kind.ENGAGEMENT, [item.id])
        search_index.note(Kind.PARTNER, [partner.id])
    page = visitor.sign_in(who).get("/search?q=zurich")

    assert [page.html.index(text) for text in ("<mark>Zurich</mark> CERT", "<mark>Zürich</mark> &lt;b&gt;talks")]
    assert "TLP:AMBER+STRICT" in page.text
    assert "Zürich" not in visitor.get("/search?q=zurich&kind=partner").text
    assert "Nothing found" in visitor.get("/search?q=zurich&kind=forum").text
    visitor.get("/search?q=zurich&after=junk", status=400)


def test_a_new_name_is_followed_by_every_entry_that_has_it(store):
    with transaction():
        by = make.actor(make.person(Role.SECRETARIAT, Role.ADMINISTRATOR))
        partner, who = make.partner("CERT-Vanha"), make.person(name="Vilja Vanha")
        items = [make.engagement(State.APPROVED, title=f"Talks {n}", travellers=[who], partners=[partner])
                 for n in range(2)]  # fmt: skip
        search_index.note(Kind.PARTNER, [partner.id])
        search_index.note(Kind.PERSON, [who.id])
        search_index.note(Kind.ENGAGEMENT, [item.id for item in items])
    with transaction():
        said = partners.Said("CERT-Uusi", "", partner.country_code, partner.kind, "", "", "")
        partners.revise(partner, said, partner.version, by=by, now=NOON)
        people.amend(who, name="Ulla Uusitalo", office="", supervisor="", zone=who.home_zone, version=who.version,
                     by=by, now=NOON)  # fmt: skip
    assert found("uusi", by) == ["CERT-Uusi", "Ulla Uusitalo", "Talks 1", "Talks 0"]
    assert found("uusitalo", by) == ["Ulla Uusitalo", "Talks 1", "Talks 0"]
    assert found("vanha", by) == []
