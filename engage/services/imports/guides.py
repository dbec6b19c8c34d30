"""The only place that brings a folder of etiquette guides into the guidance."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from engage.extensions import db
from engage.importing.guides import GuideText, parse_guide
from engage.importing.parsed import Parsed, Problem
from engage.models.guidance import Guide, GuideVersion
from engage.services import guidance
from engage.services.imports.plan import Entry, Plan

_G, _V = Guide.__table__.c, GuideVersion.__table__.c
_newest = select(_V.guide_id, func.max(_V.number).label("number")).group_by(_V.guide_id).subquery()
_IN_FORCE = (
    select(_G.country_code, _V.sha256, _V.starter)
    .join_from(Guide, GuideVersion, _V.guide_id == _G.id)
    .join(_newest, (_newest.c.guide_id == _V.guide_id) & (_newest.c.number == _V.number))
)


def parse_guides(folder: Path) -> Parsed[GuideText]:
    """The guides of a folder, in the order of their file names; a fault names its file."""
    rows: list[GuideText] = []
    problems: list[Problem] = []
    where: dict[str | None, str] = {}
    files = sorted(folder.glob("*.yaml"))
    for file in files:
        parsed = parse_guide(file)
        problems += (Problem(p.line, f"{file.name} {p.column}".strip(), p.reason) for p in parsed.problems)
        for guide in parsed.rows:
            if guide.country_code in where:
                reason = f"{where[guide.country_code]} is a guide for the same place."
                problems.append(Problem(0, file.name, reason))
            where[guide.country_code] = file.name
            rows.append(guide)
    if not files:
        problems.append(Problem(0, "", "The folder holds no guide (a file that ends in .yaml)."))
    return Parsed(tuple(rows), tuple(problems))


def compare(parsed: Parsed[GuideText]) -> Plan:
    """What the guides would do. A guide that somebody here has published anew is theirs. One statement."""
    there = {row.country_code: row for row in db.session.execute(_IN_FORCE)}
    new, changed, same = [], [], []
    for place, text in enumerate(parsed.rows):
        known = there.get(text.country_code)
        entry = Entry(place, text.title, values=text)
        if known is None:
            new.append(entry)
        elif known.sha256 == guidance.sha256_of(text.title, text.content()):
            same.append(entry)
        elif known.starter:
            changed.append(Entry(place, text.title, ("a new version of its starter text",), text))
        else:
            same.append(Entry(place, text.title, ("published by somebody here, left as it is",)))
    return Plan(tuple(new), tuple(changed), tuple(same), parsed.problems)


def write(plan: Plan, *, now: datetime) -> None:
    """Publish what a plan says."""
    for entry in (*plan.new, *plan.changed):
        guidance.load_guide(entry.values, now=now)
