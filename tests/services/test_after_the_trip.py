"""What follows a trip is owed by the right person, counted as it is filed, and read at a fixed cost."""

import random
from datetime import date, timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import func, select

from engage.extensions import db
from engage.models.gifts import Gift
from engage.models.norms import Norm, Objective
from engage.models.reports import Outcome, OutcomeCount, OutcomeSum, TripReport
from engage.rules.commitments import Side
from engage.rules.outcomes import Outcome as Said
from engage.rules.outcomes import OutcomeKind, quarter_of
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.workflow import State
from engage.services import (
    commitments,
    duties,
    gifts,
    late_reports,
    outcomes,
    report_doors,
    report_facts,
    report_parts,
    reports,
    returned,
    visibility,
)
from engage.services.commitments import Promise
from engage.services.transaction import transaction

WRITTEN = {"readout": "It went well.", "recommendations": "", "no_outcome": "A first talk."}


def back(by, *others, days_ago=10, **facts):
    """An engagement that ended, `days_ago` less five days ago."""
    return make.engagement(
        State.APPROVED, by=by, travellers=[by, *others], starts=TODAY - timedelta(days=days_ago), days=5, **facts
    )


def owing(kind, about, today=TODAY):
    """Who owes the duty of this kind about this record, by id."""
    return [duty.owner_id for duty in duties.still_open(kind, [about], today)]


def filed(item, by, **said):
    reports.write(item, {**WRITTEN, **said}, version=0, by=make.actor(by), now=NOON)
    return reports.file(item, by=make.actor(by), now=NOON, today=TODAY)


def test_the_report_is_its_leads_to_file_the_journey_and_the_claim_each_travellers_own(store):
    with transaction():
        lead, second = make.person(), make.person()
        item = back(lead, second)
        ahead = make.engagement(State.APPROVED, by=lead)
        trips = {t.person_id: t.id for t in db.session.scalars(select(make.Trip)) if t.engagement_id == item.id}

        assert owing("report", item.id) == [lead.id]
        assert owing("report", ahead.id) == []
        for kind in ("journey", "claim"):
            assert [owing(kind, trips[p.id]) for p in (lead, second)] == [[lead.id], [second.id]]

        filed(item, second)
        trip = db.session.get(make.Trip, trips[second.id])
        returned.state_journey(trip, as_approved=True, by=make.actor(second), now=NOON, today=TODAY)
        returned.hand_in(trip, reference="TV-1", handed_in_on=TODAY, by=make.actor(second), now=NOON, today=TODAY)
        assert owing("report", item.id) == []
        assert [owing(kind, trips[p.id]) for kind in ("journey", "claim") for p in (lead, second)] == [
            [lead.id], [], [lead.id], [],
        ]  # fmt: skip


def test_a_promise_and_a_gift_above_the_value_are_owed_until_they_are_settled(store):
    with transaction():
        who, sec = make.person(), make.person(Role.SECRETARIAT)
        item = back(who)
        said = Promise(Side.OURS, "Send it.", TODAY + timedelta(days=3), who.id, counterpart="Their head")
        made = commitments.make(item, visibility.subject(item.id), said, by=make.actor(sec), now=NOON, today=TODAY)
        gift = given(who)

        assert (owing("commitment", made.id), owing("gift", gift.id)) == ([who.id], [who.id])
        commitments.keep(made, "Sent.", on=None, by=make.actor(who), now=NOON, today=TODAY)
        hand_in(gift, sec)
        assert (owing("commitment", made.id), owing("gift", gift.id)) == ([], [])


def given(who, **changes):
    said = {
        "kind": gifts.GiftKind.OBJECT, "description": "A vase.", "circumstances": "Farewell.", "donor_name": "Ann",
        "donor_position": "Minister", "donor_country": "EE", "position": "Deputy", "received_on": TODAY,
        "amount": gifts.Decimal("900.00"), "currency": "USD", **changes,
    }  # fmt: skip
    return gifts.record(gifts.Given(**said), by=make.actor(who), now=NOON, today=TODAY)


def hand_in(gift, by):
    to = gifts.Disposition.DEPOSITED
    gifts.dispose(gift, to, on_day=TODAY, note="", by=make.actor(by), now=NOON, today=TODAY)


def test_a_gift_is_judged_by_the_minimal_value_of_its_own_day(store):
    with transaction():
        who = make.person(Role.ADMINISTRATOR)
        store.add(Norm(key="gift_minimal_value", label="m", value=1000, unit="US dollars",
                            starts_on=TODAY, source="A later redefinition"))  # fmt: skip
        store.flush()

        assert [given(who, received_on=day).due_on for day in (TODAY - timedelta(days=1), TODAY)] == [
            TODAY + timedelta(days=59), None,
        ]  # fmt: skip
        assert [g.minimal_usd for g in store.scalars(select(Gift).order_by(Gift.id))] == [480, 1000]


def test_nobody_takes_in_their_own_gift(store):
    with transaction():
        sec = make.person(Role.SECRETARIAT)
        with pytest.raises(NotAllowed):
            hand_in(given(sec), sec)


def counted():
    """The counts as the table has them, and as the outcomes of filed reports come to one by one."""
    table = {
        (row.quarter_on, row.objective_id, row.kind, row.country_code, row.forum_id): (row.outcomes, row.number)
        for row in db.session.scalars(select(OutcomeCount).where(OutcomeCount.outcomes > 0))
    }
    real: dict = {}
    rows = select(Outcome).join(TripReport, TripReport.engagement_id == Outcome.engagement_id)
    for row in db.session.scalars(rows.where(TripReport.filed_at.is_not(None))):
        key = (quarter_of(row.counted_on), row.objective_id, row.kind, row.country_code or "", row.forum_id or 0)
        was = real.get(key, (0, 0))
        real[key] = (was[0] + 1, was[1] + row.number)
    return table, real


def summed(real):
    """What the table of sums by one thing alone has, and what the counts one by one come to."""
    table = {
        (row.way, row.quarter_on, row.key): (row.outcomes, row.number)
        for row in db.session.scalars(select(OutcomeSum).where(OutcomeSum.outcomes > 0))
    }
    goals = dict(db.session.execute(select(Objective.id, Objective.goal_id)).all())
    sums: dict = {}
    for (quarter, objective, kind, country, forum), (many, number) in real.items():
        for way, key in (("goal", goals[objective]), ("country", country), ("forum", forum), ("kind", kind.value)):
            was = sums.get((way, quarter, str(key)), (0, 0))
            sums[way, quarter, str(key)] = (was[0] + many, was[1] + number)
    return table, sums


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_agree_with_the_outcomes_whatever_is_filed_and_taken_back(seed, store):
    dice = random.Random(seed)
    with transaction():
        who = make.person()
        by, items = make.actor(who), [back(who, days_ago=n) for n in (10, 40, 100, 400)]
        for hour in range(60):
            item = dice.choice(items)
            try:
                if dice.random() < 0.5:
                    outcomes.record(
                        item, Said(dice.choice([OutcomeKind.ALERT, OutcomeKind.SHARED]), "So.", dice.choice([1, 2]),
                                   number=dice.randint(1, 9), country_code=dice.choice(["EE", None])),
                        by=by, now=NOON,
                    )  # fmt: skip
                elif dice.random() < 0.6:
                    reports.write(item, WRITTEN, version=0, by=by, now=NOON)
                    reports.file(item, by=by, now=NOON, today=TODAY, reason=f"Hour {hour}")
                else:
                    reports.take_back(item, "Once more", by=by, now=NOON)
            except (NotOpen, Stale):
                pass
            if dice.random() < 0.1:
                item.forum_id = dice.choice([1, 2, None])  # an amendment: what is counted stays where it was counted
                store.flush()
        table, real = counted()
        assert table == real
        assert sum(n for n, _ in table.values()) > 0
        table, sums = summed(real)
        assert table == sums


def test_a_report_page_costs_the_same_whatever_is_in_it(visitor, store, statements):
    with transaction():
        who = make.person()
        item = back(who)
        number = item.id
    visitor.sign_in(who)
    counts = []
    for more in (1, 2, 27):
        with transaction():
            held = db.session.get(make.Engagement, number)
            for n in range(more):
                outcomes.record(held, Said(OutcomeKind.ALERT, f"Alert {n}", 1), by=make.actor(who), now=NOON)
                report_parts.put(
                    "met", held, {"name": "Ann", "function": "Head", "organisation": "Range", "partner_id": None},
                    by=make.actor(who), now=NOON, today=TODAY,
                )  # fmt: skip
                commitments.make(
                    held, visibility.subject(number), Promise(Side.OURS, "Send.", TODAY, who.id, counterpart="Ann"),
                    by=make.actor(who), now=NOON, today=TODAY,
                )  # fmt: skip
        for path in (f"/engagements/{number}/report", "/commitments", "/reports", "/outcomes", "/lessons", "/gifts"):
            visitor.get(path)
        statements.clear()
        visitor.get(f"/engagements/{number}/report")
        report = len(statements)
        costs = [report]
        for path in ("/commitments", "/reports", "/outcomes", "/lessons", "/gifts"):
            statements.clear()
            visitor.get(path)
            costs.append(len(statements))
        counts.append(costs)
    assert counts[0] == counts[1] == counts[2]
    assert counts[0][0] <= 10
    assert max(counts[0]) <= 12


def test_the_slower_of_two_writers_is_told_and_nothing_is_lost(store):
    with transaction():
        lead, second = make.person(), make.person()
        item = back(lead, second)
        first = reports.write(item, {**WRITTEN, "readout": "Mine."}, version=0, by=make.actor(lead), now=NOON)
        with pytest.raises(Stale, match=lead.name):
            reports.write(item, {**WRITTEN, "readout": "Mine too."}, version=0, by=make.actor(second), now=NOON)
        assert first.readout == "Mine."


def test_an_overdue_report_counts_against_each_of_its_group_from_the_day_after_its_last(store):
    with transaction():
        lead, second, other = make.person(), make.person(), make.person()
        item = back(lead, second)
        _, overdue_on = report_facts.days_of(item.ends_on, TODAY)
        asked = make.engagement(State.SUBMITTED, by=other, travellers=[second])

        assert late_reports.of_person(lead.id, overdue_on) == []
        (late,) = late_reports.of_person(lead.id, overdue_on + timedelta(days=1))
        assert (late.engagement_id, set(late.people)) == (item.id, {lead.id})
        (late,) = late_reports.of_item(asked.id, overdue_on + timedelta(days=1))
        assert set(late.people) == {second.id}
        assert set(late_reports.every(overdue_on + timedelta(days=1))[0].people) == {lead.id, second.id}

        with pytest.raises(Incomplete, match="overdue since"):
            late_reports.refuse(asked.id, overdue_on + timedelta(days=1))
        sec = make.person(Role.SECRETARIAT)
        late_reports.let_through(
            second.id, ends_on=overdue_on + timedelta(days=9), reason="Needed in May.", by=make.actor(sec), now=NOON,
            today=overdue_on,
        )  # fmt: skip
        late_reports.refuse(asked.id, overdue_on + timedelta(days=1))
        with pytest.raises(NotAllowed):
            late_reports.let_through(sec.id, ends_on=TODAY, reason="Me.", by=make.actor(sec), now=NOON, today=TODAY)


def test_what_is_filed_is_kept_as_it_was(store):
    with transaction():
        who = make.person()
        item = back(who)
        made = filed(item, who)
        before = made.content
        reports.take_back(item, "A number", by=make.actor(who), now=NOON)
        reports.write(
            item,
            {**WRITTEN, "readout": "Another."},
            version=report_doors.of(item.id).version,
            by=make.actor(who),
            now=NOON,
        )
    with transaction():
        store.execute(select(func.count()).select_from(Gift))
        assert reports.version_of(item.id, 1).content == before
    with pytest.raises(Exception, match="append-only"):
        store.execute(db.update(type(made)).values(content="{}"))
    store.rollback()


def test_a_promise_is_refused_with_a_sentence_at_each_field(store):
    with transaction():
        who = make.person()
        item = back(who)
        with pytest.raises(Incomplete) as refused:
            commitments.make(
                item, visibility.subject(item.id),
                Promise(Side.OURS, "", date(2020, 1, 1), None, partner_id=2**31 - 1, made_on=TODAY + timedelta(days=1)),
                by=make.actor(who), now=NOON, today=TODAY,
            )  # fmt: skip
    assert set(refused.value.at) == {"what", "partner_id", "owner_id", "made_on", "due_on"}
