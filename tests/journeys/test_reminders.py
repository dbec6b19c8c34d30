"""A rule is changed, a departure moves, a week is missed: what people then hear, over the pages and the commands."""

from datetime import timedelta

import factories as make
import reminding
from factories import NOON, TODAY
from pages import Visitor
from sqlalchemy import select

from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.models.trips import Trip
from engage.rules.policy import PROGRAM, Role
from engage.rules.workflow import State
from engage.services import audit
from engage.services.transaction import transaction

DAY = timedelta(days=1)


def heard(store):
    """Who was told what, in the order of telling."""
    rows = store.execute(
        select(Person.name, OutboxMessage.facts).join(Person, Person.id == OutboxMessage.person_id)
        .where(OutboxMessage.template == "reminder").order_by(OutboxMessage.id)
    ).all()  # fmt: skip
    store.rollback()
    return [(name, facts["rule_code"], facts["when"]) for name, facts in rows]


def test_a_rule_is_changed_a_date_moves_and_a_week_is_missed(store, app):
    def engage(*words, at=NOON):
        app.config["CLOCK"] = lambda: at
        done = app.test_cli_runner().invoke(args=["remind", *words])
        assert done.exit_code == 0, done.output
        return done.output

    with transaction():
        said = {"label": "Before departure", "text": "Get ready for {title}.", "others_text": "{owner} is late."}
        reminding.only("before_departure", "prepare", [(-14, "person"), (-7, "person"), (-3, "supervisor")], **said)
        ada, sue, aud = make.person(Role.ADMINISTRATOR), make.person(name="Sue"), make.person(Role.AUDITOR)
        ana = make.person(name="Ana", supervisor_id=sue.id)
        going = make.engagement(State.APPROVED, by=ana, starts=TODAY + 14 * DAY, title="Exercise in Tallinn")
        item_id = going.id
        trip_id = store.scalar(select(Trip.id).where(Trip.engagement_id == item_id))
    assert engage() == "1 posted.\n"
    assert "Leaves" not in Visitor(app).sign_in(ana).get(f"/trips/{trip_id}/reminders").text

    # The rule gains a step: shown first, then saved; nobody hears of the past.
    screen = Visitor(app).sign_in(ada)
    screen.get("/admin/reminders/rules/before_departure")
    steps = "14 days before: person\n10 days before: person\n7 days before: person\n3 days before: supervisor"
    place = "/admin/reminders/rules/before_departure"
    form = next(f["fields"] for f in screen.page.forms if "steps" in f["fields"])
    typed = form | {"steps": steps, "source": "Decided on 2 March", "anchor": "trip.departs_on"}
    page = screen.post(place, typed, 200)
    assert "As soon as it is in force: 0 messages" in page.text
    assert "Get ready for Exercise in Tallinn." in page.text
    form = next(f["fields"] for f in page.forms if "steps" in f["fields"])
    screen.post(place, form | {"save": "1"})
    assert engage() == "0 posted.\n"

    # The simulator and the command tell the same future.
    said = engage("--for", "14d")
    assert [line for line in said.splitlines() if line.startswith("2026")] == [
        "2026-03-06 08:00 EST  Ana  Reminder: get ready for “Exercise in Tallinn”",
        "2026-03-09 08:00 EDT  Ana  Reminder: get ready for “Exercise in Tallinn”",
        "2026-03-13 08:00 EDT  Sue  Not done yet by Ana: get ready for “Exercise in Tallinn”",
    ]
    assert said.endswith("3 would go in 14 days if nobody did anything. Nothing was written.\n")

    # The departure moves a week: the new day earns its own, and the simulator had foreseen it.
    moved = TODAY + 21 * DAY
    foreseen = screen.get(f"/admin/reminders/simulator?days=21&what=trip&number={trip_id}&to={moved}").text
    assert "14 days before Monday 23 March 2026" in foreseen
    with transaction():
        trip = store.get(Trip, trip_id)
        trip.departs_on, trip.returns_on = moved, moved + 2 * DAY
        audit.record("move_trip", about=("trip", trip_id), by=PROGRAM, now=NOON)
    assert engage(at=NOON + 7 * DAY) == "1 posted.\n"

    # A week without a runner: each who hears gets one message, the latest.
    assert engage(at=NOON + 18 * DAY) == "2 posted.\n"
    assert engage(at=NOON + 18 * DAY) == "0 posted.\n"
    assert sorted(heard(store)) == [
        ("Ana", "before_departure", "14 days before"), ("Ana", "before_departure", "14 days before"),
        ("Ana", "before_departure", "7 days before"), ("Sue", "before_departure", "3 days before"),
    ]  # fmt: skip

    # Its history is on the trip's page, for who may see it; and on the engagement's, only what is about it.
    app.config["CLOCK"] = lambda: NOON + 18 * DAY
    for who in (ana, sue, aud):
        page = Visitor(app).sign_in(who).get(f"/trips/{trip_id}/reminders")
        assert page.text.count("get ready for “Exercise in Tallinn”") == 4
    stranger = make.person()
    store.commit()
    Visitor(app).sign_in(stranger).get(f"/trips/{trip_id}/reminders", status=404)
    assert "No reminder was sent" in Visitor(app).sign_in(ana).get(f"/engagements/{item_id}/reminders").text


def test_after_a_restore_the_past_is_let_be(store, app):
    with transaction():
        reminding.only("r", "answer", [(3, "person")])
        for days in (5, 9):
            make.engagement(State.RETURNED).state_since = NOON - days * DAY
        make.engagement(State.RETURNED).state_since = NOON - 2 * DAY
    runner = app.test_cli_runner()

    assert runner.invoke(args=["remind", "--dry-run"]).output.startswith("2026-02-24")
    assert runner.invoke(args=["remind", "--skip-past"]).output == (
        "2 would have gone now and will not. What comes from now on goes as ever.\n"
    )
    assert runner.invoke(args=["remind"]).output == "0 posted.\n"
    app.config["CLOCK"] = lambda: NOON + DAY
    assert runner.invoke(args=["remind"]).output == "1 posted.\n"
    assert runner.invoke(args=["remind", "--for", "ever"]).exit_code == 2
