"""For random people, engagements and agreements: what stands on a partner's pages is what the policy lets each see."""

import random
from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY

from engage.models.partners import Agreement
from engage.models.reports import PersonMet, TripReport
from engage.rules.marking import Marking
from engage.rules.partners import AgreementKind
from engage.rules.policy import Role, See, may
from engage.rules.workflow import APPROVED, State
from engage.services import agreements, visibility
from engage.services.transaction import transaction

DAY = timedelta(days=1)
STATES = [State.DRAFT, State.SUBMITTED, State.APPROVED, State.APPROVED_WITH_CONDITIONS, State.CANCELLED]


@pytest.mark.parametrize("seed", range(2))
def test_a_partners_page_and_lists_show_each_reader_what_the_policy_says(store, visitor, seed):
    dice = random.Random(seed)
    with transaction():
        offices = [make.office(f"Office {n}") for n in range(2)]
        boss = make.person(Role.SUPERVISOR)
        people = [
            make.person(*dice.sample(list(Role), dice.choice([0, 1])), office_id=dice.choice(offices).id,
                        supervisor_id=dice.choice([None, boss.id]))
            for _ in range(7)
        ]  # fmt: skip
        partner = make.partner("Zebra")
        number, items, bound = partner.id, [], []
        for n in range(12):
            made = make.engagement(
                dice.choice(STATES), by=dice.choice(people), travellers=dice.sample(people, dice.choice([0, 1])),
                title=f"Visit {n:02}", starts=TODAY + dice.choice([-40, 40]) * DAY, days=0,
                marking=dice.choice(list(Marking)),
            )  # fmt: skip
            made.partners = [partner]
            store.add(PersonMet(engagement_id=made.id, name=f"Met {n:02}", function="Head", partner_id=number))
            filed = dice.choice([True, False])
            store.add(TripReport(engagement_id=made.id, readout="It went well.", begun_at=NOON, begun_by_id=boss.id,
                                 written_at=NOON, written_by_id=boss.id, filed_at=NOON if filed else None,
                                 filed_by_id=boss.id if filed else None,
                                 first_filed_at=NOON if filed else None))  # fmt: skip
            items.append((made.id, f"Visit {n:02}", f"Met {n:02}", filed, made.state, made.starts_on))
            act = Agreement(partner_id=number, kind=AgreementKind.OTHER, title=f"Letter {n:02}", signed_on=TODAY,
                            marking=dice.choice(list(Marking)), owner_id=dice.choice(people).id)  # fmt: skip
            store.add(act)
            store.flush()
            bound.append((act.id, f"Letter {n:02}"))
    for who in [boss, *people]:
        reader = make.actor(who)
        subjects = visibility.subjects([id_ for id_, *_ in items])
        sees = {id_ for id_ in subjects if may(reader, See.ENGAGEMENT, subjects[id_])}
        holds = {title for id_, title in bound if may(reader, See.AGREEMENT, agreements.subject(id_))}
        store.rollback()
        visitor.sign_in(who)
        words = set(visitor.get(f"/partners/{number}").words)
        assert {title for _, title, *_ in items if title in words} == {i[1] for i in items if i[0] in sees}
        met = {name for name in (i[2] for i in items) if any(word.startswith(name) for word in words)}
        assert met == {i[2] for i in items if i[0] in sees and i[3]}
        assert {title for _, title in bound if title in words} == holds
        file = visitor.client.get("/agreements?as=csv").text
        strict = {id_ for id_, title in bound if title in file}
        assert {title for id_, title in bound if id_ in strict} <= holds
        last = max((i[5] for i in items if i[0] in sees and i[4] in APPROVED and i[5] < TODAY), default=None)
        row = next(line for line in visitor.client.get("/partners?q=zebra&as=csv").text.splitlines() if "Zebra" in line)
        assert (str(last) in row) == (last is not None)
        assert (str(TODAY - 40 * DAY) in row) == (last is not None)
