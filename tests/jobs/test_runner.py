"""A job runner takes its turn, lets others have theirs, and survives its own mistakes."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import factories as make
import pytest
import reminding
from factories import NOON, TODAY
from sqlalchemy import select

from engage.jobs.runner import TURN, JobRunner, Pace
from engage.models.outbox import OutboxMessage, Runner
from engage.rules.workflow import State
from engage.services import reminders, runners
from engage.services.transaction import transaction

PACE = Pace(sweep_every=timedelta(minutes=1))


@pytest.fixture
def two(app, store):
    """Two runners over one database, in which somebody waits to be reminded; `at` moves their clock."""
    with transaction():
        make.engagement(State.APPROVED, starts=TODAY + timedelta(days=5))
        reminding.only("r", "prepare", [(-7, "person")])
    return JobRunner(app, PACE, holder="one"), JobRunner(app, PACE, holder="two")


def at(app, minutes):
    app.config["CLOCK"] = lambda: NOON + timedelta(minutes=minutes)


def test_one_of_two_sweeps_and_the_other_takes_over_when_it_falls_silent(store, app, two):
    one, two = two
    assert (one.sweep(), two.sweep()) == (1, 0)

    holders = []
    for minute, runner in ((1, one), (1, two), (2, two), (3, two), (3, one)):
        at(app, minute)
        runner.sweep()
        holders.append(store.scalar(select(Runner.holder)))
        store.rollback()

    assert holders == ["one", "one", "one", "two", "two"]
    assert runners.last_tick() == NOON + timedelta(minutes=3)


def test_a_turn_outlives_a_tick_and_passes_on_before_healthz_misses_it():
    assert PACE.sweep_every < PACE.turn
    assert PACE.turn + PACE.sweep_every < timedelta(minutes=3)


def test_a_runner_that_leaves_gives_its_turn_back(store, app, two):
    one, two = two
    one.sweep()
    one._farewell()

    at(app, 0.1)
    two.sweep()
    assert store.scalar(select(Runner.holder)) == "two"


def test_two_that_sweep_at_once_all_the_same_post_each_reminder_once(store, two):
    with transaction():
        assert reminders.sweep(NOON) == 1
    with transaction():
        assert runners.take_turn(TURN, holder="two", now=NOON + timedelta(hours=1), lease=PACE.turn)
        reminders.sweep(NOON)

    assert len(store.scalars(select(OutboxMessage.key)).all()) == 1


def test_a_tick_that_fails_says_so_and_the_next_one_comes(app, two, caplog):
    one, _ = two

    def fails():
        raise LookupError("a bad day")

    one._guarded(fails)

    assert "fails failed; the next tick tries again" in caplog.text
    assert "a bad day" in caplog.text
    assert one.sweep() == 1


def test_it_stops_when_told_to_before_it_began(app, store):
    runner = JobRunner(app, Pace(timedelta(hours=1), timedelta(hours=1)))
    runner.stop()
    runner.run()  # returns


def test_a_holder_has_a_name_of_its_own_that_the_database_can_keep(app):
    one, two = JobRunner(app), JobRunner(app)

    assert one.holder != two.holder
    assert len(one.holder) <= 40


def test_the_command_runs_until_it_is_told_to_stop(store, database, tmp_path):
    environ = {
        **os.environ, "ENGAGE_MODE": "demonstration", "ENGAGE_DATA": str(tmp_path), "DATABASE_URL": database.url,
        "SMTP_URL": "",
    }  # fmt: skip
    running = subprocess.Popen(
        [sys.executable, "-m", "engage", "run-jobs"], env=environ, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr
    while "is at work" not in (line := running.stderr.readline()):
        assert line, "it ended by itself"

    running.send_signal(signal.SIGTERM)
    _, rest = running.communicate(timeout=20)

    assert running.returncode == 0
    assert "ERROR" not in rest
