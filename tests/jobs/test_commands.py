"""What the clock does can be done, and foretold, by hand."""

from dataclasses import replace
from datetime import timedelta

import factories as make
import pytest
import reminding
from factories import TODAY
from sqlalchemy import func, select

from engage.environment import MailServer
from engage.models.engagements import Item
from engage.models.outbox import OutboxMessage
from engage.models.reminders import ReminderMark
from engage.rules.workflow import State
from engage.services.transaction import transaction


@pytest.fixture
def command(app, store):
    """Types `engage …`; gives the exit status and what was printed. Ana leaves in 20 days and is not ready."""
    with transaction():
        make.engagement(State.APPROVED, by=make.person(name="Ana"), starts=TODAY + timedelta(days=20))
        steps = [(days, "person") for days in (-30, -14, -7)]
        reminding.only("r", "prepare", steps, label="What is missing before departure")
    title = store.scalar(select(Item.title))
    store.rollback()
    runner = app.test_cli_runner()

    def type_(*words):
        done = runner.invoke(args=words)
        return done.exit_code, done.output.replace(title, "TITLE")

    return type_


def everything(store):
    found = store.execute(select(OutboxMessage)).all(), store.execute(select(ReminderMark)).all()
    store.rollback()
    return found


def test_a_dry_run_prints_who_what_when_and_why_and_writes_nothing(store, command):
    before = everything(store)

    assert command("remind", "--at", "2026-03-08", "--dry-run") == (
        0,
        "2026-03-08 00:00 EST  Ana  Reminder: get ready for “TITLE”\n"
        "                      because of: What is missing before departure, 14 days before Sunday 22 March 2026\n"
        "1 would go by 2026-03-08 23:59 EDT. Nothing was written.\n",
    )
    assert everything(store) == before


def test_a_moment_without_an_offset_is_the_offices(command):
    assert command("remind", "--at", "2026-02-19T23:59", "--dry-run")[1] == (
        "0 would go by 2026-02-19 23:59 EST. Nothing was written.\n"
    )
    assert command("remind", "--at", "2026-02-20T05:00+00:00", "--dry-run")[1].endswith(
        "1 would go by 2026-02-20 00:00 EST. Nothing was written.\n"
    )


def test_what_is_owed_now_is_posted_once(store, command):
    assert command("remind") == (0, "1 posted.\n")
    assert command("remind") == (0, "0 posted.\n")
    assert store.scalar(select(func.count()).select_from(OutboxMessage)) == 1


def test_the_future_can_only_be_printed(store, command):
    status, said = command("remind", "--at", "2026-03-03")

    assert status == 2
    assert said.endswith("Error: Reminders of the future can only be printed: add --dry-run.\n")


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30", "2026-13-01T00:00", "9999-12-31", "2026-03-06T99"])
def test_what_is_no_time_is_a_sentence(command, text):
    status, said = command("remind", "--at", text, "--dry-run")

    if text:
        assert status == 2
        assert f"“{text}” is no day or moment such as 2026-03-06 or 2026-03-06T09:00." in said
    else:
        assert status == 0


def test_without_a_mail_server_deliver_says_where_messages_are(command):
    assert command("deliver") == (0, "No mail server is set (SMTP_URL): messages wait in the inbox.\n")


def test_deliver_tells_how_many_went(app, command, monkeypatch):
    settings = replace(app.config["SETTINGS"], mail=MailServer("127.0.0.1", 1))
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    assert command("deliver") == (0, "0 sent.\n")
