"""What a person types: previews, questions, consent, exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import factories as make
import pytest
from sqlalchemy import func, select

from engage import commands
from engage.extensions import db
from engage.models.engagements import Engagement, Item
from engage.models.partners import Forum
from engage.models.people import Person
from engage.services.transaction import transaction

REAL = Path(commands.__file__).parent / "seed" / "real"
REQUESTS = REAL / "requests-real.csv"


@pytest.fixture
def engage(store, app):
    """Types a command; gives its exit code, what it printed, and its complaints."""

    def type_(*words, answer=None):
        done = app.test_cli_runner().invoke(args=[str(word) for word in words], input=answer)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done.exit_code, done.stdout, done.stderr

    return type_


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_the_commands_are_these():
    assert sorted(command.name for command in commands.COMMANDS) == [
        "audit", "charter", "deliver", "files", "import", "migrate", "people", "readiness", "remind", "run-jobs",
        "search", "seed", "serve", "start",
    ]  # fmt: skip


@pytest.mark.parametrize("words", [["--help"], ["import", "--help"], ["import", "requests", "--help"]])
def test_help_is_there_before_the_settings_are_right(words, tmp_path):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ENGAGE")}
    done = subprocess.run([sys.executable, "-m", "engage", *words], env=environ, cwd=tmp_path, check=False,
                          capture_output=True, text=True)  # fmt: skip

    assert (done.returncode, done.stderr, list(tmp_path.iterdir())) == (0, "", [])
    assert done.stdout.startswith("Usage: engage")


@pytest.mark.parametrize("words", [["serve"], ["start"], ["audit", "verify"]])
def test_wrong_settings_are_sentences(words, tmp_path):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ENGAGE")}
    done = subprocess.run([sys.executable, "-m", "engage", *words], env=environ, cwd=tmp_path, check=False,
                          capture_output=True, text=True)  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.startswith(
        "engage will not start: these settings are wrong or unsafe:\n- ENGAGE_SECRET is missing"
    )


def test_seeding_again_says_that_nothing_is_new(engage):
    code, printed, _ = engage("seed")

    assert code == 0
    assert {line.rpartition(": ")[2] for line in printed.splitlines()} == {"0 new"}


def test_the_story_is_told_once(engage):
    first = engage("seed", "--demonstration")
    again = engage("seed", "--demonstration")

    assert (first[0], first[1].splitlines()[-1]) == (0, "The story was told.")
    assert (again[0], again[1].splitlines()[-1]) == (0, "There are people already, so no story was told.")


def test_a_preview_is_shown_and_nothing_is_done_without_consent(engage):
    code, printed, complaints = engage("import", "requests", REQUESTS, answer="1\nn\n")

    assert (code, count(Item), complaints) == (1, 0, "Error: Nothing was taken.\n")
    assert printed.splitlines()[:3] == [
        "Line 11: Which time zone has Shenzhen, China?",
        "  1. Asia/Shanghai",
        "  2. Asia/Urumqi",
    ]
    assert "New: 16" in printed.splitlines()


def test_a_question_is_answered_by_its_number(engage):
    code, printed, _ = engage("import", "requests", REQUESTS, answer="1\ny\n")

    assert (code, count(Item), printed.splitlines()[-1]) == (0, 16, "Done: 16 new, 0 changed, 0 the same.")
    assert "time zone of Shenzhen" not in printed


def test_a_question_left_open_stays_open(engage):
    code, printed, _ = engage("import", "requests", REQUESTS, answer="\ny\n")

    assert (code, count(Item)) == (0, 16)
    assert "      The time zone of Shenzhen." in printed.splitlines()


def test_nobody_there_to_answer_means_no(engage):
    code, _, _ = engage("import", "requests", REQUESTS, answer="")

    assert (code, count(Item)) == (1, 0)


def test_yes_asks_nothing_and_the_draft_says_what_is_missing(engage):
    code, printed, _ = engage("import", "requests", REQUESTS, "--yes")

    assert (code, count(Item)) == (0, 16)
    assert printed.splitlines()[-5:] == [
        "The same: 0",
        "Left open: 1",
        "  Line 11: Which time zone has Shenzhen, China?",
        "Reminders because of it: 0 at once, 0 in the next 30 days.",
        "Done: 16 new, 0 changed, 0 the same.",
    ]


def test_a_second_time_asks_nothing_and_does_nothing(engage):
    engage("import", "requests", REQUESTS, "--yes")

    code, printed, _ = engage("import", "requests", REQUESTS, answer="")

    assert (code, count(Item), printed.splitlines()[-1]) == (0, 16, "Everything in it is here already. Nothing to do.")


def test_drafts_for_somebody(engage):
    with transaction():
        owner = make.person(email="owner@example.gov").id

    assert (
        engage("import", "invitation", next((REAL / "invites").glob("*.ics")), "--for", "owner@example.gov", "--yes")[0]
        == 0
    )
    assert db.session.scalars(select(Engagement.requester_id)).all() == [owner]


def test_drafts_for_nobody_known_are_refused(engage):
    code, _, complaints = engage("import", "requests", REQUESTS, "--for", "nobody@example.gov", "--yes")

    assert (code, count(Item), complaints) == (1, 0, "Error: Nobody here has the address nobody@example.gov.\n")


def test_problems_are_named_and_nothing_is_done(engage, tmp_path):
    file = tmp_path / "forums.csv"
    file.write_text(
        "code,name,kind,secretariat_country,member_count,cadence,url,source_url\nA,,party,,,,,\nB,Fine,exercise,,,,,\n"
    )
    there = count(Forum)

    code, _, complaints = engage("import", "forums", file, "--yes")

    assert (code, count(Forum)) == (1, there)
    assert complaints.splitlines() == [
        "Problems: 2",
        "  Line 2, name: This is missing.",
        "  Line 2, kind: “party” is none of multilateral, multistakeholder, bilateral, csirt_network, "
        "capacity_building, standards, law_enforcement, defence, exercise, training, conference_series.",
        "Error: The file has problems, so nothing was taken from it.",
    ]


@pytest.mark.parametrize("kind", ["forums", "partners", "events", "people", "requests", "invitation"])
def test_a_file_of_another_sort_is_a_problem_not_an_accident(engage, tmp_path, kind):
    for content in (b"", b"\xff\xfe\x00", b"\0\0", b"x" * (6 * 1024 * 1024)):
        file = tmp_path / "file"
        file.write_bytes(content)

        code, _, complaints = engage("import", kind, file, "--yes")

        assert code == 1
        assert complaints.startswith("Problems: ")


def test_a_file_that_is_not_there_is_a_sentence(engage, tmp_path):
    code, _, complaints = engage("import", "people", tmp_path / "none.csv")

    assert code == 2
    assert "does not exist" in complaints


def test_people_and_guides_come_in_too(engage, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("email,name\nnew@example.gov,New Person\n")

    assert engage("import", "people", file, "--yes")[0] == 0
    assert db.session.scalars(select(Person.email)).all() == ["new@example.gov"]
    assert engage("import", "guides", REAL.parent / "etiquette")[1].splitlines()[-1] == (
        "Everything in it is here already. Nothing to do."
    )


def test_a_long_list_is_cut_but_counted(engage, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("email,name\n" + "".join(f"p{n}@example.gov,Person {n}\n" for n in range(30)))

    _, printed, _ = engage("import", "people", file, answer="y\n")

    assert printed.splitlines()[0] == "New: 30"
    assert "  … and 5 more" in printed.splitlines()
    assert printed.splitlines()[-1] == "Done: 30 new, 0 changed, 0 the same."
