"""The decision memo: one page, the same bytes, and nothing left out that the board must know."""

import io
from datetime import timedelta
from decimal import Decimal

import factories as make
import pypdf
import pytest
from factories import NOON, TODAY
from sqlalchemy import insert

from engage.documents import memo as paper
from engage.models.commitments import Commitment
from engage.models.engagements import CostLine, State
from engage.models.routing import ItemRoute
from engage.rules.canonical import canonical_json
from engage.rules.commitments import Settled, Side
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.routing import Route, Tier
from engage.rules.voting import Outcome
from engage.services import board, clashes, past, recommendations, visibility
from engage.services.recommendations import Option
from engage.services.transaction import transaction


def docketed(**facts):
    item = make.engagement(State.SCHEDULED, **facts)
    make.version(item)
    return item


def recommend(item, by, outcome=Outcome.APPROVE, reason="It opens the range to us.", options=(), **facts):
    return recommendations.recommend(
        item.id, outcome, reason=reason, options=options, by=make.actor(by), now=NOON, **facts
    )


def routed(item, store):
    """The way that was found for an item when it was submitted."""
    fired = [{"code": "cost_high", "sentence": "Cost: $60,000.00, above $50,000", "points": 9, "source": "here"}]
    store.execute(insert(ItemRoute).values(
        item_id=item.id, charter_id=1, tier=Tier.HIGHEST, route=Route.MEETING, points=9, facts="{}",
        fired=canonical_json(fired), arithmetic="[]", reason="", at=NOON,
    ))  # fmt: skip


def read(made: bytes) -> tuple[int, str]:
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    return len(pages), " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_memo_says_what_the_board_must_know(store):
    with transaction():
        secretary, partner = make.person(Role.SECRETARIAT), make.partner("CERT-EE")
        earlier = make.engagement(State.APPROVED, starts=TODAY - timedelta(days=300), title="Exercise of last year")
        item, other = docketed(title="Range visit"), docketed(title="Working group in Tallinn")
        for one in (earlier, item):
            one.partners = [partner]
        store.flush()
        make.version(item)
        recommend(item, secretary, options=[Option("Send one person", "Half the cost, half the learning")])
        made = paper.memo(item.id)
    pages, text = read(paper.as_pdf(made))
    assert pages == 1
    for words in (
        "Range visit", "Decision of the board", "Approve", "It opens the range to us.", "Send one person",
        "Half the cost", "Working group in Tallinn", "also in Estonia", "Exercise of last year", "CERT-EE", "$1,200.00",
        f"Item {item.id}, version 2",
    ):  # fmt: skip
        assert words in text
    assert [clash.id for clash in made.clashes] == [other.id]
    assert [meeting.id for meeting in made.history] == [earlier.id]


def test_the_same_facts_make_the_same_bytes_on_any_day(store):
    with transaction():
        item = docketed()
    assert paper.as_pdf(paper.memo(item.id)) == paper.as_pdf(paper.memo(item.id))
    assert paper.memo(item.id) == paper.memo(item.id)


def test_the_day_to_decide_by_keeps_the_lead_time_of_outside_clearances(store):
    with transaction():
        item = docketed(starts=TODAY + timedelta(days=91))  # departs Monday 1 June; 30 days before is Saturday 2 May
    made = paper.memo(item.id)
    assert made.decide_by.isoformat() == "2026-05-01"
    assert made.lead == "30 days before departure: Country clearance by the chief of mission"
    assert past.longest_lead(TODAY)[0] == 30


def test_what_is_drafted_has_no_memo(store):
    with transaction():
        item = make.engagement(State.DRAFT)
    assert paper.memo(item.id) is None


def test_whatever_was_written_the_memo_is_one_page(store):
    with transaction():
        secretary, partner = make.person(Role.SECRETARIAT), make.partner("A partner with a rather long name " * 4)
        travellers = [make.person(name=f"Traveller With A Long Name Number {n}") for n in range(12)]
        item = docketed(title="T" * 90 + " " + "t" * 100, travellers=travellers, purpose="Purpose words. " * 300,
                        outcome_sought="Outcome words. " * 300)
        item.costs = [CostLine(position=n, what="W" * 90, amount=Decimal("99999.99")) for n in range(20)]
        for n in range(12):
            near = docketed(title=f"Neighbour {n} " + "with many words " * 9)
            near.partners = item.partners = [partner]
            before = make.engagement(State.APPROVED, starts=TODAY - timedelta(days=300 + n), title="Before " * 20)
            before.partners = [partner]
            store.add(Commitment(
                engagement_id=before.id, side=Side.OURS, what="A long promise. " * 20, partner_id=partner.id,
                owner_id=secretary.id, made_on=TODAY, due_on=TODAY + timedelta(days=n),
            ))  # fmt: skip
        store.flush()
        make.version(item)
        routed(item, store)
        recommend(item, secretary, reason="Reasons. " * 133, options=[Option("What " * 24, "So " * 66)] * 4)
        made = paper.memo(item.id)
    pages, text = read(paper.as_pdf(made))
    assert pages == 1
    assert (len(made.clashes), made.more_clashes, len(made.history), made.more_history) == (5, 7, 5, 7)
    assert (len(made.promises), made.more_promises) == (3, 9)
    assert "And 7 more." in text
    assert "Tier highest (9 points), by meeting" in text


def test_the_memo_names_tier_and_way_and_what_is_still_owed_between_us_and_the_partners(store):
    with transaction():
        who, item, before = make.person(), docketed(), make.engagement(State.APPROVED)
        partner = item.partners[0]
        routed(item, store)
        for side, what, settled in ((Side.OURS, "Send the agenda", None), (Side.THEIRS, "Name a contact", None),
                                    (Side.OURS, "Send the photographs", TODAY)):  # fmt: skip
            store.add(Commitment(
                engagement_id=before.id, side=side, what=what, partner_id=partner.id, owner_id=who.id, made_on=TODAY,
                due_on=TODAY + timedelta(days=9), settled_on=settled, settled_as=settled and Settled.KEPT,
            ))  # fmt: skip
    made = paper.memo(item.id)
    _, text = read(paper.as_pdf(made))

    assert [(one.ours, one.what) for one in made.promises] == [(True, "Send the agenda"), (False, "Name a contact")]
    assert f"Send the agenda We owe {partner.name} 11 Mar 2026" in text
    assert "Tier highest (9 points), by meeting. Cost: $60,000.00, above $50,000 (9)" in text


def test_a_recommendation_has_versions_and_freezes_while_a_vote_is_open(store):
    with transaction():
        _, (chair, *_rest) = make.board()
        secretary = make.person(Role.SECRETARIAT)
        item = docketed()
        assert recommend(item, secretary) == 1
        assert recommend(item, secretary) == 1  # the same words again
        assert recommend(item, secretary, Outcome.DEFER, "Wait for the host.") == 2
        with pytest.raises(NotAllowed):
            recommend(item, chair)
        board.put_motion(item, visibility.subject(item.id), Outcome.APPROVE, by=make.actor(chair), now=NOON)
        with pytest.raises(NotOpen, match="A vote is open"):
            recommend(item, secretary, reason="Again.")
    assert [(one.number, one.outcome) for one in recommendations.history(item.id)] == [
        (2, Outcome.DEFER), (1, Outcome.APPROVE),
    ]  # fmt: skip


def test_a_recommendation_on_an_earlier_text_says_so(store):
    with transaction():
        secretary = make.person(Role.SECRETARIAT)
        item = docketed()
        recommend(item, secretary)
        assert paper.memo(item.id).outdated is False
        make.version(item, NOON + timedelta(hours=1))
    assert paper.memo(item.id).outdated is True


def test_a_secretary_with_an_interest_recommends_nothing(store):
    with transaction():
        secretary = make.person(Role.SECRETARIAT)
        item = docketed(by=secretary)
        with pytest.raises(NotAllowed):
            recommend(item, secretary)


@pytest.mark.parametrize(("reason", "options", "field"), [
    ("", [], "reason"), ("x" * 1201, [], "reason"), ("x", [Option("a", "b")] * 5, "options"),
    ("x", [Option("a", "")], "options"), ("x", [Option("a" * 121, "b")], "options"),
])  # fmt: skip
def test_what_would_not_fit_is_refused_at_its_field(store, reason, options, field):
    with transaction():
        secretary, item = make.person(Role.SECRETARIAT), docketed()
        with pytest.raises(Incomplete) as refusal:
            recommend(item, secretary, reason=reason, options=options)
    assert list(refusal.value.at) == [field]


def test_a_shared_traveller_clashes_only_on_the_same_days(store):
    with transaction():
        who = make.person()
        item = docketed(travellers=[who], country="EE")
        later = docketed(travellers=[who], country="NA", city="Windhoek", zone="Africa/Windhoek",
                         starts=TODAY + timedelta(days=100))
        same = docketed(travellers=[who], country="NA", city="Windhoek", zone="Africa/Windhoek")
    found = clashes.around(item.id, day=TODAY)
    assert [(one.id, one.overlaps, one.why) for one in found] == [(same.id, True, f"also travels: {who.name}")]
    assert later.id not in {one.id for one in found}


def test_clashes_and_the_memo_cost_the_same_statements_however_many_there_are(store, statements):
    counts = []
    with transaction():
        item = docketed()
    for more in (1, 2, 27):
        with transaction():
            for _ in range(more):
                docketed()
        statements.clear()
        assert len(clashes.around(item.id, day=TODAY)) >= more
        paper.memo(item.id)
        counts.append(len(statements))
    assert counts == [13, 13, 13]
