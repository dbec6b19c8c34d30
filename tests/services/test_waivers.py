"""A waiver takes two named people of different roles, counts for one requirement of one trip, and ends."""

from datetime import timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.extensions import db
from engage.models.clearing import Waiver
from engage.models.outbox import OutboxMessage
from engage.rules.policy import Role
from engage.rules.readiness import Standing
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import readiness, waivers
from engage.services.transaction import transaction

CTAT = "training:CTAT:"
ENDS = make.TODAY + timedelta(days=92)


@pytest.fixture
def going(store):
    """A trip that lacks nothing but its training."""
    with transaction():
        trip = prepare.trip()
        prepare.read(trip, prepare.version_of(None))
        prepare.read(trip, prepare.version_of("EE"))
        prepare.granted(trip)
    return trip


def signer(*roles):
    with transaction():
        return make.actor(make.person(*roles))


def proposed(going, by, **wanted):
    with transaction():
        return waivers.propose(
            going.id, waivers.Wanted(**({"key": CTAT, "reason": "The course is full.", "ends_on": ENDS} | wanted)),
            by=by, now=make.NOON,
        ).id  # fmt: skip


def signed(waiver_id, by):
    with transaction():
        waivers.sign(waiver_id, by=by, now=make.NOON)


def ctat(trip, day=make.TODAY):
    return next(item for item in readiness.verdict(trip.id, day).items if item.requirement.key == CTAT)


def test_one_signature_clears_nothing_and_two_of_different_roles_do(going):
    owner, chair = signer(Role.TRAINING_OWNER), signer(Role.CHAIR)

    one = proposed(going, owner)
    assert ctat(going).state is Standing.MISSING

    signed(one, chair)
    item = ctat(going)
    assert item.state is Standing.WAIVED
    assert item.why == (
        f"Waived through 2 June 2026 by {owner.name} (training owner) and {chair.name} (chair): The course is full."
    )
    assert readiness.verdict(going.id, make.TODAY).sentence == "Cleared to travel, with 1 waiver."


def test_it_counts_through_its_last_day_and_not_after(going):
    signed(proposed(going, signer(Role.TRAINING_OWNER)), signer(Role.CHAIR))

    assert ctat(going, ENDS).state is Standing.WAIVED
    assert ctat(going, ENDS + timedelta(days=1)).state is Standing.MISSING


def test_a_revoked_one_counts_no_more_and_the_traveller_reads_why(going):
    owner = signer(Role.TRAINING_OWNER)
    one = proposed(going, owner)
    signed(one, signer(Role.CHAIR))

    with transaction():
        waivers.revoke(one, "A seat is free now.", by=owner, now=make.NOON)

    assert ctat(going).state is Standing.MISSING
    told = db.session.scalars(
        select(OutboxMessage.template).where(OutboxMessage.person_id == going.person_id).order_by(OutboxMessage.id)
    ).all()
    assert [word for word in told if word.startswith("waiver")] == ["waiver_signed", "waiver_revoked"]


def test_the_second_signature_is_of_another_person_and_another_role(going):
    owner, both = signer(Role.TRAINING_OWNER), signer(Role.TRAINING_OWNER, Role.CHAIR)
    one = proposed(going, both)

    with pytest.raises(NotAllowed, match="Somebody else gives the second"), transaction():
        waivers.sign(one, by=both, now=make.NOON)
    first_role = db.session.get(Waiver, one).first_role
    same = signer(Role(first_role))
    with pytest.raises(NotAllowed, match="two people of different roles"), transaction():
        waivers.sign(one, by=same, now=make.NOON)
    signed(one, owner if first_role == "chair" else signer(Role.CHAIR))


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.MEMBER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_only_roles_the_rule_names_may_waive(going, role):
    with pytest.raises(NotAllowed):
        proposed(going, signer(role))


def test_nobody_waives_for_a_journey_of_their_own(store):
    with transaction():
        chair = make.person(Role.CHAIR)
        trip = prepare.trip(chair)

    with pytest.raises(NotAllowed, match="a journey of their own"):
        proposed(trip, make.actor(chair))


def test_what_no_role_may_waive_stays_and_so_does_the_approval(going):
    secretariat = signer(Role.SECRETARIAT)
    with transaction():
        trip = prepare.trip()

    with pytest.raises(NotAllowed, match="Nobody may waive this requirement"):
        proposed(trip, secretariat, key="clearance:country:EE")
    with pytest.raises(NotOpen, match="met or waived already"):
        proposed(trip, secretariat, key="approval:board:")


@pytest.mark.parametrize(("wanted", "field"), [
    ({"reason": ""}, "reason"),
    ({"ends_on": make.TODAY - timedelta(days=1)}, "ends_on"),
    ({"ends_on": make.TODAY + timedelta(days=400)}, "ends_on"),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(going, wanted, field):
    with pytest.raises(Incomplete) as refusal:
        proposed(going, signer(Role.TRAINING_OWNER), **wanted)

    assert list(refusal.value.at) == [field]


def test_a_second_proposal_waits_for_the_first(going):
    proposed(going, signer(Role.TRAINING_OWNER))

    with pytest.raises(NotOpen, match="waits for its second signature"):
        proposed(going, signer(Role.CHAIR))


def test_it_names_one_trip_only(going):
    with transaction():
        other = prepare.trip()
    signed(proposed(going, signer(Role.TRAINING_OWNER)), signer(Role.CHAIR))

    assert ctat(other).state is Standing.MISSING
