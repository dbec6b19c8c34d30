"""What engagements said of their plan is kept moment by moment, so that a past day can be seen as it stood.

What was frozen when it was submitted, and with each change after that, is known to the moment. What a draft said
before it was first submitted was never kept: it is taken to have said what it was submitted with.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

from engage.models.append_only import append_only, writable_again
from engage.models.base import UtcDateTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

CHUNK = 1000


def upgrade() -> None:
    op.create_table(
        "plan_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("firmness", sa.Enum("idea", "tentative", "firm", name="firmness", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("direction", sa.Enum("outbound", "inbound", "virtual", name="direction", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("marking", sa.Enum("clear", "green", "amber", "amber_strict", "red", name="marking", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("forum_id", sa.Integer(), nullable=True),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("countries", sa.Text(), nullable=False),
        sa.Column("objectives", sa.Text(), nullable=False),
        sa.Column("partners", sa.Text(), nullable=False),
        sa.Column("travellers", sa.Text(), nullable=False),
        sa.Column("cost", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_plan_entry_ends_after_start")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_plan_entry_engagement_id_engagement")),
        sa.ForeignKeyConstraint(["forum_id"], ["forum.id"], name=op.f("fk_plan_entry_forum_id_forum")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_plan_entry_requester_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_entry")),
    )
    op.create_index("ix_plan_entry_engagement_id_id", "plan_entry", ["engagement_id", "id"])
    op.create_index("ix_plan_entry_starts_on_engagement_id_id", "plan_entry", ["starts_on", "engagement_id", "id"])
    last = 0
    while known := _rows(ENGAGEMENTS, last=last, chunk=CHUNK):
        last = known[-1]["id"]
        if entries := _entries(known):
            op.bulk_insert(ENTRY, entries)
    for statement in append_only("plan_entry", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in writable_again("plan_entry", op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_index("ix_plan_entry_starts_on_engagement_id_id", table_name="plan_entry")
    op.drop_index("ix_plan_entry_engagement_id_id", table_name="plan_entry")
    op.drop_table("plan_entry")


ENTRY = sa.table(
    "plan_entry",
    sa.column("engagement_id", sa.Integer), sa.column("at", UtcDateTime(timezone=True)), sa.column("title", sa.String),
    sa.column("firmness", sa.String), sa.column("direction", sa.String), sa.column("marking", sa.String),
    sa.column("requester_id", sa.Integer), sa.column("starts_on", sa.Date), sa.column("ends_on", sa.Date),
    sa.column("forum_id", sa.Integer), sa.column("places", sa.Text), sa.column("countries", sa.Text),
    sa.column("objectives", sa.Text), sa.column("partners", sa.Text),
    sa.column("travellers", sa.Text), sa.column("cost", sa.Numeric(12, 2)),
)
WHEN = {"created_at": UtcDateTime(timezone=True), "state_since": UtcDateTime(timezone=True)}
DAYS = {"starts_on": sa.Date(), "ends_on": sa.Date()}
ENGAGEMENTS = sa.text(
    "SELECT i.id, i.title, i.firmness, e.direction, i.marking, i.requester_id, i.starts_on, i.ends_on, e.forum_id,"
    " i.state, i.created_at, i.state_since FROM item i JOIN engagement e ON e.id = i.id"
    " WHERE i.id > :last ORDER BY i.id LIMIT :chunk"
).columns(**WHEN, **DAYS)
IDS = sa.bindparam("ids", expanding=True)
VERSIONS = sa.text(
    "SELECT item_id, valid_from, content FROM item_version WHERE item_id IN :ids ORDER BY item_id, number"
).bindparams(IDS).columns(valid_from=UtcDateTime(timezone=True))
LEGS = sa.text(
    "SELECT engagement_id, city, country_code, transit FROM leg WHERE engagement_id IN :ids"
    " ORDER BY engagement_id, position"
).bindparams(IDS).columns(transit=sa.Boolean())
OBJECTIVES = sa.text(
    "SELECT engagement_id, objective_id FROM engagement_objective WHERE engagement_id IN :ids ORDER BY objective_id"
).bindparams(IDS)
PARTNERS = sa.text(
    "SELECT engagement_id, partner_id FROM engagement_partner WHERE engagement_id IN :ids ORDER BY partner_id"
).bindparams(IDS)
TRAVELLERS = sa.text(
    "SELECT engagement_id, person_id FROM traveller WHERE engagement_id IN :ids AND person_id IS NOT NULL"
    " ORDER BY engagement_id, position"
).bindparams(IDS)
COSTS = sa.text(
    "SELECT engagement_id, sum(amount) AS cost FROM cost_line WHERE engagement_id IN :ids GROUP BY engagement_id"
).bindparams(IDS).columns(cost=sa.Numeric(12, 2))


def _rows(statement: Any, **given: Any) -> list[Any]:
    return list(op.get_bind().execute(statement, given).mappings())


def _entries(known: list[Any]) -> list[dict[str, Any]]:
    """The entries of these engagements, each engagement's in their order."""
    frozen: dict[int, list[Any]] = defaultdict(list)
    for version in _rows(VERSIONS, ids=[row["id"] for row in known]):
        frozen[version["item_id"]].append(version)
    told = _as_told([row for row in known if not frozen[row["id"]] or row["state"] in EDITED])
    entries = []
    for row in known:
        versions = frozen[row["id"]]
        for n, version in enumerate(versions):
            at = row["created_at"] if n == 0 else version["valid_from"]
            entries.append({"at": at, **_as_frozen(row, json.loads(version["content"]))})
        if row["id"] in told:
            entries.append({"at": row["state_since"] if versions else row["created_at"], **told[row["id"]]})
    return entries


EDITED = ("returned_for_information", "withdrawn")  # a text that was frozen may have been written over


def _as_frozen(row: Any, said: dict[str, Any]) -> dict[str, Any]:
    legs = said.get("legs") or []
    return {
        "engagement_id": row["id"], "title": said["title"], "firmness": said.get("firmness") or row["firmness"],
        "direction": said.get("direction") or row["direction"], "marking": said.get("marking") or row["marking"],
        "requester_id": (said.get("requester") or {}).get("id") or row["requester_id"],
        "starts_on": _day(said.get("starts_on")), "ends_on": _day(said.get("ends_on")),
        "forum_id": (said.get("forum") or {}).get("id"),
        **_where([(leg["city"], leg["country_code"], leg.get("transit", False)) for leg in legs]),
        "objectives": _spaced(one["id"] for one in said.get("objectives") or []),
        "partners": _spaced(one["id"] for one in said.get("partners") or []),
        "travellers": _spaced(one["id"] for one in said.get("travellers") or [] if one["id"]),
        "cost": Decimal(str(said.get("total") or 0)),
    }


def _as_told(rows: list[Any]) -> dict[int, dict[str, Any]]:
    """What engagements say now, by id."""
    ids = [row["id"] for row in rows]
    if not ids:
        return {}
    legs: dict[int, list[Any]] = defaultdict(list)
    for leg in _rows(LEGS, ids=ids):
        legs[leg["engagement_id"]].append((leg["city"], leg["country_code"], leg["transit"]))
    objectives, partners, travellers = _ids(OBJECTIVES, ids), _ids(PARTNERS, ids), _ids(TRAVELLERS, ids)
    costs = {one["engagement_id"]: one["cost"] for one in _rows(COSTS, ids=ids)}
    kept = ("title", "firmness", "direction", "marking", "requester_id", "starts_on", "ends_on", "forum_id")
    return {
        row["id"]: {
            "engagement_id": row["id"], **{name: row[name] for name in kept}, **_where(legs[row["id"]]),
            "objectives": _spaced(objectives[row["id"]]), "partners": _spaced(partners[row["id"]]),
            "travellers": _spaced(travellers[row["id"]]), "cost": costs.get(row["id"], Decimal(0)),
        }
        for row in rows
    }  # fmt: skip


def _ids(statement: Any, ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for engagement, one in op.get_bind().execute(statement, {"ids": ids}):
        found[engagement].append(one)
    return found


def _where(legs: list[tuple[str, str, bool]]) -> dict[str, str]:
    places = dict.fromkeys(f"{city}, {code}" if city else code for city, code, _ in legs)
    return {"places": "\n".join(places), "countries": _spaced(code for _, code, transit in legs if not transit)}


def _spaced(values: Iterable[object]) -> str:
    return "".join(f" {value}" for value in dict.fromkeys(values)) + " "


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
