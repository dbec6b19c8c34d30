"""What is published stays; what was read is bound to its text, its trip and its reader."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import factories as make
import getting_ready as prepare
import pytest
from sqlalchemy import select

from engage.documents import letters
from engage.models.audit import AuditEvent
from engage.models.guidance import Acknowledgement, Guide, GuideVersion
from engage.models.outbox import OutboxMessage
from engage.models.people import Person
from engage.rules.canonical import canonical_json, digest
from engage.rules.policy import Role
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.workflow import State
from engage.services import acknowledgements, guidance, trips
from engage.services.transaction import transaction

LATER = make.NOON + timedelta(hours=1)


@dataclass
class Shipped:
    """A guide as an importer reads it."""

    country_code: str | None = "NA"
    title: str = "Namibia"
    reviewed: date = make.TODAY
    status: str = "starter"
    said: dict = field(default_factory=lambda: {
        "summary": "Be kind.", "sections": {"greetings": "Say hello."}, "must_know": ["Say hello."],
        "check": [{"section": "greetings", "question": "What first?", "options": ["Hello", "Goodbye"], "answer": 0,
                   "why": "One begins so."}],
        "sources": ["https://example.org/"],
    })  # fmt: skip

    def content(self):
        """The text beside the title."""
        return self.said


def publish(version, *, by=None, at=LATER, title=None, content=None, material=True, note="Clearer.", based_on=None):
    return guidance.publish(
        version.guide_id, title or f"{version.title}, revised", content or version.content, note=note,
        based_on=based_on or version.id, material=material, now=at,
        by=make.actor(by or make.person(Role.CONTENT_OWNER)),
    )  # fmt: skip


def test_a_shipped_guide_becomes_version_1_marked_as_starter_text_and_twice_is_as_once(store):
    with transaction():
        assert [guidance.load_guide(Shipped(), now=make.NOON) for _ in range(2)] == [True, False]
    version = prepare.version_of("NA")
    assert (version.number, version.starter, version.material, version.published_by_id) == (1, True, True, None)
    assert version.sha256 == digest(canonical_json({"title": "Namibia", "content": Shipped().said}))


def test_every_country_and_the_general_guide_ship_once(store):
    versions = store.execute(select(GuideVersion.number, GuideVersion.starter)).all()
    assert set(versions) == {(1, True)}
    assert len(versions) == 70
    assert len(set(store.scalars(select(Guide.country_code)))) == 70


def test_changed_starter_text_is_the_next_version_until_somebody_here_has_published(store):
    guidance.load_guide(Shipped(), now=make.NOON)
    assert guidance.load_guide(Shipped(title="Namibia, better"), now=LATER)
    assert prepare.version_of("NA").number == 2

    ours = publish(prepare.version_of("NA"), title="Namibia, ours", at=LATER + timedelta(hours=1))
    assert not guidance.load_guide(Shipped(title="Namibia, best"), now=LATER + timedelta(hours=2))
    assert prepare.version_of("NA").id == ours.id
    assert (ours.number, ours.starter) == (3, False)


def test_an_acknowledgement_binds_person_trip_version_digest_and_time(store):
    with transaction():
        going = prepare.trip()
        version = prepare.version_of("EE")
        assert prepare.read(going, version) is True
    assert [
        (a.person_id, a.trip_id, a.guide_version_id, a.sha256, a.at, a.language)
        for a in store.scalars(select(Acknowledgement))
    ] == [(going.person_id, going.id, version.id, version.sha256, make.NOON, "en")]
    told = store.execute(
        select(AuditEvent.actor_id, AuditEvent.about_id, AuditEvent.details).where(AuditEvent.action == "acknowledge")
    ).all()
    assert told == [
        (going.person_id, going.id, canonical_json({
            "guide": version.guide_id, "version": 1, "sha256": version.sha256, "score": 3, "questions": 3,
            "on_behalf_of": None,
        }))
    ]


def test_a_repeat_changes_nothing_and_leaves_no_line(store):
    with transaction():
        going = prepare.trip()
        prepare.read(going, prepare.version_of("EE"))
    with transaction():
        assert prepare.read(going, prepare.version_of("EE"), now=LATER) is False
    assert [a.at for a in store.scalars(select(Acknowledgement))] == [make.NOON]
    assert len(store.scalars(select(AuditEvent).where(AuditEvent.action == "acknowledge")).all()) == 1


def test_an_acknowledgement_counts_for_its_own_trip_alone(store):
    traveller = make.person()
    first, second = prepare.trip(traveller), prepare.trip(traveller, starts=date(2026, 9, 1))
    version = prepare.version_of("EE")
    assert [prepare.read(first, version), prepare.read(second, version)] == [True, True]


def test_nobody_acknowledges_for_somebody_else(store):
    going = prepare.trip()
    for who in (
        make.person(),
        make.person(Role.SECRETARIAT),
        make.person(Role.ADMINISTRATOR),
        make.person(Role.CONTENT_OWNER),
    ):
        with pytest.raises(NotAllowed):
            prepare.read(going, prepare.version_of("EE"), by=make.actor(who))


def test_an_older_version_and_another_text_are_refused(store):
    going = prepare.trip()
    old = prepare.version_of("EE")
    with pytest.raises(Stale):
        acknowledgements.acknowledge(
            going, old.id, "0" * 64, ticked=range(9), answers={}, by=make.actor(_traveller(store, going)), now=make.NOON
        )
    publish(old, material=False)
    with pytest.raises(Stale):
        prepare.read(going, old)


def _traveller(store, going):
    return store.get(Person, going.person_id)


def test_a_guide_the_trip_does_not_ask_for_is_refused_and_so_is_one_that_is_not_there(store):
    going = prepare.trip()
    with pytest.raises(NotOpen):
        prepare.read(going, prepare.version_of("JP"))
    with pytest.raises(NotOpen):
        acknowledgements.acknowledge(
            going, 999_999, "0" * 64, ticked=(), answers={}, by=make.actor(_traveller(store, going)), now=make.NOON
        )


def test_nothing_is_acknowledged_for_a_cancelled_trip(store):
    going = prepare.trip()
    trips.cancel_for(going.engagement_id, now=make.NOON)
    with pytest.raises(NotOpen):
        prepare.read(going, prepare.version_of("EE"))


def test_every_point_is_ticked_and_every_question_answered_rightly(store):
    going = prepare.trip()
    version = prepare.version_of("EE")
    questions = version.content["check"]
    wrong = (questions[0]["answer"] + 1) % len(questions[0]["options"])
    with pytest.raises(Incomplete) as refusal:
        prepare.read(going, version, ticked=(0, 1), answers={0: wrong, 1: questions[1]["answer"]})
    assert refusal.value.at == {
        "must_know": f"Tick each point when you have read it: {len(version.content['must_know']) - 2} are not ticked.",
        "question_0": f"That is not it. {questions[0]['why']} Read “Communication and negotiation” again, "
        "then choose anew.",
        "question_2": "Choose an answer.",
    }
    assert store.scalars(select(Acknowledgement)).all() == []


def test_only_content_owners_publish(store):
    for role in (Role.REQUESTER, Role.ADMINISTRATOR, Role.SECRETARIAT, Role.CHAIR):
        with pytest.raises(NotAllowed):
            publish(prepare.version_of("EE"), by=make.person(role) if role is not Role.REQUESTER else make.person())


def test_a_new_version_leaves_the_old_one_untouched(store):
    old = prepare.version_of("EE")
    before = (old.title, dict(old.content), old.sha256)
    new = publish(old)
    store.expire_all()
    assert (old.title, old.content, old.sha256) == before
    assert (new.number, new.starter, new.reviewed_on) == (2, False, make.TODAY)


def test_a_version_based_on_an_older_text_is_refused(store):
    old = prepare.version_of("EE")
    publish(old)
    with pytest.raises(Stale):
        publish(old, title="Mine")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"note": ""}, ["note"]),
        ({"title": "same"}, ["note"]),
        ({"content": {"must_know": []}}, ["must_know"]),
        ({"content": {"sources": ["javascript:alert(1)"]}}, ["sources"]),
        ({"content": {"summary": ""}}, ["summary"]),
        ({"content": {"sections": {}}}, ["section_greetings", "question 1", "question 2", "question 3"]),
    ],
)
def test_a_text_that_is_not_sound_is_refused_at_its_fields(store, changes, fields):
    old = prepare.version_of("EE")
    if "content" in changes:
        changes = changes | {"content": old.content | changes["content"]}
    if changes.get("title") == "same":
        changes = {"title": old.title}
    with pytest.raises(Incomplete) as refusal:
        publish(old, **changes)
    assert list(refusal.value.at) == fields


def test_a_material_version_tells_those_who_had_read_the_guide_and_have_not_returned(store):
    with transaction():
        reader, back, other, elsewhere = (make.person() for _ in range(4))
        going = prepare.trip(reader)
        gone = prepare.trip(back, starts=make.TODAY - timedelta(days=30))
        called_off = prepare.trip(other)
        for one in (going, gone, called_off):
            prepare.read(one, prepare.version_of("EE"))
        trips.cancel_for(called_off.engagement_id, now=make.NOON)
        make.engagement(State.APPROVED, by=elsewhere)
        store.query(OutboxMessage).delete()
        minor = publish(prepare.version_of("EE"), material=False, title="Estonia, mended")
        publish(minor, title="Estonia, anew", note="Cards are given with both hands.")
    posted = store.execute(select(OutboxMessage.template, OutboxMessage.person_id, OutboxMessage.about_id)).all()
    assert posted == [("guide_changed", reader.id, going.id)]
    facts = store.scalar(select(OutboxMessage.facts))
    assert facts["path"] == f"/trips/{going.id}/guides/{minor.guide_id}"
    said = letters.text("guide_changed", facts, person_name="Ada", leads_to=facts["path"])
    assert "Cards are given with both hands." in said.splitlines()
