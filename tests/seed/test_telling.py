"""The telling of the demonstration's story: at any moment, once, and always the same."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from factories import NOON
from sqlalchemy import func, select

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.engagements import Item
from engage.models.outbox import OutboxMessage
from engage.rules.workflow import State
from engage.seed import load_story
from engage.services import audit
from engage.services.transaction import transaction

EVERYWHEN = [
    NOON,
    datetime(2026, 3, 7, 3, 0, tzinfo=UTC),  # Friday evening in Washington
    datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
    datetime(2027, 1, 3, 12, 0, tzinfo=UTC),  # a Sunday
]


def tell(now=NOON):
    with transaction():
        assert load_story(now=now)


def states():
    return Counter(db.session.scalars(select(Item.state)))


@pytest.mark.parametrize("now", EVERYWHEN, ids=lambda now: f"{now:%Y-%m-%d}")
def test_the_story_holds_whenever_it_is_told(store, now):
    tell(now)

    assert states() == {
        State.DRAFT: 3, State.SUBMITTED: 2, State.UNDER_REVIEW: 1, State.RETURNED: 1, State.SCHEDULED: 7,
        State.UNDER_SILENCE: 1, State.DEFERRED: 1, State.APPROVED: 7, State.APPROVED_WITH_CONDITIONS: 3,
        State.DISAPPROVED: 1, State.WITHDRAWN: 1,
    }  # fmt: skip
    today = now.astimezone(UTC).date()
    dated = select(Item.starts_on).where(Item.source_ref.is_(None), Item.starts_on.is_not(None))
    departures = db.session.scalars(dated).all()
    assert min(departures) >= today - timedelta(days=61)
    assert max(departures) <= today + timedelta(days=180)
    found = audit.verify()
    assert (found.first_bad_id, found.why) == (None, "")
    assert db.session.scalar(select(func.max(AuditEvent.at))) < now


def test_the_same_moment_tells_the_same_story(store, database):
    def told():
        tell()
        lines = db.session.execute(
            select(AuditEvent.at, AuditEvent.action, AuditEvent.details).order_by(AuditEvent.id)
        ).all()
        messages = db.session.scalars(select(OutboxMessage.key).order_by(OutboxMessage.id)).all()
        return [tuple(line) for line in lines], messages

    once = told()
    db.session.remove()
    db.engine.dispose()
    database.fresh()

    assert told() == once


def test_a_story_is_told_to_an_empty_house_alone(store):
    tell()
    before = states()

    with transaction():
        again = load_story(now=NOON)

    assert (again, states()) == (False, before)
