"""The only place that reads what came before an item: earlier engagements with its partners, and lead times."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Integer, bindparam, func, select, union_all

from engage.extensions import db
from engage.models.board import Decision
from engage.models.commitments import Commitment
from engage.models.engagements import Engagement, Item, engagement_partner
from engage.models.norms import RequirementRule
from engage.models.partners import Partner
from engage.rules.commitments import Side
from engage.rules.requirements import Kind
from engage.rules.voting import Outcome
from engage.rules.workflow import APPROVED, State

MOST = 50  # meetings read; the newest tell most

_I, _E, _D, _EP, _R = (
    Item.__table__.c, Engagement.__table__.c, Decision.__table__.c, engagement_partner.c, RequirementRule.__table__.c,
)  # fmt: skip
_O, _A = Commitment.__table__.c, Partner.__table__.c
_item: BindParameter[int] = bindparam("item", type_=Integer)
_with, _own = engagement_partner.alias("with"), engagement_partner.alias("own")
_this, _other = Engagement.__table__.alias("this"), Engagement.__table__.alias("other")
_KNOWN = union_all(
    select(_with.c.engagement_id.label("id"))
    .select_from(_own.join(_with, _with.c.partner_id == _own.c.partner_id))
    .where(_own.c.engagement_id == _item, _with.c.engagement_id != _item),
    select(_other.c.id)
    .select_from(_this.join(_other, _other.c.forum_id == _this.c.forum_id))
    .where(_this.c.id == _item, _other.c.id != _item),
).subquery("known")
_newest = select(func.max(_D.id)).where(_D.item_id == _I.id).correlate(Item.__table__).scalar_subquery()
_judged = Item.__table__.alias("judged")
_TOLD = sorted(APPROVED | {State.DISAPPROVED, State.CANCELLED})
_BEFORE = (
    select(_I.id, _I.title, _I.state, _I.starts_on, _I.ends_on, _D.outcome)
    .select_from(Item.__table__.outerjoin(Decision.__table__, _D.id == _newest))
    .where(
        _I.id.in_(select(_KNOWN.c.id)),
        _I.state.in_(_TOLD),
        _I.starts_on < select(_judged.c.starts_on).where(_judged.c.id == _item).scalar_subquery(),
    )
    .order_by(_I.starts_on.desc(), _I.id.desc())
    .limit(MOST)
)
_LEADS = (
    select(_R.lead_days, _R.label, _R.starts_on, _R.ends_on)
    .where(_R.kind == Kind.CLEARANCE, _R.blocks)
    .order_by(_R.lead_days.desc(), _R.label)
)


_PROMISES = (
    select(_O.side, _O.what, _O.due_on, _A.name.label("partner"))
    .join_from(Commitment.__table__, Partner.__table__, _A.id == _O.partner_id)
    .join(engagement_partner, _EP.partner_id == _O.partner_id)
    .where(_EP.engagement_id == _item, _O.settled_on.is_(None))
    .order_by(_O.due_on, _O.id)
    .limit(MOST)
)


@dataclass(frozen=True)
class Promise:
    """A promise that is still open between us and a partner of the item. `ours`: we owe it."""

    ours: bool
    what: str
    due_on: date
    partner: str


@dataclass(frozen=True)
class Meeting:
    """An earlier engagement with the same partners or forum; `outcome` is what became of it, in words."""

    id: int
    title: str
    starts_on: date | None
    ends_on: date | None
    outcome: str


def with_partners(item_id: int) -> list[Meeting]:
    """The earlier engagements with the partners or the forum of an item, the latest first. One statement."""
    return [
        Meeting(row.id, row.title, row.starts_on, row.ends_on, _outcome(row.state, row.outcome))
        for row in db.session.execute(_BEFORE, {"item": item_id})
    ]


def open_promises(item_id: int) -> list[Promise]:
    """What is still owed between us and the partners of an item, the soonest due first. One statement."""
    return [
        Promise(row.side is Side.OURS, row.what, row.due_on, row.partner)
        for row in db.session.execute(_PROMISES, {"item": item_id})
    ]


def leads() -> list[Any]:
    """The rules by which outside clearances are to be there, of any day, the longest first. One statement."""
    return list(db.session.execute(_LEADS))


def longest_lead(day: date, known: list[Any] | None = None) -> tuple[int, str]:
    """The most days before departure by which an outside clearance is to be there, and the rule; (0, "") for none.

    `known` are the rules, as `leads` gives them, when the caller has read them.
    """
    for row in leads() if known is None else known:
        if row.starts_on <= day and (row.ends_on is None or row.ends_on >= day):
            return row.lead_days, row.label
    return 0, ""


def _outcome(state: State, decided: Outcome | None) -> str:
    if state is State.CANCELLED:
        return "Cancelled"
    return state.label if decided is None else decided.label
