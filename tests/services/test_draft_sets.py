"""Many drafts begun at once are the same, row by row, as each begun alone."""

from datetime import date
from decimal import Decimal

import factories as make
import pytest
import sqlalchemy as sa
from factories import NOON
from sqlalchemy.exc import IntegrityError

from engage.extensions import db
from engage.models import Base
from engage.models.audit import AuditEvent
from engage.models.engagements import Item
from engage.models.imports import ImportBatch, Stage
from engage.models.norms import Objective
from engage.models.partners import Forum, Partner
from engage.rules.asking import Content, ContentCost, ContentLeg, ContentTraveller, EngagementKind
from engage.rules.policy import PROGRAM, Role
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.search_words import Kind, asked
from engage.services import audit, bulk, bulk_work, draft_sets, engagements, search, search_index
from engage.services.transaction import transaction

# The tables that a draft has rows in, and how each calls it.
OWNED = {
    "item": "id", "engagement": "id", "leg": "engagement_id", "traveller": "engagement_id",
    "cost_line": "engagement_id", "engagement_partner": "engagement_id", "engagement_objective": "engagement_id",
    "state_span": "item_id", "plan_entry": "engagement_id", "search_entry": "item_id",
}  # fmt: skip


def contents():
    """Drafts that say all that can be said, and almost nothing."""
    with transaction():
        goer = make.person()
        forum = Forum(code="X-1", name="A forum", kind="body", cadence="", url="", source_url="")
        partner = Partner(name="Zürich CERT", short_name="", country_code="CH", kind="national_csirt",
                          first_member="unknown", url="", source_url="")  # fmt: skip
        db.session.add_all([forum, partner])
        db.session.flush()
        objective = db.session.scalar(sa.select(sa.func.min(Objective.id)))
    said = {name: f"{name} 🚀" for name in ("purpose", "outcome_sought", "why_not_virtual", "late_reason", "notes")}
    full = Content(
        title="Größe", nature=EngagementKind.BILATERAL, **said, forum_id=forum.id, objective_ids=(objective,),
        partner_ids=(partner.id,), missing="A zone.\nA partner.",
        legs=(ContentLeg("CH", "Zürich", "Europe/Zurich", date(2027, 3, 1), date(2027, 3, 3)),
              ContentLeg("EE", "", None, date(2027, 3, 3), date(2027, 3, 5), transit=True)),
        travellers=(ContentTraveller(goer.id, "", True), ContentTraveller(None, "traveller-02", False)),
        costs=(ContentCost("Airfare", Decimal("1200.50")), ContentCost("Meals", Decimal(1), "Host", True)),
    )  # fmt: skip
    return [full, Content(title="Only a title"), Content(title="Days", starts_on=date(2027, 5, 4))]


def rows_of(number):
    """All that is kept of a draft, without what numbers it."""
    kept = {}
    for name, owner in OWNED.items():
        table = Base.metadata.tables[name]
        numbered = {owner, "source_ref", "record_id"} | ({"id"} if "id" in table.c else set())
        rows = db.session.execute(sa.select(table).where(table.c[owner] == number).order_by(*table.primary_key))
        kept[name] = [{k: v for k, v in row.items() if k not in numbered} for row in rows.mappings()]
    lines = db.session.execute(
        sa.select(AuditEvent.action, AuditEvent.actor_id, AuditEvent.at, AuditEvent.details, AuditEvent.source)
        .where(AuditEvent.about_kind == "item", AuditEvent.about_id == number)
    )  # fmt: skip
    return kept | {"trail": [(*line[:3], line[3].replace("set:", "one:"), line[4]) for line in lines]}


def test_a_draft_of_a_large_file_is_row_by_row_the_draft_of_one_begun_alone(store):
    said = contents()
    with transaction():
        pairs = [(f"one:{i}", one) for i, one in enumerate(said)]
        alone = [
            engagements.import_drafts([pair], requester_id=None, by=PROGRAM, now=NOON)[0].id for pair in pairs
        ]
    ready = draft_sets.ready(
        [(f"set:{i}", one) for i, one in enumerate(said)], requester_id=None, by=PROGRAM, now=NOON
    )
    with transaction():
        together = draft_sets.write(ready, by=PROGRAM)
        search_index.note(Kind.ENGAGEMENT, together)

    assert [rows_of(number) for number in together] == [rows_of(number) for number in alone]
    assert len(rows_of(together[0])["leg"]) == 2
    assert audit.verify().first_bad_id is None
    with transaction():  # the numbers go on behind them
        after = engagements.draft(said[1], by=make.actor(make.person()), now=NOON)
    assert after.id > max(together)


def test_many_drafts_cost_the_statements_of_three(store, statements):
    def cost(count):
        ready = draft_sets.ready(
            [(f"{count}:{i}", Content(title="X")) for i in range(count)], requester_id=None, by=PROGRAM, now=NOON
        )
        with transaction():
            statements.clear()
            draft_sets.write(ready, by=PROGRAM)
            return len(statements)

    assert cost(3) == cost(300) == 5


def test_nothing_comes_of_drafts_of_which_one_is_there_or_contradicts_itself_or_whose_sender_may_not(store):
    somebody = make.actor(make.person())
    pair = [("a", Content(title="A")), ("a", Content(title="Again"))]
    before = db.session.scalar(sa.select(sa.func.count()).select_from(Item))
    ready = draft_sets.ready(pair, requester_id=None, by=PROGRAM, now=NOON)
    with pytest.raises(IntegrityError), transaction():
        draft_sets.write(ready, by=PROGRAM)
    with pytest.raises(NotAllowed):
        draft_sets.ready(pair, requester_id=None, by=somebody, now=NOON)
    wrong = Content(title="", starts_on=date(2027, 5, 4), ends_on=date(2027, 5, 1))
    with pytest.raises(Incomplete):
        draft_sets.ready([("b", wrong)], requester_id=None, by=PROGRAM, now=NOON)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Item)) == before


def test_a_large_file_is_looked_at_and_taken_by_the_job_runner_all_at_once(store, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "LOOKED_AT_ONCE", 2)
    with transaction():
        secretary = make.actor(make.person(Role.SECRETARIAT))
        lines = ["request_ref,title", *(f"B-{i},Exchange wombat badger{i}" for i in range(30))]
        number = bulk.stage("requests", "\n".join(lines).encode(), "r.csv", by=secretary, now=NOON).id
    assert bulk_work.work(lambda: NOON) == 30  # looked at
    store.expire_all()
    with transaction():
        batch = store.get(ImportBatch, number)
        bulk.name_columns(batch, {"request_ref": "request_ref", "title": "title"}, by=secretary)
    assert bulk_work.work(lambda: NOON) == 30  # and again, for its columns were named
    with transaction():
        batch = store.get(ImportBatch, number, populate_existing=True)
        assert (batch.stage, batch.report["problems"], batch.report["new"]) == (Stage.STAGED, [], 30)
        bulk.take(batch, by=secretary, now=NOON)
    assert bulk_work.work(lambda: NOON, lambda: True) == 0  # it dies when all is written and nothing can be found yet
    drafts = sa.select(sa.func.count()).where(Item.title.like("Exchange wombat%"))
    assert (store.scalar(drafts), search.find(asked("wombat"), by=secretary)[0]) == (30, [])
    store.rollback()
    assert bulk_work.work(lambda: NOON) == 30
    batch = store.get(ImportBatch, number, populate_existing=True)
    assert (batch.stage, batch.done, batch.total, batch.message) == (
        Stage.TAKEN, 30, 30, "30 new, 0 changed, 0 were here already."
    )  # fmt: skip
    assert (store.scalar(drafts), len(search.find(asked("wombat badger17"), by=secretary)[0])) == (30, 1)
    assert bulk_work.work(lambda: NOON) == 0
