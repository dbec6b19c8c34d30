"""The only writer of the search's index: what an entry says, kept up in the transaction that changes it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, text, update

from engage.extensions import db
from engage.models.board import Decision
from engage.models.engagements import Engagement, Item, Leg, Traveller, engagement_partner
from engage.models.guidance import Guide, GuideVersion
from engage.models.matters import Matter, Priorities
from engage.models.partners import Event, Forum, Partner
from engage.models.people import Office, Person
from engage.models.places import Country
from engage.models.search import SearchEntry, SearchWord
from engage.rules.search_words import Kind, Weight, weighed
from engage.services.guide_places import code_of

LINE = 200
AT_ONCE = 500  # records read together

_ENTRIES: Any = SearchEntry.__table__
_WORDS: Any = SearchWord.__table__
_E, _W = SearchEntry.__table__.c, SearchWord.__table__.c
_I, _EN, _L, _T = (t.__table__.c for t in (Item, Engagement, Leg, Traveller))
_P, _O, _PA, _F, _EV, _C = (t.__table__.c for t in (Person, Office, Partner, Forum, Event, Country))
_M, _PR, _D, _G, _GV = (t.__table__.c for t in (Matter, Priorities, Decision, Guide, GuideVersion))
_IDS: Any = bindparam("ids", expanding=True)

_THERE = select(_E.id, _E.record_id).where(_E.kind == bindparam("kind"), _E.record_id.in_(_IDS))
_FORGET = delete(_WORDS).where(_W.entry_id.in_(_IDS))
_CHANGE = (
    update(_ENTRIES)
    .where(_E.id == bindparam("entry"))
    .values(
        title=bindparam("new_title"), detail=bindparam("new_detail"), item_id=bindparam("new_item"),
        code=bindparam("new_code"),
    )
)  # fmt: skip
# PostgreSQL takes three lists in the time of a few rows one by one.
_ADD_WORDS = text(
    "INSERT INTO search_word (word, weight, entry_id) SELECT * FROM"
    " unnest(CAST(:word AS varchar[]), CAST(:weight AS smallint[]), CAST(:entry_id AS integer[]))"
)
_ADD = insert(_ENTRIES).returning(_E.id, _E.record_id)

Parts = list[tuple[Weight, str]]


def note(kind: Kind, ids: Iterable[int]) -> None:
    """Let the index say of these records what they say now. Flushes first; a few statements for each 500."""
    db.session.flush()
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), AT_ONCE):
        _note(kind, wanted[start : start + AT_ONCE])


def _note(kind: Kind, ids: Sequence[int]) -> None:
    there = {row.record_id: row.id for row in db.session.execute(_THERE, {"kind": kind, "ids": ids})}
    if there:
        db.session.execute(_FORGET, {"ids": list(there.values())})
    new, said, parts = [], {}, {}
    for record_id, item_id, title, detail, code, found in _READ[kind](ids):
        said[record_id] = {"item": item_id, "title": title[:LINE], "detail": detail[:LINE], "code": code}
        parts[record_id] = found
        if record_id not in there:
            new.append({
                "kind": kind, "record_id": record_id, "item_id": item_id, "title": title[:LINE],
                "detail": detail[:LINE], "code": code,
            })  # fmt: skip
    changed = [
        {"entry": there[number], **{f"new_{name}": value for name, value in one.items()}}
        for number, one in said.items()
        if number in there
    ]
    if changed:
        db.session.execute(_CHANGE, changed)
    if new:
        there |= {row.record_id: row.id for row in db.session.execute(_ADD, new)}
    rows = [
        {"word": word, "weight": weight, "entry_id": there[number]}
        for number, found in parts.items()
        for word, weight in weighed(kind, found).items()
    ]
    if rows and db.engine.dialect.name == "postgresql":
        db.session.execute(_ADD_WORDS, {name: [row[name] for row in rows] for name in ("word", "weight", "entry_id")})
    elif rows:
        db.session.execute(insert(_WORDS), rows)


def forget(kind: Kind, ids: Iterable[int]) -> None:
    """Let no search find these records any more."""
    there = {"kind": kind, "ids": sorted(set(ids))}
    entries = [row.id for row in db.session.execute(_THERE, there)]
    db.session.execute(_FORGET, {"ids": entries})
    db.session.execute(delete(_ENTRIES).where(_E.id.in_(entries)))


def renamed(kind: Kind, record_id: int) -> None:
    """Let the index follow a new name: of the record itself, and of every engagement that names it."""
    note(kind, [record_id])
    if kind in _NAMING:
        note(Kind.ENGAGEMENT, db.session.scalars(_NAMING[kind], {"id": record_id}))


def rebuild() -> dict[str, int]:
    """Build the whole index anew; gives how many entries of each kind it took. For the command."""
    db.session.execute(delete(_WORDS))
    db.session.execute(delete(_ENTRIES))
    taken = {}
    for kind in (Kind.PERSON, Kind.PARTNER, Kind.FORUM, Kind.GUIDE, Kind.ENGAGEMENT, Kind.MATTER, Kind.DECISION):
        ids = list(db.session.scalars(_EVERY[kind]))
        note(kind, ids)
        taken[kind.value] = len(ids)
    return taken


Found = Iterator[tuple[int, int | None, str, str, str, Parts]]

_ENGAGEMENTS = (
    select(
        _I.id, _I.title, _I.source_ref, _EN.purpose, _EN.outcome_sought, _EN.notes, _F.name.label("forum"),
        _F.code.label("forum_code"), _EV.name.label("event"), _P.name.label("requester"),
    )
    .select_from(
        Item.__table__.join(Engagement.__table__, _EN.id == _I.id)
        .outerjoin(Forum.__table__, _F.id == _EN.forum_id)
        .outerjoin(Event.__table__, _EV.id == _EN.event_id)
        .outerjoin(Person.__table__, _P.id == _I.requester_id)
    )
    .where(_I.id.in_(_IDS))
)  # fmt: skip
_PLACES = (
    select(_L.engagement_id, _L.city, _C.name)
    .join_from(Leg.__table__, Country.__table__, _C.code == _L.country_code)
    .where(_L.engagement_id.in_(_IDS))
    .order_by(_L.engagement_id, _L.position)
)
_PARTNERS = (
    select(engagement_partner.c.engagement_id, _PA.name, _PA.short_name)
    .join_from(engagement_partner, Partner.__table__, _PA.id == engagement_partner.c.partner_id)
    .where(engagement_partner.c.engagement_id.in_(_IDS))
    .order_by(_PA.name)
)
_TRAVELLERS = (
    select(_T.engagement_id, _P.name, _T.name_given)
    .select_from(Traveller.__table__.outerjoin(Person.__table__, _P.id == _T.person_id))
    .where(_T.engagement_id.in_(_IDS))
    .order_by(_T.engagement_id, _T.position)
)


def _engagements(ids: Sequence[int]) -> Found:
    around: dict[int, dict[str, list[str]]] = {i: {"places": [], "partners": [], "who": []} for i in ids}
    for one, city, country in db.session.execute(_PLACES, {"ids": ids}):
        around[one]["places"].append(f"{city}, {country}" if city else country)
    for one, name, short in db.session.execute(_PARTNERS, {"ids": ids}):
        around[one]["partners"] += [name, *([short] if short and short != name else [])]
    for one, name, given in db.session.execute(_TRAVELLERS, {"ids": ids}):
        around[one]["who"].append(name or given)
    for row in db.session.execute(_ENGAGEMENTS, {"ids": ids}):
        by = around[row.id]
        places = list(dict.fromkeys(by["places"]))
        detail = "; ".join([*places[:4], *by["partners"][:2], *([row.forum_code] if row.forum_code else [])])
        named = [*places, *by["partners"], *by["who"], row.requester, row.forum, row.forum_code, row.event,
                 row.source_ref, str(row.id)]  # fmt: skip
        yield row.id, row.id, row.title, detail, "", [
            (Weight.TITLE, row.title),
            (Weight.NAMED, " ".join(name for name in named if name)),
            (Weight.TEXT, f"{row.purpose} {row.outcome_sought} {row.notes}"),
        ]


_MATTERS = (
    select(_I.id, _I.title, _M.text, _M.question, _PR.text.label("statement"), _PR.year)
    .select_from(
        Item.__table__.outerjoin(Matter.__table__, _M.id == _I.id).outerjoin(Priorities.__table__, _PR.id == _I.id)
    )
    .where(_I.id.in_(_IDS))
)


def _matters(ids: Sequence[int]) -> Found:
    for row in db.session.execute(_MATTERS, {"ids": ids}):
        said = " ".join(str(part) for part in (row.text, row.question, row.statement, row.year) if part)
        detail = f"Priorities for {row.year}" if row.year else "A matter for advice"
        yield row.id, row.id, row.title, detail, "", [(Weight.TITLE, row.title), (Weight.TEXT, said)]


_DECISIONS = (
    select(_D.id, _D.item_id, _D.outcome, _D.reason, _D.decided_at, _I.title)
    .join_from(Decision.__table__, Item.__table__, _I.id == _D.item_id)
    .where(_D.id.in_(_IDS))
)


def _decisions(ids: Sequence[int]) -> Found:
    for row in db.session.execute(_DECISIONS, {"ids": ids}):
        said = f"{row.outcome.label}, {row.decided_at.day} {row.decided_at:%B %Y}"
        yield row.id, row.item_id, row.title, said, "", [
            (Weight.TITLE, row.title), (Weight.NAMED, f"{said} {row.id}"), (Weight.TEXT, row.reason),
        ]  # fmt: skip


_PEOPLE = (
    select(_P.id, _P.name, _O.name.label("office"))
    .select_from(Person.__table__.outerjoin(Office.__table__, _O.id == _P.office_id))
    .where(_P.id.in_(_IDS), _P.disabled_at.is_(None))
)


def _people(ids: Sequence[int]) -> Found:
    for row in db.session.execute(_PEOPLE, {"ids": ids}):
        yield row.id, None, row.name, row.office or "", "", [(Weight.TITLE, row.name), (Weight.NAMED, row.office or "")]


_REGISTER = (
    select(_PA.id, _PA.name, _PA.short_name, _C.name.label("country"))
    .select_from(Partner.__table__.outerjoin(Country.__table__, _C.code == _PA.country_code))
    .where(_PA.id.in_(_IDS), _PA.merged_into_id.is_(None))
)
_ALSO_CALLED = select(_PA.merged_into_id, _PA.name, _PA.short_name).where(_PA.merged_into_id.in_(_IDS))
_FORUMS = select(_F.id, _F.name, _F.code, _F.cadence).where(_F.id.in_(_IDS))


def _partners(ids: Sequence[int]) -> Found:
    also: dict[int, list[str]] = {id_: [] for id_ in ids}
    for kept, name, short in db.session.execute(_ALSO_CALLED, {"ids": ids}):
        also[kept] += [name, short]
    for row in db.session.execute(_REGISTER, {"ids": ids}):
        short = row.short_name if row.short_name != row.name else ""
        detail = ", ".join(part for part in (short, row.country) if part)
        yield row.id, None, row.name, detail, "", [
            (Weight.TITLE, f"{row.name} {row.short_name}"),
            (Weight.NAMED, " ".join([row.country or "", *also[row.id]])),
        ]  # fmt: skip


def _forums(ids: Sequence[int]) -> Found:
    for row in db.session.execute(_FORUMS, {"ids": ids}):
        yield row.id, None, row.name, row.code, "", [(Weight.TITLE, f"{row.name} {row.code}")]


_newest = GuideVersion.__table__.alias("newest")
_GUIDES = (
    select(_G.id, _G.country_code, _G.partner_id, _G.forum_id, _GV.title, _GV.content, _C.name.label("country"))
    .select_from(
        Guide.__table__.join(GuideVersion.__table__, _GV.guide_id == _G.id)
        .outerjoin(Country.__table__, _C.code == _G.country_code)
    )
    .where(_G.id.in_(_IDS))
    .order_by(_G.id, _GV.number)
)


def _guides(ids: Sequence[int]) -> Found:
    in_force = {row.id: row for row in db.session.execute(_GUIDES, {"ids": ids})}  # the highest number comes last
    for row in in_force.values():
        yield row.id, None, row.title, row.country or "", code_of(row), [
            (Weight.TITLE, row.title), (Weight.NAMED, row.country or ""), (Weight.TEXT, " ".join(_leaves(row.content))),
        ]  # fmt: skip


def _leaves(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        for value in said.values():
            yield from _leaves(value)
    elif isinstance(said, list):
        for value in said:
            yield from _leaves(value)


_READ = {
    Kind.ENGAGEMENT: _engagements, Kind.MATTER: _matters, Kind.DECISION: _decisions, Kind.PERSON: _people,
    Kind.PARTNER: _partners, Kind.FORUM: _forums, Kind.GUIDE: _guides,
}  # fmt: skip


_id: Any = bindparam("id")
# What names a record, so that its entry changes with the record's name.
_NAMING: dict[Kind, Any] = {
    Kind.PARTNER: select(engagement_partner.c.engagement_id).where(engagement_partner.c.partner_id == _id),
    Kind.FORUM: select(_EN.id).where(_EN.forum_id == _id),
    Kind.PERSON: select(_T.engagement_id).where(_T.person_id == _id).union(select(_I.id).where(_I.requester_id == _id)),
}
_TABLES: tuple[tuple[Kind, Any], ...] = (
    (Kind.ENGAGEMENT, Engagement.__table__), (Kind.DECISION, Decision.__table__), (Kind.PERSON, Person.__table__),
    (Kind.PARTNER, Partner.__table__), (Kind.FORUM, Forum.__table__), (Kind.GUIDE, Guide.__table__),
)  # fmt: skip
_EVERY: dict[Kind, Any] = {kind: select(table.c.id).order_by(table.c.id) for kind, table in _TABLES} | {
    Kind.MATTER: select(_M.id).union_all(select(_PR.id)).order_by("id"),
    Kind.PARTNER: select(_PA.id).where(_PA.merged_into_id.is_(None)).order_by(_PA.id),
}
