"""The benchmark's own ground: what it asks for is there, is answered, and costs the statements it costs."""

import sqlalchemy as sa
from factories import NOON
from flask import Flask

from engage.extensions import db
from engage.models.people import Person, SignInSession
from engage.services import sessions
from engage.services.transaction import transaction
from tests.bench import adapters, awareness, plain, seed, sweep, waiting

STATEMENTS = {"list": 5, "list_deep": 5, "detail": 9, "submit": 18, "vote": 11, "acknowledge": 11}


def test_the_benchmark_asks_for_what_is_there_in_a_known_number_of_statements(app: Flask):
    seeded = seed.fill(app, 400, NOON)
    asked = {name: (seed.SECRETARIAT, seeded.submitted, page) for name, page in adapters.pages(seeded.deep).items()}
    asked |= {name: (who, numbers, page) for name, (who, numbers, page, _) in adapters.acts(seeded).items()}
    counts = {name: count for name, (*_, count) in adapters.acts(seeded).items()}

    taken = {name: visit(app, *what, counts.get(name)) for name, what in asked.items()}

    assert taken == STATEMENTS


def test_the_benchmark_of_sweeps_owes_what_it_says_and_reads_no_growing_table_whole(app: Flask):
    with app.app_context():
        sweep.closed(6_000)
        sweep.owe(7)

        _, posted, sent = sweep.timed(1)
        assert (posted, sent <= 24) == (7, True)
        assert sweep.plans() == []
        db.session.remove()
        db.engine.dispose()


def test_the_look_for_what_is_due_reads_no_growing_table_whole(app: Flask, statements: list[str]):
    with app.app_context():
        for open_ones, found in ((0, 0), (3_000, 7)):
            with transaction():
                if open_ones:
                    waiting.fill(open_ones, due=7)
                db.session.execute(sa.text("ANALYZE"))
            statements.clear()
            assert (waiting.look(), len(statements)) == ((found, found), 6)
        assert waiting.plans() == []
        db.session.remove()
        db.engine.dispose()


def test_what_is_planned_is_seen_without_reading_history(app: Flask):
    awareness.fill(app, 3_000)
    app.config["CLOCK"] = lambda: NOON
    tokens = {}
    with app.app_context():
        for who in (awareness.LEADER, awareness.SECRETARIAT, awareness.REQUESTER):
            with transaction():
                tokens[who] = sessions.start(who, address="127.0.0.1", browser="bench", now=NOON)
        engine = db.engine
        db.session.remove()
    seen: list[tuple] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2:4]))
    whole = set()
    for name, (who, path, _) in awareness.PAGES.items():
        seen.clear()
        client = app.test_client()
        client.set_cookie("engage", tokens[who])
        assert client.get(path).status_code == 200, name
        asked = [one for one in seen if one[0].startswith("SELECT")]
        assert len(asked) <= awareness.OF_A_REPORT.get(name, awareness.STATEMENTS), name
        if engine.dialect.name == "sqlite":
            with engine.connect() as connection:
                raw = connection.connection.driver_connection
                for statement, given in asked:
                    steps = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", given)]
                    whole |= {(name, step) for step in steps if step in awareness.WHOLE}
    assert whole == set()
    client = plain.application(engine, NOON).test_client()
    client.set_cookie("engage", tokens[awareness.LEADER])
    assert "Within 90" in client.get("/").text


def visit(app: Flask, who: str, numbers: list[int], page: dict, count: str | None) -> int:
    """Ask for a page, or do an act, twice: each is answered well, each act leaves its row. Counts the second."""
    client, seen = app.test_client(), []
    with app.app_context():
        with transaction():
            person = db.session.scalar(sa.select(Person.id).where(Person.email == who))
            token = sessions.start(person, address="127.0.0.1", browser="bench", now=NOON)
        csrf = db.session.scalar(sa.select(SignInSession.csrf_token).order_by(SignInSession.id.desc()))
        before = db.session.scalar(sa.text(count)) if count else 0
        engine = db.engine
    client.set_cookie("engage", token)

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    def filled(asked: object, number: int) -> object:
        return asked.replace("{id}", str(number)).replace("{csrf}", csrf) if isinstance(asked, str) else asked

    sa.event.listen(engine, "before_cursor_execute", note)
    for number in numbers[:2]:
        seen.clear()
        form = {name: filled(value, number) for name, value in page.get("form", {}).items()}
        answer = client.open(filled(page["path"], number), method=page.get("method", "GET"), data=form)
        assert (answer.status_code, page.get("must", "") in answer.text) == (303 if count else 200, True)
    sa.event.remove(engine, "before_cursor_execute", note)
    with app.app_context():
        after = db.session.scalar(sa.text(count)) if count else 0
        db.session.remove()
    assert after - before == (2 if count else 0)
    return len(seen)
