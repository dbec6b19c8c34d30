"""The only reader of what an item of any kind says: as it is now, and as it was frozen.

An engagement's content has a shape of its own (services.contents); the others name their `kind` in it. All have
`title`, `asks` and `requester`; what changes something else says so in `before` and `after`, both with the parts
that differ and no others.
"""

import json
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, select
from sqlalchemy.orm import with_polymorphic

from engage.extensions import db
from engage.models.engagements import Item, ItemVersion
from engage.models.guidance import GuideVersion
from engage.models.matters import Amendment, GuideProposal, Matter, Priorities, PriorityAim
from engage.models.norms import Goal, Objective
from engage.models.partners import Partner
from engage.models.people import Person
from engage.models.places import Country
from engage.rules import material
from engage.rules.asking import Asks
from engage.rules.items import ItemKind
from engage.rules.priorities import AimKind
from engage.services import contents, material_rules, sessions

_I, _P, _V = Item.__table__.c, Person.__table__.c, ItemVersion.__table__.c
_A, _M, _Y, _G = (model.__table__.c for model in (Amendment, Matter, Priorities, GuideProposal))
_GV = GuideVersion.__table__.c
_PA, _GO, _O, _C, _PT = (model.__table__.c for model in (PriorityAim, Goal, Objective, Country, Partner))
ANY = with_polymorphic(Item, "*", flat=True)  # an item with the columns of whatever kind it is
_changed = Item.__table__.alias("changed")
_HEAD = (_I.title, _I.asks, _I.requester_id, _I.created_at, _P.name.label("requester"))


def _reads(model: Any, *columns: Any) -> Any:
    return (
        select(*_HEAD, *columns)
        .select_from(
            Item.__table__.join(model.__table__, model.__table__.c.id == _I.id)
            .outerjoin(Person.__table__, _P.id == _I.requester_id)
            .outerjoin(_changed, _changed.c.id == _I.amends_id)
        )
        .where(_I.id == bindparam("item"))
    )


_AIMS = (
    select(
        _PA.goal_id, _PA.objective_id, _PA.country_code, _PA.partner_id, _PA.planned, _GO.number,
        _GO.title.label("goal"), _O.code, _O.title.label("objective"), _C.name.label("country"),
        _PT.name.label("partner"),
    )
    .select_from(
        PriorityAim.__table__.outerjoin(Goal.__table__, _GO.id == _PA.goal_id)
        .outerjoin(Objective.__table__, _O.id == _PA.objective_id)
        .outerjoin(Country.__table__, _C.code == _PA.country_code)
        .outerjoin(Partner.__table__, _PT.id == _PA.partner_id)
    )
    .where(_PA.priorities_id == bindparam("item"))
    .order_by(_PA.position)
)  # fmt: skip


def _aims(item_id: int) -> list[dict[str, Any]]:
    """The priorities of a year's statement, with names beside the ids."""
    found = []
    for row in db.session.execute(_AIMS, {"item": item_id}):
        kind, of, name = next(
            (kind, of, name)
            for kind, of, name in (
                (AimKind.GOAL, row.goal_id, f"Goal {row.number}: {row.goal}"),
                (AimKind.OBJECTIVE, row.objective_id, f"{row.code} {row.objective}"),
                (AimKind.COUNTRY, row.country_code, row.country),
                (AimKind.PARTNER, row.partner_id, row.partner),
            )
            if of is not None
        )
        found.append({"what": kind.value, "of": of, "name": name, "planned": row.planned})
    return found


_READS = {
    ItemKind.AMENDMENT: _reads(
        Amendment, _A.proposal, _A.why, _I.amends_id, _changed.c.title.label("amends"), _V.number, _V.sha256,
        _V.content.label("base"),
    ).join(ItemVersion.__table__, _V.id == _A.base_version_id),
    ItemKind.MATTER: _reads(Matter, _M.text, _M.question),
    ItemKind.PRIORITIES: _reads(Priorities, _I.id, _Y.year, _Y.text),
    ItemKind.GUIDE_VERSION: _reads(
        GuideProposal, _G.guide_id, _G.heading, _G.content, _G.material, _G.note, _GV.number, _GV.sha256,
        _GV.title.label("base_heading"), _GV.content.label("base"),
    ).join(GuideVersion.__table__, _GV.id == _G.based_on_id),
}  # fmt: skip


def content_of(item_id: int, kind: ItemKind = ItemKind.ENGAGEMENT) -> dict[str, Any]:
    """All that an item says now, ready to be frozen. KeyError when there is none of that kind."""
    if kind is ItemKind.ENGAGEMENT:
        return contents.content_of(item_id)
    row = db.session.execute(_READS[kind], {"item": item_id}).one_or_none()
    if row is None:
        raise KeyError(item_id)
    requester = {"id": row.requester_id, "name": row.requester} if row.requester_id else None
    return {"kind": kind, "title": row.title, "asks": row.asks, "requester": requester, **_SAYS[kind](row)}


def _amendment(row: Any) -> dict[str, Any]:
    before, after = contents.thawed(row.base), contents.thawed(row.proposal)
    after |= {name: False for name in contents.FLAGS if before.get(name) and name not in after}
    parts = [name for name in after if name != "late" and before.get(name) != after[name]]
    rules = material_rules.on(sessions.office_day(row.created_at, current_app.config["SETTINGS"].home_zone))
    return {
        "why": row.why,
        "engagement": {"id": row.amends_id, "title": row.amends, "version": row.number, "sha256": row.sha256},
        "before": {name: before.get(name) for name in parts},
        "after": {name: after[name] for name in parts},
        "findings": [
            {"code": found.code, "said": found.said}
            for found in material.judge(contents.asked_by(before), contents.asked_by(after), rules)
        ],
    }


def _matter(row: Any) -> dict[str, Any]:
    return {"text": row.text, "question": row.question}


def _priorities(row: Any) -> dict[str, Any]:
    aims = _aims(row.id)
    return {"year": row.year, "text": row.text} | ({"aims": aims} if aims else {})


def _guide(row: Any) -> dict[str, Any]:
    before, after = {"title": row.base_heading, **row.base}, {"title": row.heading, **row.content}
    parts = [name for name in after if before.get(name) != after[name]]
    return {
        "guide": {"id": row.guide_id, "title": row.base_heading, "version": row.number, "sha256": row.sha256},
        "heading": row.heading,
        "text": row.content,
        "material": row.material,
        "note": row.note,
        "before": {name: before.get(name) for name in parts},
        "after": {name: after[name] for name in parts},
    }


_SAYS = {
    ItemKind.AMENDMENT: _amendment,
    ItemKind.MATTER: _matter,
    ItemKind.PRIORITIES: _priorities,
    ItemKind.GUIDE_VERSION: _guide,
}


def thawed(text: str) -> dict[str, Any]:
    """The content that a frozen text holds, shaped as `content_of` gives it."""
    plain: dict[str, Any] = json.loads(text)
    if "kind" not in plain:
        return contents.thawed(text)
    plain["kind"], plain["asks"] = ItemKind(plain["kind"]), Asks(plain["asks"])
    if plain["kind"] is ItemKind.AMENDMENT:
        plain["before"], plain["after"] = contents.thawed_parts(plain["before"]), contents.thawed_parts(plain["after"])
    return plain
