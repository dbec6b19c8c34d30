"""The only place that brings forums, partners and events from a file into their registers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update

from engage.extensions import db
from engage.importing.parsed import Parsed, Problem
from engage.models.partners import Event, Forum, Partner, partner_forum
from engage.rules.policy import Actor
from engage.rules.search_words import Kind
from engage.services import audit, deferrals, search_index
from engage.services.imports.plan import Entry, Plan, in_words

SAYS_NOTHING = (None, "", "unknown")  # an empty cell says that somebody did not know, so it changes nothing
OURS = frozenset({"id", "merged_into_id", "version"})  # columns of which no file speaks
BELONGS = "forums"  # what an entry calls the forums that a partner joins; they stand in a table of their own


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
        """What a file says of a row."""
        return tuple(column.name for column in self.table.columns if column.name not in OURS)


FORUMS = Register(Forum.metadata.tables["forum"], ("code",), Kind.FORUM)
PARTNERS = Register(Partner.metadata.tables["partner"], ("name", "country_code"), Kind.PARTNER)
EVENTS = Register(Event.metadata.tables["event"], ("name", "starts_on"))


def compare(register: Register, parsed: Parsed[Any]) -> Plan:
    """What the rows of a file would do to the register. One statement, and two where it says who belongs where.

    A row that names a partner which was found to be another changes nothing: it is another name of that one.
    """
    there_now = (dict(row) for row in db.session.execute(select(register.table)).mappings())
    known = {register.key(row): row for row in there_now}
    forums, members = _belonging(parsed)
    problems = list(parsed.problems)
    new: list[Entry] = []
    changed: list[Entry] = []
    same: list[Entry] = []
    for row in parsed.rows:
        values = {name: getattr(row, name) for name in register.columns}
        there = known.get(register.key(values))
        codes = getattr(row, BELONGS, ())
        problems += [
            Problem(row.line, BELONGS, f"There is no forum with the code “{code}”.")
            for code in codes
            if code.casefold() not in forums
        ]
        joins = {forums[code.casefold()] for code in codes if code.casefold() in forums}
        if there is None:
            new.append(Entry(row.line, _label(values), values=values | ({BELONGS: sorted(joins)} if joins else {})))
            continue
        if there.get("merged_into_id"):
            same.append(Entry(row.line, _label(values), ("It is another name of a partner that is here.",)))
            continue
        differs = {
            name: (there[name], value)
            for name, value in values.items()
            if value not in SAYS_NOTHING and value != there[name]
        }
        says = tuple(f"{name.replace('_', ' ')}: {_shown(old)} → {_shown(new)}" for name, (old, new) in differs.items())
        if joined := sorted(joins - members.get(there["id"], set())):
            differs[BELONGS] = ([], joined)
            says += (f"joins {len(joined)} of the forums",)
        entry = Entry(row.line, _label(values), says, differs, there["id"])
        (changed if differs else same).append(entry)
    return Plan(tuple(new), tuple(changed), tuple(same), tuple(problems), parsed.questions)


def _belonging(parsed: Parsed[Any]) -> tuple[dict[str, int], dict[int, set[int]]]:
    """The forums by code without case, and those that each partner has joined; nothing where no row speaks of any."""
    if not any(getattr(row, BELONGS, ()) for row in parsed.rows):
        return {}, {}
    forums = {code.casefold(): id_ for id_, code in db.session.execute(select(Forum.id, Forum.code))}
    members: dict[int, set[int]] = defaultdict(set)
    for partner_id, forum_id in db.session.execute(select(partner_forum)):
        members[partner_id].add(forum_id)
    return forums, members


def write(register: Register, plan: Plan, *, by: Actor, now: datetime) -> None:
    """Write what a plan says, to be found at once."""
    written = put(register, plan, by=by, now=now)
    if register.found_as is not None:
        search_index.note(register.found_as, written)


def put(register: Register, plan: Plan, *, by: Actor, now: datetime) -> list[int]:
    """Write what a plan says; each changed row leaves its line in the trail, with what it said before.

    Gives the numbers of what is new or changed: whoever calls tells the search's index.
    """
    made: list[int] = []
    joins: list[tuple[int, int]] = []
    if plan.new:
        rows = [{name: value for name, value in entry.values.items() if name != BELONGS} for entry in plan.new]
        statement = insert(register.table).returning(register.table.c.id, sort_by_parameter_order=True)
        made = list(db.session.scalars(statement, rows))
        joins += [(id_, f) for id_, entry in zip(made, plan.new, strict=True) for f in entry.values.get(BELONGS, ())]
    for entry in plan.changed:
        said = {name: new for name, (_, new) in entry.values.items() if name != BELONGS}
        joins += [(entry.id or 0, forum) for forum in entry.values.get(BELONGS, ((), ()))[1]]
        if said:
            db.session.execute(
                update(register.table).where(register.table.c.id == bindparam("row")), {"row": entry.id, **said}
            )
        audit.record(
            "change", about=(register.table.name, entry.id), by=by, now=now,
            before={name: old for name, (old, _) in entry.values.items()},
            after={name: new for name, (_, new) in entry.values.items()},
        )  # fmt: skip
        if register.found_as is not None and {"name", "short_name", "code"} & said.keys():
            search_index.renamed(register.found_as, entry.id or 0)
        if register is EVENTS:
            deferrals.follow_event(entry.id or 0, now=now)  # what was deferred until it comes back with it
    if joins:
        db.session.execute(insert(partner_forum), [{"partner_id": p, "forum_id": f} for p, f in joins])
    return [*made, *(entry.id or 0 for entry in plan.changed)]


def _label(values: Mapping[str, Any]) -> str:
    parts = [values.get("code"), values["name"]]
    if "starts_on" in values:
        parts.append(in_words(values["starts_on"]))
    elif values.get("country_code"):
        parts.append(values["country_code"])
    return ", ".join(part for part in parts if part)


def _shown(value: Any) -> str:
    return "nothing" if value in SAYS_NOTHING else str(value)
