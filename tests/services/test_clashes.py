"""What gets in the way of a request: found, told to whom, and never for what was cancelled."""

from dataclasses import replace
from datetime import date, timedelta

import factories as make
import pytest
from asking import STARTS, complete
from factories import TODAY

from engage.extensions import db
from engage.models.asking import Blackout, ClashRule, Deputy
from engage.models.commitments import Commitment
from engage.models.people import Absence
from engage.rules.clashes import Tie
from engage.rules.commitments import Settled, Side
from engage.rules.marking import Marking
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import clash_facts, clashes
from engage.services.transaction import transaction


def found(content, **facts):
    """What is around a request that is not saved yet."""
    return clashes.find(content, day=TODAY, **facts)


def elsewhere(state=State.APPROVED, **facts):
    """Another engagement, in Namibia."""
    return make.engagement(state, country="NA", city="Windhoek", zone="Africa/Windhoek", **facts)


@pytest.mark.parametrize("state", sorted(State))
def test_an_engagement_in_the_same_country_counts_while_it_may_take_place(store, state):
    with transaction():
        other = make.engagement(state, starts=STARTS)
    ids = [clash.id for clash in found(complete(make.person())).clashes]

    over = {State.DRAFT, State.WITHDRAWN, State.CANCELLED, State.DISAPPROVED}
    assert ids == ([] if state in over else [other.id])


@pytest.mark.parametrize(
    ("away", "overlaps", "near"), [(0, True, True), (5, True, True), (20, False, True), (60, False, False)]
)
def test_days_are_shared_or_near_or_far(store, away, overlaps, near):
    with transaction():
        other = make.engagement(State.SUBMITTED, starts=STARTS + timedelta(days=away))
    told = found(complete(make.person())).clashes

    assert [(c.id, c.overlaps, c.needs_reason, c.why) for c in told] == (
        [(other.id, overlaps, overlaps, "also in Estonia")] if near else []
    )


def test_partner_forum_and_people_are_told_together(store):
    with transaction():
        lead, shared = make.person(name="Lena Lead"), make.partner("CERT-EE")
        other = elsewhere(travellers=[lead], starts=STARTS, partners=[shared])
    (clash,) = found(complete(lead, partner_ids=(shared.id,))).clashes

    assert clash.why == "also travels: Lena Lead; same partner: CERT-EE"
    assert (clash.key, clash.open) == (f"item:{other.id}", True)


def test_a_recent_meeting_with_the_partner_is_told_and_needs_no_reason(store):
    with transaction():
        shared = make.partner("CERT-EE")
        other = elsewhere(starts=STARTS - timedelta(days=100), partners=[shared])
    told = found(complete(make.person(), partner_ids=(shared.id,)))

    assert ([c.id for c in told.contacts], told.clashes) == ([other.id], ())


def test_principal_and_deputy_are_not_both_away(store):
    with transaction():
        chief, second = make.person(name="Carla Chief"), make.person(name="Sam Second")
        db.session.add(Deputy(principal_id=chief.id, deputy_id=second.id, starts_on=TODAY))
        other = elsewhere(travellers=[second], starts=STARTS)
    assert [(c.id, c.why) for c in found(complete(chief)).clashes] == [(other.id, "away at the same time: Sam Second")]

    both = found(complete(chief, second)).clashes
    assert both[0].title == "Carla Chief and Sam Second stand in for each other, and both would travel"

    with transaction():
        db.session.add(Absence(person_id=chief.id, starts_on=STARTS, ends_on=STARTS))
    assert [c.title for c in found(complete(second)).clashes if c.id is None] == [
        "Carla Chief is away, and one of the two stays"
    ]


def test_a_post_that_receives_nobody_and_the_host_s_holidays(store):
    with transaction():
        day = STARTS + timedelta(days=4)  # in Riga by then
        post = {"starts_on": day, "ends_on": day, "why": "A summit", "source": "The post"}
        db.session.add_all([Blackout(country_code=code, **post) for code in ("EE", "LV")])
    content = complete(make.person())
    told = found(content)

    assert [c.title for c in told.clashes] == ["The post in Latvia receives nobody: A summit"]
    moved = tuple(
        replace(leg, arrives_on=date(2026, 6, day), departs_on=date(2026, 6, day + 1))
        for leg, day in zip(content.legs, (23, 24), strict=True)
    )
    names = {name for _, name, _ in found(complete(make.person(), legs=moved)).holidays}
    assert "Victory Day" in names


def test_whoever_may_not_see_another_s_request_reads_its_days_alone(store):
    with transaction():
        make.engagement(State.SUBMITTED, starts=STARTS, title="A delicate matter")
        lead, secretary = make.person(), make.person(Role.SECRETARIAT)
    told = found(complete(lead))
    hidden, shown = (clashes.seen_by(told, by=make.actor(who)).clashes[0] for who in (lead, secretary))

    assert (hidden.title, hidden.id, hidden.why) == ("An engagement that is not decided yet", None, "also in Estonia")
    assert shown.title == "A delicate matter"


def test_a_rule_that_no_longer_applies_looks_for_nothing(store):
    with transaction():
        make.engagement(State.SUBMITTED, starts=STARTS)
        db.session.add(
            ClashRule(
                tie=Tie.COUNTRY, label="x", days=30, needs_reason=True, applies=False, starts_on=TODAY, source="x"
            )
        )
    assert found(complete(make.person())).clashes == ()


def test_it_costs_two_statements_however_many_there_are(store, statements):
    with transaction():
        lead, counts = make.person(), []
        content, asks = complete(lead), make.actor(lead)
    for more in (1, 2, 27):
        with transaction():
            for _ in range(more):
                make.engagement(State.SUBMITTED, starts=STARTS, travellers=[lead])
        statements.clear()
        told = found(content)
        assert len(told.clashes) >= more
        clashes.seen_by(told, by=asks)
        counts.append(len(statements))
    assert counts == [3, 3, 3]


GROWING = ("item", "engagement", "leg", "traveller", "engagement_partner")


def test_no_growing_table_is_read_whole_to_look_around_a_request(store, statements):
    with transaction():
        lead = make.person()
        content = complete(lead)
    statements.clear()
    found(content)
    clashes.owed(content, item_id=1, day=TODAY)
    plans = []
    if db.engine.dialect.name == "sqlite":  # PostgreSQL reads tables as small as these whole, whatever it has
        known = {"item": 1, "first": TODAY, "last": TODAY, "since": TODAY, "until": TODAY, "long_before": TODAY,
                 "day": TODAY, "countries": ["EE"], "partners": [1], "forum": 1, "people": [1]}  # fmt: skip
        for statement in (clash_facts.FOUND, clash_facts.OWED):
            text = str(statement.params(**known).compile(db.engine, compile_kwargs={"literal_binds": True}))
            plans += [row[3] for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    whole_reads = [line for line in plans if line.split()[0] == "SCAN" and line.split()[1] in GROWING]
    assert (len(statements) > 0, whole_reads) == (True, [])


def test_what_was_promised_to_the_partner_and_not_kept_is_told_to_whom_it_is_open(store):
    with transaction():
        shared, owner = make.partner("CERT-EE"), make.person()
        met = elsewhere(starts=STARTS - timedelta(days=300), partners=[shared], by=owner)
        facts = {"engagement_id": met.id, "partner_id": shared.id, "owner_id": owner.id, "made_on": date(2025, 8, 1)}
        late = Commitment(**facts, side=Side.OURS, what="Send the indicators", due_on=date(2026, 1, 15))
        db.session.add_all([
            late, Commitment(**facts, side=Side.THEIRS, what="Theirs", due_on=date(2026, 1, 15)),
            Commitment(**facts, side=Side.OURS, what="Not due yet", due_on=date(2026, 8, 1)),
            Commitment(**facts, side=Side.OURS, what="Kept", due_on=date(2026, 1, 15), settled_as=Settled.KEPT,
                       settled_on=date(2026, 1, 10)),
        ])  # fmt: skip
    asked = complete(make.person(), partner_ids=(shared.id,))
    told = found(asked)

    assert [(c.key, c.title, c.starts_on, c.why, c.id, c.open) for c in told.promises] == [
        (f"promise:{late.id}", "Not kept: Send the indicators", late.due_on, "promised to CERT-EE", met.id, False)
    ]
    with transaction():
        db.session.add(
            ClashRule(tie=Tie.PROMISE, label="Promise", days=0, needs_reason=True, starts_on=TODAY, source="Here")
        )
    assert [c.key for c in clashes.owed(asked, item_id=0, day=TODAY).open] == [f"promise:{late.id}"]
    with transaction():
        met.marking = Marking.RED
    (hidden,) = clashes.seen_by(found(asked), by=make.actor(make.person())).promises
    assert (hidden.id, hidden.title) == (None, "A promise made at an engagement that is closed to you")


def test_an_approved_engagement_that_is_marked_is_told_by_its_days_alone(store):
    with transaction():
        make.engagement(State.APPROVED, starts=STARTS, marking=Marking.RED)
    (clash,) = clashes.seen_by(found(complete(make.person())), by=make.actor(make.person())).clashes

    assert (clash.id, clash.title) == (None, "An approved engagement whose marking closes it to you")
