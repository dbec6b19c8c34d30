"""The only writer of ItemVersion, and the reader of an engagement's content: as it is now, and as it was frozen."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BindParameter,
    Integer,
    Row,
    String,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal_column,
    null,
    select,
    union_all,
    update,
)

from engage.extensions import db
from engage.models.engagements import (
    CostLine,
    Engagement,
    Item,
    ItemVersion,
    Leg,
    Traveller,
    engagement_objective,
    engagement_partner,
)
from engage.models.norms import Goal, Objective
from engage.models.partners import Event, Forum, Partner
from engage.models.people import Person
from engage.models.places import Country
from engage.rules import canonical
from engage.rules.asking import (
    Asks,
    Content,
    ContentCost,
    ContentLeg,
    ContentTraveller,
    Direction,
    EngagementKind,
    Firmness,
)
from engage.rules.policy import Actor
from engage.rules.workflow import EDITABLE, State

CENT = Decimal("0.01")
# A version submitted later than the lead time says so. Canonical JSON escapes quotes inside a text, so in it
# these characters are that key alone: lists read the mark with LIKE, without opening the text.
MARKED_LATE = '%"late":true%'
SAYINGS = (
    "title", "asks", "nature", "direction", "firmness", "purpose", "outcome_sought", "why_not_virtual",
    "why_this_many", "late_reason", "notes", "missing", "starts_on", "ends_on",
)  # fmt: skip

_I, _E, _P, _F, _EV, _C = (t.__table__.c for t in (Item, Engagement, Person, Forum, Event, Country))
_L, _T, _K, _PA, _O, _G, _V = (t.__table__.c for t in (Leg, Traveller, CostLine, Partner, Objective, Goal, ItemVersion))
_SAID = (
    select(
        *(_E[name] if name in _E else _I[name] for name in SAYINGS),
        _I.requester_id, _P.name.label("requester"), _E.forum_id, _F.code.label("forum_code"),
        _F.name.label("forum"), _E.event_id, _EV.name.label("event"), _EV.starts_on.label("event_on"),
    )
    .select_from(
        Item.__table__.join(Engagement.__table__, _E.id == _I.id)
        .outerjoin(Person.__table__, _P.id == _I.requester_id)
        .outerjoin(Forum.__table__, _F.id == _E.forum_id)
        .outerjoin(Event.__table__, _EV.id == _E.event_id)
    )
    .where(_I.id == bindparam("item"))
)  # fmt: skip
_HELD = _SAID.add_columns(_I.version).with_for_update(of=Item.__table__)


def _flag(column: Any) -> Any:
    return case((column, "1"), else_="")


def _part(name: str, place: Any, number: Any, *columns: Any) -> Any:
    """One kind of part as a row of text, so that all kinds come in one statement."""
    texts = [*columns, *([literal_column("''")] * (7 - len(columns)))]
    return select(
        literal_column(f"'{name}'").label("part"), place.label("place"), number.label("number"),
        *(cast(column, String).label(f"c{i}") for i, column in enumerate(texts)),
    )  # fmt: skip


_mine: BindParameter[int] = bindparam("item")
_none = cast(null(), Integer)
_STAY = (_L.country_code, _C.name, _L.city, _L.zone, _L.arrives_on, _L.departs_on)
_PARTS = union_all(
    _part("legs", _L.position, _none, *_STAY, _flag(_L.transit))
    .select_from(Leg.__table__.join(Country.__table__, _C.code == _L.country_code))
    .where(_L.engagement_id == _mine),
    _part("travellers", _T.position, _T.person_id, func.coalesce(_P.name, _T.name_given), _P.email, _flag(_T.is_lead))
    .select_from(Traveller.__table__.outerjoin(Person.__table__, _P.id == _T.person_id))
    .where(_T.engagement_id == _mine),
    _part("costs", _K.position, _none, _K.what, _K.amount, _K.funder, _flag(_K.non_federal))
    .where(_K.engagement_id == _mine),
    _part("partners", literal_column("0"), _PA.id, _PA.name, _PA.country_code, _C.name)
    .select_from(
        engagement_partner.join(Partner.__table__, _PA.id == engagement_partner.c.partner_id)
        .outerjoin(Country.__table__, _C.code == _PA.country_code)
    )
    .where(engagement_partner.c.engagement_id == _mine),
    _part("objectives", literal_column("0"), _O.id, _O.code, _O.title, _G.number, _G.title, _O.text)
    .select_from(
        engagement_objective.join(Objective.__table__, _O.id == engagement_objective.c.objective_id)
        .join(Goal.__table__, _G.id == _O.goal_id)
    )
    .where(engagement_objective.c.engagement_id == _mine),
)  # fmt: skip

_VERSION = (_V.id, _V.number, _V.content, _V.sha256, _V.valid_from, _V.valid_to, _P.name.label("by_name"))
_VERSIONS = (
    select(*_VERSION)
    .select_from(ItemVersion.__table__.outerjoin(Person.__table__, _P.id == _V.by_id))
    .where(_V.item_id == _mine)
)
_CURRENT = _VERSIONS.where(_V.valid_to.is_(None))
_NUMBERED = _VERSIONS.where(_V.number == bindparam("number"))
_TABLE: Any = ItemVersion.__table__  # as a table: the ORM would read every changed row back
_CLOSE = update(_TABLE).where(_V.item_id == bindparam("item"), _V.number < bindparam("below"), _V.valid_to.is_(None))
_LAST = select(func.coalesce(func.max(_V.number), 0) + 1).where(_V.item_id == bindparam("item")).scalar_subquery()
_FREEZE = insert(_TABLE).values(number=_LAST).returning(_V.number)


@dataclass(frozen=True)
class Version:
    """A frozen text. `content` is shaped as `content_of` gives it; `valid_to` None: the version in force."""

    id: int
    number: int
    content: dict[str, Any]
    sha256: str
    valid_from: datetime
    valid_to: datetime | None
    by_name: str | None
    agrees: bool  # whether the text still has the digest it was frozen under


def held(item_id: int) -> Row[Any]:
    """Lock the item's row until the commit; gives its `version`, and what it says for `content_of`.

    Who had to wait for the lock finds that the version moved, and must read again: what stands in other tables
    was read before the wait.
    """
    return db.session.execute(_HELD, {"item": item_id}).one()


def content_of(item_id: int, said: Row[Any] | None = None) -> dict[str, Any]:
    """All that an engagement says now, with names beside the ids, so that it stays readable.

    Two statements, or one beside what `held` gave. Days are dates, amounts Decimals of two places, vocabularies
    their enums. KeyError when there is none.
    """
    row: Any = said or db.session.execute(_SAID, {"item": item_id}).one_or_none()
    if row is None:
        raise KeyError(item_id)
    parts: dict[str, list[dict[str, Any]]] = {name: [] for name in _SHAPES}
    for part, place, number, *texts in db.session.execute(_PARTS, {"item": item_id}):
        parts[part].append({"at": (place, texts[0]), **_SHAPES[part](number, *texts)})
    for rows in parts.values():
        rows.sort(key=lambda row: row.pop("at"))
    return {
        **{name: getattr(row, name) for name in SAYINGS},
        **parts,
        "requester": _named(row, id="requester_id", name="requester"),
        "forum": _named(row, id="forum_id", code="forum_code", name="forum"),
        "event": _named(row, id="event_id", name="event", starts_on="event_on"),
        "total": sum((cost["amount"] for cost in parts["costs"]), Decimal("0.00")),
    }  # fmt: skip


def _named(row: Any, **columns: str) -> dict[str, Any] | None:
    """A row that is referred to: its id and what names it; None where there is none."""
    return {name: getattr(row, column) for name, column in columns.items()} if getattr(row, columns["id"]) else None


def _leg(_: None, code: str, country: str, city: str, zone: str | None, *rest: str) -> dict[str, Any]:
    leg = {"country_code": code, "country": country, "city": city, "zone": zone,
           "arrives_on": date.fromisoformat(rest[0]), "departs_on": date.fromisoformat(rest[1])}  # fmt: skip
    return {**leg, "transit": True} if rest[2] else leg


def _traveller(person_id: int | None, name: str, email: str | None, lead: str, *_: str) -> dict[str, Any]:
    return {"id": person_id, "name": name, "email": email, "lead": bool(lead)}


def _cost(_: None, what: str, amount: str, funder: str, non_federal: str, *__: str) -> dict[str, Any]:
    return {"what": what, "amount": Decimal(amount).quantize(CENT), "funder": funder, "non_federal": bool(non_federal)}


def _partner(number: int, name: str, code: str | None, country: str | None, *_: str) -> dict[str, Any]:
    return {"id": number, "name": name, "country_code": code, "country": country}


def _objective(number: int, code: str, title: str, goal: str, goal_title: str, text: str, *_: str) -> dict[str, Any]:
    return {"id": number, "code": code, "title": title, "text": text, "goal": int(goal), "goal_title": goal_title}


_SHAPES: dict[str, Any] = {
    "legs": _leg, "travellers": _traveller, "costs": _cost, "partners": _partner, "objectives": _objective,
}  # fmt: skip


def asked_by(content: dict[str, Any]) -> Content:
    """The plain values that the rules judge, out of what `content_of` gives."""
    return Content(
        **{name: content[name] for name in SAYINGS},
        forum_id=content["forum"] and content["forum"]["id"],
        event_id=content["event"] and content["event"]["id"],
        objective_ids=tuple(o["id"] for o in content["objectives"]),
        partner_ids=tuple(p["id"] for p in content["partners"]),
        legs=tuple(
            ContentLeg(**{name: value for name, value in leg.items() if name != "country"})
            for leg in content["legs"]
        ),
        travellers=tuple(ContentTraveller(t["id"], t["name"], t["lead"]) for t in content["travellers"]),
        costs=tuple(ContentCost(c["what"], c["amount"], c["funder"], c["non_federal"]) for c in content["costs"]),
    )  # fmt: skip


def freeze(item_id: int, content: dict[str, Any], *, by: Actor, now: datetime) -> tuple[int, str]:
    """Write the next version of an item, in force from `now`, and close the one before; gives (number, SHA-256).

    The caller holds the item's row, so numbers have no gaps. Nothing is ever written over.
    """
    text = canonical.canonical_json(content)
    sha256 = canonical.digest(text)
    number = db.session.scalar(
        _FREEZE,
        {
            "item": item_id,
            "item_id": item_id,
            "content": text,
            "sha256": sha256,
            "valid_from": now,
            "valid_to": None,
            "by_id": by.id,
        },
    )
    if number and number > 1:
        db.session.execute(_CLOSE, {"item": item_id, "below": number, "valid_to": now})
    return number or 0, sha256


def current(item_id: int) -> Version | None:
    """The version in force, or None where nothing was submitted yet."""
    return _version(_CURRENT, item=item_id)


def numbered(item_id: int, number: int) -> Version | None:
    """One version of an item, or None."""
    return _version(_NUMBERED, item=item_id, number=number)


def shown(item_id: int, state: State) -> tuple[dict[str, Any], Version | None]:
    """What a page shows of an item, and the version in force.

    Out of the requester's hands that is the frozen text, word for word what is judged; a draft, and what was
    returned, is shown as it is now.
    """
    version = current(item_id)
    return (content_of(item_id) if version is None or state in EDITABLE else version.content), version


def _version(statement: Any, **names: int) -> Version | None:
    row = db.session.execute(statement, names).one_or_none()
    if row is None:
        return None
    return Version(
        row.id, row.number, thawed(row.content), row.sha256, row.valid_from, row.valid_to, row.by_name,
        agrees=canonical.digest(row.content) == row.sha256,
    )  # fmt: skip


def thawed(text: str) -> dict[str, Any]:
    """The content that a frozen text holds, shaped as `content_of` gives it."""
    content: dict[str, Any] = json.loads(text)
    content["asks"], content["direction"] = Asks(content["asks"]), Direction(content["direction"])
    content["nature"] = content["nature"] and EngagementKind(content["nature"])
    content["firmness"] = Firmness(content["firmness"])
    content["total"] = Decimal(content["total"]).quantize(CENT)
    for cost in content["costs"]:
        cost["amount"] = Decimal(cost["amount"]).quantize(CENT)
    stays = [(leg, name) for leg in content["legs"] for name in ("arrives_on", "departs_on")]
    for row, name in [(content, "starts_on"), (content, "ends_on"), *stays]:
        row[name] = row[name] and date.fromisoformat(row[name])
    if content["event"]:
        content["event"]["starts_on"] = date.fromisoformat(content["event"]["starts_on"])
    return content
