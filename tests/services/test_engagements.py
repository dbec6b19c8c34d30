"""Asking for an engagement: drafting, revising, and the steps of the workflow."""

from dataclasses import replace
from datetime import date, timedelta

import factories as make
import pytest
from asking import STARTS, complete
from factories import NOON
from sqlalchemy import select

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.engagements import Asks, Direction, Engagement, ItemVersion, StateSpan
from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.models.trips import Trip
from engage.rules.asking import Content, ContentLeg, ContentTraveller
from engage.rules.policy import PROGRAM, Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, ReasonNeeded, Stale
from engage.rules.voting import Outcome
from engage.rules.workflow import Action, State
from engage.services import contents, engagements, items, versions, visibility
from engage.services.transaction import transaction


def drafted(by: Person, content: Content | None = None) -> Engagement:
    """A draft made through the service, committed."""
    with transaction():
        made = engagements.draft(content or complete(by), by=make.actor(by), now=NOON)
    return made


def do(item: Engagement, action: Action, by: Person, reason: str = "", hours: int = 1) -> None:
    """One act, committed."""
    subject = visibility.subject(item.id)
    assert subject is not None
    with transaction():
        items.act(item, subject, action, by=make.actor(by), now=NOON + timedelta(hours=hours), reason=reason)


def spans(item: Engagement) -> list[tuple[State, bool]]:
    """The states an item was in, in order, and whether each stay is over."""
    found = db.session.scalars(select(StateSpan).where(StateSpan.item_id == item.id).order_by(StateSpan.id))
    return [(span.state, span.ended_at is not None) for span in found]


def told(item: Engagement) -> list[tuple[int, str]]:
    """Who was sent which kind of message about an item, in order."""
    rows = select(OutboxMessage).where(OutboxMessage.about_kind == "item", OutboxMessage.about_id == item.id)
    return [(m.person_id, m.template) for m in db.session.scalars(rows.order_by(OutboxMessage.id))]


def test_a_draft_keeps_all_that_was_said(store):
    asker, other = make.person(), make.person()
    said = complete(asker, other)

    made = drafted(asker, said)

    kept = contents.asked_by(contents.content_of(made.id))
    names = [asker.name, other.name]
    assert kept == replace(
        said,
        starts_on=STARTS,
        ends_on=STARTS + timedelta(days=5),
        travellers=tuple(replace(t, name_given=n) for t, n in zip(said.travellers, names, strict=True)),
    )
    assert (made.state, made.requester_id) == (State.DRAFT, asker.id)
    assert spans(made) == [(State.DRAFT, False)]


def test_a_draft_may_say_no_more_than_its_title(store):
    made = drafted(make.person(), Content(title="An idea"))

    assert (made.title, made.starts_on, made.ends_on) == ("An idea", None, None)


def test_a_draft_does_not_keep_a_contradiction(store):
    asker = make.person()
    leg = ContentLeg("EE", "Tallinn", None, STARTS, STARTS - timedelta(days=1))

    with pytest.raises(Incomplete) as refusal, transaction():
        engagements.draft(Content(title="", legs=(leg,)), by=make.actor(asker), now=NOON)

    assert refusal.value.at == {
        "title": "Give it a title, so that you find it again.",
        "legs-0-departs_on": "This is before the day of arrival.",
    }
    assert db.session.scalars(select(Engagement)).all() == []


def test_an_auditor_asks_for_nothing(store):
    auditor = make.person(Role.AUDITOR)

    with pytest.raises(NotAllowed), transaction():
        engagements.draft(Content(title="Mine"), by=make.actor(auditor), now=NOON)


def test_a_revision_replaces_every_part_and_raises_the_version(store):
    asker = make.person()
    made = drafted(asker)
    said = complete(asker, legs=(), costs=(), objective_ids=(3,))

    with transaction():
        engagements.revise(made, visibility.subject(made.id), said, made.version, by=make.actor(asker), now=NOON)

    kept = contents.asked_by(contents.content_of(made.id))
    assert (kept.legs, kept.costs, kept.objective_ids, made.version) == ((), (), (3,), 2)


def test_a_revision_leaves_every_other_engagement_alone(store):
    asker = make.person()
    other, made = drafted(asker), drafted(asker)
    before = contents.content_of(other.id)

    with transaction():
        said = complete(asker, legs=(), costs=(), travellers=(), partner_ids=(), objective_ids=())
        engagements.revise(made, visibility.subject(made.id), said, made.version, by=make.actor(asker), now=NOON)

    assert contents.content_of(other.id) == before


def test_a_stale_revision_is_refused_and_changes_nothing(store):
    asker = make.person()
    made = drafted(asker)
    me, subject = make.actor(asker), visibility.subject(made.id)
    with transaction():
        engagements.revise(made, subject, complete(asker, title="First"), 1, by=me, now=NOON)

    with pytest.raises(Stale), transaction():
        engagements.revise(made, subject, complete(asker, title="Second"), 1, by=me, now=NOON)

    assert db.session.get_one(Engagement, made.id).title == "First"


def test_only_the_requester_revises_and_only_while_it_is_theirs(store):
    asker, screener = make.person(), make.person(Role.SECRETARIAT)
    made = drafted(asker)
    said, subject = complete(asker), visibility.subject(made.id)

    with pytest.raises(NotAllowed), transaction():
        engagements.revise(made, subject, said, 1, by=make.actor(screener), now=NOON)
    do(made, Action.SUBMIT, asker)
    with pytest.raises(NotOpen), transaction():
        engagements.revise(made, visibility.subject(made.id), said, made.version, by=make.actor(asker), now=NOON)


def test_submitting_freezes_a_version_and_tells_the_secretariat(store):
    asker, screener = make.person(), make.person(Role.SECRETARIAT)
    made = drafted(asker)
    content = contents.content_of(made.id)

    do(made, Action.SUBMIT, asker)

    frozen = versions.current(made.id)
    assert (frozen.number, frozen.agrees, frozen.valid_to, frozen.by_name) == (1, True, None, asker.name)
    assert frozen.content == {**content, "late": False}
    assert made.submitted_at == made.state_since == NOON + timedelta(hours=1)
    assert spans(made) == [(State.DRAFT, True), (State.SUBMITTED, False)]
    assert told(made) == [(screener.id, "engagement_submitted")]


def test_each_submission_is_a_version_of_its_own_and_closes_the_one_before(store):
    asker, screener = make.person(), make.person(Role.SECRETARIAT)
    made = drafted(asker)
    do(made, Action.SUBMIT, asker, hours=1)
    do(made, Action.RETURN, screener, reason="Who pays?", hours=2)
    said = complete(asker, purpose="To agree a joint exercise, and who pays.")
    with transaction():
        engagements.revise(made, visibility.subject(made.id), said, made.version, by=make.actor(asker), now=NOON)

    do(made, Action.SUBMIT, asker, hours=3)

    rows = db.session.scalars(select(ItemVersion).order_by(ItemVersion.number)).all()
    hours = [timedelta(hours=h) for h in (1, 3)]
    assert [(v.number, v.valid_from, v.valid_to) for v in rows] == [
        (1, NOON + hours[0], NOON + hours[1]),
        (2, NOON + hours[1], None),
    ]
    assert rows[0].sha256 != rows[1].sha256
    assert versions.numbered(made.id, 1).content["purpose"] == "To agree a joint exercise."


def test_a_frozen_text_stays_readable_when_the_registers_change(store):
    asker = make.person(name="Ada Asker")
    made = drafted(asker)
    do(made, Action.SUBMIT, asker)
    with transaction():
        db.session.get_one(Person, asker.id).name = "Somebody Else"

    frozen = versions.current(made.id)

    assert frozen.agrees
    assert [t["name"] for t in frozen.content["travellers"]] == ["Ada Asker"]
    assert [leg["country"] for leg in frozen.content["legs"]] == ["Estonia", "Latvia"]


def test_returning_needs_a_reason_which_the_requester_gets(store):
    asker, screener = make.person(), make.person(Role.SECRETARIAT)
    made = drafted(asker)
    do(made, Action.SUBMIT, asker)

    with pytest.raises(ReasonNeeded):
        do(made, Action.RETURN, screener)
    assert db.session.get_one(Engagement, made.id).state is State.SUBMITTED
    do(made, Action.RETURN, screener, reason="Who pays?")

    message = db.session.scalars(select(OutboxMessage).where(OutboxMessage.person_id == asker.id)).one()
    assert (message.template, message.facts["reason"], message.facts["path"]) == (
        "engagement_moved", "Who pays?", f"/engagements/{made.id}",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.APPROVE, State.APPROVED),
        (Outcome.APPROVE_WITH_CONDITIONS, State.APPROVED_WITH_CONDITIONS),
        (Outcome.DEFER, State.DEFERRED),
        (Outcome.RETURN, State.RETURNED),
        (Outcome.DISAPPROVE, State.DISAPPROVED),
    ],
)
def test_a_decision_leads_where_its_outcome_says(store, outcome, state):
    asker, other, chair = make.person(), make.person(), make.person(Role.CHAIR)
    made = make.engagement(State.SCHEDULED, by=asker, travellers=[asker, other])
    until = date(2026, 5, 1) if outcome is Outcome.DEFER else None

    with transaction():
        items.decide(made, outcome, reason="Because.", by=make.actor(chair), now=NOON, defer_until=until)

    trips = db.session.scalars(select(Trip.person_id).order_by(Trip.person_id)).all()
    approved = state in (State.APPROVED, State.APPROVED_WITH_CONDITIONS)
    assert (made.state, made.deferred_until) == (state, until)
    assert (made.decided_at is not None) == (approved or state is State.DISAPPROVED)
    assert trips == (sorted([asker.id, other.id]) if approved else [])
    assert sorted(told(made)) == sorted((p.id, "engagement_moved") for p in ([asker, other] if approved else [asker]))


def test_advice_opens_no_trip(store):
    made = make.engagement(State.SCHEDULED, asks=Asks.ADVICE)
    chair = make.person(Role.CHAIR)

    with transaction():
        items.decide(made, Outcome.APPROVE, reason="", by=make.actor(chair), now=NOON)

    assert db.session.scalars(select(Trip)).all() == []


def test_cancelling_cancels_the_trips_and_tells_the_party(store):
    asker, other = make.person(), make.person()
    made = make.engagement(State.APPROVED, by=asker, travellers=[asker, other])

    do(made, Action.CANCEL, asker, reason="The host withdrew.")

    assert [t.cancelled_at for t in db.session.scalars(select(Trip))] == [NOON + timedelta(hours=1)] * 2
    assert told(made) == [(other.id, "engagement_moved")]


def test_an_imported_draft_is_nobodys_until_it_is_handed_out(store):
    screener, asker = make.person(Role.SECRETARIAT), make.person()
    with transaction():
        said = Content(
            title="REQ-01", travellers=(ContentTraveller(None, "traveller-01", True),), missing="The zone."
        )  # fmt: skip
        [made] = engagements.import_drafts([("requests:REQ-01", said)], requester_id=None, by=PROGRAM, now=NOON)
    subject = visibility.subject(made.id)

    with pytest.raises(NotAllowed), transaction():
        engagements.claim(made, subject, for_id=asker.id, by=make.actor(asker), now=NOON)
    with transaction():
        engagements.claim(made, subject, for_id=asker.id, by=make.actor(screener), now=NOON)
    with pytest.raises(NotOpen), transaction():
        engagements.claim(made, visibility.subject(made.id), for_id=screener.id, by=make.actor(screener), now=NOON)

    assert db.session.get_one(Engagement, made.id).requester_id == asker.id
    assert told(made) == [(asker.id, "engagement_handed")]


def test_only_the_secretariat_imports(store):
    somebody = make.actor(make.person())

    with pytest.raises(NotAllowed), transaction():
        engagements.import_drafts([("x", Content(title="X"))], requester_id=None, by=somebody, now=NOON)


def test_many_drafts_from_a_file_are_each_as_one_drafted_by_hand_and_cost_the_statements_of_one(store, statements):
    clerk, other = make.person(Role.SECRETARIAT), make.person()
    by, me = make.actor(clerk), clerk.id
    full, bare = complete(clerk, other), Content(title="Only a title")
    written = []
    for name, number in (("one", 1), ("many", 10)):
        said = [(f"file:{name}-{i}", full if i % 2 == 0 else bare) for i in range(number)]
        statements.clear()
        with transaction():
            made = engagements.import_drafts(said, requester_id=me, by=by, now=NOON)
        # SQLite gives back each new item's number by itself; whatever hangs on them is written together on both.
        written.append(sum(not said.startswith("INSERT INTO item ") for said in statements))
    by_hand = drafted(clerk, full)

    assert written[0] == written[1]
    assert [item.title for item in made[:3]] == [full.title, "Only a title", full.title]
    kept = contents.content_of(by_hand.id)
    assert [contents.content_of(item.id) for item in made[::2]] == [kept] * 5
    assert spans(made[9]) == spans(by_hand) == [(State.DRAFT, False)]
    lines = {
        event.about_id: (event.action, event.actor_id)
        for event in db.session.scalars(select(AuditEvent).where(AuditEvent.about_kind == "item"))
    }
    assert {lines[item.id] for item in made} == {lines[by_hand.id]} == {("draft", me)}


def test_an_inbound_engagement_keeps_its_own_days(store):
    asker = make.person()
    said = complete(asker, direction=Direction.INBOUND, legs=(), travellers=(), costs=(), starts_on=STARTS,
                    ends_on=STARTS + timedelta(days=1))  # fmt: skip
    made = drafted(asker, said)

    do(made, Action.SUBMIT, asker)

    assert (made.state, made.starts_on, made.ends_on) == (State.SUBMITTED, STARTS, STARTS + timedelta(days=1))


def test_every_act_leaves_its_line_in_the_trail(store):
    asker, screener = make.person(), make.person(Role.SECRETARIAT)
    made = drafted(asker)
    do(made, Action.SUBMIT, asker)
    do(made, Action.PLACE, screener)

    lines = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(e.action, e.actor_id, e.about_kind, e.about_id) for e in lines] == [
        ("draft", asker.id, "item", made.id),
        ("submit", asker.id, "item", made.id),
        ("place", screener.id, "item", made.id),
    ]


def test_a_stranger_moves_nothing(store):
    stranger = make.person(Role.MEMBER, Role.CHAIR)
    made = drafted(make.person())

    for action in Action:
        with pytest.raises(NotOpen if action is Action.RECONSIDER else NotAllowed):
            do(made, action, stranger, reason="why")
    assert spans(made) == [(State.DRAFT, False)]
