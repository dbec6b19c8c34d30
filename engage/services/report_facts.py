"""The only reader of a whole report: what is known of the engagement, what its group wrote, and what is promised."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import BindParameter, String, bindparam, case, cast, func, literal_column, select, union_all

from engage.extensions import db
from engage.models.board import Condition, Decision
from engage.models.engagements import Engagement
from engage.models.norms import Goal, Objective
from engage.models.partners import Partner
from engage.models.people import Person
from engage.models.places import Country
from engage.models.reports import Lesson, Outcome, OutsidePayment, PersonMet, ReportVersion, TripReport
from engage.reference.calendars import calendar_of
from engage.rules.outcomes import OutcomeKind
from engage.rules.reports import LessonKind, ReportState, day_after, report_state
from engage.services import commitment_lists, contents, norms

DUE = {"report_due_days": 10, "report_overdue_days": 21}  # business days, where no norm is in force
WIDTH = 11  # texts of a row

_O, _M, _L, _Y, _R, _V = (
    t.__table__.c for t in (Outcome, PersonMet, Lesson, OutsidePayment, TripReport, ReportVersion)
)
_J, _G, _PA, _C, _P, _D, _N = (
    t.__table__.c for t in (Objective, Goal, Partner, Country, Person, Decision, Condition)
)
_mine: BindParameter[int] = bindparam("engagement")


def _part(name: str, row_id: Any, *columns: Any) -> Any:
    """One kind of part as a row of texts, so that all kinds come in one statement."""
    texts = [*columns, *([literal_column("''")] * (WIDTH - len(columns)))]
    return select(
        literal_column(f"'{name}'").label("part"), row_id.label("id"),
        *(cast(column, String).label(f"c{place}") for place, column in enumerate(texts)),
    )  # fmt: skip


_PARTS = union_all(
    _part(
        "outcome", _O.id, _O.kind, _O.summary, _J.code, _J.title, _G.number, _PA.name, _C.name, _O.number, _O.nations,
        _O.people, _O.evidence,
    )
    .select_from(
        Outcome.__table__.join(Objective.__table__, _J.id == _O.objective_id)
        .join(Goal.__table__, _G.id == _J.goal_id)
        .outerjoin(Partner.__table__, _PA.id == _O.partner_id)
        .outerjoin(Country.__table__, _C.code == _O.country_code)
    )
    .where(_O.engagement_id == _mine),
    _part("met", _M.id, _M.name, _M.function, func.coalesce(_PA.name, _M.organisation))
    .select_from(PersonMet.__table__.outerjoin(Partner.__table__, _PA.id == _M.partner_id))
    .where(_M.engagement_id == _mine),
    _part("lesson", _L.id, _L.kind, _C.name, _L.country_code, _PA.name, _L.text)
    .select_from(
        Lesson.__table__.join(Country.__table__, _C.code == _L.country_code).outerjoin(
            Partner.__table__, _PA.id == _L.partner_id
        )
    )
    .where(_L.engagement_id == _mine),
    _part("payment", _Y.id, _Y.payer, _Y.what, case((_Y.in_kind, "1"), else_=""), _Y.amount, _Y.received_on).where(
        _Y.engagement_id == _mine
    ),
)  # fmt: skip
_REPORT = (
    select(
        _R.readout, _R.recommendations, _R.no_outcome, _R.version, _R.written_at, _R.filed_at, _R.first_filed_at,
        _P.name.label("writer"),
        select(func.max(_V.number)).where(_V.engagement_id == _mine).scalar_subquery().label("versions"),
    )
    .join_from(TripReport.__table__, Person.__table__, _P.id == _R.written_by_id)
    .where(_R.engagement_id == _mine)
)  # fmt: skip
_newest = select(func.max(_D.id)).where(_D.item_id == _mine).scalar_subquery()
_DECIDED = (
    select(
        _D.outcome, _D.reason, _D.authority, _D.decided_at, _N.id, _N.text, _N.met_at, _N.waived_at,
    )
    .outerjoin_from(Decision.__table__, Condition.__table__, _N.decision_id == _D.id)
    .where(_D.id == _newest)
    .order_by(_N.id)
)  # fmt: skip


@dataclass(frozen=True)
class OutcomeLine:
    """One outcome as pages show it."""

    id: int
    kind: OutcomeKind
    summary: str
    objective: str
    goal: int
    partner: str
    country: str
    number: int
    nations: int | None
    people: int | None
    evidence: str


@dataclass(frozen=True)
class Met:
    """Somebody met."""

    id: int
    name: str
    function: str
    organisation: str


@dataclass(frozen=True)
class LessonLine:
    """One lesson."""

    id: int
    kind: LessonKind
    country: str
    country_code: str
    partner: str
    text: str


@dataclass(frozen=True)
class Payment:
    """What an outside payer gave, in US dollars."""

    id: int
    payer: str
    what: str
    in_kind: bool
    amount: Decimal
    received_on: date


@dataclass(frozen=True)
class Facts:
    """A report with all that is known: what the engagement says, what was decided, and what the group wrote."""

    content: dict[str, Any]
    decision: Any  # None where none is known
    conditions: list[tuple[str, str]]  # text, and where it stands
    report: Any  # None where nobody has begun it
    due_on: date
    overdue_on: date
    state: ReportState
    outcomes: list[OutcomeLine] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    lessons: list[LessonLine] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    promises: list[commitment_lists.Line] = field(default_factory=list)  # made at it
    followed: list[commitment_lists.Line] = field(default_factory=list)  # open ones with its partners, from before

    @property
    def people(self) -> dict[int, str]:
        """The group, by id."""
        return {t["id"]: t["name"] for t in self.content["travellers"] if t["id"]}

    @property
    def lead_id(self) -> int | None:
        """Who leads it."""
        return next((t["id"] for t in self.content["travellers"] if t["lead"]), None)

    @property
    def expected(self) -> list[dict[str, Any]]:
        """The lines of the estimate that somebody outside was to pay."""
        return [cost for cost in self.content["costs"] if cost["non_federal"]]

    @property
    def payments_owed(self) -> bool:
        """Whether the request named an outside payer and nothing is said of what they gave."""
        return bool(self.expected) and not self.payments

    @property
    def said(self) -> dict[str, str]:
        """What the group wrote so far."""
        names = ("readout", "recommendations", "no_outcome")
        return {name: getattr(self.report, name) if self.report else "" for name in names}


def of(engagement: Engagement, today: date) -> Facts:
    """All of an engagement's report as it stands. Seven statements."""
    given = {"engagement": engagement.id}
    content = contents.content_of(engagement.id)
    decided: Any = db.session.execute(_DECIDED, given).all()
    report: Any = db.session.execute(_REPORT, given).one_or_none()
    ended = content["ends_on"] or content["starts_on"] or today
    due_on, overdue_on = days_of(ended, today)
    parts: dict[str, list[Any]] = {name: [] for name in _SHAPES}
    for part, row_id, *texts in db.session.execute(_PARTS, given):
        parts[part].append(_SHAPES[part](row_id, *texts))
    promises, followed = commitment_lists.at_or_with(engagement.id, today)
    outcomes, met, lessons, payments = (sorted(of_kind, key=lambda one: one.id) for of_kind in parts.values())
    return Facts(
        content, decided[0] if decided else None, [(row.text, _stands(row)) for row in decided if row.id], report,
        due_on, overdue_on, report_state(bool(report and report.filed_at), due_on, overdue_on, today), outcomes, met,
        lessons, payments, promises, followed,
    )  # fmt: skip


def days_of(ended_on: date, today: date, dials: Mapping[str, int] | None = None) -> tuple[date, date]:
    """The days on which the report on what ended then is due and overdue, in business days of the office.

    By the norms in force when it ended. One statement, or none with `dials`.
    """
    numbers = dials or norms.on(min(ended_on, today), DUE)
    home = current_app.config["SETTINGS"].home_country
    calendar = calendar_of(home, ended_on, date(ended_on.year + 1, 12, 31))
    return (
        day_after(ended_on, max(numbers["report_due_days"], 0), calendar),
        day_after(ended_on, max(numbers["report_overdue_days"], 0), calendar),
    )


def _stands(row: Any) -> str:
    return "Met" if row.met_at else "Waived" if row.waived_at else "Open"


def _number(text: str | None) -> int | None:
    return int(text) if text else None


_SHAPES: dict[str, Any] = {
    "outcome": lambda id_, kind, summary, code, title, goal, partner, country, number, nations, people, evidence: (
        OutcomeLine(
            id_, OutcomeKind(kind), summary, f"{code} {title}", int(goal), partner or "", country or "", int(number),
            _number(nations), _number(people), evidence,
        )
    ),
    "met": lambda id_, name, function, organisation, *_: Met(id_, name, function, organisation or ""),
    "lesson": lambda id_, kind, country, code, partner, text, *_: LessonLine(
        id_, LessonKind(kind), country, code, partner or "", text
    ),
    "payment": lambda id_, payer, what, in_kind, amount, day, *_: Payment(
        id_, payer, what, bool(in_kind), Decimal(amount).quantize(contents.CENT), date.fromisoformat(day)
    ),
}  # fmt: skip


def frozen(facts: Facts) -> dict[str, Any]:
    """The report as it is kept when it is filed: plain values that canonical JSON can say."""
    content, decision = facts.content, facts.decision
    return {
        "engagement": {
            name: content[name] for name in ("title", "purpose", "outcome_sought", "starts_on", "ends_on", "requester")
        },
        "travellers": [{"name": t["name"], "lead": t["lead"]} for t in content["travellers"]],
        "stays": [
            {name: leg[name] for name in ("country", "city", "arrives_on", "departs_on")} for leg in content["legs"]
        ],
        "partners": [p["name"] for p in content["partners"]],
        "forum": content["forum"]["name"] if content["forum"] else None,
        "objectives": [f"{o['code']} {o['title']}" for o in content["objectives"]],
        "decision": {
            "outcome": decision.outcome.label, "reason": decision.reason, "authority": decision.authority,
            "decided_at": decision.decided_at,
        } if decision else None,
        "conditions": [{"text": text, "stands": stands} for text, stands in facts.conditions],
        **facts.said,
        "outcomes": [{**_plain(one), "kind": one.kind.label} for one in facts.outcomes],
        "met": [_plain(one) for one in facts.met],
        "lessons": [{**_plain(one), "kind": one.kind.label} for one in facts.lessons],
        "payments": [_plain(one) for one in facts.payments],
        "promises": [
            {"side": p.side.label, "what": p.what, "whom": p.whom, "owner": p.owner, "due_on": p.due_on}
            for p in facts.promises
        ],
    }  # fmt: skip


def _plain(part: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(part).items() if name != "id"}
