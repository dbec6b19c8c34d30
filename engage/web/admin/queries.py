"""What the admin pages read: Core rows, statements built once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, func, or_, select, tuple_

from engage.extensions import db
from engage.models.asking import ClashRule, LeadTime
from engage.models.matters import MaterialRule
from engage.models.norms import Norm, RequirementRule
from engage.models.outbox import Delivery, OutboxMessage
from engage.models.people import Office, Person, RoleGrant
from engage.models.reminders import ReminderRule
from engage.models.reviews import ReviewRule
from engage.rules.policy import Role

PAGE = 50
MOST_COUNTED = 1000  # beyond it a number says no more

_P, _G, _M = Person.__table__.c, RoleGrant.__table__.c, OutboxMessage.__table__.c
_LISTED = (
    select(
        _P.id, _P.name, _P.email, _P.disabled_at, _P.password_hash.is_(None).label("invited"),
        Office.name.label("office"),
    )
    .outerjoin(Office, Office.id == _P.office_id)
    .order_by(_P.name, _P.id)
    .limit(PAGE + 1)
)  # fmt: skip
_AFTER = tuple_(_P.name, _P.id) > tuple_(bindparam("name"), bindparam("id"))
_FOUND = or_(  # SQLite's lower() knows ASCII alone, so a name is also found as it is written
    _P.name.like(bindparam("typed"), escape="\\"),
    _P.name.like(bindparam("typed_within"), escape="\\"),
    func.lower(_P.name).like(bindparam("begins"), escape="\\"),
    func.lower(_P.name).like(bindparam("within"), escape="\\"),
    _P.email.like(bindparam("begins"), escape="\\"),
)
_STATEMENTS = {
    (False, False): _LISTED,
    (False, True): _LISTED.where(_AFTER),
    (True, False): _LISTED.where(_FOUND),
    (True, True): _LISTED.where(_FOUND, _AFTER),
}
_ROLES = (
    select(_G.person_id, _G.role)
    .where(
        _G.person_id.in_(bindparam("people", expanding=True)),
        _G.starts_on <= bindparam("today"),
        or_(_G.ends_on.is_(None), _G.ends_on >= bindparam("today")),
        _G.role != Role.REQUESTER,
    )
    .order_by(_G.role)
)
_NORMS = select(Norm.key, Norm.label, Norm.value, Norm.unit, Norm.starts_on, Norm.source).order_by(
    Norm.label, Norm.key, Norm.starts_on.desc()
)
_REQUIREMENTS = select(RequirementRule.__table__).order_by(RequirementRule.label, RequirementRule.starts_on.desc())
_REMINDERS = select(ReminderRule.__table__).order_by(ReminderRule.label, ReminderRule.starts_on.desc())
_REFUSED = select(func.count()).select_from(
    select(_M.id).where(_M.delivery == Delivery.REFUSED).limit(MOST_COUNTED).subquery()
)
_X = MaterialRule.__table__.c
_FIRST = MaterialRule.__table__.alias("first")
_MATERIAL = select(_X.code, _X.label, _X.limit, _X.unit, _X.applies, _X.starts_on, _X.source).order_by(
    select(func.min(_FIRST.c.id)).where(_FIRST.c.code == _X.code).scalar_subquery(), _X.starts_on.desc()
)


def people(search: str, after: tuple[str, int] | None) -> tuple[list[Row[Any]], tuple[str, int] | None]:
    """A page of people by name, and where the next begins."""
    facts: dict[str, Any] = {}
    if search:
        typed = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        begins = typed.lower()
        facts |= {"typed": typed, "typed_within": "% " + typed, "begins": begins, "within": "% " + begins}
    if after:
        facts |= {"name": after[0], "id": after[1]}
    rows = list(db.session.execute(_STATEMENTS[bool(search), after is not None], facts))
    page = rows[:PAGE]
    return page, (page[-1].name, page[-1].id) if len(rows) > PAGE else None


def roles(people: Sequence[int], today: date) -> dict[int, list[str]]:
    """The roles in force of some people, but for the requester's, in words."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in db.session.execute(_ROLES, {"people": list(people), "today": today}):
        found[row.person_id].append(row.role.label)
    return found


def offices() -> list[str]:
    """The names of all offices."""
    return list(db.session.scalars(select(Office.name).order_by(Office.name).limit(1000)))


def norms() -> list[Row[Any]]:
    """Every dated number: those of one key together, the newest first."""
    return list(db.session.execute(_NORMS))


def requirements() -> list[Row[Any]]:
    """Every rule of readiness, in force or not."""
    return list(db.session.execute(_REQUIREMENTS))


def reminders() -> list[Row[Any]]:
    """Every reminder rule, in force or not."""
    return list(db.session.execute(_REMINDERS))


def material_rules() -> list[Row[Any]]:
    """Every rule of what is material: those of one code together, the newest first."""
    return list(db.session.execute(_MATERIAL))


def refused() -> int:
    """How many messages the mail server refused for good, counted up to MOST_COUNTED."""
    return db.session.scalar(_REFUSED) or 0


_ASKING: dict[str, tuple[Any, tuple[str, ...]]] = {
    "lead": (LeadTime.__table__, ("gate", "country_code", "min_level")),
    "clash": (ClashRule.__table__, ("tie",)),
    "review": (ReviewRule.__table__, ("code",)),
}


def asking_rules(day: date) -> dict[str, list[Row[Any]]]:
    """The rules that a request meets, each kind in the order in which it ships; `current` is the row of `day`."""
    found = {}
    for name, (table, keys) in _ASKING.items():
        later = table.alias()
        newest = select(func.max(later.c.starts_on)).where(
            later.c.starts_on <= day, *(later.c[key] == table.c[key] for key in keys)
        )
        current = (table.c.starts_on == newest.correlate(table).scalar_subquery()).label("current")
        found[name] = list(db.session.execute(select(table, current).order_by(*(table.c[k] for k in keys), table.c.id)))
    return found
