"""Meetings through the services: called, prepared, held with quorum of those present, minuted and sealed."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import factories as make
import pytest
import sqlalchemy as sa
from factories import NOON, TODAY

from engage.extensions import db
from engage.models.board import Ballot, Charter, Decision, Motion
from engage.models.engagements import Engagement, Item
from engage.models.meetings import AgendaEntry, Attendance, Meeting
from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.rules.agenda import Attends, Ending, Section
from engage.rules.authority import Power
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, QuorumLacking, Stale
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.services import (
    action_items,
    agendas,
    attendance,
    authority,
    ballots,
    board,
    changes,
    consent,
    contents,
    meeting_rows,
    meetings,
    minutes,
    read_ahead,
    sittings,
    versions,
    visibility,
)
from engage.services.meetings import Plan
from engage.services.transaction import transaction

DAY = date(2026, 3, 16)


def plan(**other):
    return Plan(**{"title": "March meeting", "day": DAY, "hour": time(14), "zone": "America/New_York",
                   "minutes_long": 120, "place": "Room 7", **other})  # fmt: skip


class Case:
    """A board of seven, a secretary, items on the docket, and a meeting two weeks ahead."""

    def __init__(self, items=3, seats=7):
        with transaction():
            _, holders = make.board(seats)
            self.holders = [make.actor(one) for one in holders]
            self.chair, *self.members = self.holders
            self.people = holders
            self.secretary = make.actor(make.person(Role.SECRETARIAT, name="Ada Secretary"))
            self.items = []
            for _ in range(items):
                item = make.engagement(State.SCHEDULED)
                make.version(item)
                self.items.append(item.id)
            self.meeting = meetings.schedule(plan(), by=self.secretary, now=NOON)
        self.now = self.meeting.starts_at

    def add(self, *sections):
        """Entries for the first items, each in its section (None: where it belongs)."""
        with transaction():
            made = [agendas.add(self.meeting, item, section=section, by=self.secretary, now=NOON)
                    for item, section in zip(self.items, sections, strict=False)]  # fmt: skip
            return [one.id for one in made]

    def begin(self, present=7):
        with transaction():
            meetings.open_(self.meeting, by=self.chair, now=self.now)
            for number, who in enumerate(self.holders[:present], 1):
                attendance.come(
                    self.meeting, who.id, seat_id=number, attends=Attends.IN_ROOM, by=self.secretary, now=self.now
                )

    def put(self, entry, outcome=Outcome.APPROVE, **said):
        with transaction():
            sittings.call(self.meeting, entry, by=self.chair, now=self.now)
            return sittings.put(self.meeting, entry, outcome, by=self.chair, now=self.now, **said)

    def close(self, motion):
        with transaction():
            return sittings.close_vote(self.meeting, motion, by=self.chair, now=self.now)


def state(item_id):
    return db.session.scalar(sa.select(Item.state).where(Item.id == item_id))


def messages(store, template="meeting"):
    return store.scalar(sa.select(sa.func.count()).where(OutboxMessage.template == template))


def test_members_are_told_of_a_meeting_its_move_and_its_end_once_each(store):
    case = Case()
    assert messages(store) == 7

    with transaction():
        meetings.reschedule(case.meeting, plan(hour=time(15)), by=case.secretary, now=NOON)
        meetings.reschedule(case.meeting, plan(hour=time(15)), by=case.secretary, now=NOON)
    assert (messages(store), case.meeting.sequence) == (14, 1)

    entry, = case.add(Section.DECISION)
    with transaction():
        meetings.cancel(case.meeting, reason="No quorum in sight.", by=case.chair, now=NOON)
    assert (messages(store), case.meeting.sequence) == (20, 2)  # the chair did it, and knows
    assert (store.get(AgendaEntry, entry).ending, state(case.items[0])) == (Ending.REMOVED, State.SCHEDULED)


@pytest.mark.parametrize(("given", "field", "says"), [
    ({"day": date(2026, 3, 2), "hour": time(8)}, "day", "This is past. Name a day and hour ahead."),
    ({"day": date(2029, 3, 2)}, "day", "Name a day within two years."),
    ({"day": DAY, "hour": time(15)}, "day", "The board meets then already: March meeting."),
    ({"zone": "Mars/Olympus"}, "zone", "Choose a time zone of the list: this one is not known."),
    ({"day": date(2026, 3, 8), "hour": time(2, 30)}, "hour", "The clocks skip this hour on that day. Choose another."),
    ({"place": "", "link": ""}, "place", "Say where the meeting is: a place, a link, or both."),
    ({"link": "javascript:alert(1)"}, "link", "Give the whole link, beginning with https://."),
    ({"minutes_long": 5}, "minutes_long", "A meeting takes 15 to 720 minutes."),
])  # fmt: skip
def test_a_meeting_that_cannot_be_is_refused_at_its_field(store, given, field, says):
    case = Case()
    with pytest.raises(Incomplete) as refused, transaction():
        meetings.schedule(plan(**given), by=case.secretary, now=NOON)

    assert refused.value.at == {field: says}
    assert store.scalar(sa.select(sa.func.count()).select_from(Meeting)) == 1


def test_only_the_secretariat_and_the_chair_call_a_meeting(store):
    case = Case()
    with pytest.raises(NotAllowed), transaction():
        meetings.schedule(plan(day=date(2026, 4, 1)), by=case.members[0], now=NOON)


def test_an_item_is_on_one_agenda_and_on_the_docket(store):
    case = Case()
    case.add(None)
    with transaction():
        other = meetings.schedule(plan(title="April", day=date(2026, 4, 13)), by=case.secretary, now=NOON)
        submitted = make.engagement(State.SUBMITTED)
    with pytest.raises(NotOpen, match="is on an agenda already: March meeting"), transaction():
        agendas.add(other, case.items[0], by=case.secretary, now=NOON)
    with pytest.raises(NotOpen, match="is not on the docket: it is submitted"), transaction():
        agendas.add(other, submitted.id, by=case.secretary, now=NOON)
    with pytest.raises(NotOpen, match="no such item"), transaction():
        agendas.add(other, 999_999, by=case.secretary, now=NOON)


def test_entries_move_up_down_to_a_place_and_between_sections(store):
    case = Case(items=4)
    a, b, c, d = case.add(*[Section.DECISION] * 4)

    def order():
        return [(row.id, row.position) for row in meeting_rows.entries(case.meeting.id)]

    with transaction():
        agendas.arrange(case.meeting, c, up=True, by=case.chair, now=NOON)
        agendas.arrange(case.meeting, a, up=True, by=case.chair, now=NOON)  # the first stays
        agendas.arrange(case.meeting, a, position=99, by=case.chair, now=NOON)
    assert order() == [(c, 1), (b, 2), (d, 3), (a, 4)]

    with transaction():
        agendas.arrange(case.meeting, b, section=Section.CONSENT, by=case.chair, now=NOON)
    assert [row.id for row in meeting_rows.entries(case.meeting.id)] == [b, c, d, a]


def test_what_was_deferred_to_the_day_comes_onto_the_agenda_by_itself(store):
    case = Case(items=0)
    with transaction():
        due = make.engagement(State.DEFERRED, deferred_until=DAY)
        make.engagement(State.DEFERRED, deferred_until=DAY + timedelta(days=1))
        make.version(due)
        made = agendas.publish(case.meeting, by=case.secretary, now=NOON)
        agendas.publish(case.meeting, by=case.secretary, now=NOON)

    assert [(row.item_id, row.section) for row in meeting_rows.entries(case.meeting.id)] == [(due.id, Section.DEFERRED)]
    assert agendas.published(made)["entries"][0]["item"] == due.id


def test_an_empty_agenda_is_not_published_and_papers_after_it_are_late(store):
    case = Case()
    with pytest.raises(Incomplete, match="nothing to publish"), transaction():
        agendas.publish(case.meeting, by=case.secretary, now=NOON)
    entry, = case.add(None)
    with transaction():
        early = read_ahead.add(case.meeting, "Brief", text="Words.", entry_id=entry, by=case.secretary, now=NOON)
        agendas.publish(case.meeting, by=case.secretary, now=NOON)
        after = NOON + timedelta(hours=1)
        late = read_ahead.add(case.meeting, "More", text="Words.", entry_id=entry, by=case.secretary, now=after)
        agendas.publish(case.meeting, by=case.secretary, now=after)

    assert [read_ahead.late(case.meeting, one.added_at) for one in (early, late)] == [False, True]
    assert read_ahead.due_on(case.meeting) == date(2026, 3, 9)
    assert read_ahead.in_time(case.meeting, date(2026, 3, 9)) is True
    assert messages(store) == 14  # told of the meeting, and once of its papers


def test_those_present_make_the_quorum_and_without_it_nothing_is_decided(store):
    case = Case()
    entry, = case.add(None)
    case.begin(present=3)
    motion = case.put(entry)
    with transaction():
        for who in case.holders[:3]:
            board.cast(motion, Choice.YES, by=who, now=case.now)
    with pytest.raises(QuorumLacking):
        case.close(motion)
    with pytest.raises(NotAllowed, match="not recorded as present"), transaction():
        board.cast(motion, Choice.YES, by=case.holders[3], now=case.now)

    with transaction():
        fourth = case.holders[3].id
        attendance.come(case.meeting, fourth, seat_id=4, attends=Attends.REMOTE, by=case.chair, now=case.now)
    decision = case.close(motion)  # the fourth is present without voting: they abstain
    assert decision.outcome is Outcome.APPROVE
    assert board.sums(decision.arithmetic)[1] == "Quorum is more than half of 7: 4 needed, 4 voted."
    assert state(case.items[0]) is State.APPROVED


def test_whoever_leaves_takes_their_open_ballot_along(store):
    case = Case()
    entry, = case.add(None)
    case.begin(present=4)
    motion = case.put(entry)
    with transaction():
        board.cast(motion, Choice.YES, by=case.holders[3], now=case.now)
        attendance.go(case.meeting, case.holders[3].id, by=case.secretary, now=case.now + timedelta(minutes=1))

    assert store.scalar(sa.select(sa.func.count()).select_from(Ballot)) == 0
    with pytest.raises(QuorumLacking):
        case.close(motion)


def delegated(case, number, holder, **facts):
    """The holder of seat `number` lets somebody vote for it."""
    told = {"kinds": frozenset(ItemKind), "most_cost": None, "starts_on": TODAY, "ends_on": date(2026, 3, 31)}
    with transaction():
        return authority.delegate(
            principal_id=case.holders[number - 1].id, holder_id=holder.id, power=Power.VOTE, reason="On leave.",
            by=case.holders[number - 1], now=NOON, **told | facts,
        )  # fmt: skip


def come(case, who, seat):
    with transaction():
        attendance.come(case.meeting, who.id, seat_id=seat, attends=Attends.IN_ROOM, by=case.chair, now=case.now)


def test_a_stand_in_votes_for_the_seat_and_not_where_its_holder_stands_aside(store):
    case = Case()
    entry, other = case.add(None, None)
    with transaction():
        stand_in, nobody = (make.actor(make.person(Role.MEMBER)) for _ in range(2))
        stranger = make.person()
    row = delegated(case, 5, stand_in)
    case.begin(present=4)
    for who, seat, why in (
        (nobody, 5, "No delegation in force today"), (stand_in, 6, "No delegation in force today"),
        (stranger, 6, "role of a board member"), (case.holders[5], 5, "a seat of their own"),
    ):  # fmt: skip
        with pytest.raises(Incomplete, match=why):
            come(case, who, seat)
    come(case, stand_in, 5)
    motion = case.put(entry)
    with transaction():
        for who in (*case.holders[:4], stand_in):
            board.cast(motion, Choice.YES, by=who, now=case.now)
    assert board.sums(case.close(motion).arithmetic)[2].startswith("5 yes, 0 no")
    sat = store.scalars(sa.select(Attendance).where(Attendance.person_id == stand_in.id)).one()
    assert (sat.for_id, sat.delegation_id) == (case.holders[4].id, row.id)

    with transaction():
        board.recuse(case.items[1], reason="My own partner.", by=case.holders[4], now=case.now)
    motion = case.put(other)
    with pytest.raises(NotAllowed), transaction():
        board.cast(motion, Choice.YES, by=stand_in, now=case.now)
    with transaction():
        board.cast(motion, Choice.YES, by=case.chair, now=case.now)
    assert board.sums(case.close(motion).arithmetic)[0] == "7 seats, 1 recused: 6 count."


def test_the_holder_who_comes_takes_the_seat_and_the_vote_back(store):
    case = Case()
    entry, = case.add(None)
    with transaction():
        deputy = make.actor(make.person(Role.MEMBER))
    delegated(case, 5, deputy)
    case.begin(present=4)
    come(case, deputy, 5)
    motion = case.put(entry)
    with transaction():
        board.cast(motion, Choice.YES, by=deputy, now=case.now)
    come(case, case.holders[4], 5)
    assert store.scalars(sa.select(Ballot)).all() == []  # the trail keeps it; the seat speaks anew
    with pytest.raises(NotAllowed, match="not recorded as present"), transaction():
        board.cast(motion, Choice.YES, by=deputy, now=case.now)
    with transaction():
        board.cast(motion, Choice.NO, reason="I see it so.", by=case.holders[4], now=case.now)
    assert attendance.here(case.meeting.id)[5] == case.holders[4].id


def test_a_stand_in_counts_only_where_the_delegation_reaches_and_as_long_as_it_holds(store):
    case = Case()
    entry, = case.add(None)
    with transaction():
        deputy = make.actor(make.person(Role.MEMBER))
    row = delegated(case, 4, deputy, most_cost=Decimal(1))  # the item costs more
    case.begin(present=3)
    come(case, deputy, 4)
    motion = case.put(entry)
    with pytest.raises(NotAllowed), transaction():
        board.cast(motion, Choice.YES, by=deputy, now=case.now)
    with pytest.raises(QuorumLacking):
        case.close(motion)
    with transaction():
        authority.revoke(row.id, reason="Back.", by=case.holders[3], now=case.now)
        attendance.go(case.meeting, deputy.id, by=case.chair, now=case.now)
    again = delegated(case, 4, deputy)
    come(case, deputy, 4)
    with transaction():
        board.cast(motion, Choice.YES, by=deputy, now=case.now)
        authority.revoke(again.id, reason="Back.", by=case.holders[3], now=case.now)
    with pytest.raises(QuorumLacking):
        case.close(motion)


def test_a_minor_change_leaves_the_votes_of_a_meeting_standing(store):
    case = Case()
    entry, = case.add(None)
    case.begin(present=5)
    motion = case.put(entry)
    with transaction():
        for who in case.holders[:5]:
            board.cast(motion, Choice.YES, by=who, now=case.now)
        item = store.get(Engagement, case.items[0])
        said = contents.asked_by(contents.content_of(item.id))
        done = changes.change(
            item, visibility.subject(item.id), replace(said, notes="Bring cables."), item.version, why="They asked.",
            by=make.actor(store.get(Person, item.requester_id)), now=case.now,
        )  # fmt: skip
    assert (done.findings, done.voided) == ((), False)
    assert case.close(motion).sha256 == versions.current(item.id).sha256


def test_a_roll_call_is_entered_by_the_secretary_and_is_the_members_vote(store):
    case = Case()
    entry, = case.add(None)
    case.begin(present=5)
    motion = case.put(entry)
    with transaction():
        sittings.roll_call(
            case.meeting, motion, {1: Choice.YES, 2: Choice.YES, 3: Choice.NO}, by=case.secretary, now=case.now
        )
    with pytest.raises(NotAllowed, match="Nobody is recorded as present"), transaction():
        sittings.roll_call(case.meeting, motion, {7: Choice.YES}, by=case.secretary, now=case.now)
    with pytest.raises(NotAllowed), transaction():
        ballots.cast(motion, Choice.YES, by=case.secretary, now=case.now)

    rows = store.execute(sa.select(Ballot.seat_id, Ballot.person_id, Ballot.choice, Ballot.entered_by_id)).all()
    assert [tuple(row) for row in rows] == [
        (n, case.holders[n - 1].id, choice, case.secretary.id)
        for n, choice in ((1, Choice.YES), (2, Choice.YES), (3, Choice.NO))
    ]
    assert board.sums(case.close(motion).arithmetic)[2].startswith("2 yes, 1 no, 2 abstained")


def test_the_consent_list_is_adopted_but_for_what_a_member_pulled(store):
    case = Case(items=3)
    a, b, _ = case.add(*[Section.CONSENT] * 3)
    case.begin(present=5)
    with transaction():
        agendas.pull(case.meeting, b, by=case.members[0], now=case.now)
        agendas.pull(case.meeting, b, by=case.members[1], now=case.now)  # again is nothing
        board.recuse(case.items[2], reason="My own office.", by=case.members[2], now=case.now)
        consent.put(case.meeting, by=case.chair, now=case.now)
        consent.cast(case.meeting, Choice.YES, by=case.chair, now=case.now)
        consent.roll_call(
            case.meeting, dict.fromkeys(range(2, 6), Choice.YES), by=case.secretary, now=case.now
        )
    with pytest.raises(NotOpen, match="A vote is open"), transaction():
        sittings.end(case.meeting, by=case.chair, now=case.now)
    with transaction():
        vote = consent.close(case.meeting, by=case.chair, now=case.now)

    assert consent.adopted(vote) == [case.items[0], case.items[2]]
    assert [state(item) for item in case.items] == [State.APPROVED, State.SCHEDULED, State.APPROVED]
    with transaction():
        sittings.end(case.meeting, by=case.chair, now=case.now)
    with pytest.raises(NotOpen, match="not on the consent list"), transaction():
        agendas.pull(case.meeting, a, by=case.members[0], now=case.now)


def test_minutes_are_drafted_from_acts_approved_sealed_and_corrected_by_addendum_only(store):
    case = Case(items=2)
    first, second = case.add(None, None)
    case.begin(present=5)
    motion = case.put(first, Outcome.APPROVE_WITH_CONDITIONS, reason="Serves goal 1.", conditions="Take one phone.")
    with transaction():
        for who in case.holders[:5]:
            board.cast(motion, Choice.YES, by=who, now=case.now)
        with pytest.raises(NotOpen, match="A vote is open"):
            sittings.call(case.meeting, second, by=case.chair, now=case.now)
    decision = case.close(motion)
    with transaction():
        action_items.add(case.meeting, "Write to the partner.", owner_id=case.members[0].id, due_on=DAY,
                         entry_id=first, by=case.secretary, now=case.now)  # fmt: skip
        minutes.write(case.meeting, {"opening": "The chair welcomed all.", str(first): "The board asked about cost.",
                                     "999": "Not mine."}, version=None, by=case.secretary, now=case.now)  # fmt: skip
    with pytest.raises(NotOpen, match="still in session"), transaction():
        minutes.approve(case.meeting, how="By the chair.", by=case.chair, now=case.now)
    with transaction():
        sittings.end(case.meeting, by=case.chair, now=case.now + timedelta(hours=1))
    with pytest.raises(NotOpen, match="not approved yet"), transaction():
        minutes.seal(case.meeting, by=case.secretary, now=case.now)
    with pytest.raises(Stale), transaction():
        minutes.write(case.meeting, {}, version=None, by=case.secretary, now=case.now)
    with transaction():
        minutes.approve(case.meeting, how="By the chair, as the charter says.", by=case.chair, now=case.now)
        record = minutes.seal(case.meeting, by=case.secretary, now=case.now)

    text = record.content
    for said in ("The chair welcomed all.", "The board asked about cost.", "Take one phone.", f"decision {decision.id}",
                 "Write to the partner.", "Not called.", "it stays on the docket"):  # fmt: skip
        assert said in text
    assert "Not mine." not in text
    assert minutes.intact(record)
    for act in (
        lambda: minutes.write(case.meeting, {}, version=1, by=case.secretary, now=case.now),
        lambda: minutes.seal(case.meeting, by=case.secretary, now=case.now),
    ):
        with pytest.raises(NotOpen, match="sealed"), transaction():
            act()
    for statement in ("UPDATE sealed_minutes SET content = ''", "DELETE FROM sealed_minutes"):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):
            store.execute(sa.text(statement))
        store.rollback()
    with transaction():
        one = minutes.add_addendum(case.meeting, "The room was 8.", by=case.secretary, now=case.now)
        two = minutes.add_addendum(case.meeting, "And not 7.", by=case.secretary, now=case.now)
    assert [(one.number, two.number), len({one.sha256, two.sha256, record.sha256})] == [(1, 2), 3]


def test_nothing_is_called_put_or_recorded_outside_a_session(store):
    case = Case()
    entry, = case.add(None)
    for act in (
        lambda: sittings.call(case.meeting, entry, by=case.chair, now=case.now),
        lambda: sittings.put(case.meeting, entry, Outcome.APPROVE, by=case.chair, now=case.now),
        lambda: consent.put(case.meeting, by=case.chair, now=case.now),
        lambda: sittings.end(case.meeting, by=case.chair, now=case.now),
        lambda: attendance.come(
            case.meeting, case.chair.id, seat_id=1, attends=Attends.IN_ROOM, by=case.chair, now=case.now
        ),
    ):
        with pytest.raises(NotOpen, match="not in session: scheduled"), transaction():
            act()


def test_decisions_of_a_meeting_name_it(store):
    case = Case()
    entry, = case.add(None)
    case.begin()
    motion = case.put(entry)
    assert store.get(Motion, motion.id).meeting_id == case.meeting.id
    assert store.scalar(sa.select(sa.func.count()).select_from(Decision)) == 0


def test_less_notice_than_the_charter_asks_needs_a_reason_that_members_read(store, visitor):
    with transaction():
        _, holders = make.board()
        secretary = make.actor(make.person(Role.SECRETARIAT))
        store.execute(sa.update(Charter).values(notice_days=10))
    enough, soon = date(2026, 3, 16), date(2026, 3, 13)  # ten business days from Monday 2 March, and nine
    with transaction():
        met = meetings.schedule(plan(day=enough), by=secretary, now=NOON)
    assert met.short_notice == ""
    with pytest.raises(Incomplete) as refusal, transaction():
        meetings.reschedule(met, plan(day=soon), by=secretary, now=NOON)
    said = "The charter asks for 10 business days between the call and the meeting. Say why there are fewer."
    assert refusal.value.at == {"short_notice": said}
    with transaction():
        meetings.reschedule(met, plan(day=soon, short_notice="The host decides on Monday."), by=secretary, now=NOON)
    page = visitor.sign_in(holders[1]).get(f"/board/meetings/{met.id}")
    assert "Called at short notice The host decides on Monday." in page.text
