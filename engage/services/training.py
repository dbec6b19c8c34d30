"""The only writer of Completion: claimed by the person, decided on by a training owner, never their own."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.importing.attachments import Checked
from engage.models.people import Person
from engage.models.training import Completion, Course
from engage.rules.passports import looks_like_passport_number
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.validity import months_later, valid_until
from engage.services import audit, courses, files, outbox, sessions, watch

OLDEST_YEARS = 20  # an older completion is a slip of the keyboard


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A course said to be completed on a day; `evidence` is where the certificate can be seen, or it is here."""

    course_id: int
    completed_on: date
    evidence: str = ""
    certificate: Checked | None = None


def claim_completion(claim: Claim, *, by: Actor, now: datetime) -> Completion:
    """Record a course of one's own. It counts once a training owner has verified it.

    Raises NotAllowed, or Incomplete with a sentence for each field that is wrong.
    """
    if not may(by, Do.CLAIM_COMPLETION, by.id):
        raise NotAllowed("Sign in to record your training.")
    return _record(by.id, claim, by=by, now=now, verified=False)  # type: ignore[arg-type]


def record_completion(email: str, claim: Claim, *, by: Actor, now: datetime) -> Completion:
    """Record a course that somebody else completed, verified by the training owner who records it.

    A claim of theirs for the same course and day is verified with it. Raises NotAllowed (one's own as well),
    or Incomplete with a sentence for each field that is wrong.
    """
    person_id = db.session.scalar(
        select(Person.id).where(Person.email == email.strip().lower(), Person.disabled_at.is_(None))
    )
    if person_id is None:
        _may_verify(None, by)
        raise Incomplete({"email": "Nobody here has this e-mail address."})
    _may_verify(person_id, by)
    return _record(person_id, claim, by=by, now=now, verified=True)


def attended(person_id: int, course_id: int, day: date, evidence: str, *, by: Actor, now: datetime) -> None:
    """Record what a session that somebody attended stands for, verified by who checked them in; once for a day.

    Raises NotAllowed for one's own; a claim of the same day is verified with it.
    """
    _may_verify(person_id, by)
    held = select(Completion.id).where(
        Completion.person_id == person_id,
        Completion.course_id == course_id,
        Completion.completed_on == day,
        Completion.verified_at.is_not(None),
    )
    if db.session.scalar(held) is None:
        claim = Claim(course_id=course_id, completed_on=day, evidence=evidence)
        _record(person_id, claim, by=by, now=now, verified=True)


def verify(completion_id: int, *, by: Actor, now: datetime) -> Completion:
    """Verify a claimed completion; it counts from now on. Raises NotAllowed, NotOpen when decided already."""
    completion = _waiting(completion_id, by)
    completion.verified_at, completion.verified_by_id = now, by.id
    db.session.flush()
    _asked_again(completion, by, now)
    audit.record("verify_completion", about=("completion", completion.id), by=by, now=now)
    _tell(completion, "training_verified", "Verified", now)
    return completion


def decline(completion_id: int, reason: str, *, by: Actor, now: datetime) -> Completion:
    """Decline a claimed completion, with a reason for its person. Raises NotAllowed, NotOpen, Incomplete."""
    completion = _waiting(completion_id, by)
    if not reason:
        raise Incomplete({"reason": "Say why, so that the person knows what to do."})
    completion.declined_at, completion.decline_reason = now, reason
    db.session.flush()
    audit.record("decline_completion", about=("completion", completion.id), by=by, now=now, reason=reason)
    _tell(completion, "training_declined", "Not verified", now, reason=reason)
    return completion


def _may_verify(person_id: int | None, by: Actor) -> None:
    if not may(by, Do.VERIFY_COMPLETION, person_id):
        raise NotAllowed(
            "Your own training is verified by another training owner."
            if person_id == by.id
            else "Only training owners verify training."
        )


def _waiting(completion_id: int, by: Actor) -> Completion:
    """The claim, locked, that `by` may decide on now."""
    completion = db.session.scalar(select(Completion).where(Completion.id == completion_id).with_for_update())
    if completion is None:
        raise NotOpen("There is no such claim any more.")
    _may_verify(completion.person_id, by)
    if completion.verified_at or completion.declined_at:
        raise NotOpen("Somebody has decided on this claim already.")
    return completion


def _record(person_id: int, claim: Claim, *, by: Actor, now: datetime, verified: bool) -> Completion:
    course = db.session.get(Course, claim.course_id)
    today = sessions.office_day(now, by.zone)
    wrong: dict[str, str] = {}
    if course is None:
        wrong["course_id"] = "Choose a course of the list."
    if claim.completed_on > today:
        wrong["completed_on"] = "This day is still to come. Record a course when it is completed."
    elif claim.completed_on < months_later(today, -12 * OLDEST_YEARS):
        wrong["completed_on"] = f"This is more than {OLDEST_YEARS} years ago. Check the year."
    if looks_like_passport_number(claim.evidence):
        wrong["evidence"] = "This looks like a passport number, which is never kept. Name the certificate."
    if course is not None and "completed_on" not in wrong:
        if course.retired_on is not None and course.retired_on <= claim.completed_on:
            wrong["completed_on"] = "This course was no longer given on that day."
        elif missing := courses.lacking(person_id, course.id, claim.completed_on):
            wrong["course_id"] = f"Before it comes {' and '.join(missing)}, verified. Record that first."
    known = db.session.scalar(
        select(Completion)
        .where(
            Completion.person_id == person_id,
            Completion.course_id == claim.course_id,
            Completion.completed_on == claim.completed_on,
        )
        .with_for_update()
    )
    if known and (known.verified_at or not (known.declined_at or verified)):
        wrong["completed_on"] = "This completion is recorded already."
    if wrong or course is None:
        raise Incomplete(wrong)
    completion = known or Completion(person_id=person_id, course_id=course.id, completed_on=claim.completed_on)
    completion.valid_until = valid_until(claim.completed_on, courses.valid_months(course.id, claim.completed_on))
    completion.evidence = claim.evidence
    completion.recorded_at, completion.recorded_by_id = now, by.id
    completion.declined_at, completion.decline_reason = None, ""
    if verified:
        completion.verified_at, completion.verified_by_id = now, by.id
    db.session.add(completion)
    db.session.flush()
    audit.record(
        "record_completion" if verified else "claim_completion",
        about=("completion", completion.id),
        by=by,
        now=now,
        person=person_id,
        course=course.code,
        completed_on=claim.completed_on,
    )
    if verified:
        _asked_again(completion, by, now)
    if claim.certificate:
        files.keep(claim.certificate, about=("completion", completion.id), by=by, now=now, at="certificate")
    return completion


def _asked_again(completion: Completion, by: Actor, now: datetime) -> None:
    name = db.session.scalar(select(Course.name).where(Course.id == completion.course_id))
    watch.person(completion.person_id, f"{name} was verified.", today=sessions.office_day(now, by.zone))


def _tell(completion: Completion, template: str, word: str, now: datetime, **facts: Any) -> None:
    course = db.session.scalar(select(Course.name).where(Course.id == completion.course_id)) or ""
    done, until = completion.completed_on, completion.valid_until
    outbox.post(
        outbox.message(
            f"{template}:{completion.id}:{now.isoformat()}",
            to=completion.person_id,
            template=template,
            subject=f"{word}: {course}",
            about=("completion", completion.id),
            now=now,
            course=course,
            completed_on=f"{done.day} {done:%B %Y}",
            valid_until=f"{until.day} {until:%B %Y}" if until else "",
            **facts,
        )
    )
