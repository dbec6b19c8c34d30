"""Charters: every one with its numbers, and a new one, saved only after a look at last year under it."""

from fractions import Fraction

import factories as make
import pytest
import sqlalchemy as sa

from engage.extensions import db
from engage.models.audit import AuditEvent
from engage.models.board import Ballot, Charter, Motion, Seat
from engage.models.people import Person
from engage.rules.items import ItemKind
from engage.rules.policy import Role
from engage.rules.thresholds import Measure, Needed, keep
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import State
from engage.seed import load_shipped
from engage.services import charter_replay, charters
from engage.services.transaction import transaction

NEW = {"starts_on": "2026-04-01", "source": "Board minutes of 2 March 2026"}


@pytest.fixture
def admin(store) -> Person:
    """An administrator, where the shipped charter holds."""
    with transaction():
        load_shipped(home_country="US", now=make.NOON)
        return make.person(Role.ADMINISTRATOR)


def kept() -> int:
    """How many charters there are."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Charter))


def test_the_page_shows_numbers_seats_rules_and_tiers(visitor, admin):
    text = visitor.sign_in(admin).get("/admin/charters").text

    assert "Charter of the International Engagement Governance Board" in text
    assert "Legal counsel Vacant" in visitor.get("/admin/seats").text
    text = visitor.get("/admin/ways").text
    assert "31 USC 1353" in text
    assert "Notational vote" in text


def test_a_charter_is_printed_for_whoever_signs_it_in_the_same_bytes(visitor, admin):
    with transaction():
        _, holders = make.board(6)
        charter = db.session.scalars(sa.select(Charter)).one()
        charter.thresholds = keep({ItemKind.PRIORITIES: Needed(Fraction(2, 3), Fraction(1, 2), Measure.SEATS)})
    page = visitor.sign_in(admin).get("/admin/charters/1")

    assert "Training and exercises Vacant" in page.text
    assert (
        "Annual priorities: a motion carries by more than two thirds of the yes and no together, and by more than half "
        "of all the seats that count."
    ) in page.text
    assert "Approved by" in page.text
    printed = visitor.client.get("/admin/charters/1.pdf").data
    assert printed[:5] == b"%PDF-"
    assert visitor.client.get("/admin/charters/1.pdf").data == printed
    assert "Approved by" in visitor.sign_in(holders[1]).get("/board/charter").text
    assert visitor.client.get("/board/charter.pdf").data == printed


def test_a_charter_is_saved_by_a_second_press_after_a_look_at_last_year(visitor, admin):
    visitor.sign_in(admin).get("/admin/charters/new")
    visitor.submit(NEW | {"threshold_share": "2/3", "look": "1"}, status=200)

    assert "would have gone differently. Nothing is saved yet." in visitor.page.text
    assert kept() == 1

    visitor.submit({"save": "1"})
    assert "The charter is set." in visitor.follow().text
    newest = db.session.scalars(sa.select(Charter).order_by(Charter.id.desc())).first()
    assert (newest.threshold_share, str(newest.starts_on), newest.quorum_share) == ("2/3", "2026-04-01", "1/2")
    line = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert '"threshold_share":"1/2"' in line.details


def test_whether_reviews_go_on_together_is_said_seen_and_printed(visitor, admin):
    visitor.sign_in(admin).get("/admin/charters/new")
    visitor.submit(NEW | {"reviews_together": [], "endorsement": "y", "look": "1"}, status=200)
    visitor.submit({"save": "1"})
    newest = db.session.scalars(sa.select(Charter).order_by(Charter.id.desc())).first()
    assert (newest.reviews_together, newest.endorsement) == (False, True)
    assert "Further reviews follow one another." in visitor.get(f"/admin/charters/{newest.id}").text


def test_what_was_changed_after_the_look_is_looked_at_again_before_it_is_saved(visitor, admin):
    visitor.sign_in(admin).get("/admin/charters/new")
    visitor.submit(NEW | {"look": "1"}, status=200)
    visitor.submit({"threshold_share": "2/3", "save": "1"}, status=200)

    assert kept() == 1


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"quorum_at_least": "8"}, "The board has 7 voting seats, so a quorum of 8 could never be reached."),
    ({"threshold_share": "3/2"}, "More than 100 % of the votes can never be reached"),
    ({"threshold_share": "1/3"}, "Below a half a tie would carry"),
    ({"threshold_share": "1/0"}, "More than 100 %"),
    ({"quorum_share": "half"}, "Quorum is more than a share of the seats"),
    ({"starts_on": "2026-03-02"}, "Choose a day after today"),
    ({"starts_on": "2024-01-01"}, "Choose a day after today"),
    ({"silence_kinds": ["everything"]}, "Choose among these."),
    ({"meeting_kinds": ["engagement"]}, "This is kept for a meeting, so silence cannot decide it: engagement."),
    ({"second_share": "1"}, "More than 100 % can never be reached"),
    ({"second_of": "seats"}, "Say more than which share"),
    ({"second_share": "1/2"}, "Say of which seats it is a share."),
    ({"cast_priorities": "2"}, "More than 100 % of the votes can never be reached"),
    ({"cast_priorities": "1/3"}, "Below a half a tie would carry"),
    ({"second_matter": "1/2"}, "Say of which seats it is a share."), ({"chair": "twice"}, "Choose one."),
    ({"notice_days": "61"}, "Use a number from 0 to 60."),
    ({"silence_least_hours": "100"}, "The fewest hours are no more than the usual ones."),
    ({"alone_cost": "NaN"}, "Use an amount"),
    ({"source": ""}, "Say who decided it"),
    ({"calendar_days": "9" * 400}, "Use a number"),
])  # fmt: skip
def test_what_no_board_could_meet_is_refused_with_a_sentence_and_nothing_changes(visitor, admin, changes, sentence):
    visitor.sign_in(admin).get("/admin/charters/new")
    visitor.submit(NEW | changes | {"look": "1"}, status=422)

    assert sentence in visitor.page.text
    assert kept() == 1


def test_two_charters_never_begin_on_one_day(visitor, admin):
    visitor.sign_in(admin).get("/admin/charters/new")
    visitor.submit(NEW | {"look": "1"}, status=200)
    visitor.submit({"save": "1"})
    visitor.get("/admin/charters/new")
    visitor.submit(NEW | {"look": "1"}, status=422)

    assert "Another charter begins on that day, and two would be in force at once." in visitor.page.text
    assert kept() == 2


def test_only_administrators_change_the_charter(visitor, admin):
    with transaction():
        member = make.person(Role.MEMBER)

    visitor.sign_in(member).get("/admin/charters", status=403)


def _carried(holders: list[Person]) -> None:
    """A motion that carried by four to two."""
    item = make.engagement(State.SCHEDULED)
    judged = make.version(item)
    motion = Motion(
        board_id=1, charter_id=db.session.scalar(sa.select(Charter.id)), item_id=item.id, item_version_id=judged.id,
        round=1, outcome=Outcome.APPROVE, moved_by_id=holders[0].id, moved_at=make.NOON, closes_at=make.NOON,
        closed_at=make.NOON, closed_by_id=holders[0].id, carried=True, arithmetic="[]",
    )  # fmt: skip
    db.session.add(motion)
    db.session.flush()
    places = db.session.scalars(sa.select(Seat.id).order_by(Seat.id))
    for place, holder, choice in zip(places, holders, [Choice.YES] * 4 + [Choice.NO] * 2, strict=False):
        db.session.add(Ballot(
            motion_id=motion.id, seat_id=place, person_id=holder.id, choice=choice, item_version_id=judged.id,
            cast_at=make.NOON,
        ))  # fmt: skip
    db.session.flush()


def test_replay_counts_last_years_votes_again_in_as_many_statements_for_one_as_for_many(store, admin, statements):
    with transaction():
        _, holders = make.board()
        own = charters.said_by(db.session.scalars(sa.select(Charter)).first())
    counts = []
    for wanted in (1, 3):
        with transaction():
            for _ in range(wanted):
                _carried(holders)
        statements.clear()
        same = charter_replay.replay(own, since=make.NOON - charter_replay.YEAR, now=make.NOON)
        counts.append(len(statements))
        since = make.NOON - charter_replay.YEAR
        strict = charter_replay.replay(own | {"threshold_share": "3/4"}, since=since, now=make.NOON)

        assert [one.changes for one in same] == [False] * len(same)
        assert {(one.before, one.after) for one in strict} == {("Carried", "Lost")}
        assert strict[0].arithmetic[2] == (
            "4 yes, 2 no, 0 abstained: more than three quarters of 6 votes is 5, so the motion is lost."
        )

    assert counts == [counts[0], counts[0]]
    assert counts[0] <= 10


def test_the_command_says_what_would_have_gone_differently(store, admin, app, tmp_path):
    with transaction():
        _, holders = make.board()
        _carried(holders)
    asked = tmp_path / "other.yaml"
    asked.write_text("charter: {threshold_share: 3/4}", encoding="utf-8")

    said = app.test_cli_runner().invoke(args=["charter", "replay", "--with", str(asked), "--since", "2026-01-01"])

    assert said.exit_code == 0, said.output
    assert "Vote on: approve: Carried -> Lost" in said.output
    assert said.output.endswith("1 items: 1 would have gone differently.\n")


@pytest.mark.parametrize(("text", "sentence"), [
    ("[1, 2]", "The file may say charter, rules, tiers"), ("moon: 1", "The file may say charter, rules, tiers"),
    ("charter: {moon: 1}", "A charter may say: title"), ("charter: {threshold_share: 3/2}", "More than 100 %"),
    ("charter: {quorum_at_least: 99}", "could never be reached"), ("charter: {silence_hours: x}", "not of its kind"),
    ("charter: {alone_cost: x}", "not of its kind"),
    ("rules: [{code: moon, points: 1}]", "Nobody knows how to compare moon"),
    ("rules: 7", "Each rule says its code"), ("tiers: [{tier: moon, least_points: 1, route: meeting}]", "moon"),
    ("tiers: []", "No tier begins at 0 points."), ("charter: [", "is no YAML that can be read"),
])  # fmt: skip
def test_a_file_that_says_nothing_sound_is_refused_with_a_sentence(store, admin, app, tmp_path, text, sentence):
    asked = tmp_path / "other.yaml"
    asked.write_text(text, encoding="utf-8")

    said = app.test_cli_runner().invoke(args=["charter", "replay", "--with", str(asked)])

    assert said.exit_code == 1
    assert sentence in said.output
