"""A machine that asks whether all is well is told the truth, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import factories as make
import pytest
from factories import NOON
from sqlalchemy import delete, text, update

from engage import create_app
from engage.config import Mode, Settings
from engage.environment import MailServer
from engage.models.append_only import writable_again
from engage.models.audit import AuditEvent
from engage.models.norms import Norm
from engage.models.outbox import Delivery
from engage.models.reminders import ReminderMute
from engage.services import audit, health, outbox, runners
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
            "checks": dict.fromkeys(("job_runner", "mail", "disk", "digests", "reminders", "trail"), "ok"),
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


def red(app):
    """Which checks are not well, as a machine hears it and as an administrator reads it."""
    status, said = ask(app)
    words = {word for word, how in said["checks"].items() if how == "failing"}
    assert (status == 503) == bool(words)
    seen = health.look(NOON, afresh=True)
    assert all(check.well or check.do for check in seen.checks)
    return words


def round_(app):
    with transaction():
        runners.take_turn("sweep", holder="a", now=NOON, lease=timedelta(minutes=1))
    with transaction():
        health.leave_word(NOON)


def test_a_round_that_finds_nothing_wrong_leaves_a_good_word(app, store):
    round_(app)
    assert red(app) == set()


def test_a_message_that_waits_too_long_turns_it_red_until_it_is_gone(app, store, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mail=MailServer("127.0.0.1", 25)))
    round_(app)
    long_ago, to = NOON - timedelta(hours=2), make.person

    def post(key, **more):
        with transaction():
            given = {"template": "t", "subject": "s", "about": ("item", 1), "urgent": True, "now": long_ago, **more}
            outbox.post(outbox.message(key, to=to().id, **given))

    post("waits for working hours", due=NOON + timedelta(hours=3))
    assert red(app) == set()
    post("is not sent")
    assert red(app) == {"mail"}
    with transaction():
        (message,) = outbox.claim("a", now=NOON, limit=9, lease=timedelta(minutes=5))
        assert outbox.settle(message.id, holder="a", delivery=Delivery.QUEUED, now=NOON, why="451 Later",
                             due=NOON + timedelta(minutes=9))  # fmt: skip
    assert red(app) == {"mail"}
    with transaction():
        (message,) = outbox.claim("a", now=NOON + timedelta(minutes=9), limit=9, lease=timedelta(minutes=5))
        outbox.settle(message.id, holder="a", delivery=Delivery.SENT, now=NOON)
    assert red(app) == set()


def test_digests_that_nobody_gathers_turn_it_red(app, store, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], mail=MailServer("127.0.0.1", 25)))
    with transaction():
        outbox.post(outbox.message("k", to=make.person().id, template="engagement_moved", subject="s",
                                   about=("item", 1), now=NOON - timedelta(hours=3)))  # fmt: skip
    round_(app)
    assert red(app) == {"digests"}


def test_a_rule_muted_for_seven_days_turns_it_red(app, store):
    for days, expected in ((6, set()), (7, {"reminders"})):
        with transaction():
            store.execute(delete(ReminderMute))
            store.add(ReminderMute(rule_code="before_departure", reason="Too many.", muted_by_id=make.person().id,
                                   muted_at=NOON - timedelta(days=days)))  # fmt: skip
        round_(app)
        assert red(app) == expected


def test_a_changed_trail_turns_it_red(app, store):
    with transaction():
        who = make.actor(make.person())
        for number in range(5):
            audit.record("try", about=("item", number), by=who, now=NOON)
    round_(app)
    assert red(app) == set()
    with transaction():
        audit.record("try", about=("item", 9), by=who, now=NOON)
    with transaction():
        for statement in writable_again("audit_event", store.connection().dialect.name):
            store.execute(text(statement))
        store.execute(update(AuditEvent).where(AuditEvent.about_id == 9).values(action="nothing"))
    round_(app)
    assert red(app) == {"trail"}
    assert "line 6 was changed" in health.look(NOON).of("trail").says


def test_a_full_disk_turns_it_red(app, store, monkeypatch):
    round_(app)
    with transaction():
        store.add(Norm(key="alarm_disk_mb", label="x", unit="MB", source="", starts_on=NOON.date(), value=2**31 - 1))
    round_(app)
    assert red(app) == {"disk"}


def test_metrics_are_there_for_the_token_alone(app, store, monkeypatch):
    client, token = app.test_client(), "a-token-of-the-tests-0123456789abcdef"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], metrics_token=token))
    for shown in ("", "Bearer", f"Bearer {token}x", "Bearer é", token.upper()):
        assert client.get("/metrics", headers={"Authorization": shown}).status_code == 404
    tick(app, timedelta(seconds=400))

    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    values = dict(line.split(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    assert values["engage_up"] == "1"
    assert values["engage_well"] == "0"
    assert values['engage_check{check="job_runner"}'] == "0"
    assert values['engage_check{check="disk"}'] == "1"
    assert values["engage_tick_seconds"] == "400"
