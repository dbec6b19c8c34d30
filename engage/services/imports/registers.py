"""The only place that brings forums, partners and events from a file into their registers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update

from engage.extensions import db
from engage.importing.parsed import Parsed
from engage.models.partners import Event, Forum, Partner
from engage.rules.policy import Actor
from engage.rules.search_words import Kind
from engage.services import audit, deferrals, search_index
from engage.services.imports.plan import Entry, Plan, in_words

SAYS_NOTHING = (None, "", "unknown")  # an empty cell says that somebody did not know, so it changes nothing


@dataclass(frozen=True)
class Register:
    """A table and the columns that tell its rows apart, whatever their case."""

    table: Table
    keys: tuple[str, ...]
    found_as: Kind | None = None  # what a search calls its rows

    def key(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """What makes a row this one and no other."""
        found = (values[name] for name in self.keys)
        return tuple(value.casefold() if isinstance(value, str) else value for value in found)

    @property
    def columns(self) -> tuple[str, ...]:
        """What a file says of a row; the id is ours."""
        return tuple(column.name for column in self.table.columns if column.name != "id")


FORUMS = Register(Forum.metadata.tables["forum"], ("code",), Kind.FORUM)
PARTNERS = Register(Partner.metadata.tables["partner"], ("name", "country_code"), Kind.PARTNER)
EVENTS = Register(Event.metadata.tables["event"], ("name", "starts_on"))


def compare(register: Register, parsed: Parsed[Any]) -> Plan:
    """What the rows of a file would do to the register. One statement."""
    there_now = (dict(row) for row in db.session.execute(select(register.table)).mappings())
    known = {register.key(row): row for row in there_now}
    new: list[Entry] = []
    changed: list[Entry] = []
    same: list[Entry] = []
    for row in parsed.rows:
        values = {name: getattr(row, name) for name in register.columns}
        there = known.get(register.key(values))
        if there is None:
            new.append(Entry(row.line, _label(values), values=values))
            continue
        differs = {
            name: (there[name], value)
            for name, value in values.items()
            if value not in SAYS_NOTHING and value != there[name]
        }
        says = tuple(f"{name.replace('_', ' ')}: {_shown(old)} → {_shown(new)}" for name, (old, new) in differs.items())
        entry = Entry(row.line, _label(values), says, differs, there["id"])
        (changed if differs else same).append(entry)
    return Plan(tuple(new), tuple(changed), tuple(same), parsed.problems, parsed.questions)


def write(register: Register, plan: Plan, *, by: Actor, now: datetime) -> None:
    """Write what a plan says; each changed row leaves its line in the trail, with what it said before."""
    if plan.new:
        made = db.session.scalars(insert(register.table).returning(register.table.c.id), [e.values for e in plan.new])
        if register.found_as is not None:
            search_index.note(register.found_as, made)
    for entry in plan.changed:
        db.session.execute(
            update(register.table).where(register.table.c.id == bindparam("row")),
            {"row": entry.id, **{name: new for name, (_, new) in entry.values.items()}},
        )
        audit.record(
            "change", about=(register.table.name, entry.id), by=by, now=now,
            before={name: old for name, (old, _) in entry.values.items()},
            after={name: new for name, (_, new) in entry.values.items()},
        )  # fmt: skip
        if register.found_as is not None:
            search_index.note(register.found_as, [entry.id or 0])
        if register is EVENTS:
            deferrals.follow_event(entry.id or 0, now=now)  # what was deferred until it comes back with it


def _label(values: Mapping[str, Any]) -> str:
    parts = [values.get("code"), values["name"]]
    if "starts_on" in values:
        parts.append(in_words(values["starts_on"]))
    elif values.get("country_code"):
        parts.append(values["country_code"])
    return ", ".join(part for part in parts if part)


def _shown(value: Any) -> str:
    return "nothing" if value in SAYS_NOTHING else str(value)
