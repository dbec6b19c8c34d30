"""Registers and guides: what a file brings, said before it is done; twice is the same as once."""

import csv
import re
from pathlib import Path

import factories as make
import pytest
from factories import NOON
from sqlalchemy import func, select

from engage.extensions import db
from engage.importing.parsed import Problem
from engage.importing.registers import EVENT_COLUMNS, FORUM_COLUMNS, PARTNER_COLUMNS
from engage.models.audit import AuditEvent
from engage.models.guidance import Guide, GuideVersion
from engage.models.partners import Event, Forum, Partner
from engage.rules.canonical import canonical_json
from engage.rules.policy import PROGRAM, Role
from engage.rules.refusals import NotAllowed
from engage.services import guidance, imports
from engage.services.imports import Unsound
from engage.services.transaction import transaction

REAL = Path(imports.__file__).parents[2] / "seed" / "real"
SHIPPED = Path(imports.__file__).parents[2] / "seed" / "etiquette"
REGISTERS = {"forums": (Forum, FORUM_COLUMNS), "partners": (Partner, PARTNER_COLUMNS), "events": (Event, EVENT_COLUMNS)}


def sheet(columns, *rows):
    """A CSV file with these rows; what a row does not say is empty."""
    lines = [",".join(columns)]
    lines += [",".join(str(row.get(name, "")) for name in columns) for row in rows]
    return "\r\n".join(lines).encode()


def take(kind, source, **how):
    with transaction():
        return imports.take(kind, source, by=PROGRAM, now=NOON, **how)


def trail(action="import"):
    lines = db.session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id))
    return [(line.about_kind, line.about_id, line.details) for line in lines]


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.parametrize("kind", REGISTERS)
def test_every_row_of_the_real_registers_is_there_as_it_stands(store, kind):
    model, columns = REGISTERS[kind]
    with (REAL / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        printed = [tuple(row[name] for name in columns) for row in csv.DictReader(file)]

    stored = [
        tuple("" if (value := getattr(row, name)) is None else str(value) for name in columns)
        for row in db.session.scalars(select(model).order_by(model.id))
    ]

    assert stored == printed


@pytest.mark.parametrize("kind", REGISTERS)
def test_a_register_taken_twice_is_as_taken_once_and_the_trail_says_so(store, kind):
    model, _ = REGISTERS[kind]
    content = (REAL / f"{kind}.csv").read_bytes()
    there = count(model)

    done = take(kind, content, name=f"{kind}.csv")

    assert (done.new, done.changed, len(done.same), count(model)) == ((), (), there, there)
    ((about, number, details),) = trail()
    assert (about, number) == (kind, None)
    assert f'"changed":0,"file":"{kind}.csv","new":0,"same":{there}' in details
    assert trail("change") == []


def test_a_row_that_is_new_and_one_that_changed(store):
    first = db.session.scalar(select(Forum).where(Forum.code == "FIRST"))
    content = sheet(
        FORUM_COLUMNS,
        {"code": "first", "name": first.name, "kind": first.kind, "member_count": 900},
        {"code": "NEWONE", "name": "A new forum", "kind": "exercise"},
    )

    plan = imports.preview("forums", content, now=NOON)
    done = take("forums", content)

    assert [(entry.label, entry.says) for entry in plan.new] == [("NEWONE, A new forum", ())]
    assert [(entry.line, entry.says) for entry in plan.changed] == [
        (2, ("code: FIRST → first", "member count: 879 → 900"))
    ]
    assert (len(done.new), len(done.changed), len(done.same)) == (1, 1, 0)
    db.session.refresh(first)
    assert (first.code, first.member_count, first.url) == ("first", 900, "https://www.first.org")
    assert trail("change") == [
        (
            "forum",
            first.id,
            canonical_json(
                {"before": {"code": "FIRST", "member_count": 879}, "after": {"code": "first", "member_count": 900}}
            ),
        )
    ]


def test_an_empty_cell_says_nothing_and_so_changes_nothing(store):
    content = sheet(PARTNER_COLUMNS, {"name": "aeCERT", "country_code": "AE", "kind": "national_csirt"})

    plan = imports.preview("partners", content, now=NOON)

    assert [(entry.label, entry.says) for entry in plan.same] == [("aeCERT, AE", ())]


def test_one_name_in_two_countries_is_two_partners(store):
    content = sheet(PARTNER_COLUMNS, {"name": "aeCERT", "country_code": "EE", "kind": "national_csirt"})

    assert [entry.label for entry in take("partners", content).new] == ["aeCERT, EE"]
    assert take("partners", content).idle


def test_every_bad_row_is_named_and_no_row_is_written(store):
    there = count(Event)
    content = sheet(
        EVENT_COLUMNS,
        {"name": "A sound event", "starts_on": "2026-05-01", "kind": "exercise"},
        {"name": "No day", "kind": "exercise"},
        {"name": "No such place", "starts_on": "2026-05-01", "kind": "exercise", "country_code": "ZZ"},
        {"name": "Backwards", "starts_on": "2026-05-02", "ends_on": "2026-05-01", "kind": "party"},
    )

    with pytest.raises(Unsound) as refused:
        take("events", content)

    assert refused.value.plan.problems == (
        Problem(3, "starts_on", "This is missing."),
        Problem(4, "country_code", "“ZZ” is no country code; write two letters of ISO 3166-1, such as EE."),
        Problem(5, "ends_on", "The last day 2026-05-01 is before the first, 2026-05-02."),
        Problem(
            5, "kind",
            "“party” is none of conference, multilateral, bilateral, exercise, training, standards, csirt.",
        ),
    )  # fmt: skip
    assert (count(Event), trail()) == (there, [])


def test_when_only_what_is_new_is_wanted_a_changed_row_is_left(store):
    content = sheet(FORUM_COLUMNS, {"code": "FIRST", "name": "Another name", "kind": "csirt_network"})

    done = take("forums", content, only_new=True, unasked=True)

    assert (done.changed, len(done.same), trail()) == ((), 1, [])
    assert db.session.scalar(select(Forum.name).where(Forum.code == "FIRST")) != "Another name"


@pytest.mark.parametrize(("kind", "role"), [
    ("forums", Role.SECRETARIAT), ("requests", Role.SECRETARIAT), ("people", Role.ADMINISTRATOR),
    ("guides", Role.CONTENT_OWNER),
])  # fmt: skip
def test_each_kind_of_file_is_taken_from_those_whose_it_is_alone(store, kind, role):
    others = make.actor(make.person(*(set(Role) - {role, Role.REVIEWER})))

    with pytest.raises(NotAllowed):
        imports.take(kind, b"", by=others, now=NOON)
    if kind != "guides":
        with pytest.raises(Unsound):
            imports.take(kind, b"", by=make.actor(make.person(role)), now=NOON)


def test_the_starter_guides_are_there_once(store):
    plan = imports.preview("guides", SHIPPED, now=NOON)

    assert (plan.new, plan.changed, len(plan.same)) == ((), (), len(list(SHIPPED.glob("*.yaml"))))
    assert (count(Guide), count(GuideVersion)) == (len(plan.same), len(plan.same))


def test_a_changed_starter_text_is_a_new_version_but_a_guide_published_here_is_left_alone(store, tmp_path):
    for name in ("ee", "jp"):
        text = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.yaml").write_text(re.sub("title: ('?)", r"title: \1New ", text, count=1), encoding="utf-8")
    ours = db.session.scalar(select(Guide.id).where(Guide.country_code == "JP"))
    in_force = guidance.current(ours)
    with transaction():
        guidance.publish(
            ours, "Ours", dict(in_force.content), based_on=in_force.id, material=False, note="Ours now.",
            by=make.actor(make.person(Role.CONTENT_OWNER)), now=NOON,
        )  # fmt: skip

    done = take("guides", tmp_path)

    assert [(len(entry.label) > 0, entry.says) for entry in done.changed] == [
        (True, ("a new version of its starter text",))
    ]
    assert [entry.says for entry in done.same] == [("published by somebody here, left as it is",)]
    assert guidance.current(ours).title == "Ours"
    assert take("guides", tmp_path).idle


def test_a_fault_of_a_guide_names_its_file(store, tmp_path):
    (tmp_path / "xx.yaml").write_text("title: [", encoding="utf-8")
    (tmp_path / "ee.yaml").write_bytes((SHIPPED / "ee.yaml").read_bytes())
    (tmp_path / "eesti.yaml").write_bytes((SHIPPED / "ee.yaml").read_bytes())

    plan = imports.preview("guides", tmp_path, now=NOON)

    assert [(problem.column.split()[0], problem.reason[:30]) for problem in plan.problems] == [
        ("eesti.yaml", "ee.yaml is a guide for the sam"),
        ("xx.yaml", "The file is not sound YAML: di"),
    ]


def test_a_folder_without_guides_is_a_problem(store, tmp_path):
    assert [str(problem) for problem in imports.preview("guides", tmp_path, now=NOON).problems] == [
        "The file: The folder holds no guide (a file that ends in .yaml)."
    ]
