"""What an act costs beside a plain program that does the same: `python -m tests.bench.same`, on both databases.

A vote, and a submission. The plain program is Flask and SQLAlchemy: it checks the token, takes the same lock, executes
the very statements that ours executed, with their values, on a copy of the same database, and leads on. It asks no
policy, renders no form and knows no rule. Processor
time per request, in turns; each program's best turn counts, since the machine is shared.
"""

import hmac
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, abort, redirect, request
from werkzeug.wrappers import Response

from engage import create_app
from engage.config import Settings
from engage.extensions import WRITES, db
from engage.models.people import Person, SignInSession
from engage.services import sessions
from engage.services.transaction import transaction
from tests.bench import adapters, seed, sweep

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
SIZE, EACH, TURNS = int(os.environ.get("SAME_SIZE", "1000")), 25, 5
TARGET = 2.5  # times the plain program
ACTS = ("vote", "submit")
Told = list[tuple[Any, Any]]  # statements with their values, as one request executed them


def plain(engine: sa.Engine, told: list[Told], csrf: str) -> Flask:
    """A program whose one act executes what was told, in one transaction under the writers' lock."""
    app = Flask("plain")

    @app.post("/act/<int:number>")
    def act(number: int) -> Response:
        if not hmac.compare_digest(request.form.get("csrf_token", ""), csrf):
            abort(400)
        with engine.connect().execution_options(**WRITES) as connection, connection.begin():
            for statement, given in told[number]:
                if isinstance(statement, str):
                    found = connection.exec_driver_sql(statement, given)
                else:
                    found = connection.execute(statement, given)
                if found.returns_rows:
                    found.all()
        return redirect(f"/act/{number}", 303)

    return app


class Recorder:
    """Keeps what the engine executes, by request."""

    def __init__(self, engine: sa.Engine) -> None:
        self.told: list[Told] = []
        sa.event.listen(engine, "before_execute", self.built)
        sa.event.listen(engine, "before_cursor_execute", self.sent)

    def built(self, connection: Any, statement: Any, many: Any, one: Any, options: Any) -> None:
        """A statement as it was built, with its values."""
        self.told[-1].append((statement, many or one))

    def sent(self, connection: Any, cursor: Any, words: str, values: Any, context: Any, many: bool) -> None:
        """A statement that went straight to the driver."""
        if context.compiled is None and not words.startswith("BEGIN"):
            self.told[-1].append((words, values))


def signed_in(app: Flask, email: str) -> tuple[str, str]:
    """A session's cookie and its token."""
    with app.app_context():
        with transaction():
            person = db.session.scalar(sa.select(Person.id).where(Person.email == email))
            cookie = sessions.start(person or 0, address="127.0.0.1", browser="bench", now=NOON)
        token = db.session.scalar(sa.select(SignInSession.csrf_token).order_by(SignInSession.id.desc()))
        db.session.remove()
    return cookie, token or ""


def measure(kind: str, folder: str) -> dict[str, tuple[float, float, float]]:
    """Milliseconds of ours, of the plain program, and the ratio, by act."""
    urls = [_url(kind, folder, "ours")]
    app = create_app(Settings.for_tests(urls[0]))
    app.config["CLOCK"] = lambda: NOON
    seeded = seed.fill(app, SIZE, NOON)
    acts = adapters.acts(seeded)
    known = {act: signed_in(app, acts[act][0]) for act in ACTS}
    with app.app_context():
        db.engine.dispose()
    urls.append(_copied(kind, folder, urls[0]))
    with app.app_context():
        engine, recorder = db.engine, Recorder(db.engine)
    other = sa.create_engine(urls[1], **_options(urls[1]))
    found: dict[str, tuple[float, float, float]] = {}
    for act in ACTS:
        (_, numbers, page, _), (cookie, token) = acts[act], known[act]
        ours, theirs = app.test_client(), None
        ours.set_cookie("engage", cookie)
        recorder.told.clear()
        times: list[tuple[float, float]] = []
        for turn in range(TURNS + 1):  # the first warms up, and does not count
            mine = numbers[turn * EACH : (turn + 1) * EACH]
            took = 0.0
            for number in mine:
                form = {key: str(value).replace("{id}", str(number)).replace("{csrf}", token)
                        for key, value in page["form"].items()}  # fmt: skip
                recorder.told.append([])
                began = time.process_time()
                answer = ours.post(page["path"].replace("{id}", str(number)), data=form)
                took += time.process_time() - began
                assert answer.status_code == 303, answer.text[-800:]
            theirs = theirs or plain(other, recorder.told, token).test_client()
            began = time.process_time()
            for place in range(turn * EACH, turn * EACH + len(mine)):
                assert theirs.post(f"/act/{place}", data={"csrf_token": token}).status_code == 303
            times.append((took, time.process_time() - began))
        counted = [(1000 * a / EACH, 1000 * b / EACH) for a, b in times[1:]]
        least = min(a for a, _ in counted), min(b for _, b in counted)
        ratio = least[0] / least[1]
        found[act] = (*least, ratio)
        print(f"{kind}: {act}, {len(recorder.told[-1])} statements: {found[act][0]:.2f} ms, "
              f"plain {found[act][1]:.2f} ms, {ratio:.2f} times, at most {TARGET}")  # fmt: skip
    engine.dispose()
    other.dispose()
    return found


def _url(kind: str, folder: str, name: str) -> str:
    return f"sqlite:///{Path(folder) / f'{name}.db'}" if kind == "sqlite" else sweep._postgres(folder, name)


def _copied(kind: str, folder: str, url: str) -> str:
    """The address of a copy, made while nobody is connected."""
    if kind == "sqlite":
        copy = Path(folder) / "copy.db"
        copy.write_bytes((Path(folder) / "ours.db").read_bytes())
        return f"sqlite:///{copy}"
    at = sa.make_url(url)
    admin = sa.create_engine(at.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {at.database}_copy TEMPLATE {at.database}"))
    admin.dispose()
    return at.set(database=f"{at.database}_copy").render_as_string(hide_password=False)


def _options(url: str) -> dict[str, Any]:
    from engage.extensions import engine_options

    return engine_options(url)


def main() -> int:
    """Measures both databases; 1 where an act costs more than it may."""
    missed = []
    with tempfile.TemporaryDirectory(prefix="engage-same-") as folder:
        for kind in os.environ.get("SAME_KINDS", "sqlite,pg").split(","):
            missed += [f"{kind}: {act}" for act, (*_, ratio) in measure(kind, folder).items() if ratio > TARGET]
    print(f"missed: {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
