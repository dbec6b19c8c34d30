"""Where the charter asks for it, the supervisor speaks before the secretariat screens; nobody else's word will do."""

from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import select, update

from engage.models.board import Charter
from engage.models.outbox import OutboxMessage
from engage.models.routing import Endorsement
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.workflow import Action, State
from engage.seed import load_shipped
from engage.services import duties, endorsements, items, reminders, states, visibility
from engage.services.transaction import transaction

FAR = TODAY + timedelta(days=160)


class Case:
    """A request that was submitted where the charter asks for an endorsement."""

    def __init__(self, store, *, asks=True, **facts):
        load_shipped(home_country="US", now=NOON)
        store.execute(update(Charter).values(endorsement=asks))
        self.boss, self.secretary = make.person(name="Sue Supervisor"), make.person(Role.SECRETARIAT)
        self.asker = make.person(supervisor_id=self.boss.id)
        self.item = make.engagement(State.DRAFT, by=self.asker, **facts)
        self.act(Action.SUBMIT, self.asker)

    @property
    def subject(self):
        return visibility.subject(self.item.id)

    def act(self, action, who, **facts):
        items.act(states.get(self.item.id), self.subject, action, by=make.actor(who), now=NOON, **facts)

    def say(self, yes, who=None, reason=""):
        endorsements.endorse(
            states.get(self.item.id), self.subject, endorsed=yes, reason=reason, by=make.actor(who or self.boss),
            now=NOON,
        )  # fmt: skip


@pytest.fixture
def case(store):
    with transaction():
        return Case(store)


def test_nothing_is_screened_before_the_supervisor_endorsed_it(store, case):
    told = store.scalars(select(OutboxMessage.person_id).where(OutboxMessage.template == "endorsement_asked")).all()
    assert told == [case.boss.id]
    for action in (Action.PLACE, Action.REVIEW):
        said = "Sue Supervisor, the requester's supervisor, has yet to endorse this"
        with pytest.raises(NotOpen, match=said), transaction():
            case.act(action, case.secretary)

    with transaction():
        case.say(True)
        case.act(Action.PLACE, case.secretary)
    assert case.item.state is State.SCHEDULED


def test_what_is_not_endorsed_goes_back_with_the_reason_and_is_asked_about_again(store, case):
    with pytest.raises(Incomplete), transaction():
        case.say(False)
    with transaction():
        case.say(False, reason="Not this year.")
    assert states.get(case.item.id).state is State.RETURNED
    with transaction():
        case.act(Action.SUBMIT, case.asker)
    assert endorsements.stand(case.item.id, case.subject).waits


def test_the_secretariat_goes_on_without_it_for_a_reason(store, case):
    item = states.get(case.item.id)
    with pytest.raises(Incomplete), transaction():
        endorsements.go_on(item, case.subject, reason="", by=make.actor(case.secretary), now=NOON)
    with pytest.raises(NotAllowed), transaction():
        endorsements.go_on(item, case.subject, reason="Away.", by=make.actor(case.asker), now=NOON)
    with transaction():
        endorsements.go_on(states.get(case.item.id), case.subject, reason="Sue is away until May.",
                           by=make.actor(case.secretary), now=NOON)  # fmt: skip
        case.act(Action.PLACE, case.secretary)
    assert store.scalars(select(Endorsement.without)).all() == [True]


@pytest.mark.parametrize("who", ["asker", "secretary", "stranger"])
def test_nobody_but_the_supervisor_endorses(store, case, who):
    with transaction():
        other = make.person(Role.MEMBER, Role.SUPERVISOR)
    with pytest.raises(NotAllowed), transaction():
        case.say(True, {"asker": case.asker, "secretary": case.secretary, "stranger": other}[who])


def test_a_supervisor_who_travels_is_not_asked_and_cannot_say_so(store):
    with transaction():
        case = Case(store)
        store.add(make.Traveller(engagement_id=case.item.id, position=1, person_id=case.boss.id))
        store.flush()
    assert endorsements.stand(case.item.id, case.subject) is None
    with pytest.raises(NotAllowed), transaction():
        case.say(True)


def test_where_the_charter_does_not_ask_nobody_waits(store):
    with transaction():
        case = Case(store, asks=False)
        case.act(Action.PLACE, case.secretary)
    assert store.scalar(select(OutboxMessage.id).where(OutboxMessage.template == "endorsement_asked")) is None


def test_a_charter_of_a_later_day_asks_nothing_of_what_was_submitted_before(store):
    with transaction():
        case = Case(store, asks=False)
        store.execute(update(Charter).values(endorsement=False))
        known = store.scalars(select(Charter)).one()
        columns = {c.name: getattr(known, c.name) for c in Charter.__table__.c if c.name != "id"}
        store.add(Charter(**{**columns, "endorsement": True, "starts_on": TODAY.replace(day=3)}))
        store.flush()
        case.act(Action.PLACE, case.secretary)


def test_the_supervisor_endorses_on_a_page_that_the_message_and_the_request_lead_to(store, visitor, case):
    here = f"/engagements/{case.item.id}"
    page = visitor.sign_in(case.secretary).get(f"/screening/{case.item.id}")
    assert "Sue Supervisor has yet to endorse it" in page.text
    visitor.sign_in(case.boss).get(here)
    assert "Endorse it" in visitor.page.text
    visitor.get(f"{here}/endorse")
    visitor.submit({"word": "no"}, status=422)
    assert "Say why you do not endorse it." in visitor.page.text
    visitor.submit({"word": "yes", "reason": "It fits our plan."})
    visitor.follow()
    visitor.get(f"{here}/endorse", status=409)
    page = visitor.sign_in(case.secretary).get(f"/screening/{case.item.id}")
    assert "Endorsed Sue Supervisor" in page.text
    assert "It fits our plan." in page.text


@pytest.mark.parametrize("number", [1, 3])
def test_an_endorsement_is_the_supervisors_duty_until_a_word_is_given(store, statements, number):
    with transaction():
        cases = [Case(store, starts=FAR + timedelta(days=60 * n)) for n in range(number)]
    ids = [case.item.id for case in cases]
    statements.clear()
    owed = duties.still_open("endorse", ids, TODAY)
    assert len(statements) == 4  # those that wait, the board, its charters, and the items as the policy sees them
    assert [(duty.about_id, duty.owner_id) for duty in owed] == [(case.item.id, case.boss.id) for case in cases]
    assert all(endorsements.stand(case.item.id, case.subject).waits for case in cases)

    mine = [[row.id for row in endorsements.mine(case.boss.id)] for case in cases]
    assert mine == [[number] for number in ids]
    with transaction():
        cases[0].say(True)
    assert endorsements.mine(cases[0].boss.id) == []
    assert [duty.about_id for duty in duties.still_open("endorse", ids, TODAY)] == ids[1:]


def test_nobody_owes_a_word_where_the_charter_asks_for_none_or_the_supervisor_travels(store):
    with transaction():
        asked_nothing, travels = Case(store, asks=False), Case(store, asks=False, starts=FAR)
        store.add(make.Traveller(engagement_id=travels.item.id, position=1, person_id=travels.boss.id))
        store.flush()
    ids = [asked_nothing.item.id, travels.item.id]
    assert duties.still_open("endorse", ids, TODAY) == []
    with transaction():
        store.execute(update(Charter).values(endorsement=True))
    assert [duty.owner_id for duty in duties.still_open("endorse", ids, TODAY)] == [asked_nothing.boss.id]


def test_an_endorsement_that_waits_is_reminded_of_and_climbs_to_those_who_can_help(store, case):
    with transaction():
        case.boss.supervisor_id = make.person(name="Bea Above").id
    for days in range(1, 15):
        with transaction():
            reminders.sweep(NOON + timedelta(days=days))
    told = store.execute(
        select(OutboxMessage.person_id, OutboxMessage.subject)
        .where(OutboxMessage.template == "reminder", OutboxMessage.subject.like("%ndorse%"))
        .order_by(OutboxMessage.id)
    ).all()
    what = f"endorse “{case.item.title}”, or send it back"
    assert [tuple(row) for row in told[:2]] == [(case.boss.id, f"Reminder: {what}")] * 2
    assert {tuple(row) for row in told[2:]} == {
        (case.boss.supervisor_id, f"Not done yet by Sue Supervisor: {what}"),
        (case.secretary.id, f"Not done yet by Sue Supervisor: {what}"),
    }
