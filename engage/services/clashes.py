"""The only place that finds what gets in the way of a request: other engagements, people, posts, holidays.

One statement, however many there are, and none that reads a growing table whole: of a partner, a forum or a person
the NEWEST engagements are read, of a country the stays of the days around. Whoever shows the answer asks first
whether its reader may see them all (`seen_by`): those who govern may, and an approved engagement is seen by everybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
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

from engage.extensions import db
from engage.models.asking import AcceptedClash, Blackout, ClashRule, Deputy
from engage.models.engagements import Engagement, Item, Leg, Traveller, engagement_partner
from engage.models.partners import Forum, Partner
from engage.models.people import Absence, Person
from engage.models.places import Country
from engage.reference.countries import country
from engage.reference.holidays import holidays_in
from engage.rules import clashes
from engage.rules.asking import Content
from engage.rules.clashes import NEVER, Clash, Near, Rule, Tie
from engage.rules.completeness import LONGEST_STAY_DAYS
from engage.rules.policy import Actor, See, may
from engage.rules.workflow import State
from engage.services import contents, visibility

NEWEST = 400  # engagements of one partner, forum or person that are looked at
MOST, FEW = 100, 10  # of one tie; beyond, nobody reads on

_I, _E, _L, _T, _EP = (
    Item.__table__.c, Engagement.__table__.c, Leg.__table__.c, Traveller.__table__.c, engagement_partner.c,
)  # fmt: skip
_C, _PA, _F, _P = Country.__table__.c, Partner.__table__.c, Forum.__table__.c, Person.__table__.c
_B, _D, _A, _K, _R = (t.__table__.c for t in (Blackout, Deputy, Absence, AcceptedClash, ClashRule))
_ENGAGEMENTS = frozenset({Tie.COUNTRY, Tie.PARTNER, Tie.FORUM, Tie.PERSON, Tie.DEPUTY})
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
        _row("accepted", _K.id, _K.key, _K.reason, _K.said, _none, _none).where(_K.engagement_id == _item),
    )  # fmt: skip


_later = ClashRule.__table__.alias("later")
_RULES = select(_R.tie, _R.days, _R.needs_reason).where(
    _R.applies,
    _R.starts_on
    == select(func.max(_later.c.starts_on))
    .where(_later.c.tie == _R.tie, _later.c.starts_on <= _day)
    .correlate(ClashRule.__table__)
    .scalar_subquery(),
)
_FOUND = union_all(*_branches(unaccepted=False))
_rules = _RULES.subquery("rules")
_OWED = union_all(
    *_branches(unaccepted=True),
    _row("rule", _rules.c.days, _rules.c.tie, cast(_rules.c.needs_reason, Integer), _none, _none, _none)
)


@dataclass(frozen=True)
class Found:
    """What is around a request. `clashes` get in its way; the rest is told for information, the latest contact first.

    `holidays` are (day, what, country); `evidence` is what was accepted and why, in the words of that day.
    """

    clashes: tuple[Clash, ...] = ()
    contacts: tuple[Clash, ...] = ()
    holidays: tuple[tuple[date, str, str], ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()

    @property
    def open(self) -> tuple[Clash, ...]:
        """The clashes that still need a reason."""
        return tuple(clash for clash in self.clashes if clash.open)


def rules_on(day: date) -> dict[Tie, Rule]:
    """What is looked for on the office's `day`. One statement."""
    return {row.tie: Rule(row.days, row.needs_reason) for row in db.session.execute(_RULES, {"day": day})}


def find(content: Content, *, item_id: int | None = None, day: date) -> Found:
    """What gets in the way of `content`, as saved for `item_id` or not saved yet, by the rules of `day`.

    Two statements; nothing where it has no days yet.
    """
    first = content.first_day
    if first is None:
        return Found()
    last, rules = content.last_day or first, rules_on(day)
    before, after = clashes.longest(rules)
    since, until = first - timedelta(days=before), last + timedelta(days=after)
    rows = db.session.execute(_FOUND, _asked(content, item_id, since, until, day)).all()
    return _told(content, first, last, rows, rules)


def owed(content: Content, *, item_id: int, day: date) -> Found:
    """What shares a day with a request to be submitted and still needs a reason, a few of each. One statement."""
    first = content.first_day
    if first is None:
        return Found()
    last = content.last_day or first
    rows = db.session.execute(_OWED, _asked(content, item_id, first, last, day)).all()
    rules = {Tie(row.name): Rule(row.number, row.title == "1") for row in rows if row.what == "rule"}
    return _told(content, first, last, rows, rules)


def _asked(content: Content, item_id: int | None, since: date, until: date, day: date) -> dict[str, Any]:
    first = content.first_day
    return {
        "item": item_id or -1, "first": first, "last": content.last_day or first, "since": since, "until": until,
        "long_before": since - timedelta(days=LONGEST_STAY_DAYS), "day": day,
        "countries": sorted({leg.country_code for leg in content.legs if not leg.transit}),
        "partners": list(content.partner_ids), "forum": content.forum_id or -1,
        "people": [t.person_id for t in content.travellers if t.person_id is not None],
    }  # fmt: skip


def _told(content: Content, first: date, last: date, rows: Any, rules: Mapping[Tie, Rule]) -> Found:
    reasons = {row.name: row.title for row in rows if row.what == "accepted"}
    near = [
        Near(row.number, row.title, State(row.state), _date(row.starts), row.ends and _date(row.ends), Tie(row.what),
             row.name)
        for row in rows if row.what in _ENGAGEMENTS
    ]  # fmt: skip
    met, contacts = clashes.engagements(first, last, near, rules)
    others = [clash for row in rows if (clash := _other_clash(row, rules, content))]
    return Found(
        tuple(replace(clash, reason=reasons.get(clash.key, "")) for clash in [*others, *met]),
        tuple(reversed(contacts)),
        tuple(_holidays(content)) if Tie.HOLIDAY in rules else (),
        tuple((row.state, row.title) for row in rows if row.what == "accepted"),
    )


def around(item_id: int, *, day: date) -> list[Clash]:
    """The clashes of an engagement as it is now, oldest first. Four statements."""
    return list(find(contents.asked_by(contents.content_of(item_id)), item_id=item_id, day=day).clashes)


def seen_by(found: Found, *, by: Actor) -> Found:
    """`found` as `by` may read it: what they may not see is told by its days and what is shared alone.

    One statement.
    """
    known = visibility.subjects([c.id for c in (*found.clashes, *found.contacts) if c.id is not None])

    def hide(clash: Clash) -> Clash:
        if clash.id is None or ((subject := known.get(clash.id)) and may(by, See.ENGAGEMENT, subject)):
            return clash
        return replace(clash, id=None, state=None, title="An engagement that is not decided yet")

    return replace(
        found, clashes=tuple(map(hide, found.clashes)), contacts=tuple(c for c in found.contacts if hide(c).id)
    )


def _other_clash(row: Any, rules: Mapping[Tie, Rule], content: Content) -> Clash | None:
    if row.what == "absence" and (rule := rules.get(Tie.DEPUTY)):
        title = f"{row.name} is away, and one of the two stays"
        return _clash(f"absence:{row.number}", title, row, rule, (Tie.DEPUTY, row.name))
    if row.what == "pair" and (rule := rules.get(Tie.DEPUTY)):
        title = f"{row.name} and {row.title} stand in for each other, and both would travel"
        return _clash(f"pair:{row.number}", title, row, rule)
    if row.what == "blackout" and (rule := rules.get(Tie.BLACKOUT)):
        starts, ends = _date(row.starts), _date(row.ends)
        there = any(
            leg.country_code == row.state and leg.arrives_on <= ends and leg.departs_on >= starts
            for leg in content.legs if not leg.transit
        )  # fmt: skip
        if there:
            return _clash(f"blackout:{row.number}", f"The post in {row.name} receives nobody: {row.title}", row, rule)
    return None


def _clash(key: str, title: str, row: Any, rule: Rule, *ties: tuple[Tie, str]) -> Clash:
    return Clash(key, title, _date(row.starts), _date(row.ends), True, rule.needs_reason, ties)


def _holidays(content: Content) -> list[tuple[date, str, str]]:
    found = set()
    for leg in content.legs:
        if not leg.transit:
            known = country(leg.country_code)
            place = known.name if known else leg.country_code
            days = holidays_in(leg.country_code, leg.arrives_on, leg.departs_on)
            found |= {(day, what, place) for day, what in days.items()}
    return sorted(found)


def _date(text: Any) -> date:
    return text if isinstance(text, date) else date.fromisoformat(text[:10])
