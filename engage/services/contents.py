"""The only reader of all that an engagement says: as it is now, as it was frozen, and as somebody would have it."""

import json
from collections.abc import Iterable
from datetime import date
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
    literal_column,
    null,
    select,
    union_all,
)

from engage.extensions import db
from engage.models.engagements import (
    CostLine,
    Engagement,
    Item,
    Leg,
    Traveller,
    engagement_objective,
    engagement_partner,
)
from engage.models.norms import Goal, Objective
from engage.models.partners import Event, Forum, Partner
from engage.models.people import Person
from engage.models.places import Country
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
from engage.rules.marking import Marking

CENT = Decimal("0.01")
FLAGS = ("other_than_coach", "media")  # a content names those that hold, and no others
SAYINGS = (
    "title", "asks", "nature", "direction", "firmness", "marking", "purpose", "outcome_sought", "why_not_virtual",
    "why_this_many", "late_reason", "notes", "missing", "starts_on", "ends_on",
)  # fmt: skip

_I, _E, _P, _F, _EV, _C = (t.__table__.c for t in (Item, Engagement, Person, Forum, Event, Country))
_L, _T, _K, _PA, _O, _G = (t.__table__.c for t in (Leg, Traveller, CostLine, Partner, Objective, Goal))
_SAID = (
    select(
        *(_E[name] if name in _E else _I[name] for name in (*SAYINGS, *FLAGS)),
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
    _part("costs", _K.position, _none, _K.what, _K.amount, _K.funder, _flag(_K.non_federal), _K.per_diem_on)
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
        **{name: True for name in FLAGS if getattr(row, name)},
        **parts,
        "requester": _named(row, id="requester_id", name="requester"),
        "forum": _named(row, id="forum_id", code="forum_code", name="forum"),
        "event": _named(row, id="event_id", name="event", starts_on="event_on"),
        "total": sum((cost["amount"] for cost in parts["costs"]), Decimal("0.00")),
    }  # fmt: skip


_PEOPLE = select(_P.id, _P.name, _P.email).where(_P.id.in_(bindparam("ids", expanding=True)))
_PARTNERS = (
    select(_PA.id, _PA.name, _PA.country_code, _C.name.label("country"))
    .select_from(Partner.__table__.outerjoin(Country.__table__, _C.code == _PA.country_code))
    .where(_PA.id.in_(bindparam("ids", expanding=True)))
)
_OBJECTIVES = (
    select(_O.id, _O.code, _O.title, _O.text, _G.number.label("goal"), _G.title.label("goal_title"))
    .select_from(Objective.__table__.join(Goal.__table__, _G.id == _O.goal_id))
    .where(_O.id.in_(bindparam("ids", expanding=True)))
)
_FORUM = select(_F.id, _F.code, _F.name).where(_F.id == bindparam("id"))
_EVENT = select(_EV.id, _EV.name, _EV.starts_on).where(_EV.id == bindparam("id"))
_COUNTRIES = select(_C.code, _C.name).where(_C.code.in_(bindparam("ids", expanding=True)))


def named(content: Content, requester: dict[str, Any] | None) -> dict[str, Any]:
    """Content that stands in no table yet, with names beside the ids, shaped as `content_of` gives it.

    At most six statements. What the register does not know is left out.
    """

    def rows(statement: Any, ids: Iterable[Any]) -> list[dict[str, Any]]:
        wanted = sorted(set(ids))
        return [dict(row._mapping) for row in db.session.execute(statement, {"ids": wanted})] if wanted else []

    def one(statement: Any, number: int | None) -> dict[str, Any] | None:
        row = db.session.execute(statement, {"id": number}).one_or_none() if number else None
        return dict(row._mapping) if row else None

    people = {row["id"]: row for row in rows(_PEOPLE, (t.person_id for t in content.travellers if t.person_id))}
    places = {row["code"]: row["name"] for row in rows(_COUNTRIES, (leg.country_code for leg in content.legs))}
    return {
        **{name: getattr(content, name) for name in SAYINGS},
        **{name: True for name in FLAGS if getattr(content, name)},
        "starts_on": content.first_day,
        "ends_on": content.last_day,
        "legs": [
            {name: value for name, value in vars(leg).items() if name != "transit" or value}
            | {"country": places.get(leg.country_code, leg.country_code)}
            for leg in content.legs
        ],
        "travellers": [
            {"id": t.person_id, "name": known["name"], "email": known["email"], "lead": t.is_lead}
            if (known := people.get(t.person_id))
            else {"id": None, "name": t.name_given, "email": None, "lead": t.is_lead}
            for t in content.travellers
        ],
        "costs": [
            {name: value for name, value in vars(cost).items() if name != "per_diem_on" or value}
            | {"amount": cost.amount.quantize(CENT)}
            for cost in content.costs
        ],
        "partners": sorted(rows(_PARTNERS, content.partner_ids), key=lambda row: row["name"]),
        "objectives": sorted(rows(_OBJECTIVES, content.objective_ids), key=lambda row: row["code"]),
        "requester": requester,
        "forum": one(_FORUM, content.forum_id),
        "event": one(_EVENT, content.event_id),
        "total": sum((cost.amount for cost in content.costs), Decimal("0.00")),
    }


def in_order(content: Content) -> Content:
    """`content` as it will be read back: names in the register's order, and the days that the stays say."""
    return asked_by(named(content, None))


def _named(row: Any, **columns: str) -> dict[str, Any] | None:
    """A row that is referred to: its id and what names it; None where there is none."""
    return {name: getattr(row, column) for name, column in columns.items()} if getattr(row, columns["id"]) else None


def _leg(_: None, code: str, country: str, city: str, zone: str | None, *rest: str) -> dict[str, Any]:
    leg = {"country_code": code, "country": country, "city": city, "zone": zone,
           "arrives_on": date.fromisoformat(rest[0]), "departs_on": date.fromisoformat(rest[1])}  # fmt: skip
    return {**leg, "transit": True} if rest[2] else leg


def _traveller(person_id: int | None, name: str, email: str | None, lead: str, *_: str) -> dict[str, Any]:
    return {"id": person_id, "name": name, "email": email, "lead": bool(lead)}


def _cost(_: None, what: str, amount: str, funder: str, outside: str, rates: str | None, *__: str) -> dict[str, Any]:
    cost = {"what": what, "amount": Decimal(amount).quantize(CENT), "funder": funder, "non_federal": bool(outside)}
    return cost | ({"per_diem_on": date.fromisoformat(rates)} if rates else {})


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
        other_than_coach=bool(content.get("other_than_coach")),
        media=bool(content.get("media")),
        forum_id=content["forum"] and content["forum"]["id"],
        event_id=content["event"] and content["event"]["id"],
        objective_ids=tuple(o["id"] for o in content["objectives"]),
        partner_ids=tuple(p["id"] for p in content["partners"]),
        legs=tuple(
            ContentLeg(**{name: value for name, value in leg.items() if name != "country"})
            for leg in content["legs"]
        ),
        travellers=tuple(ContentTraveller(t["id"], t["name"], t["lead"]) for t in content["travellers"]),
        costs=tuple(ContentCost(**cost) for cost in content["costs"]),
    )  # fmt: skip


def thawed(text: str) -> dict[str, Any]:
    """The content that a frozen text holds, shaped as `content_of` gives it."""
    return thawed_parts({"marking": Marking.GREEN, **json.loads(text)})  # what was frozen before there were markings


def thawed_parts(content: dict[str, Any]) -> dict[str, Any]:
    """The content out of its plain JSON values, or as many of its parts as there are."""
    for name, word in _WORDS.items():
        if content.get(name):
            content[name] = word(content[name])
    if content.get("total") is not None:
        content["total"] = Decimal(content["total"]).quantize(CENT)
    for cost in content.get("costs") or ():
        cost["amount"] = Decimal(cost["amount"]).quantize(CENT)
        if cost.get("per_diem_on"):
            cost["per_diem_on"] = date.fromisoformat(cost["per_diem_on"])
    stays = [(leg, name) for leg in content.get("legs") or () for name in ("arrives_on", "departs_on")]
    event = [(content["event"], "starts_on")] if content.get("event") else []
    for row, name in [(content, "starts_on"), (content, "ends_on"), *stays, *event]:
        if row.get(name):
            row[name] = date.fromisoformat(row[name])
    return content


_WORDS: dict[str, Any] = {
    "asks": Asks, "direction": Direction, "nature": EngagementKind, "firmness": Firmness,
    "marking": Marking,
}  # fmt: skip
