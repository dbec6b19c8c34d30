"""A course counts when somebody else has verified it, and for as long as it is good."""

from datetime import date, timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.documents import letters
from engage.models.audit import AuditEvent
from engage.models.outbox import OutboxMessage
from engage.models.training import Completion
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.validity import months_later, valid_until
from engage.services import training
from engage.services.transaction import transaction


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2020, 6, 5), 72, date(2026, 6, 5)),
        (date(2024, 2, 29), 72, date(2030, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 12, 15), 1, date(2026, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 10), -12, date(2025, 1, 10)),
    ],
)
def test_months_are_counted_by_the_calendar(day, months, later):
    assert months_later(day, months) == later


def test_a_course_without_an_end_is_good_for_ever():
    assert valid_until(date(2020, 6, 5), None) is None


def test_a_claim_is_kept_with_its_end_and_waits(store):
    with transaction():
        traveller = make.person()
        prepare.claim(traveller, on=date(2026, 2, 1))
    assert [
        (c.person_id, c.completed_on, c.valid_until, c.verified_at, c.recorded_by_id, c.evidence)
        for c in store.scalars(select(Completion))
    ] == [(traveller.id, date(2026, 2, 1), date(2032, 2, 1), None, traveller.id, "Transcript")]


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        (make.TODAY + timedelta(days=1), "This day is still to come. Record a course when it is completed."),
        (date(2006, 3, 1), "This is more than 20 years ago. Check the year."),
    ],
)
def test_a_day_that_cannot_be_is_refused(store, on, sentence):
    with pytest.raises(Incomplete) as refusal:
        prepare.claim(make.person(), on=on)
    assert refusal.value.at == {"completed_on": sentence}


def test_an_unknown_course_and_a_passport_number_are_refused(store):
    said = training.Claim(course_id=999, completed_on=make.TODAY, evidence="Passport C12345678")
    with pytest.raises(Incomplete) as refusal:
        training.claim_completion(said, by=make.actor(make.person()), now=make.NOON)
    assert list(refusal.value.at) == ["course_id", "evidence"]


def test_the_same_completion_is_not_recorded_twice(store):
    traveller = make.person()
    prepare.claim(traveller)
    with pytest.raises(Incomplete) as refusal:
        prepare.claim(traveller)
    assert refusal.value.at == {"completed_on": "This completion is recorded already."}


def test_a_training_owner_verifies_and_the_person_is_told(store):
    with transaction():
        traveller, owner = make.person(), make.person(Role.TRAINING_OWNER)
        claimed = prepare.claim(traveller)
        training.verify(claimed, by=make.actor(owner), now=make.NOON)
    assert [(c.verified_at, c.verified_by_id) for c in store.scalars(select(Completion))] == [(make.NOON, owner.id)]
    assert store.execute(select(OutboxMessage.template, OutboxMessage.person_id)).all() == [
        ("training_verified", traveller.id)
    ]
    lines = select(AuditEvent.action).where(AuditEvent.about_kind == "completion").order_by(AuditEvent.id)
    assert store.scalars(lines).all() == ["claim_completion", "verify_completion"]


def test_the_letters_say_what_was_verified_and_why_not(store):
    with transaction():
        owner, traveller = make.actor(make.person(Role.TRAINING_OWNER)), make.person()
        training.verify(prepare.claim(traveller, on=date(2026, 2, 1)), by=owner, now=make.NOON)
        training.decline(prepare.claim(traveller, on=date(2026, 2, 2)), "Another name.", by=owner, now=make.NOON)
    said = [
        letters.text(m.template, m.facts, person_name="Ada", leads_to="/training").splitlines()
        for m in store.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    ]
    course = "Counter Threat Awareness Training (online)"
    assert said[0][2] == f"{course}, completed on 1 February 2026, is verified and good until 1 February 2032."
    assert said[1][2:5] == [
        f"{course}, which you recorded as completed on 2 February 2026, could not be verified:",
        "",
        "Another name.",
    ]


def test_nobody_verifies_or_records_their_own(store):
    owner = make.person(Role.TRAINING_OWNER)
    claimed = prepare.claim(owner)
    with pytest.raises(NotAllowed):
        training.verify(claimed, by=make.actor(owner), now=make.NOON)
    with pytest.raises(NotAllowed):
        training.decline(claimed, "No", by=make.actor(owner), now=make.NOON)
    said = training.Claim(course_id=prepare.course("FACT"), completed_on=make.TODAY)
    with pytest.raises(NotAllowed):
        training.record_completion(owner.email, said, by=make.actor(owner), now=make.NOON)


def test_others_verify_nothing(store):
    claimed = prepare.claim(make.person())
    for role in (Role.ADMINISTRATOR, Role.SECRETARIAT, Role.SUPERVISOR, Role.CONTENT_OWNER):
        with pytest.raises(NotAllowed):
            training.verify(claimed, by=make.actor(make.person(role)), now=make.NOON)


def test_a_declined_claim_stays_on_record_and_may_be_made_again(store):
    traveller, owner = make.person(), make.person(Role.TRAINING_OWNER)
    claimed = prepare.claim(traveller)
    with pytest.raises(Incomplete):
        training.decline(claimed, "", by=make.actor(owner), now=make.NOON)
    training.decline(claimed, "The transcript shows another name.", by=make.actor(owner), now=make.NOON)
    with pytest.raises(NotOpen):
        training.verify(claimed, by=make.actor(owner), now=make.NOON)
    assert store.get(Completion, claimed).decline_reason == "The transcript shows another name."

    assert prepare.claim(traveller) == claimed
    training.verify(claimed, by=make.actor(owner), now=make.NOON)
    assert (store.get(Completion, claimed).declined_at, store.get(Completion, claimed).verified_by_id) == (
        None,
        owner.id,
    )


def test_a_decision_is_made_once(store):
    owner, traveller = make.person(Role.TRAINING_OWNER), make.person()
    claimed = prepare.claim(traveller)
    training.verify(claimed, by=make.actor(owner), now=make.NOON)
    for again in (
        lambda: training.verify(claimed, by=make.actor(owner), now=make.NOON),
        lambda: training.decline(claimed, "No", by=make.actor(owner), now=make.NOON),
        lambda: training.verify(999_999, by=make.actor(owner), now=make.NOON),
    ):
        with pytest.raises(NotOpen):
            again()


def test_a_training_owner_records_for_somebody_else_and_takes_their_claim_with_it(store):
    owner, traveller = make.person(Role.TRAINING_OWNER), make.person(email="ada@example.gov")
    claimed = prepare.claim(traveller, on=date(2026, 2, 1))
    said = training.Claim(course_id=prepare.course("CTAT"), completed_on=date(2026, 2, 1), evidence="Register")
    recorded = training.record_completion(" Ada@Example.gov ", said, by=make.actor(owner), now=make.NOON)
    assert (recorded.id, recorded.verified_by_id, recorded.evidence) == (claimed, owner.id, "Register")
    with pytest.raises(Incomplete) as refusal:
        training.record_completion("nobody@example.gov", said, by=make.actor(owner), now=make.NOON)
    assert refusal.value.at == {"email": "Nobody here has this e-mail address."}
