"""The only place that brings completions from a learning system: compared first, then all of them or none."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.importing.completions import CompletionRow
from engage.importing.parsed import Parsed, Problem
from engage.models.people import Person
from engage.models.training import Completion, Course
from engage.rules.passports import looks_like_passport_number
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete
from engage.services import training
from engage.services.imports.plan import Entry, Plan, in_words
from engage.services.training import Claim

MOST = 2_000  # rows taken in one transaction
_P, _O, _M = Person.__table__.c, Course.__table__.c, Completion.__table__.c
_KNOWN = select(_M.person_id, _M.course_id, _M.completed_on, _M.verified_at)


def compare(parsed: Parsed[CompletionRow], *, by: Actor, today: date) -> Plan:
    """What a file of completions would do: people and courses nobody knows are named. Three statements."""
    people = {row.email: row for row in db.session.execute(select(_P.id, _P.email, _P.name, _P.disabled_at))}
    courses = {row.code: row for row in db.session.execute(select(_O.id, _O.code, _O.name, _O.retired_on))}
    there = {row[:3]: row.verified_at for row in db.session.execute(_KNOWN)}
    problems = list(parsed.problems)
    if len(parsed.rows) > MOST:
        return Plan(problems=(Problem(0, "", f"The file has more than {MOST:,} rows. Split it."),))
    new: list[Entry] = []
    changed: list[Entry] = []
    same: list[Entry] = []
    for row in parsed.rows:
        found = list(_problems(row, people, courses, by, today))
        problems += found
        if found or row.completed_on is None or row.email not in people or row.course not in courses:
            continue
        person, course = people[row.email], courses[row.course]
        claim = Claim(course_id=course.id, completed_on=row.completed_on, evidence=row.evidence)
        entry = Entry(
            row.line, f"{person.name}: {course.name}, {in_words(row.completed_on)}", values=(row.email, claim)
        )
        key = (person.id, course.id, row.completed_on)
        if key not in there:
            new.append(entry)
        elif there[key] is None:
            changed.append(Entry(row.line, entry.label, ("verifies what was claimed",), entry.values))
        else:
            same.append(entry)
    return Plan(tuple(new), tuple(changed), tuple(same), tuple(sorted(problems, key=lambda p: p.line)))


def _problems(
    row: CompletionRow, people: Mapping[str, Any], courses: Mapping[str, Any], by: Actor, today: date
) -> Iterator[Problem]:
    person, course = people.get(row.email), courses.get(row.course)
    if row.email and person is None:
        yield Problem(row.line, "email", f"Nobody here has the address {row.email}.")
    elif person is not None and person.disabled_at is not None:
        yield Problem(row.line, "email", f"{row.email} is disabled.")
    elif person is not None and person.id == by.id:
        yield Problem(row.line, "email", "This is your own completion: another training owner records it.")
    if row.course and course is None:
        yield Problem(row.line, "course", f"No course has the code {row.course}.")
    if row.completed_on is not None and row.completed_on > today:
        yield Problem(row.line, "completed_on", f"{in_words(row.completed_on)} is still to come.")
    elif course is not None and course.retired_on and row.completed_on and row.completed_on >= course.retired_on:
        yield Problem(row.line, "completed_on", f"{row.course} was no longer given on that day.")
    if looks_like_passport_number(row.evidence):
        yield Problem(row.line, "evidence", "This looks like a passport number, which is never kept.")


def write(plan: Plan, *, by: Actor, now: datetime) -> None:
    """Record what a plan says, verified by whoever takes it, the earliest first: what comes before counts."""
    for entry in sorted((*plan.new, *plan.changed), key=lambda entry: entry.values[1].completed_on):
        email, claim = entry.values
        try:
            training.record_completion(email, claim, by=by, now=now)
        except Incomplete as refusal:
            raise Incomplete({"file": f"Line {entry.line}: {refusal} Nothing was taken."}) from None
