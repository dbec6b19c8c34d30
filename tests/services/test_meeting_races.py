"""Two people at once in a meeting: of two closings one decides, and an item is pulled or adopted, never both."""

import threading

import sqlalchemy as sa
from services.test_meetings import Case, state

from engage.extensions import db
from engage.models.board import Decision
from engage.models.meetings import AgendaEntry
from engage.rules.agenda import Section
from engage.rules.refusals import Refusal
from engage.rules.voting import Choice
from engage.rules.workflow import State
from engage.services import agendas, board, consent, meetings, motions, sittings
from engage.services.transaction import transaction


def at_once(app, *acts):
    """Run the acts in threads that begin together; what each came to: "done", or the refusal's name."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        with app.app_context():
            barrier.wait(10)
            try:
                with transaction():
                    act()
                results[place] = "done"
            except (Refusal, sa.exc.SQLAlchemyError, sa.orm.exc.StaleDataError) as refused:
                results[place] = type(refused).__name__
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_of_two_closings_one_decides(store, app):
    case = Case(items=1)
    entry, = case.add(None)
    case.begin(present=5)
    motion = case.put(entry)
    with transaction():
        for who in case.holders[:5]:
            board.cast(motion, Choice.YES, by=who, now=case.now)
    meeting_id, item_id, motion_id, now, chair, ada = (
        case.meeting.id, case.items[0], motion.id, case.now, case.chair, case.secretary
    )  # fmt: skip
    db.session.remove()

    def close(who):
        def act():
            meeting = meetings.find(meeting_id)
            sittings.close_vote(meeting, motions.find(item_id, motion_id), by=who, now=now)

        return act

    assert sorted(at_once(app, close(chair), close(ada))) == ["NotOpen", "done"]
    assert store.scalar(sa.select(sa.func.count()).select_from(Decision)) == 1


def test_an_item_is_pulled_or_adopted_and_never_both(store, app):
    case = Case(items=2)
    first, _ = case.add(Section.CONSENT, Section.CONSENT)
    case.begin(present=5)
    with transaction():
        consent.put(case.meeting, by=case.chair, now=case.now)
        consent.roll_call(case.meeting, dict.fromkeys(range(1, 6), Choice.YES), by=case.secretary, now=case.now)
    meeting_id, now, chair, member = case.meeting.id, case.now, case.chair, case.members[0]
    items = case.items
    db.session.remove()

    at_once(
        app,
        lambda: agendas.pull(meetings.find(meeting_id), first, by=member, now=now),
        lambda: consent.close(meetings.find(meeting_id), by=chair, now=now),
    )
    section = store.scalar(sa.select(AgendaEntry.section).where(AgendaEntry.id == first))
    adopted = consent.adopted(consent.last(meeting_id))
    assert (items[0] in adopted) == (state(items[0]) is State.APPROVED)
    assert (items[0] in adopted) != (section is not Section.CONSENT and state(items[0]) is State.SCHEDULED)
    assert items[1] in adopted
