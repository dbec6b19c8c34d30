"""The only writer of KeptList and TravelJustification: lists a law wants, looked at, then kept as they were sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from engage.extensions import db
from engage.importing.attachments import Checked
from engage.models.engagements import Engagement
from engage.models.lists import KeptList, TravelJustification
from engage.models.people import Person
from engage.rules.canonical import canonical_json, digest
from engage.rules.lists import ListKind, Period, period_of
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.rules.workflow import APPROVED
from engage.services import audit, files, law_rows

LONGEST, LONGEST_LINE = 2_000, 200  # characters
ONE_DAY = timedelta(days=1)

_K, _P = KeptList.__table__.c, Person.__table__.c
_KEPT = (
    select(
        _K.id, _K.kind, _K.starts_on, _K.ends_on, _K.number, _K.rows, _K.sha256, _K.sent_to, _K.sent_on, _K.made_at,
        _P.name.label("made_by"),
    )
    .join_from(KeptList.__table__, Person.__table__, _P.id == _K.made_by_id)
    .order_by(_K.id.desc())
)  # fmt: skip
_RECENT = _KEPT.limit(100)
_OF_PERIOD = _KEPT.where(_K.kind == bindparam("kind"), _K.starts_on == bindparam("starts_on"))
_LAST = select(func.max(_K.number)).where(_K.kind == bindparam("kind"), _K.starts_on == bindparam("starts_on"))


@dataclass(frozen=True)
class Preview:
    """A list as it would be sent now. `missing`: sentences with the address where each is mended, or None."""

    kind: ListKind
    period: Period
    columns: tuple[str, ...]
    rows: list[list[str]]
    missing: list[tuple[str, str | None]]

    @property
    def nil(self) -> bool:
        """Whether there is nothing to report, which is itself reported."""
        return not self.rows


def preview(kind: ListKind, period: Period) -> Preview:
    """The list of a period as the records stand. A fixed number of statements."""
    before = period_of(kind, period.starts_on - ONE_DAY)
    rows, missing = law_rows.READ[kind](period, before)
    return Preview(kind, period, law_rows.COLUMNS[kind], rows, missing)


def content_of(made: Preview, *, number: int, sent_to: str, sent_on: date, made_by: str) -> dict[str, Any]:
    """The list as it is written into its files: texts alone."""
    return {
        "title": f"{made.kind.label}, {made.period.label}", "law": made.kind.law, "period": made.period.label,
        "starts_on": str(made.period.starts_on), "ends_on": str(made.period.ends_on), "due_on": str(made.period.due_on),
        "columns": list(made.columns), "rows": made.rows, "nil": made.nil,
        "missing": [sentence for sentence, _ in made.missing], "number": number, "sent_to": sent_to,
        "sent_on": str(sent_on), "made_by": made_by,
    }  # fmt: skip


def send(
    kind: ListKind, period: Period, *, sent_to: str, sent_on: date | None, although: bool,
    files_of: Callable[[dict[str, Any], datetime], Sequence[Checked]], by: Actor, now: datetime, today: date,
) -> KeptList:  # fmt: skip
    """Keep a list as it is sent: its content, its digest and its files, which nobody changes any more.

    `files_of` makes the files of the content. What is missing needs `although`, and stands in the list. Raises
    NotAllowed, or Incomplete with a sentence at each field.
    """
    if not may(by, Do.SEND_LIST) or by.id is None:
        raise NotAllowed("Only the secretariat sends the lists that a law wants.")
    made, at = preview(kind, period), {}
    if not sent_to or len(sent_to) > LONGEST_LINE:
        at["sent_to"] = f"Use at most {LONGEST_LINE} characters." if sent_to else "Say to whom it goes."
    if sent_on is None or not period.ends_on < sent_on <= today:
        at["sent_on"] = "Give a day after the period has ended, and not after today."
    if made.missing and not although:
        at["although"] = "Something is missing. Mend it, or tick that you send the list all the same."
    if at or sent_on is None:
        raise Incomplete(at)
    number = (db.session.scalar(_LAST, {"kind": kind, "starts_on": period.starts_on}) or 0) + 1
    said = content_of(made, number=number, sent_to=sent_to, sent_on=sent_on, made_by=by.name)
    text = canonical_json(said)
    kept = KeptList(
        kind=kind, starts_on=period.starts_on, ends_on=period.ends_on, number=number, rows=len(made.rows),
        content=text, sha256=digest(text), sent_to=sent_to, sent_on=sent_on, made_at=now, made_by_id=by.id,
    )  # fmt: skip
    db.session.add(kept)
    db.session.flush()
    for file in files_of({**said, "sha256": kept.sha256}, now):
        files.keep(file, about=("kept_list", kept.id), by=by, now=now)
    audit.record(
        "send_list", about=("kept_list", kept.id), by=by, now=now, kind=kind, starts_on=period.starts_on,
        number=number, rows=kept.rows, sha256=kept.sha256, missing=len(made.missing),
    )  # fmt: skip
    return kept


def recent() -> list[Row[Any]]:
    """The lists sent last; at most a hundred."""
    return list(db.session.execute(_RECENT))


def of_period(kind: ListKind, period: Period) -> list[Row[Any]]:
    """What was sent of a period, the newest first."""
    return list(db.session.execute(_OF_PERIOD, {"kind": kind, "starts_on": period.starts_on}))


def kept(list_id: int) -> KeptList | None:
    """A list as it was sent, or None."""
    return db.session.get(KeptList, list_id)


def justify(engagement_id: int, words: str, *, by: Actor, now: datetime) -> TravelJustification:
    """Write why an engagement's travel was needed, for the monthly list. Raises NotAllowed or Incomplete."""
    if not may(by, Do.SEND_LIST) or by.id is None:
        raise NotAllowed("Only the secretariat writes what the lists say.")
    engagement = db.session.get(Engagement, engagement_id)
    if engagement is None or engagement.state not in APPROVED:
        raise Incomplete({"words": "There is no such approved engagement."})
    if not words or len(words) > LONGEST:
        needed = "Say why the travel was needed, in a sentence fit to be published."
        raise Incomplete({"words": f"Use at most {LONGEST:,} characters." if words else needed})
    made = justification_of(engagement_id) or TravelJustification(engagement_id=engagement_id)
    before = made.words
    made.words, made.written_at, made.written_by_id = words, now, by.id
    db.session.add(made)
    db.session.flush()
    audit.record("justify_travel", about=("item", engagement_id), by=by, now=now, before=before, after=words)
    return made


def justification_of(engagement_id: int) -> TravelJustification | None:
    """What was written of an engagement's travel, if anything."""
    return db.session.scalar(
        select(TravelJustification).where(TravelJustification.engagement_id == engagement_id)
    )
