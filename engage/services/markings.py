"""The only place that changes handling markings: of one engagement, and the one that new requests bear."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.engagements import Engagement
from engage.models.norms import MarkingDefault
from engage.rules.marking import Marking
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, Stale
from engage.rules.workflow import APPROVED, EDITABLE, OPEN
from engage.services import amendments, audit, contents, engagements, notices, states

_D = MarkingDefault.__table__.c
_DEFAULT = select(_D.marking).where(_D.starts_on <= bindparam("day")).order_by(_D.starts_on.desc()).limit(1)
_DEFAULTS = select(_D.marking, _D.starts_on, _D.source).order_by(_D.starts_on.desc())


def default_on(day: date) -> Marking:
    """The marking that a request begun on the office's `day` bears unless its requester says otherwise."""
    return db.session.scalar(_DEFAULT, {"day": day}) or Marking.GREEN


def defaults() -> list[tuple[Marking, date, str]]:
    """Every default there was, is or will be, as (marking, first day, source), the newest first."""
    return [tuple(row) for row in db.session.execute(_DEFAULTS)]


def change_default(
    marking: Marking, *, starts_on: date, source: str, by: Actor, now: datetime, today: date
) -> None:
    """Let new requests bear another marking from a day after `today` on. Raises NotAllowed or Incomplete."""
    if not may(by, Do.EDIT_NORMS):
        raise NotAllowed("Only an administrator may change the organisation's defaults.")
    before = defaults()
    if starts_on <= today:
        raise Incomplete({"starts_on": "Choose a day after today: what was asked under the old default stays so."})
    if any(day == starts_on for _, day, _ in before):
        raise Incomplete({"starts_on": "There is a default from that day on already."})
    made = MarkingDefault(marking=marking, starts_on=starts_on, source=source)
    db.session.add(made)
    db.session.flush()
    was = next((held for held, day, _ in before if day < starts_on), None)
    after = {"marking": marking, "starts_on": starts_on, "source": source}
    audit.record("set_marking_default", about=("marking_default", made.id), by=by, now=now, before=was, after=after)


def mark(
    engagement: Engagement, subject: Subject, to: Marking, version: int, *, why: str, by: Actor, now: datetime
) -> None:
    """Let an engagement bear another marking, at once and in whatever state it is; `version` is the one read.

    It is a minor change: votes stand, and once it was submitted the text is frozen anew. What would change the
    engagement bears the same marking. Raises NotAllowed, Stale or Incomplete.
    """
    if not may(by, Do.MARK, subject):
        raise NotAllowed("Only the requester and the secretariat mark an engagement.")
    states.hold(engagement)
    if engagement.version != version:
        raise Stale("Somebody changed this engagement while you were choosing, so its marking stays.")
    if engagement.marking is to:
        raise Incomplete({"marking": f"It is marked {to.label} already."})
    if not why:
        raise Incomplete({"why": "Say why: the reason is kept, and shown to those whom it concerns."})
    before = engagement.marking
    wanted = replace(contents.asked_by(contents.content_of(engagement.id)), marking=to)
    if engagement.state in EDITABLE:  # no text is out of the requester's hands
        engagements.write(engagement, wanted, now=now)
        audit.record("mark", about=("item", engagement.id), by=by, now=now, before=before, after=to, reason=why)
        return
    amendments.rewrite(engagement, wanted, reason=why, minor=True, verb="mark", by=by, now=now, before=before, after=to)
    if engagement.state in OPEN - APPROVED:
        notices.changed_before(
            engagement, material=False, reason=why, by=by, now=now, today=states.office_day(now)
        )
