"""A partner's page, what the secretariat writes down of it, and two partners that are one."""

from datetime import timedelta

import factories as make
import pytest
from factories import NOON, TODAY
from sqlalchemy import func, select

from engage.models.audit import AuditEvent
from engage.models.commitments import Commitment
from engage.models.engagements import engagement_partner
from engage.models.outbox import OutboxMessage
from engage.models.partners import Agreement, Partner, PartnerContact, PartnerMerge
from engage.rules.commitments import Side
from engage.rules.marking import Marking
from engage.rules.partners import AgreementKind, AgreementStanding, agreement_standing
from engage.rules.policy import Role, See, may
from engage.rules.workflow import State
from engage.services import (
    agreements,
    lost_touch,
    partner_contacts,
    partner_merges,
    reminder_rules,
    reminders,
    search_index,
    weekly,
)
from engage.services.search_index import Kind
from engage.services.transaction import transaction

DAY = timedelta(days=1)


@pytest.fixture
def keeper(store, visitor):
    """Somebody of the secretariat, signed in."""
    with transaction():
        visitor.person = make.person(Role.SECRETARIAT)
    return visitor.sign_in(visitor.person)


def agreement(partner, owner, **said):
    """An agreement in force for another year."""
    facts = {"kind": AgreementKind.MEMORANDUM, "title": "On exercises", "signed_on": TODAY - 300 * DAY,
             "expires_on": TODAY + 365 * DAY} | said  # fmt: skip
    made = Agreement(partner_id=partner.id, owner_id=owner.id, **facts)
    make.db.session.add(made)
    make.db.session.flush()
    return made


def test_the_secretariat_writes_a_partner_down_and_mends_it(store, keeper):
    keeper.get("/partners/new")
    page = keeper.submit({"name": "Zebra Response Team", "short_name": "ZRT", "country": "estonia",
                          "kind": "national_csirt", "forums": "CRI; iwwn"})  # fmt: skip
    page = keeper.follow()
    assert {"Zebra Response Team", "ZRT", "Estonia"} <= set(page.words)
    number = store.scalar(select(Partner.id).where(Partner.short_name == "ZRT"))
    store.rollback()
    assert f"/partners/{number}" in keeper.get("/forums?q=international counter").links or page.links
    assert f"/partners/{number}" in keeper.get("/partners?forum=CRI&country=EE&kind=national_csirt&q=zrt").links
    keeper.get(f"/partners/{number}/edit")
    keeper.submit({"name": "Zebra Team", "first_member": "yes"})
    keeper.follow()
    assert f"/partners/{number}" in keeper.get("/partners?forum=FIRST&q=zebra").links
    keeper.get("/partners/new")
    page = keeper.submit({"name": "zebra team", "country": "EE", "kind": "ngo"}, status=422)
    assert "A partner of this name and country is on the register." in page.text
    keeper.get("/partners?country=Atlantis", 422)


def test_two_who_mend_at_once_do_not_overwrite_each_other(store, app, keeper):
    with transaction():
        number = make.partner("Zebra").id
    keeper.get(f"/partners/{number}/edit")
    with transaction():
        store.get_one(Partner, number).name = "Zebra of the east"
    keeper.submit({"name": "Zebra of the west"}, status=409)


def test_an_agreement_is_written_down_renewed_and_ended(store, keeper):
    with transaction():
        owner, number = make.person(), make.partner("Zebra").id
    keeper.get(f"/partners/{number}/agreements/new")
    keeper.submit({"title": "On exercises", "kind": "memorandum", "owner": owner.email, "signed_on": "2025-04-01",
                   "expires_on": str(TODAY + 20 * DAY)})  # fmt: skip
    page = keeper.follow()
    assert "Expires soon" in page.words
    address = f"/agreements/{store.scalar(select(func.max(Agreement.id)))}"
    store.rollback()
    assert address in keeper.get("/agreements?standing=runs_out").links
    assert address in keeper.get(f"/partners/{number}").links
    assert "On exercises" in keeper.client.get("/agreements?as=csv").text
    keeper.get(f"{address}/edit")
    keeper.submit({"expires_on": "2025-01-01"}, status=422)
    keeper.submit({"expires_on": "2031-01-01"})
    assert "In force" in keeper.follow().words
    keeper.get(f"{address}/end")
    keeper.submit({"on": str(TODAY), "why": "Replaced by a treaty"})
    assert "Replaced by a treaty" in keeper.follow().text
    assert address not in keeper.get("/agreements?standing=in_force").links


def test_contacts_are_kept_for_a_purpose_and_a_time_and_then_gone(store, keeper, visitor):
    with transaction():
        number, stranger, party = make.partner("Zebra").id, make.person(), make.person()
        make.engagement(State.SUBMITTED, by=party).partners = [store.get_one(Partner, number)]
    address = f"/partners/{number}/contacts/new"
    keeper.get(address)
    typed = {"name": "Kadri Kask", "role": "Duty lead", "work_address": "duty@zebra.example", "purpose": "Exercises"}
    assert "no later than" in keeper.submit(typed | {"delete_on": str(TODAY + 900 * DAY)}, status=422).text
    keeper.submit(typed | {"delete_on": str(TODAY + 30 * DAY)})
    assert "Kadri Kask" in keeper.follow().text
    trail = store.scalars(select(AuditEvent.details).where(AuditEvent.action == "keep_contact")).all()
    store.rollback()
    assert [("Kadri" in line, "duty@" in line) for line in trail] == [(False, False)]
    assert "Kadri Kask" in visitor.sign_in(party).get(f"/partners/{number}").text
    assert "Kadri Kask" not in visitor.sign_in(stranger).get(f"/partners/{number}").text
    visitor.get(address, 403)
    with transaction():
        assert partner_contacts.purge(TODAY + 29 * DAY, now=NOON) == 0
        assert partner_contacts.purge(TODAY + 30 * DAY, now=NOON) == 1
    assert store.scalar(select(func.count()).select_from(PartnerContact)) == 0


def test_a_merge_moves_all_that_pointed_there_and_can_be_taken_back(store, keeper):
    with transaction():
        gone, kept = make.partner("Zebra Response Team"), make.partner("Zebra RT")
        gone.short_name = kept.short_name = "ZRT"
        owner = make.person()
        one, both = make.engagement(State.APPROVED, title="One"), make.engagement(State.APPROVED, title="Both")
        one.partners, both.partners = [gone], [gone, kept]
        agreement(gone, owner)
        store.add(Commitment(engagement_id=one.id, side=Side.OURS, what="A list", partner_id=gone.id, owner_id=owner.id,
                             made_on=TODAY, due_on=TODAY))  # fmt: skip
        store.flush()
        search_index.note(Kind.PARTNER, [gone.id, kept.id])
        old, new = gone.id, kept.id
    before = facts(store)
    assert f"/partners/{old}/merge/{new}" in keeper.get(f"/partners/{old}/merge").links
    assert f"/partners/{old}/merge/{new}" in keeper.get("/partners/doubles").links
    page = keeper.get(f"/partners/{old}/merge/{new}")
    assert [w for w in ("Agreements", "Engagements that name it", "Promises") if w not in page.words] == []
    keeper.submit({"reason": "Both signed the same letter."})
    keeper.follow()
    with transaction():
        links = sorted(store.execute(select(engagement_partner.c.engagement_id, engagement_partner.c.partner_id)))
        assert links == sorted([(one.id, new), (both.id, new)])
        assert {store.scalar(select(table.partner_id)) for table in (Agreement, Commitment)} == {new}
    keeper.get(f"/partners/{old}", 302)
    assert keeper.response.headers["Location"] == f"/partners/{new}"
    assert f"/partners/{new}" in keeper.get("/search?q=response").links
    assert "Zebra Response Team" in keeper.get(f"/partners/{new}").text
    keeper.get(f"/partners/{old}/merge/{new}", 200)
    merge = store.scalar(select(PartnerMerge.id))
    store.rollback()
    keeper.get(f"/partners/{new}")
    keeper.send(f"/partners/merges/{merge}/take-back")
    assert facts(store) == before
    keeper.get(f"/partners/{old}")
    keeper.post(f"/partners/merges/{merge}/take-back", status=409)


def facts(store):
    """What points at which partner."""
    found = {
        f"{to.table.name}.{to.column.name}": sorted(
            map(tuple, store.execute(select(to.key, to.column).where(to.column.is_not(None))))
        )
        for to in partner_merges.pointers()
    }
    store.rollback()
    return found


def test_every_table_that_names_a_partner_is_known_to_a_merge(store):
    assert {to.table.name for to in partner_merges.pointers()} == set(partner_merges.LABELS)


@pytest.mark.parametrize("marking", list(Marking))
def test_who_sees_an_agreement_is_who_the_policy_says(store, marking):
    with transaction():
        office = make.office("An office of its own")
        boss = make.person(Role.SUPERVISOR)
        owner = make.person(office_id=office.id, supervisor_id=boss.id)
        people = [owner, boss, make.person(office_id=office.id), *(make.person(role) for role in Role)]
        made = agreement(make.partner("Zebra"), owner, marking=marking)
    what = agreements.subject(made.id)
    for who in map(make.actor, people):
        seen = [row.id for row in agreements.listed(who, TODAY)[0]] == [made.id]
        assert seen == may(who, See.AGREEMENT, what)
        assert seen == (agreements.one(made.id, by=who, today=TODAY) is not None)
        assert seen == bool(agreements.expiring(who, TODAY, 400 * DAY))


def test_the_lists_by_standing_are_what_the_rule_says(store):
    with transaction():
        owner, partner = make.person(Role.SECRETARIAT), make.partner("Zebra")
        for left in (None, -1, 0, 1, 89, 90, 91, 400):
            for ended in (None, TODAY, TODAY + DAY):
                agreement(partner, owner, expires_on=None if left is None else TODAY + left * DAY, ended_on=ended,
                          ended_why="Over" if ended else "")  # fmt: skip
    who = make.actor(owner)
    rows = agreements.listed(who, TODAY)[0]
    by_rule = {one: {r.id for r in rows if agreement_standing(r.expires_on, r.ended_on, TODAY) is one}
               for one in AgreementStanding}  # fmt: skip
    for one, ids in by_rule.items():
        assert {r.id for r in agreements.listed(who, TODAY, frozenset({one.value}))[0]} == ids
    assert agreements.running_out(who, TODAY) == len(by_rule[AgreementStanding.RUNS_OUT])


def test_no_contact_for_long_is_told_by_what_its_reader_may_see(store, visitor):
    with transaction():
        lea, other, owner = make.person(Role.LEADERSHIP), make.person(), make.person()
        names = ("Bound", "Long ago", "Lately", "Ahead", "Never", "Hidden lately")
        named = {name: make.partner(name) for name in names}
        agreement(named["Bound"], owner)
        for name, begins, marking in (
            ("Long ago", -400, Marking.GREEN), ("Lately", -400, Marking.GREEN), ("Lately", -30, Marking.GREEN),
            ("Ahead", -400, Marking.GREEN), ("Ahead", 30, Marking.GREEN), ("Hidden lately", -400, Marking.GREEN),
            ("Hidden lately", -30, Marking.RED),
        ):  # fmt: skip
            made = make.engagement(State.APPROVED, starts=TODAY + begins * DAY, days=0, marking=marking)
            made.partners = [named[name]]
    for who in (lea, other):
        page = visitor.sign_in(who).get("/partners?show=quiet")
        assert [name for name in named if name in page.words] == ["Bound", "Long ago", "Hidden lately"]
        found = [row.name for row in lost_touch.partners(make.actor(who), TODAY)]
        assert found == ["Bound", "Hidden lately", "Long ago"]
        store.rollback()
    with transaction():
        weekly.post(NOON)
        told = store.scalars(select(OutboxMessage).where(OutboxMessage.template == weekly.TEMPLATE)).one().facts
    assert [line.split(" (")[0] for line in told["quiet"]] == ["Bound", "Hidden lately", "Long ago"]


def test_an_owner_is_told_before_an_agreement_expires_and_then_those_who_can_help(store):
    with transaction():
        boss = make.person(Role.SUPERVISOR)
        owner, keeper = make.person(supervisor_id=boss.id), make.person(Role.SECRETARIAT)
        made = agreement(make.partner("Zebra"), owner, expires_on=TODAY + 31 * DAY)
        agreement(make.partner("Yak"), owner, expires_on=TODAY + 31 * DAY, marking=Marking.RED, title="Secret words")
        agreement(make.partner("Xerus"), owner, expires_on=TODAY + 31 * DAY, ended_on=TODAY, ended_why="Over")
        number = made.id
        reminder_rules.begin_shipped(NOON)

    def told(days):
        rows = reminders.preview(NOON + days * DAY)
        ours = [row.message for row in rows if row.rule.code == "agreement_expires"]
        found = {(message["person_id"], message["subject"]) for message in ours}
        store.rollback()
        return found

    for_owner = {(owner.id, "Reminder: renew or end the agreement with Zebra: On exercises"),
                 (owner.id, "Reminder: renew or end a restricted agreement")}  # fmt: skip
    assert told(2) >= for_owner
    assert {who for who, _ in told(2)} == {owner.id, boss.id}
    assert {who for who, _ in told(26)} == {owner.id, boss.id, keeper.id}
    with transaction():
        agreements.revise(
            store.get_one(Agreement, number),
            agreements.Said(made.kind, made.title, "", made.marking, owner.id, made.signed_on, TODAY + 4000 * DAY), 1,
            by=make.actor(owner), now=NOON,
        )  # fmt: skip
    assert [subject for _, subject in told(26) if "Zebra" in subject] == []


def test_statements_of_a_partners_page_do_not_grow_with_it(store, keeper, statements):
    with transaction():
        partner, owner = make.partner("Zebra"), make.person()
        number = partner.id
    counts = []
    for more in (1, 2, 27):
        with transaction():
            for _ in range(more):
                agreement(store.get_one(Partner, number), owner)
        statements.clear()
        keeper.get(f"/partners/{number}")
        counts.append(len(statements))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 14
