"""The trail: chained with every change, whole under load, and every tampering seen."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta

import factories as make
import pytest
import sqlalchemy as sa

from engage.extensions import db
from engage.models.append_only import append_only, writable_again
from engage.models.audit import AuditEvent, AuditHead
from engage.models.people import Person
from engage.rules.policy import Actor
from engage.services import audit
from engage.services.transaction import transaction

TABLE = AuditEvent.__table__
LINES = 12
NEVER = "0" * 64


def acts(count: int = LINES) -> None:
    """Leave `count` lines of one actor, two to a transaction."""
    with transaction():
        who = make.actor(make.person())
    for number in range(1, count + 1, 2):
        with transaction():
            for line in (number, number + 1):
                audit.record("try", about=("item", line), by=who, now=make.NOON + timedelta(minutes=line), number=line)


def first_line() -> int:
    """The number of the first line that `acts` left: what ships left its own before."""
    return db.session.scalar(sa.select(sa.func.min(TABLE.c.id)).where(TABLE.c.action == "try")) or 0


def tamper(act: Callable[[sa.Connection], None]) -> None:
    """Do to the tables what somebody with the database's password could do, its guards taken down."""
    dialect = db.engine.dialect.name
    db.session.rollback()
    with db.engine.connect() as connection:
        for statement in writable_again("audit_event", dialect):
            connection.exec_driver_sql(statement)
        act(connection)
        for statement in append_only("audit_event", dialect):
            connection.exec_driver_sql(statement)
        connection.commit()


def changed(column: str, value: object, line: int) -> Callable[[sa.Connection], None]:
    """Another value in one column of one line."""
    return lambda connection: connection.execute(sa.update(TABLE).where(TABLE.c.id == line).values({column: value}))


def shifted(line: int) -> Callable[[sa.Connection], None]:
    """Every line from `line` on moves up by one, as if another had stood between."""
    def move(connection: sa.Connection) -> None:
        for number in reversed(range(line, connection.scalar(sa.select(sa.func.max(TABLE.c.id))) + 1)):
            connection.execute(sa.update(TABLE).where(TABLE.c.id == number).values(id=number + 1))
        connection.execute(sa.update(AuditHead).values(last_id=AuditHead.last_id + 1))
    return move


def swapped(one: int, other: int) -> Callable[[sa.Connection], None]:
    """Two lines change places, codes and all."""
    def swap(connection: sa.Connection) -> None:
        for source, target in ((one, 10**6), (other, one), (10**6, other)):
            connection.execute(sa.update(TABLE).where(TABLE.c.id == source).values(id=target))
    return swap


def cut(line: int, *, rewind: bool) -> Callable[[sa.Connection], None]:
    """Every line from `line` on is gone; with `rewind`, the head is made to say so too, as well as one can."""
    def act(connection: sa.Connection) -> None:
        connection.execute(sa.delete(TABLE).where(TABLE.c.id >= line))
        if rewind:
            mac = connection.scalar(sa.select(TABLE.c.mac).where(TABLE.c.id == line - 1)) or NEVER
            connection.execute(sa.update(AuditHead).values(last_id=line - 1, last_mac=mac))
    return act


def any_tampering(dice: random.Random, first: int) -> tuple[str, Callable[[sa.Connection], None], int]:
    """A tampering: its name, the deed, and the first line that cannot hold after it."""
    line = dice.randrange(first + 1, first + LINES)  # who throws away all of it is seen by a noted head alone
    column, value = dice.choice([
        ("at", make.NOON - timedelta(microseconds=1)), ("actor_id", None), ("on_behalf_of_id", 1), ("action", "tried"),
        ("about_kind", "trip"), ("about_id", 10**6), ("about_id", None), ("outcome", "denied"),
        ("details", '{"number":0}'), ("details", ""), ("source", "10.0.0.1"), ("request_id", "x"),
        ("mac", dice.randbytes(32).hex()), ("mac", ""),
    ])  # fmt: skip
    other = dice.choice([number for number in range(first, first + LINES) if number != line])
    return dice.choice([
        (f"{column} of line {line}", changed(column, value, line), line),
        (f"{column} of line {line}", changed(column, value, line), line),
        (f"{column} of line {line}", changed(column, value, line), line),
        (f"line {line} taken out", lambda c: c.execute(sa.delete(TABLE).where(TABLE.c.id == line)), line),
        (f"a gap at {line}", shifted(line), line),
        (f"lines {line} and {other} swapped", swapped(line, other), min(line, other)),
        (f"cut from {line}", cut(line, rewind=False), line),
        (f"cut from {line} with its head", cut(line, rewind=True), line),
    ])  # fmt: skip


def test_a_hundred_tamperings_are_seen_and_the_first_bad_line_named(store):
    acts()
    first, dice, missed = first_line(), random.Random(20260302), []
    kept = [dict(row) for row in store.execute(sa.select(TABLE)).mappings()]
    head = dict(store.execute(sa.select(AuditHead.__table__)).mappings().one())
    assert audit.verify().first_bad_id is None

    for _ in range(100):
        name, deed, bad = any_tampering(dice, first)
        tamper(deed)
        if audit.verify(batch=dice.choice([3, 5000])).first_bad_id != bad:
            missed.append((name, bad, audit.verify()))
        tamper(lambda connection: restore(connection, kept, head))

    assert missed == []
    assert audit.verify() == audit.Verification(first + LINES - 1, None, "")


def restore(connection: sa.Connection, lines: list[dict[str, object]], head: dict[str, object]) -> None:
    """Put the trail back as it was."""
    connection.execute(sa.delete(TABLE))
    connection.execute(sa.insert(TABLE), lines)
    connection.execute(sa.update(AuditHead).values(last_id=head["last_id"], last_mac=head["last_mac"]))


def test_a_line_added_behind_the_head_is_seen(store):
    acts(2)
    last = audit.head().line
    line = dict(store.execute(sa.select(TABLE).where(TABLE.c.id == last)).mappings().one())

    tamper(lambda connection: connection.execute(sa.insert(TABLE), [line | {"id": last + 1}]))

    assert audit.verify() == audit.Verification(last, last + 1, f"line {last + 1} stands after the head")


def test_a_line_that_cannot_even_be_read_is_named(store, database):
    if database.kind != "sqlite":
        pytest.skip("PostgreSQL refuses a moment that is none")
    acts(4)
    first = first_line()

    tamper(lambda c: c.exec_driver_sql("UPDATE audit_event SET at = 'yesterday' WHERE id = ?", (first + 2,)))

    assert audit.verify() == audit.Verification(first + 1, first + 2, f"line {first + 2} cannot be read")


def test_a_trail_made_anew_with_another_key_does_not_hold(store, app):
    acts(2)
    settings = app.config["SETTINGS"]

    app.config["SETTINGS"] = type(settings).for_tests(settings.database_url, audit_key="guessed-by-somebody-else")
    try:
        found = audit.verify()
    finally:
        app.config["SETTINGS"] = settings

    assert found.first_bad_id == 1


def test_a_head_noted_elsewhere_proves_that_nothing_was_replaced(store):
    acts(2)
    noted = audit.head()
    acts(2)
    assert audit.verify(noted=noted).first_bad_id is None

    other = audit.Head(noted.line, "f" * 64)
    assert audit.verify(noted=other) == audit.Verification(
        noted.line, noted.line, f"line {noted.line} is not the one that was noted")


def test_a_trail_thrown_away_whole_is_seen_by_whoever_noted_its_head(store):
    acts(2)
    noted = audit.head()

    tamper(lambda connection: restore_nothing(connection))

    assert audit.verify().first_bad_id is None  # nothing is left that could tell
    assert audit.verify(noted=noted) == audit.Verification(0, 1, f"line {noted.line} was noted, the trail has 0")


def restore_nothing(connection: sa.Connection) -> None:
    """An empty trail, as on the first day."""
    connection.execute(sa.delete(TABLE))
    connection.execute(sa.update(AuditHead).values(last_id=0, last_mac=NEVER))


def test_an_act_that_is_rolled_back_leaves_no_line(store):
    with transaction():
        who = make.actor(make.person())
    before = audit.head()

    def fail() -> None:
        with transaction():
            audit.record("try", about=("item", 1), by=who, now=make.NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with transaction():
        pass  # what the failed act noted must not ride along with the next

    assert audit.head() == before


def test_the_change_and_its_line_are_saved_together_or_not_at_all(store):
    with transaction():
        who = make.person(name="Before")
        actor, number = make.actor(who), who.id
    before = audit.head()

    def rename() -> None:
        with transaction():
            store.get(Person, number).name = "After"
            audit.record("try", about=("person", number), by=actor, now=make.NOON, weight=0.5)  # no float has one text

    with pytest.raises(TypeError):
        rename()
    assert store.get(Person, number).name == "Before"
    assert audit.head() == before


def test_the_head_is_locked_only_as_the_last_act(store, statements):
    with transaction():
        who = make.actor(make.person())
    statements.clear()

    with transaction():
        audit.record("try", about=("item", 1), by=who, now=make.NOON)
        assert [s for s in statements if "audit" in s] == []
        make.person()

    touched = [s.split()[0] for s in statements if "audit" in s]
    assert touched == ["SELECT", "INSERT", "UPDATE"]
    assert [("audit" in s) for s in statements][-3:] == [True, True, True]


def test_a_denial_leaves_a_line_of_its_own(visitor, store):
    with transaction():
        who = make.person()

    visitor.sign_in(who).get("/admin", status=403)

    line = store.execute(sa.select(TABLE).order_by(TABLE.c.id.desc()).limit(1)).one()
    assert (line.actor_id, line.action, line.about_kind, line.outcome, line.details, line.source) == (
        who.id, "enter", "room", audit.Verdict.DENIED, '{"path":"admin"}', "127.0.0.1")  # fmt: skip
    assert len(line.request_id) == 16
    assert audit.verify().first_bad_id is None


def test_denials_are_limited_in_rate_but_not_in_effect(visitor, store, app):
    with transaction():
        who = make.person()
    before = audit.head().line
    visitor.sign_in(who)

    for _ in range(audit.DENIALS_A_MINUTE + 5):
        visitor.get("/admin", status=403)
    assert audit.head().line - before == audit.DENIALS_A_MINUTE

    app.config["CLOCK"] = lambda: make.NOON + timedelta(seconds=61)
    visitor.get("/admin", status=403)
    assert audit.head().line - before == audit.DENIALS_A_MINUTE + 1


def test_eight_writers_at_once_leave_a_whole_chain(store, app):
    with transaction():
        people = [make.person().id for _ in range(8)]
    before, each, failures = audit.head().line, 15, []

    def write(person: int) -> None:
        try:
            with app.app_context():
                for number in range(each):
                    with transaction():
                        db.session.get(Person, person).name = f"Turn {number}"
                        audit.record("turn", about=("person", person), by=Actor(id=person), now=make.NOON, turn=number)
                db.session.remove()
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    store.rollback()
    assert failures == []
    assert audit.verify() == audit.Verification(before + 8 * each, None, "")
    per_person = store.execute(
        sa.select(TABLE.c.about_id, sa.func.count()).where(TABLE.c.action == "turn").group_by(TABLE.c.about_id)).all()
    assert sorted(map(tuple, per_person)) == [(person, each) for person in sorted(people)]


def test_the_trail_is_verified_while_others_write(store, app):
    acts()
    stop, found = threading.Event(), []

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                with transaction():
                    audit.record("turn", about=("item", 1), by=Actor(), now=make.NOON)
            db.session.remove()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(20):
            store.rollback()
            found.append(audit.verify(batch=3).first_bad_id)
    finally:
        stop.set()
        thread.join()

    assert found == [None] * 20
