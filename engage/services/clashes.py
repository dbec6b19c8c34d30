"""The only place that finds engagements that meet another in time: same country, partner, forum or people.

Two statements, however many there are. Whoever shows the answer asks first whether its reader may see them all:
those who govern may, and an approved engagement is seen by everybody.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BindParameter, Integer, String, bindparam, func, literal, select, union_all

from engage.extensions import db
from engage.models.engagements import Engagement, Item, Leg, Traveller, engagement_partner
from engage.models.partners import Forum, Partner
from engage.models.people import Person
from engage.models.places import Country
from engage.rules.workflow import FINAL, State

DAYS_AROUND = 30  # days before and after within which the same country, partner or forum is worth a look
MOST = 200  # ties read; beyond, the list says that there are more

_I, _E, _L, _T, _EP = (
    Item.__table__.c, Engagement.__table__.c, Leg.__table__.c, Traveller.__table__.c, engagement_partner.c,
)  # fmt: skip
_C, _PA, _F, _P = Country.__table__.c, Partner.__table__.c, Forum.__table__.c, Person.__table__.c
_item: BindParameter[int] = bindparam("item", type_=Integer)
_theirs, _mine = Leg.__table__.alias("theirs"), Leg.__table__.alias("mine")
_with, _own = engagement_partner.alias("with"), engagement_partner.alias("own")
_goes, _ours = Traveller.__table__.alias("goes"), Traveller.__table__.alias("ours")
_other, _this = Engagement.__table__.alias("other"), Engagement.__table__.alias("this")


def _tie(kind: str, number: Any, name: Any) -> Any:
    return select(number.label("id"), literal(kind, String).label("kind"), name.label("name")).distinct()


# Everything that ties another engagement to this one, of any time.
_TIES = union_all(
    _tie("country", _theirs.c.engagement_id, _C.name)
    .select_from(
        _mine.join(_theirs, _theirs.c.country_code == _mine.c.country_code).join(
            Country.__table__, _C.code == _mine.c.country_code
        )
    )
    .where(_mine.c.engagement_id == _item, _theirs.c.engagement_id != _item),
    _tie("partner", _with.c.engagement_id, _PA.name)
    .select_from(
        _own.join(_with, _with.c.partner_id == _own.c.partner_id).join(
            Partner.__table__, _PA.id == _own.c.partner_id
        )
    )
    .where(_own.c.engagement_id == _item, _with.c.engagement_id != _item),
    _tie("forum", _other.c.id, _F.name)
    .select_from(
        _this.join(_other, _other.c.forum_id == _this.c.forum_id).join(Forum.__table__, _F.id == _this.c.forum_id)
    )
    .where(_this.c.id == _item, _other.c.id != _item),
    _tie("person", _goes.c.engagement_id, _P.name)
    .select_from(
        _ours.join(_goes, _goes.c.person_id == _ours.c.person_id).join(Person.__table__, _P.id == _ours.c.person_id)
    )
    .where(_ours.c.engagement_id == _item, _goes.c.engagement_id != _item),
).subquery("tie")
_SPAN = select(
    func.coalesce(func.min(_L.arrives_on), select(_I.starts_on).where(_I.id == _item).scalar_subquery()),
    func.coalesce(func.max(_L.departs_on), select(_I.ends_on).where(_I.id == _item).scalar_subquery()),
).where(_L.engagement_id == _item)
_AROUND = (
    select(_I.id, _I.title, _I.state, _I.starts_on, _I.ends_on, _TIES.c.kind, _TIES.c.name)
    .join_from(_TIES, Item.__table__, _I.id == _TIES.c.id)
    .where(
        _I.state.not_in(sorted(FINAL | {State.DRAFT})),
        _I.starts_on <= bindparam("until"),
        func.coalesce(_I.ends_on, _I.starts_on) >= bindparam("since"),
    )
    .order_by(_I.starts_on, _I.id, _TIES.c.kind, _TIES.c.name)
    .limit(MOST)
)


@dataclass(frozen=True)
class Clash:
    """Another engagement near this one. `ties` are (kind, name): country, partner, forum, person.

    `overlaps`: its days and ours share at least one; else it lies within DAYS_AROUND of ours.
    """

    id: int
    title: str
    state: State
    starts_on: date
    ends_on: date | None
    overlaps: bool
    ties: tuple[tuple[str, str], ...]

    @property
    def why(self) -> str:
        """What ties it, in words: "also in Estonia; same partner: CERT-EE"."""
        words = {"country": "also in", "partner": "same partner:", "forum": "same forum:", "person": "also travels:"}
        told: dict[str, list[str]] = {}
        for kind, name in self.ties:
            told.setdefault(kind, []).append(name)
        return "; ".join(f"{words[kind]} {', '.join(names)}" for kind, names in sorted(told.items()))


def around(item_id: int, days: int = DAYS_AROUND) -> list[Clash]:
    """The engagements not yet over that share a place, partner, forum or traveller within `days` of this one's.

    Oldest first. A shared traveller counts only where the days overlap: before and after, people may well travel.
    """
    first, last = db.session.execute(_SPAN, {"item": item_id}).one()
    if first is None:
        return []
    last, wide = last or first, timedelta(days=days)
    rows = db.session.execute(_AROUND, {"item": item_id, "since": first - wide, "until": last + wide}).all()
    found: dict[int, tuple[Any, list[tuple[str, str]]]] = {}
    for row in rows:
        found.setdefault(row.id, (row, []))[1].append((row.kind, row.name))
    made = []
    for row, ties in found.values():
        overlaps = row.starts_on <= last and (row.ends_on or row.starts_on) >= first
        near = tuple(tie for tie in ties if overlaps or tie[0] != "person")
        if near:
            made.append(Clash(row.id, row.title, row.state, row.starts_on, row.ends_on, overlaps, near))
    return made
