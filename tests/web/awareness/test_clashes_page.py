"""The register of clashes names who accepted what and why, and nothing of what its reader may not see."""

from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY

from engage.models.asking import AcceptedClash
from engage.models.commitments import Commitment
from engage.rules.commitments import Side
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services.transaction import transaction

DAY = timedelta(days=1)


OTHER = "The other (2026-06-01 to 2026-06-03; also in Estonia)"


def accept(store, item, key, said=OTHER, reason="One trip serves both."):
    store.add(AcceptedClash(engagement_id=item.id, key=key, said=said, reason=reason, by_id=item.requester_id, at=NOON))
    store.flush()


def test_both_sides_are_shown_to_who_may_see_both(store, visitor):
    with transaction():
        lea, someone, ana = make.person(Role.LEADERSHIP), make.person(), make.person(name="Ana Asks")
        hidden = make.engagement(State.SUBMITTED, title="Visit Hidden")
        seen = make.engagement(State.APPROVED, by=ana, title="Visit Seen")
        own = make.engagement(State.SUBMITTED, by=ana, title="Visit Own")
        over = make.engagement(State.APPROVED, by=ana, title="Visit Over", starts=TODAY - 20 * DAY, days=2)
        accept(store, seen, f"item:{hidden.id}")
        accept(store, own, "blackout:3", said="Election", reason="Invited by the minister.")
        accept(store, over, f"item:{seen.id}")
    page = visitor.sign_in(lea).get("/clashes")
    assert "Visit Seen Approved" in page.text
    assert "The other (2026-06-01 to 2026-06-03; also in Estonia) One trip serves both. Ana Asks" in page.text
    assert "Election Invited by the minister. Ana Asks" in page.text
    assert "Visit Over" not in page.text
    assert "Visit Over" in visitor.get("/clashes?all=1").text
    page = visitor.sign_in(someone).get("/clashes")
    assert "Visit Seen" in page.text
    assert "A restricted engagement Not for you to see" in page.text
    for word in ("The other", "One trip", "Election", "Visit Own"):
        assert word not in page.text


def test_a_promise_made_where_its_reader_may_not_look_is_not_said(store, visitor):
    with transaction():
        lea, someone, ana = make.person(Role.LEADERSHIP), make.person(), make.person()
        hidden = make.engagement(State.SUBMITTED, title="Visit Hidden")
        seen = make.engagement(State.APPROVED, by=ana, title="Visit Seen")
        promise = Commitment(engagement_id=hidden.id, side=Side.OURS, what="The indicators", counterpart="The host",
                             owner_id=ana.id, made_on=TODAY - DAY, due_on=TODAY)  # fmt: skip
        store.add(promise)
        store.flush()
        accept(store, seen, f"promise:{promise.id}", said="Not kept: The indicators", reason="It is on its way.")
    assert "Not kept: The indicators It is on its way." in visitor.sign_in(lea).get("/clashes").text
    page = visitor.sign_in(someone).get("/clashes")
    assert "A promise made at an engagement that is closed to you" in page.text
    for word in ("The indicators", "on its way"):
        assert word not in page.text


def test_pages_follow_without_gap_and_at_the_same_cost(store, visitor, statements):
    with transaction():
        lea, ana = make.person(Role.LEADERSHIP), make.person()
        item = make.engagement(State.APPROVED, by=ana, title="Visit A")
        for n in range(60):
            accept(store, item, f"deputy:{n}", said=f"Clash {n:02}")
    page, found = visitor.sign_in(lea).get("/clashes"), []
    statements.clear()
    while True:
        found += [word for word in page.words if word.startswith("Clash ")]
        following = [link for link in page.links if "before=" in link]
        if not following:
            break
        page = visitor.get(following[0])
        assert len(statements) <= 6
    assert found == [f"Clash {n:02}" for n in range(59, -1, -1)]


@pytest.mark.parametrize("before", ["x", "-1", "1" * 40, "١"])
def test_a_page_that_makes_no_sense_is_refused(store, visitor, before):
    with transaction():
        someone = make.person()
    visitor.sign_in(someone).get(f"/clashes?before={before}", 400)
