"""The only place that brings people from a file: accounts without a password, their office, supervisor and roles."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from engage.extensions import db
from engage.importing.parsed import Parsed, Problem
from engage.importing.people import GrantRow, PersonRow
from engage.models.people import Office, Person, RoleGrant
from engage.rules.policy import Actor, Role
from engage.services import grants, people
from engage.services.imports.plan import Entry, Plan

FACTS = ("name", "office", "supervisor_email", "home_zone")
_P, _O, _G = Person.__table__.c, Office.__table__.c, RoleGrant.__table__.c
_EVERYBODY = GrantRow(Role.REQUESTER)
_boss = Person.__table__.alias("boss")
_PEOPLE = (
    select(
        _P.id, _P.email, _P.name, _P.home_zone, _P.disabled_at, _O.name.label("office"),
        _boss.c.email.label("supervisor_email"),
    )
    .outerjoin(Office, _O.id == _P.office_id)
    .outerjoin(_boss, _boss.c.id == _P.supervisor_id)
)  # fmt: skip
_GRANTED = (
    select(_P.email, _G.role, _G.review_kind)
    .join_from(RoleGrant, Person, _P.id == _G.person_id)
    .where(or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")))
)


@dataclass(frozen=True)
class Wanted:
    """A person as the file wants them: the facts, whether any of them is new, the roles to be granted.

    `depth` counts the superiors above, so that these are written first.
    """

    email: str
    facts: Mapping[str, str]
    differs: bool
    roles: tuple[GrantRow, ...]
    depth: int


def compare(parsed: Parsed[PersonRow], *, today: date, home_zone: str) -> Plan:
    """What a file of people would do. It grants roles from `today` and never takes one away.

    An empty cell changes nothing. `home_zone` is for the new who do not say theirs. Two statements.
    """
    there = {row["email"]: dict(row) for row in db.session.execute(_PEOPLE).mappings()}
    above = {email: row["supervisor_email"] for email, row in there.items()}
    above |= {row.email: row.supervisor_email or above.get(row.email) for row in parsed.rows}
    granted: dict[str, set[GrantRow]] = {}
    for email, role, kind in db.session.execute(_GRANTED, {"today": today}):
        granted.setdefault(email, set()).add(GrantRow(role, kind))

    new: list[Entry] = []
    changed: list[Entry] = []
    same: list[Entry] = []
    for row in parsed.rows:
        known = there.get(row.email)
        facts, says = _facts(row, known, home_zone)
        held = granted.get(row.email, set())
        roles = tuple(g for g in dict.fromkeys((_EVERYBODY, *row.roles)) if g not in held)
        wanted = Wanted(row.email, facts, bool(says), roles, len(list(_superiors(row.email, above))))
        says += [f"role: {_in_words(grant)}" for grant in roles if grant != _EVERYBODY]
        entry = Entry(row.line, f"{row.name}, {row.email}", tuple(says), wanted, known["id"] if known else None)
        (new if known is None else changed if wanted.differs or roles else same).append(entry)
    disabled = {email for email, row in there.items() if row["disabled_at"]}
    moving = {entry.values.email for entry in (*new, *changed) if entry.id is None or entry.values.differs}
    problems = (*parsed.problems, *_problems(parsed.rows, above, disabled, moving))
    return Plan(tuple(new), tuple(changed), tuple(same), problems)


def _facts(row: PersonRow, known: Mapping[str, Any] | None, home_zone: str) -> tuple[dict[str, str], list[str]]:
    """What is to be known of somebody, and what of it changes, in words."""
    if known is None:
        return {**{name: getattr(row, name) for name in FACTS}, "home_zone": row.home_zone or home_zone}, []
    before = {name: known[name] or "" for name in FACTS}
    after = {name: getattr(row, name) or before[name] for name in FACTS}
    words = [
        f"{name.replace('_', ' ')}: {before[name] or 'nothing'} → {after[name]}"
        for name in FACTS
        if after[name] != before[name]
    ]
    return after, words


def _problems(
    rows: Iterable[PersonRow], above: Mapping[str, str | None], disabled: set[str], moving: set[str]
) -> Iterator[Problem]:
    for row in rows:
        boss = above.get(row.email)
        if not boss or row.email not in moving:
            continue
        if boss not in above:
            yield Problem(row.line, "supervisor_email", f"Nobody has the address {boss}, here or in the file.")
        elif boss in disabled:
            yield Problem(row.line, "supervisor_email", f"The supervisor {boss} is disabled; name another.")
        elif row.email in _superiors(row.email, above):
            yield Problem(row.line, "supervisor_email", "This line of supervisors leads back to the same person.")


def _superiors(email: str, above: Mapping[str, str | None]) -> Iterator[str]:
    """Everybody above somebody, each once; a circle ends where it began."""
    seen, boss = set[str](), above.get(email)
    while boss and boss not in seen:
        yield boss
        seen.add(boss)
        boss = above.get(boss)


def write(plan: Plan, *, today: date, by: Actor, now: datetime) -> None:
    """Write what a plan says, superiors before those who report to them."""
    found = [(entry.values, entry.id) for entry in (*plan.new, *plan.changed)]
    for wanted, known in sorted(found, key=lambda pair: pair[0].depth):
        given = {
            "name": wanted.facts["name"],
            "office": wanted.facts["office"],
            "supervisor": wanted.facts["supervisor_email"],
            "zone": wanted.facts["home_zone"],
        }
        if known is None:
            person = people.add(email=wanted.email, **given, by=by, now=now, today=today)
        else:
            person = db.session.get_one(Person, known)
            if wanted.differs:
                people.amend(person, **given, version=person.version, by=by, now=now)
        for role in wanted.roles:
            if known is not None or role != _EVERYBODY:  # a new person is made a requester
                grants.grant(person, role.role, kind=role.review_kind, starts_on=today, by=by, now=now)


def _in_words(grant: GrantRow) -> str:
    return f"{grant.role}:{grant.review_kind}" if grant.review_kind else str(grant.role)
