"""The only writer of TripReport and of what was filed: the group's one report, shared while it is a draft."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from engage.extensions import db
from engage.models.engagements import Engagement
from engage.models.people import Person
from engage.models.reports import ReportVersion, TripReport
from engage.rules import reports as rules
from engage.rules.canonical import canonical_json, digest
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, ReasonNeeded, Stale
from engage.rules.reports import LONGEST
from engage.services import audit, outbox, outcomes, report_doors, report_facts, visibility

WRITTEN = ("readout", "recommendations", "no_outcome")
LONGEST_REASON = 1_000

_V = ReportVersion.__table__.c
_LAST = select(func.max(_V.number)).where(_V.engagement_id == bindparam("engagement"))


def write(
    engagement: Engagement, said: Mapping[str, str], *, version: int, by: Actor, now: datetime
) -> TripReport:
    """Save the group's draft. `version` is that of the draft the writer saw, 0 for none.

    Raises NotAllowed, NotOpen, Incomplete for a text that is too long, or Stale when a colleague wrote meanwhile.
    """
    report = report_doors.draft(engagement, by=by, now=now)
    at = {name: f"Use at most {LONGEST:,} characters." for name in WRITTEN if len(said[name]) > LONGEST}
    if at:
        raise Incomplete(at)
    changed = [name for name in WRITTEN if getattr(report, name) != said[name]]
    if not changed:
        return report
    if report.version != version and any(getattr(report, name) for name in WRITTEN):
        who = db.session.get_one(Person, report.written_by_id).name
        raise Stale(f"{who} has written in this report since you opened it. Nothing of yours was saved yet.")
    for name in changed:
        setattr(report, name, said[name])
    report.written_at, report.written_by_id = now, by.id  # type: ignore[assignment]
    db.session.flush()
    audit.record("write_report", about=("item", engagement.id), by=by, now=now, changed=changed)
    return report


def file(engagement: Engagement, *, by: Actor, now: datetime, today: date, reason: str = "") -> ReportVersion:
    """File the draft: what is known and what is written are frozen together, and its outcomes count.

    Raises NotAllowed, NotOpen before the last day, ReasonNeeded from the second time on, or Incomplete with a
    sentence for each part that is missing.
    """
    report = report_doors.draft(engagement, by=by, now=now)
    if engagement.ends_on is None or engagement.ends_on > today:
        raise NotOpen("The engagement has not ended yet. What is written is kept; file it when everybody is back.")
    last = db.session.scalar(_LAST, {"engagement": engagement.id}) or 0
    if last and not reason:
        raise ReasonNeeded("Say what changed since it was filed.")
    facts = report_facts.of(engagement, today)
    missing = rules.missing(report.readout, len(facts.outcomes), report.no_outcome, facts.payments_owed)
    if missing:
        raise Incomplete(missing)
    text = canonical_json(report_facts.frozen(facts))
    made = ReportVersion(
        engagement_id=engagement.id, number=last + 1, content=text, sha256=digest(text), filed_at=now,
        filed_by_id=by.id, reason=reason[:LONGEST_REASON],
    )  # fmt: skip
    db.session.add(made)
    report.filed_at, report.filed_by_id = now, by.id
    report.first_filed_at = report.first_filed_at or now
    db.session.flush()
    outcomes.count_in(engagement)
    audit.record(
        "file_report", about=("item", engagement.id), by=by, now=now, number=made.number, sha256=made.sha256,
        reason=reason,
    )  # fmt: skip
    _tell(engagement, facts.people, by, now, made.number)
    return made


def take_back(engagement: Engagement, reason: str, *, by: Actor, now: datetime) -> None:
    """Make a filed report a draft again, with a reason; what was filed stays.

    Raises NotAllowed, NotOpen or ReasonNeeded.
    """
    subject = visibility.subject(engagement.id)
    if subject is None or not may(by, Do.WRITE_REPORT, subject) or by.id is None:
        raise NotAllowed(report_doors.NOT_YOURS)
    report = db.session.scalar(report_doors.HELD, {"engagement": engagement.id})
    if report is None or report.filed_at is None:
        raise NotOpen("The report is a draft: write in it.")
    if not reason:
        raise ReasonNeeded("Say what has to change.")
    outcomes.count_out(engagement)
    report.filed_at = report.filed_by_id = None
    report.written_at, report.written_by_id = now, by.id
    db.session.flush()
    audit.record("take_back_report", about=("item", engagement.id), by=by, now=now, reason=reason[:LONGEST_REASON])


def version_of(engagement_id: int, number: int) -> ReportVersion | None:
    """A report as it was filed, or None."""
    return db.session.scalar(
        select(ReportVersion).where(_V.engagement_id == engagement_id, _V.number == number)
    )


def _tell(engagement: Engagement, people: Mapping[int, str], by: Actor, now: datetime, number: int) -> None:
    """Tell the rest of the group, and who asked."""
    others: dict[int, Any] = dict.fromkeys([*people, engagement.requester_id or 0])
    outbox.post(
        *(
            outbox.message(
                f"report_filed:{engagement.id}:{number}:{id_}", to=id_, template="report_filed",
                subject=f"Report filed: {engagement.title}", about=("item", engagement.id), now=now,
                path=f"/engagements/{engagement.id}/report", title=engagement.title, by=by.name,
            )
            for id_ in others if id_ and id_ != by.id
        )
    )  # fmt: skip
