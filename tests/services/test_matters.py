"""Matters for advice, the annual priorities, and guide versions before the board."""

from datetime import timedelta

import factories as make
import pytest
from changing import House
from factories import TODAY
from sqlalchemy import select

from engage.extensions import db
from engage.models.guidance import Guide
from engage.models.matters import GuideProposal
from engage.models.trips import Trip
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.voting import Outcome
from engage.rules.workflow import Action, State
from engage.services import board, guidance, guide_proposals, kinds, matters, versions, visibility
from engage.services.transaction import transaction


@pytest.fixture
def house(store):
    return House()


@pytest.fixture
def raiser(store):
    with transaction():
        return make.person(Role.LEADERSHIP)


def raised(house, who, **facts):
    given = {"title": "Standing in Asia", "text": "Three invitations.", "question": "Whom first?", **facts}
    with transaction():
        return matters.raise_matter(**given, by=make.actor(who), now=house.later())


def stated(house, who, year=2026, text="Grow exchange."):
    with transaction():
        return matters.draft_priorities(f"Priorities {year}", year, text, by=make.actor(who), now=house.later())


def through(house, item, who, outcome=Outcome.APPROVE, **facts):
    house.do(item, Action.SUBMIT, who)
    house.do(item, Action.PLACE, house.screener)
    return house.decided(item, outcome, **facts)


def test_the_board_advises_on_a_matter_and_decides_nothing(house, raiser):
    matter = raised(house, raiser)

    decision = through(house, matter, raiser, reason="Japan first.")

    frozen = versions.current(matter.id)
    assert board.verdict(matter.asks, decision.outcome) == "Advice of the board: approve"
    assert (decision.sha256, frozen.content["question"], frozen.agrees) == (frozen.sha256, "Whom first?", True)
    assert (matter.state, db.session.scalars(select(Trip)).all()) == (State.APPROVED, [])


def test_a_matter_without_a_question_is_not_submitted_and_one_returned_is_answered(house, raiser):
    matter = raised(house, raiser, question="")
    with pytest.raises(Incomplete) as refusal:
        house.do(matter, Action.SUBMIT, raiser)
    assert set(refusal.value.at) == {"question"}

    def revise(version, who=raiser, **said):
        with transaction():
            matters.revise(matter, visibility.subject(matter.id), version, by=make.actor(who), now=house.later(),
                           **{"title": "Asia", "text": "Three.", "question": "Whom?", **said})  # fmt: skip

    with pytest.raises(Stale):
        revise(matter.version + 1)
    with pytest.raises(NotAllowed):
        revise(matter.version, who=house.chair)
    with pytest.raises(Incomplete):
        revise(matter.version, title="")
    revise(matter.version)
    house.do(matter, Action.SUBMIT, raiser)
    with pytest.raises(NotOpen):
        revise(matter.version)


def test_only_the_secretariat_and_leadership_raise_matters(house, raiser):
    with transaction():
        anybody = make.person(Role.CONTENT_OWNER)
    with pytest.raises(NotAllowed):
        raised(house, anybody)
    with pytest.raises(NotAllowed):
        stated(house, house.chair)
    assert stated(house, house.screener).state is State.DRAFT


def test_the_statement_approved_last_is_the_years(house, raiser):
    with transaction():
        make.decides_anything_on_paper()
    first, second = stated(house, raiser, text="Grow."), stated(house, raiser, text="Grow fast.")
    assert matters.priorities_of(2026) is None

    through(house, first, raiser)
    assert matters.priorities_of(2026).id == first.id
    through(house, second, raiser)
    third = stated(house, raiser, text="Shrink.")
    through(house, third, raiser, Outcome.DISAPPROVE, reason="No.")

    assert (matters.priorities_of(2026).text, matters.priorities_of(2027)) == ("Grow fast.", None)


def test_a_year_that_is_past_or_beyond_all_plans_is_refused(house, raiser):
    with pytest.raises(Incomplete):
        stated(house, raiser, year=1999)
    past = stated(house, raiser, year=2025)
    with pytest.raises(Incomplete) as refusal:
        house.do(past, Action.SUBMIT, raiser)
    assert set(refusal.value.at) == {"year"}


@pytest.mark.parametrize("outcome", [Outcome.APPROVE_WITH_CONDITIONS])
def test_where_nobody_travels_there_are_no_conditions(house, raiser, outcome):
    matter = raised(house, raiser)
    house.do(matter, Action.SUBMIT, raiser)
    house.do(matter, Action.PLACE, house.screener)

    with pytest.raises(NotOpen, match="kind of item"):
        house.put(matter, outcome, reason="x", conditions="y")
    with pytest.raises(Incomplete) as refusal:
        house.put(matter, reason="x", put_off=[raiser.id], defer_until=TODAY + timedelta(9))
    assert set(refusal.value.at) == {"put_off"}
    with pytest.raises(NotOpen):
        house.do(house_approved(house, matter, raiser), Action.CANCEL, raiser, reason="x")


def house_approved(house, matter, raiser):
    house.decided(matter)
    return matter


# ---------------------------------------------------------------- guides


@pytest.fixture
def owner(store):
    with transaction():
        return make.person(Role.CONTENT_OWNER)


def proposed(house, owner, summary="Arrive on time."):
    guide = db.session.scalars(select(Guide).order_by(Guide.id)).first()
    newest = guidance.current(guide.id)
    with transaction():
        return guide_proposals.propose(
            guide.id, newest.title, {**newest.content, "summary": summary}, based_on=newest.id, note="Shorter.",
            by=make.actor(owner), now=house.later(),
        )  # fmt: skip


def test_a_guide_version_that_is_approved_is_published(house, owner):
    made = proposed(house, owner)
    before = guidance.current(made.guide_id)

    decision = through(house, made, owner)

    db.session.expire_all()
    now = guidance.current(made.guide_id)
    assert (now.number, now.content["summary"], made.published_id) == (before.number + 1, "Arrive on time.", now.id)
    frozen = versions.current(made.id)
    assert (decision.sha256, set(frozen.content["after"])) == (frozen.sha256, {"summary"})
    assert guidance.sha256_of(frozen.content["heading"], frozen.content["text"]) == now.sha256


def test_a_guide_published_meanwhile_is_not_written_over(house, owner):
    made, other = proposed(house, owner), proposed(house, owner, "Bring a gift.")
    house.do(made, Action.SUBMIT, owner)
    house.do(made, Action.PLACE, house.screener)
    newest = guidance.current(made.guide_id)
    with transaction():
        guidance.publish(
            made.guide_id, newest.title, {**newest.content, "summary": "Call first."}, based_on=newest.id,
            material=True, note="New.", by=make.actor(owner), now=house.later(),
        )  # fmt: skip

    motion = house.put(made)
    house.vote(motion)
    with pytest.raises(Stale, match="published anew"):
        house.close(motion)
    db.session.expire_all()
    assert (made.state, motion.closed_at) == (State.SCHEDULED, None)
    with pytest.raises(Incomplete):
        house.do(other, Action.SUBMIT, owner)


def test_only_content_owners_propose_and_a_delegated_owner_may_still_publish(house, owner):
    with pytest.raises(NotAllowed):
        proposed(house, house.chair)
    made = proposed(house, owner)
    with pytest.raises(Incomplete):
        proposed(house, owner, guidance.current(made.guide_id).content["summary"])
    house.do(made, Action.SUBMIT, owner)
    house.do(made, Action.RETURN, house.screener, reason="Shorter?")
    with transaction():
        guide_proposals.revise(
            made, visibility.subject(made.id), made.version, made.heading, {**made.content, "summary": "Come early."},
            based_on=made.based_on_id, note="Shorter.", by=make.actor(owner), now=house.later(),
        )  # fmt: skip
    through(house, made, owner)
    assert guidance.current(made.guide_id).content["summary"] == "Come early."


def test_what_is_frozen_reads_back_as_it_was(house, owner, raiser):
    for item in (proposed(house, owner), raised(house, raiser), stated(house, raiser)):
        who = owner if isinstance(item, GuideProposal) else raiser
        now = kinds.content_of(item.id, item.kind)
        house.do(item, Action.SUBMIT, who)
        assert versions.current(item.id).content == now
