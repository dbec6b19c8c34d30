"""The only reader of conditions for pages: of an item, of a decision, of an owner, and of all that is open."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, select

from engage.extensions import db
from engage.models.board import Condition, ConditionStep
from engage.models.engagements import Item
from engage.models.people import Person
from engage.rules import conditions as rules
from engage.rules.conditions import Standing, Step
from engage.rules.marking import Marking
from engage.rules.workflow import APPROVED, State

PAGE = 50

_N, _I, _P, _S = Condition.__table__.c, Item.__table__.c, Person.__table__.c, ConditionStep.__table__.c
_judge = Person.__table__.alias("judge")
_ALL = (
    select(
        _N.id, _N.decision_id, _N.item_id, _N.text, _N.owner_id, _N.due_on, _N.due_days_before, _N.blocking,
        _N.given_at, _N.evidence, _N.met_at, _N.waived_at, _N.waived_by_id, _P.name.label("owner"),
        _judge.c.name.label("met_by"), _I.title, _I.starts_on, _I.state, _I.marking,
    )
    .select_from(
        Condition.__table__.join(Person.__table__, _P.id == _N.owner_id)
        .join(Item.__table__, _I.id == _N.item_id)
        .outerjoin(_judge, _judge.c.id == _N.met_by_id)
    )
    .order_by(_N.id)
)  # fmt: skip
_unsettled = and_(_N.met_at.is_(None), _N.waived_at.is_(None), _I.state.in_(sorted(APPROVED)))
_OF_ITEM = _ALL.where(_N.item_id == bindparam("id")).limit(100)
_OF_DECISION = _ALL.where(_N.decision_id == bindparam("id"))
_OF_OWNER = _ALL.where(_N.owner_id == bindparam("id")).order_by(None).order_by(_N.id.desc()).limit(200)
_after = bindparam("after", type_=Integer)
_GIVEN = _ALL.where(_unsettled, _N.given_at.is_not(None), _N.id > _after).limit(PAGE + 1)
_OWED = _ALL.where(_unsettled, _N.given_at.is_(None), _N.id > _after).limit(PAGE + 1)
_ONE = _ALL.where(_N.id == bindparam("id"))
_STEPS = (
    select(_S.step, _S.said, _S.at, _P.name)
    .join_from(ConditionStep.__table__, Person.__table__, _P.id == _S.by_id)
    .where(_S.condition_id == bindparam("id"))
    .order_by(_S.id.desc())
    .limit(200)
)


@dataclass(frozen=True)
class Line:
    """A condition as every page shows it. `due`: None where neither day nor departure is known."""

    id: int
    decision_id: int
    item_id: int
    title: str
    state: State
    marking: Marking
    text: str
    owner_id: int
    owner: str
    blocking: bool
    due: date | None
    standing: Standing
    evidence: str
    met_at: datetime | None
    met_by: str | None
    waived_by_id: int | None

    @property
    def mark(self) -> str:
        """The kind of mark that says where it stands."""
        return {Standing.OPEN: "wait", Standing.GIVEN: "warn"}.get(self.standing, "good")

    def overdue(self, today: date) -> bool:
        """Whether its day is over and it is not settled."""
        return not self.standing.settled and self.due is not None and self.due < today


@dataclass(frozen=True)
class Past:
    """One step of a condition's history."""

    step: Step
    said: str
    at: datetime
    who: str


def of_item(item_id: int) -> list[Line]:
    """The conditions of an item's decisions, in their order."""
    return _lines(_OF_ITEM, id=item_id)


def of_decision(decision_id: int) -> list[Line]:
    """The conditions of one decision, in its order."""
    return _lines(_OF_DECISION, id=decision_id)


def of_owner(person_id: int | None) -> list[Line]:
    """What a person owes and owed, the newest first."""
    return _lines(_OF_OWNER, id=person_id)


def waiting(after: int = 0) -> tuple[list[Line], int | None]:
    """A page of those whose evidence waits to be verified, and where the next page begins."""
    return _page(_lines(_GIVEN, after=after))


def owed(after: int = 0) -> tuple[list[Line], int | None]:
    """A page of those for which no evidence stands, and where the next page begins."""
    return _page(_lines(_OWED, after=after))


def line(condition_id: int) -> Line | None:
    """One condition, or None."""
    return next(iter(_lines(_ONE, id=condition_id)), None)


def held(condition_id: int) -> Condition | None:
    """A condition as its service wants it, or None."""
    return db.session.get(Condition, condition_id)


def steps(condition_id: int) -> list[Past]:
    """What happened to a condition, the latest first."""
    rows = db.session.execute(_STEPS, {"id": condition_id})
    return [Past(row.step, row.said, row.at, row.name) for row in rows]


def _page(lines: list[Line]) -> tuple[list[Line], int | None]:
    return lines[:PAGE], lines[PAGE - 1].id if len(lines) > PAGE else None


def _lines(statement: Select[Any], **given: int | None) -> list[Line]:
    return [
        Line(
            row.id, row.decision_id, row.item_id, row.title, row.state, row.marking, row.text, row.owner_id, row.owner,
            row.blocking, rules.due_day(row.starts_on, row.due_days_before, row.due_on),
            rules.standing(
                given=row.given_at is not None, verified=row.met_at is not None, waived=row.waived_at is not None
            ),
            row.evidence, row.met_at, row.met_by, row.waived_by_id,
        )
        for row in db.session.execute(statement, given)
    ]  # fmt: skip
