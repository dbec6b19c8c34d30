"""The only place that reads from the facts what somebody has yet to do. Nothing is stored: a duty done is gone.

A further kind is one `Subjects` in the module of its room, and its name in KINDS.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from engage.extensions import db
from engage.models.audit import AuditEvent, AuditHead, Verdict
from engage.rules.schedule import MomentWindow, Window
from engage.services.duties import after, away, board, guides, partners, requests, training, travel
from engage.services.duties.declared import OpenDuty, Subjects, holding

__all__ = ["SUBJECTS", "OpenDuty", "Subjects", "changed", "holding", "in_windows", "still_open", "trail_head"]

KINDS: tuple[Subjects, ...] = (
    board.VOTE,
    board.READ_AHEAD,
    board.STANDING,
    board.ACTION,
    requests.ANSWER,
    requests.ENDORSE,
    requests.SCREEN,
    requests.REVIEW,
    travel.PREPARE,
    travel.GUIDANCE,
    travel.CLEARANCE,
    travel.CONDITION,
    travel.BEFORE_START,
    training.RENEW,
    training.VERIFY,
    away.CHECK_IN,
    away.LOAN_BACK,
    guides.WRITE,
    guides.REVIEW,
    guides.ADVISORY,
    after.REPORT,
    after.JOURNEY,
    after.CLAIM,
    after.COMMITMENT,
    after.GIFT,
    partners.AGREEMENT,
)
SUBJECTS: Mapping[str, Subjects] = {of.kind: of for of in KINDS}
# Lines of the trail that change nothing a duty counts from.
QUIET_ACTS = ("look", "sign_in", "sign_out", "vote")
_BATCH = 5_000

_A = AuditEvent.__table__.c
_CHANGED = (
    select(_A.about_kind, _A.about_id)
    .where(
        _A.id > bindparam("after"),
        _A.id <= bindparam("until"),
        _A.about_id.is_not(None),
        _A.about_kind.in_(sorted({kind for of in KINDS for kind in of.changes})),
        _A.action.not_in(QUIET_ACTS),
        _A.outcome == Verdict.DONE,
    )
    .distinct()
)
_HEAD = select(func.coalesce(func.max(AuditHead.last_id), 0))


def in_windows(kind: str, windows: Collection[Window | MomentWindow], today: date) -> list[OpenDuty]:
    """The open duties of `kind` whose anchor lies in any of the windows; `today` is the office's day."""
    if not windows:
        return []
    of = SUBJECTS[kind]
    return list(of.open(or_(*(_within(of.anchor, window) for window in windows)), today))


def still_open(kind: str, about_ids: Collection[int], today: date) -> list[OpenDuty]:
    """The open duties of `kind` that are about these records."""
    of, ids = SUBJECTS[kind], sorted(about_ids)
    found: list[OpenDuty] = []
    for start in range(0, len(ids), _BATCH):
        found += of.open(of.about.in_(ids[start : start + _BATCH]), today)
    return found


def trail_head() -> int:
    """The number of the trail's last line; what is committed later has a higher one."""
    return db.session.scalar(_HEAD) or 0


def changed(after: int, until: int) -> dict[str, list[int]]:
    """The records that lines of the trail from `after` to `until` are about, by what the trail calls their kind."""
    found: dict[str, list[int]] = defaultdict(list)
    if until > after:
        for row in db.session.execute(_CHANGED, {"after": after, "until": until}):
            found[row.about_kind].append(row.about_id)
    return found


def of_changed(kind: str, changes: Mapping[str, Collection[int]], today: date) -> list[OpenDuty]:
    """The open duties of `kind` about records that changed, as `changed` names them."""
    of = SUBJECTS[kind]
    found: list[OpenDuty] = []
    for name, column in of.changes.items():
        ids = sorted(changes.get(name, ()))
        for start in range(0, len(ids), _BATCH):
            found += of.open(column.in_(ids[start : start + _BATCH]), today)
    return found


def _within(anchor: ColumnElement[object], window: Window | MomentWindow) -> ColumnElement[bool]:
    if isinstance(window, MomentWindow):
        return and_(anchor > window.after, anchor <= window.until)
    return anchor.between(window.first_on, window.last_on)
