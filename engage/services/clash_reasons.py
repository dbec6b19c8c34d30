"""The only writer of reasons for which a clash is accepted."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from engage.extensions import db
from engage.models.asking import AcceptedClash
from engage.models.engagements import Engagement
from engage.rules.policy import Actor, Subject
from engage.rules.refusals import Incomplete
from engage.services import audit, clashes, contents, engagements, states

LONGEST = 2_000  # characters

_K = AcceptedClash.__table__.c
_OF = (
    select(_K.key, _K.said, _K.reason, _K.at).where(_K.engagement_id == bindparam("item")).order_by(_K.id)
)
_FORGET = delete(AcceptedClash.__table__).where(_K.engagement_id == bindparam("item"))  # type: ignore[arg-type]


def accept(
    engagement: Engagement, subject: Subject, reasons: Mapping[str, str], *, by: Actor, now: datetime
) -> None:
    """Write down why `by` asks in spite of the clashes that there are now: a reason by the clash's key.

    An empty reason takes it back. Raises NotAllowed, NotOpen, or Incomplete at the key.
    """
    states.hold(engagement)
    engagements.must_be_writable(subject, engagement.state, by=by)
    content = contents.asked_by(contents.content_of(engagement.id))
    found = clashes.find(content, item_id=engagement.id, day=states.office_day(now))
    there = {clash.key: clash for clash in clashes.seen_by(found, by=by).clashes}
    wrong = {
        key: f"Use at most {LONGEST:,} characters." for key, text in reasons.items() if len(text) > LONGEST
    }
    if wrong:
        raise Incomplete(wrong)
    before = {row.key: row for row in db.session.execute(_OF, {"item": engagement.id})}
    kept = {key: row.reason for key, row in before.items() if key not in reasons}
    kept |= {key: text for key, text in reasons.items() if text and key in there}
    if kept == {key: row.reason for key, row in before.items()}:
        return
    db.session.execute(_FORGET, {"item": engagement.id})
    rows = [
        {
            "engagement_id": engagement.id, "key": key, "reason": reason, "by_id": by.id, "at": now,
            "said": said(there[key]) if key in there else before[key].said,
        }
        for key, reason in kept.items()
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(AcceptedClash), rows)
    audit.record(
        "accept_clashes", about=("item", engagement.id), by=by, now=now,
        before={key: row.reason for key, row in before.items()}, after=kept,
    )  # fmt: skip


def said(clash: clashes.Clash) -> str:
    """A clash in a sentence that stays readable: what, when, and what is shared."""
    last = clash.ends_on or clash.starts_on
    days = f"{clash.starts_on.isoformat()} to {last.isoformat()}"
    return f"{clash.title} ({days}{'; ' + clash.why if clash.why else ''})"
