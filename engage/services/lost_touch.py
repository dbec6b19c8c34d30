"""The only place that says with which partners there was no contact for long, as far as a reader may see."""

from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, or_, select

from engage.extensions import db
from engage.models.engagements import Item, engagement_partner
from engage.models.partners import Agreement, Partner
from engage.models.people import Person
from engage.rules.partners import months_before
from engage.rules.policy import Actor
from engage.rules.workflow import APPROVED
from engage.services import agreements, norms
from engage.services.visibility import Scope, scope, visible

DIALS = {"contact_months": 6}  # without contact before a partner is named, where nothing else is set
SHOWN = 20
LONGEST = timedelta(days=3650)  # what was longer ago is no relation that anybody keeps
NEWEST = 400  # engagements of one partner that are looked at for the last contact: cost does not follow history

_P, _I, _EP, _A, _O = (
    Partner.__table__.c, Item.__table__.c, engagement_partner.c, Agreement.__table__.c, Person.__table__.c,
)  # fmt: skip
_last_day = func.coalesce(_I.ends_on, _I.starts_on)


_later = engagement_partner.alias("later")
_newest = func.coalesce(
    select(_later.c.engagement_id)
    .where(_later.c.partner_id == _P.id)
    .order_by(_later.c.engagement_id.desc())
    .limit(1)
    .offset(NEWEST)
    .correlate(Partner.__table__)
    .scalar_subquery(),
    0,
)


def _with(seen_by: Scope, *when: ColumnElement[bool]) -> ColumnElement[bool]:
    agreed = and_(_EP.partner_id == _P.id, _I.id == _EP.engagement_id, _I.state.in_(sorted(APPROVED)))
    return exists().where(agreed, visible(seen_by), *when).correlate(Partner.__table__)


@cache
def silent(seen_by: Scope) -> ColumnElement[bool]:
    """The WHERE clause over partner: an agreement or an earlier engagement, and nothing since `:before` nor ahead.

    Only what the reader `:me` may see counts, either way: so nothing is told by what is not named.
    """
    bound = (
        exists()
        .where(
            _A.partner_id == _P.id, _O.id == _A.owner_id, _A.ended_on.is_(None), agreements.visible(seen_by),
            or_(_A.expires_on.is_(None), _A.expires_on >= bindparam("today")),
        )
        .correlate(Partner.__table__)
    )  # fmt: skip
    met = _with(seen_by, _I.starts_on >= bindparam("since"))
    lately = _with(seen_by, _last_day >= bindparam("before"), _EP.engagement_id >= _newest)
    return and_(_P.merged_into_id.is_(None), or_(bound, met), ~lately)


@cache
def last_on(seen_by: Scope) -> Any:
    """The last day of the latest engagement with a partner that is over and that `:me` may see, as an expression."""
    over = and_(_EP.partner_id == _P.id, _I.id == _EP.engagement_id, _I.state.in_(sorted(APPROVED)))
    return (
        select(func.max(_last_day))
        .where(over, visible(seen_by), _last_day < bindparam("today"), _EP.engagement_id >= _newest)
        .correlate(Partner.__table__)
        .scalar_subquery()
    )


def given(who: Actor, today: date) -> dict[str, Any]:
    """What the clauses above take. One statement."""
    months = max(1, norms.on(today, DIALS)["contact_months"])
    return {"me": who.id, "today": today, "before": months_before(today, months), "since": today - LONGEST}


@cache
def _named(seen_by: Scope) -> Select[Any]:
    return (
        select(_P.id, _P.name, last_on(seen_by).label("last_on"))
        .where(silent(seen_by))
        .order_by(_P.name, _P.id)
        .limit(SHOWN + 1)
    )


def partners(who: Actor, today: date) -> list[Row[Any]]:
    """The partners with which there was no contact for long: at most SHOWN and one more. Two statements."""
    return list(db.session.execute(_named(scope(who)), given(who, today)))
