"""Times the verdicts of many travellers at once: `python -m tests.bench.clearing [NUMBER]` on a database of its own.

Prints how long 5,000 verdicts, a sweep that tells them, and a new guide's notes take, with the statements of each.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from engage import create_app
from engage.config import Settings
from engage.documents import trip_brief as on_paper
from engage.extensions import db
from engage.models import Base
from engage.models.guidance import Guide
from engage.models.outbox import OutboxMessage
from engage.models.trips import Trip
from engage.rules.guide_changes import Mark
from engage.rules.policy import Actor, Role
from engage.seed import load_shipped
from engage.services import clearing, guidance, readiness, trip_brief, watch
from engage.services.transaction import transaction

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
COUNTRIES = ("EE", "JP", "KE", "DE", "FR", "SG", "AE", "GB")


def fill(number: int) -> None:
    """As many travellers, each with a trip within 90 days; two in three are trained, read and cleared."""
    people = range(1, number + 1)
    versions = {
        row.country_code: row.id
        for row in db.session.execute(sa.text(
            "SELECT g.country_code, v.id FROM guide g JOIN guide_version v ON v.guide_id = g.id"
        ))
    }  # fmt: skip
    put("person", [
        {"id": n, "email": f"p{n}@bench.example", "name": f"Person {n}", "home_zone": "America/New_York",
         "created_at": NOON, "version": 1}
        for n in people
    ])  # fmt: skip
    put("role_grant", [
        {"person_id": n, "role": Role.REQUESTER, "starts_on": date(2024, 1, 1)} for n in people
    ])  # fmt: skip
    items, engagements, legs, trips, read, done, granted = [], [], [], [], [], [], []
    for n in people:
        leaves = TODAY + timedelta(days=n % 90)
        back = leaves + timedelta(days=5)
        country = COUNTRIES[n % len(COUNTRIES)]
        items.append({"id": n, "kind": "engagement", "asks": "decision", "title": f"Visit {n}", "state": "approved",
                      "state_since": NOON, "firmness": "firm", "requester_id": n, "starts_on": leaves, "ends_on": back,
                      "created_at": NOON, "submitted_at": NOON, "decided_at": NOON, "version": 1})  # fmt: skip
        engagements.append({"id": n, "direction": "outbound", "nature": "bilateral"})
        legs.append({"engagement_id": n, "position": 0, "country_code": country, "city": "Capital", "zone": "UTC",
                     "arrives_on": leaves, "departs_on": back, "transit": False})  # fmt: skip
        trips.append({"id": n, "engagement_id": n, "person_id": n, "departs_on": leaves, "returns_on": back,
                      "opened_at": NOON})  # fmt: skip
        if n % 3:
            read += [{"person_id": n, "by_id": n, "trip_id": n, "guide_version_id": versions[code], "sha256": "0" * 64,
                      "language": "en", "at": NOON} for code in (None, country)]  # fmt: skip
            done += [{"person_id": n, "course_id": course, "completed_on": date(2025, 6, 1), "recorded_at": NOON,
                      "valid_until": date(2031, 6, 1), "evidence": "", "verified_at": NOON, "decline_reason": "",
                      "verified_by_id": n % number + 1} for course in (1, 3)]  # fmt: skip
            granted.append({"trip_id": n, "kind": "country", "country_code": country, "status": "granted",
                            "reference": "CABLE-1", "restriction": "", "recorded_at": NOON,
                            "recorded_by_id": n})  # fmt: skip
    for table, rows in (("item", items), ("engagement", engagements), ("leg", legs), ("trip", trips),
                        ("acknowledgement", read), ("completion", done), ("clearance", granted)):  # fmt: skip
        put(table, rows)


def put(table: str, rows: list[dict[str, Any]]) -> None:
    """Write rows as they are."""
    db.session.execute(sa.insert(Base.metadata.tables[table]), rows)


def timed(what: Callable[[], object]) -> tuple[object, str, int]:
    """What it gave, its time, with what of it was our own processor's, and its statements."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    began, used = time.perf_counter(), time.process_time()
    given = what()
    spent, cpu = time.perf_counter() - began, time.process_time() - used
    sa.event.remove(db.engine, "before_cursor_execute", note)
    statements = [statement for statement in seen if not statement.startswith("BEGIN")]
    return given, f"{spent:.2f} s (processor {cpu:.2f} s)", len(statements)


def measure(number: int) -> list[str]:
    """A line for each thing measured."""
    found, seconds, statements = timed(lambda: readiness.verdicts(range(1, number + 1), TODAY))
    assert isinstance(found, dict)
    cleared = sum(verdict.cleared for verdict in found.values())
    said = [f"{number:,} verdicts ({cleared:,} cleared): {seconds}, {statements} statements"]
    with transaction():
        told, seconds, statements = timed(lambda: clearing.sweep(NOON))
    said.append(f"a sweep that told {told:,} of them: {seconds}, {statements} statements")
    with transaction():
        _, seconds, statements = timed(lambda: watch.country("EE", "A guide was published anew.", today=TODAY))
    said.append(f"noting that one country's trips are to be asked again: {seconds}, {statements} statements")
    said += published()
    return said + printed()


def published() -> list[str]:
    """The general guide anew, which two travellers in three have read."""
    old = guidance.current(db.session.scalar(sa.select(Guide.id).where(Guide.country_code.is_(None))) or 0)
    assert old is not None
    owner = Actor(id=1, name="Owner", roles=frozenset({Role.CONTENT_OWNER}), is_authenticated=True)
    content = old.content | {"summary": "Protocol is courtesy with a plan."}
    with transaction():
        _, seconds, statements = timed(lambda: guidance.publish(
            old.guide_id, old.title, content, based_on=old.id, marks={"summary": Mark.REREAD}, note="Shorter.",
            by=owner, now=NOON,
        ))  # fmt: skip
        touched = db.session.scalar(sa.select(sa.func.count()).where(OutboxMessage.template == "guide_changed"))
    return [f"a guide published that {touched:,} trips had read: {seconds}, {statements} statements"]


def printed() -> list[str]:
    """One traveller's brief, gathered and on paper."""
    trip = db.session.get_one(Trip, 1)
    brief, seconds, statements = timed(lambda: trip_brief.of(trip, today=TODAY, home_zone="America/New_York"))
    said = [f"a brief gathered: {seconds}, {statements} statements"]
    for name in ("first", "next"):
        _, seconds, _ = timed(lambda: on_paper.as_pdf(brief, "https://example.gov/trips/1/brief"))  # type: ignore[arg-type]
        said.append(f"the {name} brief on paper: {seconds}")
    return said


def main(number: int) -> None:
    """Measure on a fresh SQLite file, or where DATABASE_URL in this process's first argument after NUMBER says."""
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/bench.db"
        app = create_app(Settings.for_tests(url, data=Path(folder)))
        app.config["CLOCK"] = lambda: NOON
        with app.app_context():
            upgrade()
            with transaction():
                load_shipped(home_country="US", now=NOON)
            with transaction():
                fill(number)
                db.session.execute(sa.text("ANALYZE"))  # as any server does by itself within a minute
            print("\n".join(measure(number)))
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
