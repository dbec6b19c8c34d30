"""The only writer of Meeting: called for a day, moved, called off, opened and ended."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import bindparam, select, update

from engage.extensions import db
from engage.models.board import Board
from engage.models.meetings import AgendaEntry, Meeting
from engage.reference import zones
from engage.reference.calendars import calendar_of
from engage.rules.agenda import Ending
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.working_time import add_business_days
from engage.services import audit, outbox, seats

SHORTEST, LONGEST = 15, 720  # minutes
FURTHEST = timedelta(days=731)
LONGEST_REASON = 2_000  # characters

_M, _A = Meeting.__table__.c, AgendaEntry.__table__.c
_HOLD = (
    select(Meeting).where(Meeting.id == bindparam("meeting")).with_for_update()
    .execution_options(populate_existing=True)
)  # fmt: skip
_BOARD = select(Board.id).where(Board.id == bindparam("board")).with_for_update()
_NEAR = select(_M.id, _M.title, _M.starts_at, _M.minutes_long).where(
    _M.board_id == bindparam("board"), _M.cancelled_at.is_(None), _M.id != bindparam("but"),
    _M.starts_at > bindparam("after"), _M.starts_at < bindparam("before"),
)  # fmt: skip
_LEAVE = (
    update(AgendaEntry)
    .where(AgendaEntry.meeting_id == bindparam("meeting"), AgendaEntry.ended_at.is_(None))
    .execution_options(synchronize_session=False)
)


class Stage(StrEnum):
    """Where a meeting stands; computed from its moments, stored nowhere."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    ENDED = "ended"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The stage in words."""
        return {"scheduled": "Scheduled", "open": "In session", "ended": "Ended", "cancelled": "Cancelled"}[self.value]


def stage(meeting: Any) -> Stage:
    """Where a meeting stands; takes the record, or a row with its moments."""
    if meeting.cancelled_at:
        return Stage.CANCELLED
    if meeting.ended_at:
        return Stage.ENDED
    return Stage.OPEN if meeting.opened_at else Stage.SCHEDULED


@dataclass(frozen=True)
class Plan:
    """When and where a meeting is to be: `day` and `hour` by the clock of `zone`; a place, a link, or both.

    `short_notice` says why, where there is less notice than the charter asks.
    """

    title: str
    day: date
    hour: time
    zone: str
    minutes_long: int
    place: str = ""
    link: str = ""
    short_notice: str = ""


def find(meeting_id: int) -> Meeting | None:
    """A meeting, or None."""
    return db.session.get(Meeting, meeting_id)


def hold(meeting_id: int) -> Meeting:
    """Lock the meeting's row until the commit and read it afresh. Hold the meeting before its items and motions."""
    return db.session.scalars(_HOLD, {"meeting": meeting_id}).one()


def local_day(meeting: Any) -> date:
    """The day of the meeting on its own clock."""
    day: date = meeting.starts_at.astimezone(ZoneInfo(meeting.zone)).date()
    return day


def schedule(plan: Plan, *, by: Actor, now: datetime) -> Meeting:
    """Call a meeting and tell the members. Raises NotAllowed, or Incomplete with a sentence at each field."""
    if not may(by, Do.CONVENE) or by.id is None:
        raise NotAllowed("Only the secretariat and the chair call a meeting.")
    board = seats.the_board()
    starts_at = _checked(plan, board.id, but=0, now=now)
    meeting = Meeting(
        board_id=board.id, title=plan.title, starts_at=starts_at, minutes_long=plan.minutes_long, zone=plan.zone,
        place=plan.place, link=plan.link, short_notice=_short(plan, board, now),
        scheduled_at=now, scheduled_by_id=by.id, changed_at=now,
    )  # fmt: skip
    db.session.add(meeting)
    db.session.flush()
    audit.record("schedule_meeting", about=("meeting", meeting.id), by=by, now=now, after=said(meeting))
    tell(meeting, "scheduled", by=by, now=now)
    return meeting


def reschedule(meeting: Meeting, plan: Plan, *, by: Actor, now: datetime) -> None:
    """Move a meeting, or change where it is; the members are told, and calendars learn of it.

    What changes nothing tells nobody. Raises NotAllowed, NotOpen (opened or called off) or Incomplete.
    """
    if not may(by, Do.CONVENE):
        raise NotAllowed("Only the secretariat and the chair move a meeting.")
    hold(meeting.id)
    must_be_ahead(meeting)
    starts_at = _checked(plan, meeting.board_id, but=meeting.id, now=now)
    before = said(meeting)
    if starts_at != meeting.starts_at:
        meeting.short_notice = _short(plan, db.session.get_one(Board, meeting.board_id), now)
    meeting.title, meeting.starts_at, meeting.minutes_long = plan.title, starts_at, plan.minutes_long
    meeting.zone, meeting.place, meeting.link = plan.zone, plan.place, plan.link
    after = said(meeting)
    if after == before:
        return
    meeting.sequence += 1
    meeting.changed_at = now
    db.session.flush()
    audit.record("move_meeting", about=("meeting", meeting.id), by=by, now=now, before=before, after=after)
    tell(meeting, "moved", by=by, now=now)


def cancel(meeting: Meeting, *, reason: str, by: Actor, now: datetime) -> None:
    """Call a meeting off; what stood on its agenda is on the docket only. Raises NotAllowed, NotOpen or Incomplete."""
    if not may(by, Do.CONVENE):
        raise NotAllowed("Only the secretariat and the chair call a meeting off.")
    hold(meeting.id)
    must_be_ahead(meeting)
    if not reason or len(reason) > LONGEST_REASON:
        raise Incomplete({
            "reason": f"Use at most {LONGEST_REASON:,} characters." if reason else "Say why the meeting is called off."
        })
    meeting.cancelled_at, meeting.cancel_reason, meeting.changed_at = now, reason, now
    meeting.sequence += 1
    db.session.flush()
    leave(meeting.id, Ending.REMOVED, now=now)
    audit.record("cancel_meeting", about=("meeting", meeting.id), by=by, now=now, reason=reason)
    tell(meeting, "cancelled", by=by, now=now, reason=reason)


def open_(meeting: Meeting, *, by: Actor, now: datetime) -> None:
    """Open the meeting. Raises NotAllowed, or NotOpen (done already, called off, another is in session)."""
    if not may(by, Do.RUN_MEETING):
        raise NotAllowed("Only the chair and the secretariat open a meeting.")
    db.session.execute(_BOARD, {"board": meeting.board_id})
    hold(meeting.id)
    must_be_ahead(meeting)
    other = db.session.scalar(
        select(_M.title).where(_M.board_id == meeting.board_id, _M.opened_at.is_not(None), _M.ended_at.is_(None))
    )
    if other is not None:
        raise NotOpen(f"Another meeting is in session: {other}. End it first.")
    meeting.opened_at = now
    db.session.flush()
    audit.record("open_meeting", about=("meeting", meeting.id), by=by, now=now)


def leave(meeting_id: int, ending: Ending, *, now: datetime) -> None:
    """Take what is still on the agenda of a meeting off it, in this way; the caller holds the meeting."""
    db.session.execute(_LEAVE, {"meeting": meeting_id, "ended_at": now, "ending": ending})


def must_be_ahead(meeting: Meeting) -> None:
    """Raises NotOpen when the meeting was opened or called off."""
    now_is = stage(meeting)
    if now_is is not Stage.SCHEDULED:
        raise NotOpen(f"This meeting is not ahead any more: {now_is.label.lower()}.")


def must_be_in_session(meeting: Meeting) -> None:
    """Raises NotOpen unless the meeting is in session."""
    now_is = stage(meeting)
    if now_is is not Stage.OPEN:
        raise NotOpen(f"This meeting is not in session: {now_is.label.lower()}.")


def in_words(meeting: Any) -> str:
    """When the meeting is, on its own clock: "Thursday 5 March 2026, 14:00 to 16:00 EST"."""
    starts = meeting.starts_at.astimezone(ZoneInfo(meeting.zone))
    ends = (meeting.starts_at + timedelta(minutes=meeting.minutes_long)).astimezone(ZoneInfo(meeting.zone))
    return f"{starts:%A} {starts.day} {starts:%B %Y, %H:%M} to {ends:%H:%M} {starts:%Z}"


def members(meeting: Meeting, now: datetime) -> list[int]:
    """Who holds a seat on the board today, by id."""
    board = db.session.get_one(Board, meeting.board_id)
    held = seats.seats_on(board.id, seats.board_day(board, now))
    return [seat.holder_id for seat in held if seat.holder_id]


def tell(meeting: Meeting, what: str, *, by: Actor, now: datetime, **facts: Any) -> None:
    """One message to each member about the meeting, once for each state of it; `what` is the news in a word."""
    event = {
        "begins": meeting.starts_at.astimezone(UTC).isoformat(),
        "ends": (meeting.starts_at + timedelta(minutes=meeting.minutes_long)).astimezone(UTC).isoformat(),
        "title": meeting.title,
    }
    subject = {
        "scheduled": "Meeting of the board", "moved": "Meeting moved", "cancelled": "Meeting cancelled",
        "published": "Papers for the meeting",
    }[what]  # fmt: skip
    outbox.post(
        *(
            outbox.message(
                f"meeting:{meeting.id}:{what}:{meeting.sequence}:{person}", to=person, template="meeting",
                subject=f"{subject}: {meeting.title}", about=("meeting", meeting.id), now=now, what=what,
                path=f"/board/meetings/{meeting.id}", title=meeting.title, when=in_words(meeting),
                place=meeting.place, joining=meeting.link, by=by.name,
                **({} if what == "cancelled" else {"event": event}) | {"reason": ""} | facts,
            )
            for person in members(meeting, now) if person != by.id
        )
    )  # fmt: skip


def said(meeting: Meeting) -> dict[str, Any]:
    """What the trail says of a meeting."""
    return {
        "title": meeting.title, "starts_at": meeting.starts_at, "zone": meeting.zone, "place": meeting.place,
        "minutes_long": meeting.minutes_long, "link": meeting.link, "short_notice": meeting.short_notice,
    }  # fmt: skip


def _checked(plan: Plan, board_id: int, *, but: int, now: datetime) -> datetime:
    """The moment the meeting begins. Raises Incomplete."""
    at: dict[str, str] = {}
    if not plan.title:
        at["title"] = "Give the meeting a name."
    if not plan.place and not plan.link:
        at["place"] = "Say where the meeting is: a place, a link, or both."
    if plan.link and not plan.link.startswith("https://"):
        at["link"] = "Give the whole link, beginning with https://."
    if not SHORTEST <= plan.minutes_long <= LONGEST:
        at["minutes_long"] = f"A meeting takes {SHORTEST} to {LONGEST} minutes."
    starts_at = None
    if not zones.is_zone(plan.zone):
        at["zone"] = "Choose a time zone of the list: this one is not known."
    else:
        local = datetime.combine(plan.day, plan.hour, ZoneInfo(plan.zone))
        starts_at = local.astimezone(UTC)
        if starts_at.astimezone(ZoneInfo(plan.zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
            at["hour"] = "The clocks skip this hour on that day. Choose another."
        elif starts_at <= now:
            at["day"] = "This is past. Name a day and hour ahead."
        elif starts_at > now + FURTHEST:
            at["day"] = "Name a day within two years."
    if not at and starts_at is not None and (other := _clash(starts_at, plan.minutes_long, board_id, but)):
        at["day"] = f"The board meets then already: {other}."
    if at or starts_at is None:
        raise Incomplete(at)
    return starts_at


def _short(plan: Plan, board: Board, now: datetime) -> str:
    """Why there is less notice than the charter asks; "" where there is enough. Raises Incomplete at "short_notice"."""
    today = seats.board_day(board, now)
    charter = seats.find_charter(board.id, today)
    days = charter.notice_days if charter else 0
    home = current_app.config["SETTINGS"].home_country
    until = min(today + timedelta(days=60 + 2 * days), date(today.year + 9, 12, 31))
    if not days or plan.day >= add_business_days(today, days, [calendar_of(home, today, until)]):
        return ""
    if not plan.short_notice or len(plan.short_notice) > LONGEST_REASON:
        said = f"The charter asks for {days} business day{'' if days == 1 else 's'} between the call and the meeting."
        too_long = f"Use at most {LONGEST_REASON:,} characters."
        raise Incomplete({"short_notice": too_long if plan.short_notice else f"{said} Say why there are fewer."})
    return plan.short_notice


def _clash(starts_at: datetime, minutes: int, board_id: int, but: int) -> str:
    """The meeting that overlaps, in words. The board's row is held: of two at once the second sees the first."""
    db.session.execute(_BOARD, {"board": board_id})
    ends_at = starts_at + timedelta(minutes=minutes)
    given = {"board": board_id, "but": but, "after": starts_at - timedelta(minutes=LONGEST), "before": ends_at}
    for row in db.session.execute(_NEAR, given):
        if row.starts_at + timedelta(minutes=row.minutes_long) > starts_at:
            return str(row.title)
    return ""
