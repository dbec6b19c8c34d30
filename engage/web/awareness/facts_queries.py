"""From which rows the awareness pages read: the plan as it is known now, or as it stood at a moment that is past.

Both answer the same questions by the same names, so that a page is asked for once and read from either.
"""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, FromClause, String, and_, bindparam, cast, exists, or_

from engage.models.engagements import (
    Engagement,
    Item,
    Leg,
    StateSpan,
    engagement_objective,
    engagement_partner,
)
from engage.models.norms import Objective
from engage.models.partners import Partner
from engage.models.plans import PlanEntry
from engage.services.visibility import Scope, visible, was_visible

_I, _E, _L, _S, _O = (t.__table__.c for t in (Item, Engagement, Leg, StateSpan, Objective))
_named = Partner.__table__.alias("named")
_EO, _EP = engagement_objective.c, engagement_partner.c
_later = PlanEntry.__table__.alias("later")
AT: BindParameter[Any] = bindparam("at", type_=PlanEntry.__table__.c.at.type)


class AsOf(NamedTuple):
    """Which day a reader looks at: `day` says what is under way and complete, `at` what was known.

    `at` is the moment (aware UTC) before which something was known, or None for all that is known now.
    """

    day: date
    at: datetime | None = None


class Facts:
    """Engagements as rows: their columns, and the clauses that narrow them."""

    rows: FromClause
    id: Any
    title: Any
    state: Any
    firmness: Any
    direction: Any
    marking: Any
    requester_id: Any
    starts_on: Any
    ends_on: Any
    forum_id: Any

    def seen(self, scope: Scope) -> ColumnElement[bool]:
        """What the reader `:me` may see."""
        raise NotImplementedError

    def country(self, code: Any) -> ColumnElement[bool]:
        """Which stay in that country; a stop on the way is no stay."""
        raise NotImplementedError

    def objective(self, number: Any) -> ColumnElement[bool]:
        """Which serve that objective."""
        raise NotImplementedError

    def partner(self, number: Any) -> ColumnElement[bool]:
        """Which meet that partner."""
        raise NotImplementedError

    def goal(self, number: Any) -> ColumnElement[bool]:
        """Which serve an objective of that goal."""
        serves = exists().where(_O.goal_id == number, self.objective(_O.id))
        return serves.correlate_except(Objective.__table__, engagement_objective)


class _Now(Facts):
    """As everything stands now."""

    rows = Item.__table__.join(Engagement.__table__, _E.id == _I.id)
    id, title, state, firmness = _I.id, _I.title, _I.state, _I.firmness
    direction, marking, requester_id, forum_id = _E.direction, _I.marking, _I.requester_id, _E.forum_id
    starts_on, ends_on = _I.starts_on, _I.ends_on

    def seen(self, scope: Scope) -> ColumnElement[bool]:
        return visible(scope)

    def country(self, code: Any) -> ColumnElement[bool]:
        return exists().where(
            _L.engagement_id == _I.id, _L.country_code == code, ~_L.transit, _L.arrives_on >= bindparam("near")
        )

    def objective(self, number: Any) -> ColumnElement[bool]:
        return exists().where(_EO.engagement_id == _I.id, _EO.objective_id == number).correlate_except(
            engagement_objective
        )

    def partner(self, number: Any) -> ColumnElement[bool]:
        return exists().where(_EP.engagement_id == _I.id, _EP.partner_id == number)


_T = PlanEntry.__table__.alias("told").c


class _Then(Facts):
    """As everything stood when the moment `:at` came.

    An engagement is there when its reader may see it today, and could see it then as it stood and was marked.
    """

    rows = _T.id.table.join(Item.__table__, _I.id == _T.engagement_id).join(
        StateSpan.__table__, _S.item_id == _T.engagement_id
    )
    id, title, state, firmness = _T.engagement_id.label("id"), _T.title, _S.state, _T.firmness
    direction, marking, requester_id, forum_id = _T.direction, _T.marking, _T.requester_id, _T.forum_id
    starts_on, ends_on = _T.starts_on, _T.ends_on
    places, countries, cost = _T.places, _T.countries, _T.cost

    def seen(self, scope: Scope) -> ColumnElement[bool]:
        told_later = exists().where(
            _later.c.engagement_id == _T.engagement_id, _later.c.id > _T.id, _later.c.at < AT
        )
        return and_(
            _T.at < AT, ~told_later, _S.started_at < AT, or_(_S.ended_at.is_(None), _S.ended_at >= AT),
            visible(scope), was_visible(scope, _S.state, _T.marking, _T.requester_id, _T.travellers),
        )  # fmt: skip

    def country(self, code: Any) -> ColumnElement[bool]:
        return _among(_T.countries, code)

    def objective(self, number: Any) -> ColumnElement[bool]:
        return _among(_T.objectives, number)

    def partner(self, number: Any) -> ColumnElement[bool]:
        known_as = or_(_named.c.id == number, _named.c.merged_into_id == number)  # as it was called before a merger
        return exists().where(known_as, _among(_T.partners, _named.c.id)).correlate_except(_named)


def _among(texts: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    return texts.like("% " + cast(value, String) + " %")


NOW, THEN = _Now(), _Then()


def when(at: object) -> Facts:
    """The facts as they stood at a moment, or as they are now where that is None."""
    return NOW if at is None else THEN
