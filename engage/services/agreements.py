"""The only writer of Agreement, and its only reader: who may see which, what runs out, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, or_, select, tuple_

from engage.extensions import db
from engage.models.partners import Agreement, Partner
from engage.models.people import Person
from engage.rules.forbidden import forbidden
from engage.rules.marking import OPEN_TO_ALL, OPEN_TO_OFFICE, Marking
from engage.rules.partners import SOON, AgreementKind, AgreementStanding
from engage.rules.policy import Actor, Do, See, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.workflow import State
from engage.services import audit, partners
from engage.services.visibility import Scope, scope

PAGE = 50
LONGEST_WHY = 200
FAR = date(9999, 12, 31)  # where what does not expire stands in a list by day

_A, _P, _PA = (t.__table__.c for t in (Agreement, Person, Partner))
_me = Person.__table__.alias("me")
_LAST_DAY = func.coalesce(_A.expires_on, FAR)
_today: Any = bindparam("today", type_=_A.expires_on.type)
_soon: Any = bindparam("soon", type_=_A.expires_on.type)
_over = and_(_A.ended_on.is_not(None), _A.ended_on <= _today)
_goes_on = or_(_A.ended_on.is_(None), _A.ended_on > _today)
# In the words of rules.partners; a test holds the two together.
STANDINGS: Mapping[AgreementStanding, ColumnElement[bool]] = {
    AgreementStanding.ENDED: _over,
    AgreementStanding.IN_FORCE: and_(_goes_on, or_(_A.expires_on.is_(None), _A.expires_on > _soon)),
    AgreementStanding.RUNS_OUT: and_(_goes_on, _A.expires_on.between(_today, _soon)),
    AgreementStanding.EXPIRED: and_(_goes_on, _A.expires_on < _today),
}


@dataclass(frozen=True)
class Said:
    """What is written down of an agreement. `expires_on` None: it does not expire."""

    kind: AgreementKind
    title: str
    reference: str
    marking: Marking
    owner_id: int | None
    signed_on: date | None
    expires_on: date | None


@cache
def visible(seen_by: Scope) -> ColumnElement[bool]:
    """The WHERE clause over agreement and its owner that keeps what the reader `:me` may see (See.AGREEMENT)."""
    me: Any = bindparam("me")
    mine = select(_me.c.office_id).where(_me.c.id == me).scalar_subquery()
    owns = or_(_A.owner_id == me, _P.supervisor_id == me)
    if seen_by.handles:
        return owns | _A.id.is_not(None)
    open_to = or_(
        _A.marking.in_(sorted(OPEN_TO_ALL)),
        and_(_A.marking.in_(sorted(OPEN_TO_OFFICE - OPEN_TO_ALL)), _P.office_id == mine),
    )
    return or_(owns, open_to, _A.marking != Marking.RED) if seen_by.governs else or_(owns, open_to)


@cache
def _list(seen_by: Scope, names: frozenset[str], later: bool) -> Select[Any]:
    narrowed = {
        "partner": _A.partner_id == bindparam("partner"), "mine": _A.owner_id == bindparam("me"),
        "until": and_(_A.ended_on.is_(None), _A.expires_on.between(bindparam("since"), bindparam("until"))),
        "id": _A.id == bindparam("agreement"),
        **{standing.value: clause for standing, clause in STANDINGS.items()},
    }  # fmt: skip
    wanted = (
        select(
            _A.id, _A.partner_id, _A.kind, _A.title, _A.reference, _A.marking, _A.owner_id, _A.signed_on, _A.expires_on,
            _A.ended_on, _A.ended_why, _A.version, _P.name.label("owner"), _PA.name.label("partner"),
            _LAST_DAY.label("last_day"),
        )
        .select_from(
            Agreement.__table__.join(Person.__table__, _P.id == _A.owner_id).join(
                Partner.__table__, _PA.id == _A.partner_id
            )
        )
        .where(visible(seen_by), *(narrowed[name] for name in sorted(names)))
        .order_by(_LAST_DAY, _A.id)
        .limit(PAGE + 1)
    )  # fmt: skip
    if later:
        wanted = wanted.where(tuple_(_LAST_DAY, _A.id) > tuple_(bindparam("after"), bindparam("after_id")))
    return wanted


def listed(
    who: Actor, today: date, names: frozenset[str] = frozenset(), after: tuple[date, int] | None = None, **given: Any
) -> tuple[list[Row[Any]], tuple[date, int] | None]:
    """A page of the agreements that `who` may see, the first to expire first. One statement.

    `names` narrows: a standing's value, "mine", "partner" (given), "until" (with `since` and `until`).
    """
    values = given | {"me": who.id, "today": today, "soon": today + SOON}
    if after:
        values |= {"after": after[0], "after_id": after[1]}
    rows = list(db.session.execute(_list(scope(who), names, after is not None), values))
    return rows[:PAGE], (rows[PAGE - 1].last_day, rows[PAGE - 1].id) if len(rows) > PAGE else None


def one(agreement_id: int, *, by: Actor, today: date) -> Any:
    """An agreement as lists show it, or None when there is none that `by` may see."""
    rows, _ = listed(by, today, frozenset({"id"}), agreement=agreement_id)
    return rows[0] if rows else None


@cache
def _running_out(seen_by: Scope) -> Select[Any]:
    return (
        select(func.count())
        .select_from(Agreement.__table__.join(Person.__table__, _P.id == _A.owner_id))
        .where(visible(seen_by), STANDINGS[AgreementStanding.RUNS_OUT])
    )


def running_out(who: Actor, today: date) -> int:
    """How many agreements that `who` may see run out soon: as many as their list has. One statement."""
    return db.session.scalar(_running_out(scope(who)), {"me": who.id, "today": today, "soon": today + SOON}) or 0


def subject(agreement_id: int) -> Subject | None:
    """An agreement as the policy sees it: as an approved engagement of its owner would be."""
    row = db.session.execute(
        select(_A.owner_id, _A.marking, _P.office_id, _P.supervisor_id)
        .join_from(Agreement.__table__, Person.__table__, _P.id == _A.owner_id)
        .where(_A.id == agreement_id)
    ).one_or_none()
    return row and Subject(State.APPROVED, row.owner_id, marking=row.marking, office_id=row.office_id,
                           supervisor_id=row.supervisor_id)  # fmt: skip


def find(agreement_id: int, *, by: Actor) -> Agreement | None:
    """The agreement to be changed; None where `by` may not see it."""
    what = subject(agreement_id)
    return db.session.get(Agreement, agreement_id) if what is not None and may(by, See.AGREEMENT, what) else None


def write_down(partner_id: int, said: Said, *, by: Actor, now: datetime) -> Agreement:
    """Write down what was agreed with a partner. Raises NotAllowed, or Incomplete with a sentence at each field."""
    if not may(by, Do.EDIT_REGISTER):
        raise NotAllowed("The secretariat writes agreements down.")
    at = _wrong(said)
    if not partners.live(partner_id):
        at["title"] = "Choose a partner of the register."
    if at:
        raise Incomplete(at)
    made = Agreement(partner_id=partner_id, **vars(said))
    db.session.add(made)
    db.session.flush()
    audit.record("add", about=("agreement", made.id), by=by, now=now, partner=partner_id, after=_told(said))
    return made


def revise(agreement: Agreement, said: Said, version: int, *, by: Actor, now: datetime) -> None:
    """Mend or renew an agreement; a new last day earns its own reminders.

    Raises NotAllowed, NotOpen for one that ended, Stale, or Incomplete with a sentence at each field.
    """
    _kept_by(agreement, by)
    if agreement.version != version:
        raise Stale("Somebody changed this agreement while you were writing, so nothing was changed.")
    if at := _wrong(said):
        raise Incomplete(at)
    before = {name: getattr(agreement, name) for name in vars(said)}
    changed = {name: value for name, value in vars(said).items() if value != before[name]}
    if not changed:
        raise Incomplete({"title": "Nothing differs from what it says now."})
    for name, value in changed.items():
        setattr(agreement, name, value)
    db.session.flush()
    audit.record(
        "change", about=("agreement", agreement.id), by=by, now=now,
        before={name: before[name] for name in sorted(changed)}, after=dict(sorted(changed.items())),
    )  # fmt: skip


def end(agreement: Agreement, why: str, *, on: date | None, by: Actor, now: datetime) -> None:
    """Say that an agreement is no longer looked after, from a day on. Raises NotAllowed, NotOpen or Incomplete."""
    _kept_by(agreement, by)
    at = {}
    if on is None or on < agreement.signed_on:
        at["on"] = "Give the day on which it ended, after the one on which it was signed."
    if not why:
        at["why"] = "Say why: replaced, given notice of, or not renewed."
    elif len(why) > LONGEST_WHY:
        at["why"] = f"Use at most {LONGEST_WHY} characters."
    if at:
        raise Incomplete(at)
    agreement.ended_on, agreement.ended_why = on, why
    db.session.flush()
    audit.record("end", about=("agreement", agreement.id), by=by, now=now, on=on, reason=why)


def _kept_by(agreement: Agreement, by: Actor) -> None:
    if not may(by, Do.KEEP_AGREEMENT, agreement.owner_id):
        raise NotAllowed("Its owner and the secretariat look after an agreement.")
    if agreement.ended_on is not None:
        raise NotOpen(f"This agreement ended on {agreement.ended_on:%d %B %Y}.")


def _told(said: Said) -> dict[str, Any]:
    return dict(vars(said))


def _wrong(said: Said) -> dict[str, str]:
    at = {field: why for field in ("title", "reference") if (why := forbidden(getattr(said, field)))}
    if not said.title:
        at["title"] = "Give the title."
    if said.signed_on is None:
        at["signed_on"] = "Give the day on which it was signed."
    elif said.expires_on is not None and said.expires_on < said.signed_on:
        at["expires_on"] = "It cannot expire before it was signed."
    here = exists().where(_P.id == said.owner_id, _P.disabled_at.is_(None))
    if said.owner_id is None or not db.session.scalar(select(here)):
        at["owner"] = "Name somebody who has an account: they are told before it expires."
    return at


def expiring(who: Actor, today: date, within: timedelta) -> list[Row[Any]]:
    """The agreements that `who` may see and whose last day is near. One statement."""
    return listed(who, today, frozenset({"until"}), since=today, until=today + within)[0]
