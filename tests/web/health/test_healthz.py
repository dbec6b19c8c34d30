"""A machine that asks whether all is well is told the truth, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import factories as make
import pytest
from factories import NOON

from engage import create_app
from engage.config import Mode, Settings
from engage.environment import MailServer
from engage.services import outbox, runners
from engage.services.transaction import transaction


def ask(app):
    response = app.test_client().get("/healthz")
    return response.status_code, response.get_json()


def tick(app, ago):
    with transaction():
        runners.take_turn("sweep", holder="a", now=NOON - ago, lease=timedelta(minutes=1))


def test_before_the_first_tick_a_demonstration_is_starting(app, store):
    assert ask(app) == (
        200,
        {
            "status": "starting",
            "database": {"status": "ok"},
            "job_runner": {"status": "starting", "last_tick_seconds_ago": None},
            "mail": {
                "status": "not configured, messages wait in the inbox", "waiting": 0, "waiting_is_at_least": False,
                "oldest_waiting_seconds": None,
            },
        },
    )  # fmt: skip


def test_in_production_a_runner_that_never_ran_is_missed(app, store, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mode=Mode.PRODUCTION))

    status, said = ask(app)
    assert (status, said["status"], said["job_runner"]["status"]) == (503, "failing", "failing")


@pytest.mark.parametrize(("seconds", "status", "word"), [(0, 200, "ok"), (180, 200, "ok"), (181, 503, "failing")])
def test_a_runner_that_fell_silent_is_missed_after_three_minutes(app, store, seconds, status, word):
    tick(app, timedelta(seconds=seconds))

    answered, said = ask(app)
    assert (answered, said["status"], said["job_runner"]) == (
        status, word, {"status": word, "last_tick_seconds_ago": seconds}
    )  # fmt: skip


def test_the_queue_is_counted_and_its_oldest_message_timed(app, store, monkeypatch):
    tick(app, timedelta(0))
    with transaction():
        person = make.person()
        outbox.post(
            *(
                outbox.message(f"{n:04}", to=person.id, template="t", subject="s", about=("item", 1), due=NOON,
                               now=NOON - timedelta(minutes=n), urgent=True)
                for n in range(1002)
            )
        )  # fmt: skip
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mail=MailServer("127.0.0.1", 25)))

    status, said = ask(app)
    assert (status, said["status"]) == (200, "ok")
    assert said["mail"]["status"] == "configured"
    assert (said["mail"]["waiting"], said["mail"]["waiting_is_at_least"]) == (1000, True)
    assert said["mail"]["oldest_waiting_seconds"] == 999 * 60


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all.db", "postgresql+psycopg://nobody:secret@127.0.0.1:1/nothing"]
)
def test_a_database_that_cannot_be_reached_is_said_without_its_address(url, caplog):
    app = create_app(Settings.for_tests(url))
    client = app.test_client()
    client.set_cookie("engage", "x" * 43)  # somebody who is signed in asks as well

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.get_json() == {"status": "failing", "database": {"status": "unreachable"}}
    assert "secret" not in response.get_data(as_text=True)


def test_it_costs_two_statements(app, store, statements):
    statements.clear()
    ask(app)

    assert len(statements) == 2
