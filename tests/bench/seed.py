"""The only place that fills a database for the benchmark: seed.sql, with what ships and real guides beside it."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import exists, select

from engage.extensions import db
from engage.importing.guides import parse_guide
from engage.models import Base
from engage.models.board import Motion
from engage.models.engagements import Item
from engage.models.guidance import Guide, GuideScope
from engage.models.people import Person
from engage.models.trips import Trip
from engage.rules.canonical import canonical_json
from engage.rules.workflow import APPROVED, FINAL, State
from engage.seed import HERE as SHIPPED
from engage.seed import load_shipped
from engage.services import contents, guidance, passwords
from engage.services.transaction import transaction

PASSWORD = "a long sentence for the benchmark"
SECRETARIAT, MEMBER, REQUESTER, TRAVELLER = (f"person{n}@bench.example" for n in (1, 2, 3, 4))
PEOPLE = 200
GUIDES = ("GENERAL", "ae", "ch", "de", "ee", "fr", "gb", "jp", "ke", "kr", "nl", "pl", "sg")
FROZEN = "-- The frozen versions"  # from here on the script needs a text as we freeze it
ACTS = 2_000  # of each kind, at most
PG_FUNCTIONS = """
    CREATE FUNCTION pg_temp.day(n integer) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT date '{today}' + n $$;
    CREATE FUNCTION pg_temp.ago(n integer) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
      $$ SELECT timestamptz '{now}' - n * interval '1 day' $$;
    CREATE FUNCTION pg_temp.sha(t text) RETURNS text LANGUAGE sql IMMUTABLE AS
      $$ SELECT encode(sha256(convert_to(t, 'UTF8')), 'hex') $$;
"""


@dataclass(frozen=True)
class Seeded:
    """What the requests of the benchmark must name."""

    submitted: list[int]  # all that governing roles see
    deep: str  # the cursor of a page near the end of what is in progress
    drafts: list[int]  # of the measured requester
    open_motions: list[int]  # the numbers of items; their motions have the same
    trips: list[int]  # of the measured traveller, still to come
    guide: int  # the one that every trip asks for
    guide_version: int
    guide_sha256: str
    must_know: int  # how many points must be ticked
    answers: list[int]  # the right one of each question


def fill(app: Flask, number: int, now: datetime) -> Seeded:
    """Migrate and fill the empty database of `app` with `number` engagements (at least PEOPLE)."""
    with app.app_context():
        upgrade()
        with transaction():
            load_shipped(home_country="US", now=now)
            for name in GUIDES:
                guidance.load_guide(parse_guide(SHIPPED / "etiquette" / f"{name}.yaml").rows[0], now=now)
        general = db.session.scalar(select(Guide.id).where(Guide.scope == GuideScope.GENERAL))
        db.session.commit()
        script = (Path(__file__).parent / "seed.sql").read_text(encoding="utf-8")
        script = script.format(number=number, people=PEOPLE, password=passwords.hashed(PASSWORD), general=general)
        before, after = script.split(FROZEN)
        with loading(now) as run:
            run(before)
            said = canonical_json({**contents.content_of(4), "late": False}).replace("'", "''")
            db.session.rollback()
            run(f"CREATE TEMPORARY TABLE frozen AS SELECT '{said}' AS text;" + FROZEN + after)
        seeded = _seeded(general or 0)
        db.session.remove()
        db.engine.dispose()
    return seeded


@contextmanager
def loading(now: datetime) -> Iterator[Callable[[str], None]]:
    """Runs scripts over one connection with day(), ago() and sha(), no foreign keys checked, the disk not waited for.

    At its end the sequences stand where the ids do, and the planner knows what is there.
    """
    pooled = db.engine.raw_connection()
    raw: Any = pooled.driver_connection
    today = now.date()
    if db.engine.dialect.name == "sqlite":
        for name, given in {
            "day": lambda n: (today + timedelta(days=n)).isoformat(),
            "ago": lambda n: f"{now - timedelta(days=n):%Y-%m-%d %H:%M:%S.%f}",
            "sha": lambda t: hashlib.sha256(t.encode()).hexdigest(),
        }.items():
            raw.create_function(name, 1, given)
        raw.executescript("PRAGMA foreign_keys=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-262144")
        yield lambda script: raw.executescript(f"BEGIN; {script}; COMMIT")
        raw.executescript("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        raw.autocommit = True
        raw.execute("SET session_replication_role = replica; SET synchronous_commit = off; SET statement_timeout = 0")
        raw.execute(PG_FUNCTIONS.format(today=today, now=now.isoformat()))
        yield lambda script: raw.execute(re.sub(r"\b(day|ago|sha)\(", r"pg_temp.\1(", script))
        for table in Base.metadata.sorted_tables:
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            if "id" in table.c and raw.execute(f"SELECT {sequence}").fetchone()[0]:
                raw.execute(f"SELECT setval({sequence}, greatest(max(id), 1)) FROM {table.name}")
        raw.execute("VACUUM ANALYZE")
    pooled.invalidate()  # what was switched off here stays off: nobody else may have this connection
    pooled.close()


def _seeded(guide: int) -> Seeded:
    """What is there to act on, in the order of its numbers."""
    people = dict(db.session.execute(select(Person.email, Person.id)).all())
    item, trip = Item.__table__.c, Trip.__table__.c
    version = guidance.current(guide)
    seen = item.state.not_in([State.DRAFT, State.WITHDRAWN])
    in_progress = item.state.not_in([State.DRAFT, *FINAL, *APPROVED])
    backwards = select(item.starts_on, item.id).where(in_progress).order_by(item.starts_on.desc(), item.id.desc())
    day, number = db.session.execute(backwards.offset(75).limit(1)).one()
    member, asker = Person.__table__.alias("member"), Person.__table__.alias("asker")  # of one office: asked first
    tied = exists().where(
        item.id == Motion.item_id, asker.c.id == item.requester_id, member.c.id == people[MEMBER],
        asker.c.office_id == member.c.office_id,
    )  # fmt: skip
    return Seeded(
        submitted=_ids(select(item.id).where(seen)),
        deep=f"{day}_{number}",
        drafts=_ids(select(item.id).where(item.state == State.DRAFT, item.requester_id == people[REQUESTER])),
        open_motions=_ids(select(Motion.id).where(Motion.closed_at.is_(None), ~tied)),
        trips=_ids(select(trip.id).where(trip.person_id == people[TRAVELLER])),
        guide=guide,
        guide_version=version.id,
        guide_sha256=version.sha256,
        must_know=len(version.content["must_know"]),
        answers=[question["answer"] for question in version.content["check"]],
    )


def _ids(statement: Any) -> list[int]:
    return sorted(db.session.scalars(statement))[:ACTS]
