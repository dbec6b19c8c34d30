"""Administrators change when people are reminded, and see first whom that reaches."""

from datetime import timedelta

import factories as make
import pytest
import reminding
from factories import NOON, TODAY
from sqlalchemy import func, select

from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.models.reminders import ReminderLedger, ReminderMark, ReminderRule
from engage.rules.policy import Role
from engage.rules.workflow import State
from engage.services import digests, reminder_rules, reminders
from engage.services.transaction import transaction

DAY = timedelta(days=1)
LADDER = "14 days before: person\n5 business days before: person\n3 days before: supervisor"


@pytest.fixture
def admin(store, visitor):
    """An administrator signed in; three people leave in 10, 20 and 40 days and are not ready."""
    with transaction():
        reminding.for_long()
        ada = make.person(Role.ADMINISTRATOR, name="Ada")
        for days in (10, 20, 40):
            sue = make.person(name=f"Supervisor {days}")
            leaving = make.person(name=f"Traveller {days}", supervisor_id=sue.id)
            make.engagement(State.APPROVED, by=leaving, starts=TODAY + days * DAY)
    return visitor.sign_in(ada)


def type_in(visitor, changes, status=303):
    """Send the rule's form as it stands on the page last met, with changes."""
    place = next(n for n, form in enumerate(visitor.page.forms) if "steps" in form["fields"])
    fields = visitor.page.forms[place]["fields"]
    return visitor.post(visitor.response.request.path, fields | changes, status)


def fill(visitor, changes):
    visitor.get("/admin/reminders/rules/before_departure")
    return type_in(visitor, {"source": "The board, 2 March 2026", **changes}, 200)


def test_a_rule_is_saved_only_as_it_was_shown(store, admin):
    shown = fill(admin, {"steps": LADDER})
    assert "Whom this reaches" in shown.text
    assert "Nothing was saved yet" in shown.text
    assert store.scalar(select(func.count()).select_from(ReminderRule).where(ReminderRule.starts_on == TODAY)) == 0

    type_in(admin, {"save": "1", "steps": LADDER + "\n1 day before: supervisor"}, 200)  # changed since: again
    assert store.scalar(select(func.count()).select_from(ReminderRule).where(ReminderRule.starts_on == TODAY)) == 0

    type_in(admin, {"save": "1"})
    (row,) = store.scalars(select(ReminderRule).where(ReminderRule.starts_on == TODAY)).all()
    assert [(step["days"], step["unit"], step["to"]) for step in row.steps] == [
        (-14, "calendar", "person"), (-5, "business", "person"), (-3, "calendar", "supervisor"),
        (-1, "calendar", "supervisor"),
    ]  # fmt: skip
    assert row.mandatory


def test_the_past_is_nobodys_unless_it_is_asked_for_and_the_count_shown_is_the_count_sent(store, admin):
    with transaction():
        reminders.sweep(NOON)  # what the old ladder owes is said
    new = {"label": "A look at what is missing", "duty": "prepare", "anchor": "trip.departs_on", "text": "Do {what}.",
           "steps": "35 days before: person", "source": "Ada"}  # fmt: skip

    admin.get("/admin/reminders/new")
    assert "As soon as it is in force: 0 messages to 0 people" in type_in(admin, new, 200).text
    page = type_in(admin, new | {"past": "y"}, 200)
    assert "As soon as it is in force: 2 messages to 2 people" in page.text
    assert "In the 30 days after: 1 message to 1 person" in page.text
    type_in(admin, {"save": "1"})

    with transaction():
        assert reminders.sweep(NOON + timedelta(minutes=1)) == 2
    sent = "a_look_at_what_is_missing"
    for day in range(1, 31):
        with transaction():
            reminders.sweep(NOON + day * DAY)
    with transaction():
        assert store.scalar(
            select(func.count()).select_from(ReminderLedger).where(ReminderLedger.rule_code == sent)
        ) == 3  # fmt: skip


def test_a_new_rule_says_nothing_of_the_past(store, admin):
    admin.get("/admin/reminders/new")
    new = {"label": "Quiet", "duty": "prepare", "anchor": "trip.departs_on", "text": "Do {what}.", "source": "Ada",
           "steps": "35 days before: person"}  # fmt: skip
    type_in(admin, new, 200)
    type_in(admin, {"save": "1"})
    with transaction():
        reminders.sweep(NOON + timedelta(minutes=1))

        assert "quiet" not in set(store.scalars(select(ReminderLedger.rule_code)))


def test_steps_that_stay_go_on_from_where_they_were(store, admin):
    kept = store.scalars(select(ReminderMark).where(ReminderMark.rule_code == "before_departure"))
    before = {mark.step: mark.swept_until for mark in kept}
    store.rollback()
    fill(admin, {"steps": "30 days before: person\n9 days before: person"})
    type_in(admin, {"save": "1"})

    marks = reminder_rules.marks()
    assert marks["before_departure", "-30:person"].swept_until == before["-30:person"]
    assert marks["before_departure", "-9:person"].swept_until == NOON


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("text", "Dear {owner}, do {whatever}.", "Nobody knows the placeholder {whatever}."),
        ("text", "{title!r}", "A brace stands only around the name of a placeholder"),
        ("subject", "Reminder\r\nBcc: everybody@example.gov", "A subject is one line"),
        ("others_subject", "Reminder\nBcc: everybody@example.gov", "A subject is one line"),
        ("anchor", "", "Choose what the days are counted from: an offset needs an anchor."),
        ("anchor", "motion.closes_at", "are counted from: departure."),
        ("steps", "", "It has no steps"),
        ("steps", "soon: person", "Line 1, “soon: person”, is no step."),
        ("steps", "3 days before: everybody", "is no step"),
        ("steps", "3 days before: person\n3 days before: person", "It has a step twice"),
        ("steps", "3 days before: person\n9 days before: supervisor", "It runs backwards"),
        ("steps", "900 days before: person", "more than two years away"),
        ("steps", "1 day before: duty officer", "Nobody would hear: nobody is duty officer now"),
        ("closes_at", "07:00", "The hours must open before they close."),
        ("starts_on", "2026-03-01", "Choose today or a later day"),
        ("ends_on", "2026-03-01", "This is before its first day."),
        ("label", "", "Give the rule a name."),
        ("duty", "dream", "Not a valid choice"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(admin, field, value, sentence):
    admin.get("/admin/reminders/rules/before_departure")
    said = {"steps": "3 days before: person", "source": "Ada", field: value}

    page = type_in(admin, said, 422)

    assert sentence in page.text
    wrong = next(control for control in page.controls if control.get("name") == field)
    assert wrong.get("aria-invalid") == "true"


def test_a_rule_is_muted_with_a_reason_that_everybody_sees_and_speaks_again(store, app, admin):
    rule = "/admin/reminders/rules/before_departure"
    admin.get(rule)
    admin.send(rule + "/mute", {"reason": ""}, status=422)
    admin.get(rule)
    admin.send(rule + "/mute", {"reason": "The travel system moves."})
    assert "Muted by Ada The travel system moves." in admin.follow().text
    assert "Muted by Ada, just now: The travel system moves." in admin.get("/admin/reminders").text
    with transaction():
        reminders.sweep(NOON)
        assert not store.scalars(select(OutboxMessage.key).where(OutboxMessage.key.like("before_departure:%"))).all()
    assert "The rule was muted on 02 March 2026" in admin.get("/admin/reminders/ledger?status=suppressed").text

    admin.post(rule + "/mute", {"reason": "Again."}, status=409)
    app.config["CLOCK"] = lambda: NOON + 7 * DAY
    with transaction():
        ada = store.scalar(select(Person).where(Person.name == "Ada"))
    admin.sign_in(ada)
    assert "has been muted since 02 March 2026" in admin.get("/admin/reminders").text
    admin.post(rule + "/unmute")
    assert "muted" not in admin.get("/admin/reminders").text.lower()
    admin.post(rule + "/unmute", status=409)


def test_what_the_cap_held_is_let_go_or_dropped(store, admin):
    from sqlalchemy import update

    from engage.models.norms import Norm

    with transaction():
        store.execute(update(Norm).where(Norm.key == "reminders_per_run").values(value=1))
        reminders.sweep(NOON)
        held = store.scalar(select(func.count()).where(ReminderLedger.standing == "held"))
    assert held > 1
    page = admin.get("/admin/reminders")
    assert f"{held} reminders were held by the cap of one run" in page.text
    assert "Held" in admin.get("/admin/reminders/ledger?status=held").text
    admin.post("/admin/reminders/held/release")
    assert f"{held} posted; 0 no longer needed to be." in admin.follow().text
    assert store.scalar(select(func.count()).select_from(OutboxMessage)) == held + 1

    admin.post("/admin/reminders/held/drop", {"reason": ""}, status=422)
    admin.post("/admin/reminders/held/drop", {"reason": "By mistake."})


def test_a_rule_ends_and_its_rows_stay(store, admin):
    admin.post("/admin/reminders/rules/before_departure/end")
    admin.post("/admin/reminders/rules/before_departure/end", status=409)
    assert "before_departure" in {rule.code for rule in reminder_rules.in_force(NOON)}
    assert "before_departure" not in {rule.code for rule in reminder_rules.in_force(NOON + DAY)}


def test_the_simulator_tells_the_future_with_a_day_moved_and_writes_nothing(store, admin):
    from engage.models.trips import Trip

    trip = store.scalar(select(Trip).where(Trip.departs_on == TODAY + 40 * DAY))
    before = admin.get("/admin/reminders/simulator?days=12").text
    moved = admin.get(f"/admin/reminders/simulator?days=12&what=trip&number={trip.id}&to={TODAY + 6 * DAY}").text
    by_item = admin.get(
        f"/admin/reminders/simulator?days=12&what=item&number={trip.engagement_id}&to={TODAY + 6 * DAY}"
    ).text

    assert "Traveller 40" in before  # thirty days before, in ten
    assert "30 days before Saturday 11 April 2026" in before
    assert "30 days before Saturday 11 April 2026" not in moved
    assert "3 days before Sunday 8 March 2026" in moved
    assert "3 days before Sunday 8 March 2026" in by_item
    assert store.scalar(select(func.count()).select_from(ReminderLedger)) == 0
    for wrong in ("days=0", "days=nine", "at=yesterday", "number=x", "what=dream"):
        admin.get("/admin/reminders/simulator?" + wrong, status=422)


def test_the_ledger_is_narrowed_and_paged(store, admin, statements):
    with transaction():
        reminders.sweep(NOON)
        reader = store.scalar(select(Person.email).where(Person.name == "Traveller 10"))
    assert "Traveller 10" in admin.get(f"/admin/reminders/ledger?reader={reader}").text
    assert "Traveller 20" not in admin.get(f"/admin/reminders/ledger?reader={reader}").text
    assert "No reminder matches" in admin.get("/admin/reminders/ledger?rule=open_votes").text
    assert "For the daily message" in admin.get("/admin/reminders/ledger?status=queued").text
    admin.get("/admin/reminders/ledger?before=x", status=400)
    with transaction():
        digests.gather(NOON + timedelta(days=1))
    carried = store.scalar(select(ReminderLedger.why).where(ReminderLedger.rule_code == "digest"))
    assert carried.startswith("Carries: ")
    assert carried in admin.get("/admin/reminders/ledger?rule=digest").text
    statements.clear()
    admin.get("/admin/reminders/ledger")
    assert len(statements) <= 8


def test_only_administrators_come_in(store, visitor):
    with transaction():
        someone = make.person(Role.SECRETARIAT)
    visitor.sign_in(someone)
    for page in ("", "/new", "/ledger", "/simulator", "/rules/before_departure"):
        visitor.get("/admin/reminders" + page, status=403)


def test_an_unknown_rule_is_not_there(admin):
    admin.get("/admin/reminders/rules/nothing", status=404)
