"""Two job runners, and one of them killed in the middle: every reminder arrives, none twice but for a lost reply."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import factories as make
from factories import TODAY
from sqlalchemy import delete, func, insert, select, update

from engage.environment import MailServer
from engage.jobs.mail import Carrier
from engage.models.engagements import Item
from engage.models.norms import Norm
from engage.models.outbox import Delivery, MessagePreference, OutboxMessage
from engage.models.reminders import ReminderRule
from engage.rules.items import ItemKind
from engage.rules.messages import ByMail
from engage.rules.workflow import State
from engage.services.transaction import transaction

sys.path.insert(0, str(Path(__file__).parent))
from post_office import MESSAGE_ID, open_office

DUE = 2000
LEASE = timedelta(seconds=3)
RUNNER = """
import signal, sys
from datetime import timedelta
from engage import create_app
from engage.config import Settings
from engage.environment import MailServer
from engage.jobs.runner import JobRunner, Pace
url, port = sys.argv[1:]
app = create_app(Settings.for_tests(url, mail=MailServer("127.0.0.1", int(port))))
hurry = Pace(timedelta(seconds=0.3), timedelta(seconds=0.1), batch=20, lease=timedelta(seconds=3))
runner = JobRunner(app, hurry)
signal.signal(signal.SIGTERM, runner.stop)
print("up", flush=True)
runner.run()
"""


def owe(store, number):
    """As many requests as said that have waited for three days and a half for their requester: a reminder each."""
    since = datetime.now(UTC) - timedelta(days=3.5)
    with transaction():
        store.execute(delete(ReminderRule))
        store.execute(update(Norm).where(Norm.key == "reminders_per_run").values(value=10_000))
        store.add(
            ReminderRule(code="r", duty="answer", label="A rule", anchor="", text="", starts_on=TODAY, urgent=True,
                         steps=[{"days": 3, "to": "person"}])
        )  # fmt: skip
        people = [make.person().id for _ in range(20)]
        store.add_all(
            MessagePreference(person_id=id_, topic="duty", by_mail=ByMail.AT_ONCE, set_at=since) for id_ in people
        )
        store.execute(
            insert(Item.__table__),
            [
                {"kind": ItemKind.ENGAGEMENT, "asks": "decision", "title": f"Request {n}", "state": State.RETURNED,
                 "state_since": since, "firmness": "firm", "requester_id": people[n % 20], "created_at": since,
                 "submitted_at": since, "version": 1}
                for n in range(number)
            ],
        )  # fmt: skip


def deliveries(store):
    found = dict(store.execute(select(OutboxMessage.delivery, func.count()).group_by(OutboxMessage.delivery)).all())
    store.rollback()
    return found


def test_one_of_two_is_killed_in_the_middle_and_everything_arrives(store, app, database):
    owe(store, DUE)
    begun, complete, seen = threading.Event(), threading.Event(), set()

    with open_office() as (office, port):

        def taken():
            seen.add(MESSAGE_ID.search(office.contents[-1])[1])
            if len(office.contents) >= DUE // 4:
                begun.set()
            if len(seen) == DUE:
                complete.set()

        office.when_taken = taken
        command = [sys.executable, "-c", RUNNER, database.url, str(port)]
        first, second = (
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})
            for _ in range(2)
        )
        try:
            assert begun.wait(120)
            first.send_signal(signal.SIGKILL)
            assert complete.wait(120)
            second.send_signal(signal.SIGTERM)
            _, complaints = second.communicate(timeout=20)
        finally:
            for process in (first, second):
                process.kill()
                process.communicate()
        assert (second.returncode, complaints) == (0, "")

        # What the killed one had handed over, without our noting it, goes again under its old Message-ID.
        later = datetime.now(UTC) + LEASE
        settings = replace(app.config["SETTINGS"], mail=MailServer("127.0.0.1", port))
        again = Carrier(settings, "third", lambda: later).deliver()

    assert deliveries(store) == {Delivery.SENT: DUE}
    assert len(office.ids()) == DUE
    assert sum(office.ids().values()) - DUE <= 1
    assert again <= 1
