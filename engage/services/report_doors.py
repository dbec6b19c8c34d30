"""The only place that says when the parts of a report may be written: a draft, by its group, once it has begun."""

from datetime import datetime

from flask import current_app
from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.engagements import Engagement
from engage.models.reports import TripReport
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import NotAllowed, NotOpen
from engage.rules.workflow import APPROVED
from engage.services import sessions, visibility

_R = TripReport.__table__.c
_OF = select(TripReport).where(_R.engagement_id == bindparam("engagement"))
HELD = _OF.with_for_update().execution_options(populate_existing=True)
NOT_YOURS = "Who travelled, and who asked for the engagement, write its report."


def of(engagement_id: int) -> TripReport | None:
    """The report of an engagement, where somebody has begun it."""
    return db.session.scalar(_OF, {"engagement": engagement_id})


def begun(engagement: Engagement, subject: Subject, *, by: Actor, now: datetime) -> None:
    """Refuse, with NotAllowed or NotOpen, who is not of the group, and a report before there is anything to tell."""
    if not may(by, Do.WRITE_REPORT, subject) or by.id is None:
        raise NotAllowed(NOT_YOURS)
    today = sessions.office_day(now, current_app.config["SETTINGS"].home_zone)
    if engagement.state not in APPROVED:
        raise NotOpen("A report is written on an engagement that was approved.")
    if engagement.starts_on is None or engagement.starts_on > today:
        raise NotOpen("The engagement has not begun yet, so there is nothing to report.")


def draft(engagement: Engagement, *, by: Actor, now: datetime) -> TripReport:
    """The report to be written in, locked; it is begun here when nobody has. Raises NotAllowed or NotOpen."""
    subject = visibility.subject(engagement.id)
    if subject is None:
        raise NotAllowed(NOT_YOURS)
    begun(engagement, subject, by=by, now=now)
    found = db.session.scalar(HELD, {"engagement": engagement.id})
    if found is None:
        found = TripReport(
            engagement_id=engagement.id, begun_at=now, begun_by_id=by.id, written_at=now, written_by_id=by.id
        )
        db.session.add(found)
        db.session.flush()
    if found.filed_at is not None:
        raise NotOpen("The report is filed. Take it back, with a reason, to change it.")
    return found
