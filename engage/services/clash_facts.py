"""The only place for the statements that look around a request: one for all there is to tell, one for what is owed."""

from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Integer,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from engage.models.asking import AcceptedClash, Blackout, ClashRule, Deputy
from engage.models.commitments import Commitment
from engage.models.engagements import Engagement, Item, Leg, Traveller, engagement_partner
from engage.models.partners import Forum, Partner
from engage.models.people import Absence, Person
from engage.models.places import Country
from engage.rules.clashes import NEVER, Tie
from engage.rules.commitments import Side

NEWEST = 400  # engagements of one partner, forum or person that are looked at
MOST, FEW = 100, 10  # of one tie; beyond, nobody reads on

_I, _E, _L, _T, _EP = (
    Item.__table__.c, Engagement.__table__.c, Leg.__table__.c, Traveller.__table__.c, engagement_partner.c,
)  # fmt: skip
_C, _PA, _F, _P = Country.__table__.c, Partner.__table__.c, Forum.__table__.c, Person.__table__.c
_O = Commitment.__table__.c
_B, _D, _A, _K, _R = (t.__table__.c for t in (Blackout, Deputy, Absence, AcceptedClash, ClashRule))
ENGAGEMENTS = frozenset({Tie.COUNTRY, Tie.PARTNER, Tie.FORUM, Tie.PERSON, Tie.DEPUTY})
_none: Any = literal_column("NULL")


def _name(name: str, kind: Any) -> BindParameter[Any]:
    return bindparam(name, type_=kind)


_item, _since, _until = _name("item", Integer), _name("since", Date), _name("until", Date)
_first, _last, _day = _name("first", Date), _name("last", Date), _name("day", Date)
_codes: Any = bindparam("countries", expanding=True)
_people: Any = bindparam("people", expanding=True)


def _row(what: str, number: Any, name: Any, title: Any, state: Any, starts: Any, ends: Any) -> Any:
    return select(
        literal_column(f"'{what}'").label("what"), cast(number, Integer).label("number"),
        cast(name, String).label("name"), cast(title, String).label("title"), cast(state, String).label("state"),
        cast(starts, String).label("starts"), cast(ends, String).label("ends"),
    )  # fmt: skip


def _near(tie: Tie, name: Any, origin: Any, *, unaccepted: bool) -> Any:
    """The items that `origin` leads to, around the days asked for, at most MOST; or a few that nobody accepted yet."""
    found = (
        _row(tie, _I.id, name, _I.title, _I.state, _I.starts_on, _I.ends_on)
        .distinct()
        .select_from(origin)
        .where(
            _I.id != _item,
            _I.state.not_in(sorted(NEVER)),
            _I.starts_on <= _until,
            func.coalesce(_I.ends_on, _I.starts_on) >= _since,
        )
    )
    if unaccepted:
        key = literal_column("'item:'").concat(cast(_I.id, String))
        found = found.where(~exists().where(_K.engagement_id == _item, _K.key == key).correlate(Item.__table__))
    found = found.limit(FEW if unaccepted else MOST).subquery()
    return select(*found.c)


def _newest(column: Any, whose: Any, owner: Any) -> Any:
    """The number from which on `column` is among the NEWEST of its owner."""
    older = column.table.alias()
    mine = older.c[whose.name] == owner
    nth = select(older.c[column.name]).where(mine).order_by(older.c[column.name].desc()).limit(1).offset(NEWEST)
    return func.coalesce(nth.scalar_subquery(), 0)


def _goers(who: Any) -> Any:
    """The engagements on which the people of `who` (a column) travel, joined to their items."""
    return (
        Traveller.__table__,
        (_T.person_id == who) & (_T.engagement_id >= _newest(_T.engagement_id, _T.person_id, who)),
    )


def _other() -> Any:
    """Of a pair of which one travels, the other."""
    return case((_D.principal_id.in_(_people), _D.deputy_id), else_=_D.principal_id)


def _promises(*, unaccepted: bool) -> Any:
    """What we promised to the partners and have not kept by the day it was due; `ends` names where it was promised."""
    found = (
        _row("promise", _O.id, _PA.name, _O.what, _I.state, _O.due_on, _O.engagement_id)
        .select_from(
            Commitment.__table__.join(Partner.__table__, _PA.id == _O.partner_id)
            .join(Item.__table__, _I.id == _O.engagement_id)
        )
        .where(
            _O.partner_id.in_(bindparam("partners", expanding=True)), _O.side == Side.OURS, _O.settled_on.is_(None),
            _O.due_on < _day,
        )
    )  # fmt: skip
    if unaccepted:
        key = literal_column("'promise:'").concat(cast(_O.id, String))
        found = found.where(~exists().where(_K.engagement_id == _item, _K.key == key).correlate(Commitment.__table__))
    found = found.limit(FEW if unaccepted else MOST).subquery()
    return select(*found.c)


_in_force = (_D.starts_on <= _last) & or_(_D.ends_on.is_(None), _D.ends_on >= _first)
_one_goes = or_(_D.principal_id.in_(_people), _D.deputy_id.in_(_people))
_deputy = Person.__table__.alias("deputy_person")


def _branches(*, unaccepted: bool) -> tuple[Any, ...]:
    """Every kind of row there is to tell of, for one statement."""
    return (
        _near(
            Tie.COUNTRY, _C.name,
            Leg.__table__.join(
                Country.__table__,
                (_C.code == _L.country_code) & _L.country_code.in_(_codes) & _L.transit.is_(False)
                & _L.arrives_on.between(_name("long_before", Date), _until) & (_L.departs_on >= _since),
            ).join(Item.__table__, _I.id == _L.engagement_id), unaccepted=unaccepted,
        ),
        _near(
            Tie.PARTNER, _PA.name,
            Partner.__table__.join(
                engagement_partner,
                _PA.id.in_(bindparam("partners", expanding=True)) & (_EP.partner_id == _PA.id)
                & (_EP.engagement_id >= _newest(_EP.engagement_id, _EP.partner_id, _PA.id)),
            ).join(Item.__table__, _I.id == _EP.engagement_id), unaccepted=unaccepted,
        ),
        _near(
            Tie.FORUM, _F.name,
            Forum.__table__.join(
                Engagement.__table__,
                (_F.id == _name("forum", Integer)) & (_E.forum_id == _F.id)
                & (_E.id >= _newest(_E.id, _E.forum_id, _F.id)),
            ).join(Item.__table__, _I.id == _E.id), unaccepted=unaccepted,
        ),
        _near(
            Tie.PERSON, _P.name,
            Person.__table__.join(_goers(_P.id)[0], _goers(_P.id)[1] & _P.id.in_(_people))
            .join(Item.__table__, _I.id == _T.engagement_id), unaccepted=unaccepted,
        ),
        _near(
            Tie.DEPUTY, _P.name,
            Deputy.__table__.join(Person.__table__, (_P.id == _other()) & _one_goes & _in_force)
            .join(*_goers(_P.id)).join(Item.__table__, _I.id == _T.engagement_id), unaccepted=unaccepted,
        ),
        _row("absence", _D.id, _P.name, _none, _none, _A.starts_on, _A.ends_on)
        .select_from(
            Deputy.__table__.join(Person.__table__, _P.id == _other()).join(Absence.__table__, _A.person_id == _P.id)
        )
        .where(_one_goes, _in_force, _A.starts_on <= _last, _A.ends_on >= _first),
        _row("pair", _D.id, _P.name, _deputy.c.name, _none, _first, _last)
        .select_from(
            Deputy.__table__.join(Person.__table__, _P.id == _D.principal_id)
            .join(_deputy, _deputy.c.id == _D.deputy_id)
        )
        .where(_D.principal_id.in_(_people), _D.deputy_id.in_(_people), _in_force),
        _row("blackout", _B.id, _C.name, _B.why, _B.country_code, _B.starts_on, _B.ends_on)
        .select_from(Blackout.__table__.join(Country.__table__, _C.code == _B.country_code))
        .where(_B.country_code.in_(_codes), _B.starts_on <= _last, _B.ends_on >= _first),
        _promises(unaccepted=unaccepted),
        _row("accepted", _K.id, _K.key, _K.reason, _K.said, _none, _none).where(_K.engagement_id == _item),
    )  # fmt: skip


_later = ClashRule.__table__.alias("later")
RULES = select(_R.tie, _R.days, _R.needs_reason).where(
    _R.applies,
    _R.starts_on
    == select(func.max(_later.c.starts_on))
    .where(_later.c.tie == _R.tie, _later.c.starts_on <= _day)
    .correlate(ClashRule.__table__)
    .scalar_subquery(),
)
FOUND = union_all(*_branches(unaccepted=False))
_rules = RULES.subquery("rules")
OWED = union_all(
    *_branches(unaccepted=True),
    _row("rule", _rules.c.days, _rules.c.tie, cast(_rules.c.needs_reason, Integer), _none, _none, _none)
)
