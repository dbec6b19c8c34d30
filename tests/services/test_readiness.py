"""From not cleared to cleared and back, by the real services and through the database."""

from datetime import date, timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import delete, select, update

from engage.models.board import Condition, Decision, Motion
from engage.models.engagements import Item, ItemVersion, Leg, engagement_partner
from engage.models.guidance import Acknowledgement
from engage.models.people import Person
from engage.models.places import Advisory, CountryOfConcern
from engage.models.training import Completion
from engage.models.trips import Clearance, Trip
from engage.rules.policy import PROGRAM, Role
from engage.rules.requirements import Kind
from engage.rules.trip_facts import ClearanceStatus
from engage.rules.voting import Outcome
from engage.rules.workflow import State
from engage.services import advisories, guidance, readiness, training, trips


def missing(going: Trip) -> list[tuple[Kind, str]]:
    """What keeps the traveller at home: kind and target, in the order of the checklist."""
    return [
        (item.requirement.kind, item.requirement.version.country_code or "general"
         if item.requirement.version else item.requirement.target)
        for item in readiness.verdict(going.id, make.TODAY).missing
    ]  # fmt: skip


CTAT, CLEARANCE = (Kind.TRAINING, "CTAT"), (Kind.CLEARANCE, "country")
ESTONIA, GENERAL = (Kind.GUIDANCE, "EE"), (Kind.GUIDANCE, "general")


def test_a_traveller_becomes_cleared_step_by_step(store):
    going = prepare.trip()
    traveller = store.get(Person, going.person_id)
    assert missing(going) == [CTAT, CLEARANCE, ESTONIA, GENERAL]

    prepare.read(going, prepare.version_of(None))
    assert missing(going) == [CTAT, CLEARANCE, ESTONIA]

    prepare.read(going, prepare.version_of("EE"))
    assert missing(going) == [CTAT, CLEARANCE]

    prepare.granted(going, status=ClearanceStatus.REQUESTED, reference="", decided_on=None)
    assert missing(going) == [CTAT, CLEARANCE]

    prepare.granted(going)
    assert missing(going) == [CTAT]

    claimed = prepare.claim(traveller)
    assert missing(going) == [CTAT]

    training.verify(claimed, by=make.actor(make.person(Role.TRAINING_OWNER)), now=make.NOON)
    assert missing(going) == []
    assert readiness.verdict(going.id, make.TODAY).sentence == "Cleared to travel."


UNDOING = {
    "the approval": update(Item).values(state=State.SCHEDULED, decided_at=None),
    "an acknowledgement": delete(Acknowledgement).where(Acknowledgement.id == 1),
    "the other acknowledgement": delete(Acknowledgement).where(Acknowledgement.id == 2),
    "the completion": delete(Completion),
    "its verification": update(Completion).values(verified_at=None, verified_by_id=None),
    "its validity": update(Completion).values(valid_until=date(2026, 6, 4)),
    "the clearance": delete(Clearance),
    "the grant": update(Clearance).values(status=ClearanceStatus.REFUSED),
    "the grant's length": update(Clearance).values(valid_until=date(2026, 6, 4)),
    "the place": update(Leg).values(country_code="FR"),
    "the trip": update(Trip).values(cancelled_at=make.NOON),
}


@pytest.mark.parametrize("what", UNDOING)
def test_removing_any_one_thing_un_clears(store, what):
    going = prepare.ready()
    assert readiness.verdict(going.id, make.TODAY).cleared
    store.execute(UNDOING[what])
    assert not readiness.verdict(going.id, make.TODAY).cleared


def test_training_must_hold_through_the_day_of_return(store):
    going = prepare.trip()
    traveller = store.get(Person, going.person_id)
    prepare.trained(traveller, on=date(2020, 6, 4))  # six years: good until the day before the return
    assert CTAT in missing(going)
    prepare.trained(traveller, on=date(2020, 6, 5))
    assert CTAT not in missing(going)


def test_fact_stands_for_ctat_but_not_the_other_way_round(store):
    going = prepare.trip()
    prepare.trained(store.get(Person, going.person_id), "FACT")
    assert CTAT not in missing(going)


def test_ninety_days_abroad_in_twelve_months_ask_for_fact(store):
    going = prepare.trip()  # 31 May to 5 June: six days
    traveller = store.get(Person, going.person_id)
    prepare.trip(traveller, starts=date(2025, 6, 5), days=0)  # the day twelve months before the return: outside
    prepare.trip(traveller, starts=date(2025, 9, 1), days=41)  # 42 days
    prepare.trip(traveller, starts=date(2026, 1, 1), days=40, country="PR", zone="America/Puerto_Rico")  # at home
    prepare.trip(traveller, starts=date(2026, 6, 6), days=30)  # afterwards
    prepare.trip(traveller, starts=date(2026, 2, 1), days=40)  # 41 days: 89 in all
    assert (Kind.TRAINING, "FACT") not in missing(going)
    prepare.trip(traveller, starts=date(2026, 3, 13), days=1)  # one of its two days is new: 90
    assert (Kind.TRAINING, "FACT") in missing(going)


def test_a_country_of_concern_asks_for_a_pre_brief(store):
    going = prepare.trip(country="CN", city="Shenzhen", zone="Asia/Shanghai")
    assert (Kind.TRAINING, "PREBRIEF") in missing(going)
    store.execute(update(CountryOfConcern).values(ends_on=date(2026, 5, 30)))
    assert (Kind.TRAINING, "PREBRIEF") not in missing(going)


def test_the_advisory_level_of_the_day_decides_and_an_unknown_level_asks(store):
    going = prepare.trip()

    def asked(day: date) -> list[str]:
        items = readiness.verdict(going.id, day).items
        return [item.requirement.because for item in items if item.requirement.rule_code == "prebrief-level-3"]

    assert asked(make.TODAY) == ["Stay in Estonia (advisory level not recorded)."]
    for level, day in ((1, date(2026, 2, 1)), (3, date(2026, 3, 10))):
        advisories.record("EE", level, day, "Made for a test", by=PROGRAM, now=make.NOON)
    assert asked(make.TODAY) == []
    assert asked(date(2026, 3, 9)) == []
    assert asked(date(2026, 3, 10)) == ["Stay in Estonia (advisory level 3)."]


def test_the_same_advisory_twice_is_the_same_as_once(store):
    said = [advisories.record("EE", 2, make.TODAY, "Test", by=PROGRAM, now=make.NOON) for _ in range(2)]
    assert said == [True, False]
    assert len(store.scalars(select(Advisory)).all()) == 1


def test_a_country_without_a_guide_owes_the_general_one_only(store):
    going = prepare.trip(country="NA", city="Windhoek", zone="Africa/Windhoek")
    assert missing(going) == [CTAT, CLEARANCE, GENERAL]


def test_a_material_version_un_clears_and_a_minor_one_does_not(store):
    going = prepare.ready()
    estonia = prepare.version_of("EE")
    owner = make.actor(make.person(Role.CONTENT_OWNER))

    def publish(based_on, title, material):
        return guidance.publish(
            based_on.guide_id, title, based_on.content, based_on=based_on.id, material=material, note="Why", by=owner,
            now=make.NOON + timedelta(hours=based_on.number),
        )  # fmt: skip

    minor = publish(estonia, "Estonia, without a slip", False)
    assert missing(going) == []
    material = publish(minor, "Estonia, anew", True)
    assert missing(going) == [ESTONIA]
    prepare.read(going, material)
    assert missing(going) == []


def test_an_unmet_condition_of_the_decision_holds_the_traveller_until_it_is_met(store):
    going = prepare.ready()
    board, members = make.board()
    version = ItemVersion(item_id=going.engagement_id, number=1, content="{}", sha256="0" * 64, valid_from=make.NOON)
    store.add(version)
    store.flush()
    motion = Motion(
        board_id=board.id, charter_id=1, item_id=going.engagement_id, item_version_id=version.id, round=1,
        outcome=Outcome.APPROVE_WITH_CONDITIONS, moved_by_id=members[0].id, moved_at=make.NOON, closes_at=make.NOON,
        closed_at=make.NOON, closed_by_id=members[0].id, carried=True,
    )  # fmt: skip
    store.add(motion)
    store.flush()
    decision = Decision(
        motion_id=motion.id, item_id=going.engagement_id, item_version_id=version.id, sha256="0" * 64, reason="",
        outcome=Outcome.APPROVE_WITH_CONDITIONS, arithmetic="[]", authority="Charter", decided_at=make.NOON,
        closed_by_id=members[0].id,
    )  # fmt: skip
    store.add(decision)
    store.flush()
    condition = Condition(decision_id=decision.id, item_id=going.engagement_id, text="Brief the legal office.",
                          owner_id=members[1].id)
    store.add(condition)
    store.flush()
    assert [item.why for item in readiness.verdict(going.id, make.TODAY).missing] == ["Brief the legal office."]
    condition.given_at, condition.given_by_id = make.NOON, members[1].id
    store.flush()
    assert missing(going) != []  # evidence alone satisfies nothing
    condition.blocking = False
    store.flush()
    assert missing(going) == []
    condition.blocking, condition.met_at, condition.met_by_id = True, make.NOON, members[0].id
    store.flush()
    assert missing(going) == []


def test_one_verdict_and_thirty_cost_the_same_seven_statements(store, statements):
    ids = [prepare.trip().id for _ in range(30)]
    counts = []
    for many in (1, 3, 30):
        statements.clear()
        assert sorted(readiness.verdicts(ids[:many], make.TODAY)) == ids[:many]
        counts.append(len(statements))
    assert counts == [7, 7, 7]


def test_verdicts_of_many_are_those_of_each_alone(store):
    cleared = prepare.ready()
    ids = [cleared.id, prepare.trip().id, prepare.trip(country="NA", city="Windhoek", zone=None).id]
    many = readiness.verdicts([*ids, 999_999], make.TODAY)
    assert many == {id_: readiness.verdict(id_, make.TODAY) for id_ in ids}
    assert [many[id_].cleared for id_ in ids] == [True, False, False]


def test_a_trip_that_is_not_there_has_no_verdict(store):
    with pytest.raises(KeyError):
        readiness.verdict(999_999, make.TODAY)
    assert readiness.verdicts([], make.TODAY) == {}


def test_a_cancelled_trip_is_refused(store):
    going = prepare.ready()
    trips.cancel_for(going.engagement_id, now=make.NOON)
    assert [item.action for item in readiness.verdict(going.id, make.TODAY).missing] == ["Do not travel."]


def test_a_trip_owes_the_guides_of_its_partners_and_its_forum(store):
    going, elsewhere = prepare.trip(), prepare.trip()
    (ours,) = store.scalars(select(engagement_partner.c.partner_id).filter_by(engagement_id=going.engagement_id))
    owner = make.actor(make.person(Role.CONTENT_OWNER))
    version = guidance.begin(f"partner-{ours}", "Team of Teams", BODY_TEXT, by=owner, now=make.NOON)

    def owed(trip):
        return [i for i in readiness.verdict(trip.id, make.TODAY).items if i.requirement.rule_code == "body-guidance"]

    assert [(i.requirement.title, i.holds_up) for i in owed(going)] == [("Team of Teams", True)]
    assert owed(elsewhere) == []
    prepare.read(going, version)
    assert [i.holds_up for i in owed(going)] == [False]


BODY_TEXT = {
    "summary": "Greet first.", "sections": {"greetings": "Shake hands."}, "must_know": ["Greet first."], "check": [],
    "sources": ["https://example.org/"],
}  # fmt: skip
