"""The only place that loads the data that ships: dated rows, each file once, twice the same as once."""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, insert, select

from engage.config import Settings
from engage.extensions import db
from engage.models import Base
from engage.reference.countries import countries, is_foreign
from engage.rules.policy import PROGRAM
from engage.seed.demonstration import DEMONSTRATION_PASSWORD, anybody_here, beginning, load_story, sign_ins
from engage.services import imports, reminder_rules, search_index

__all__ = ["DEMONSTRATION_PASSWORD", "load", "load_shipped", "load_story", "sign_ins"]

HERE = Path(__file__).parent

# In the order they refer to each other: file (one YAML list of rows), table, the columns that tell rows apart.
SHIPPED = (
    ("goals.yaml", "goal", ("number",)),
    ("objectives.yaml", "objective", ("code",)),
    ("norms.yaml", "norm", ("key", "starts_on")),
    ("requirement_rules.yaml", "requirement_rule", ("code", "starts_on")),
    ("courses.yaml", "course", ("code",)),
    ("course_validities.yaml", "course_validity", ("course_id", "starts_on")),
    ("course_satisfies.yaml", "course_satisfies", ("course_id", "satisfies_id")),
    ("countries_of_concern.yaml", "country_of_concern", ("country_code", "starts_on")),
    ("material_rules.yaml", "material_rule", ("code", "starts_on")),
    ("marking_defaults.yaml", "marking_default", ("starts_on",)),
    ("reminder_rules.yaml", "reminder_rule", ("code", "starts_on")),
    ("lead_times.yaml", "lead_time", ("gate", "country_code", "min_level", "starts_on")),
    ("clash_rules.yaml", "clash_rule", ("tie", "starts_on")),
    ("review_rules.yaml", "review_rule", ("code", "starts_on")),
    ("routing_rules.yaml", "routing_rule", ("code", "starts_on")),
    ("tier_rules.yaml", "tier_rule", ("tier", "starts_on")),
    ("boards.yaml", "board", ("name",)),
    ("charters.yaml", "charter", ("board_id", "starts_on")),
    ("seats.yaml", "seat", ("board_id", "name")),
)


def rows_of(file: str) -> list[dict[str, Any]]:
    """The rows of a shipped file; a file that is not there has none."""
    path = HERE / file
    return yaml.safe_load(path.read_text(encoding="utf-8")) or [] if path.exists() else []


# What ships in the form in which others send it: kind of import, file or folder, and whether changes are taken too.
# A register is the organisation's once it is loaded; a starter guide that nobody here has edited is still ours.
IMPORTED = (
    ("forums", HERE / "real" / "forums.csv", False),
    ("partners", HERE / "real" / "partners.csv", False),
    ("events", HERE / "real" / "events.csv", False),
    ("guides", HERE / "etiquette", True),
)


def load(settings: Settings, *, now: datetime) -> None:
    """Load what ships and, into a demonstration that has no people yet, its story. Flushes, never commits."""
    tells = settings.demonstration and not anybody_here()
    load_shipped(home_country=settings.home_country, now=beginning(now) if tells else now)
    if tells:
        load_story(now=now)
        search_index.rebuild()


def load_shipped(*, home_country: str, now: datetime) -> dict[str, int]:
    """Load what ships and is not there yet; gives how many rows each table took. Flushes, never commits."""
    taken = {"country": _countries(home_country)}
    for file, table, keys in SHIPPED:
        taken[table] = taken.get(table, 0) + _missing(table, keys, rows_of(file))
    reminder_rules.begin_shipped(now)
    for kind, source, changes in IMPORTED:
        plan = imports.take(
            kind, source, by=PROGRAM, now=now, only_new=not changes, unasked=True, name=source.name
        )  # fmt: skip
        taken[kind] = len(plan.new) + len(plan.changed)
    return taken


def _countries(home: str) -> int:
    rows = [
        {"code": c.code, "name": c.name, "region": c.region, "foreign": is_foreign(c.code) and c.code != home}
        for c in countries()
    ]
    return _missing("country", ("code",), rows)


def _missing(table: str, keys: tuple[str, ...], rows: list[dict[str, Any]]) -> int:
    target = Base.metadata.tables[table]
    known = {tuple(row) for row in db.session.execute(select(*(target.c[key] for key in keys)))}
    new = [row for row in rows if tuple(row[key] for key in keys) not in known]
    if new:
        db.session.execute(insert(target), new)
    if new and "id" in new[0] and db.engine.dialect.name == "postgresql":  # ids were named: the sequence follows
        last = select(func.max(target.c.id)).scalar_subquery()
        db.session.execute(select(func.setval(func.pg_get_serial_sequence(table, "id"), last)))
    return len(new)
