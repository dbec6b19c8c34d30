"""The only place that posts the weekly look-ahead: for those who lead, narrowed to what each may see."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Row, Select, and_, bindparam, func, or_, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.trips import Trip
from engage.rules.marking import RESTRICTED, STAYS_INSIDE
from engage.rules.partners import SOON
from engage.rules.policy import Actor, Role, See, may
from engage.rules.quarters import quarter_of
from engage.rules.workflow import APPROVED, FINAL, State
from engage.rules.working_time import local_day
from engage.services import (
    agreements,
    commitment_lists,
    duties,
    kept_duties,
    lost_touch,
    norms,
    outbox,
    outlook,
    quarter_flow,
    sessions,
    stays,
)
from engage.services.addressing import Whereabouts
from engage.services.visibility import Scope, scope, visible

TEMPLATE = "lookahead"
# The reader's weekday (1 is Monday) and hour, and the weeks that it looks ahead.
DIALS = {"lookahead_weekday": 1, "lookahead_hour": 7, "lookahead_weeks": 4}
SQUARES = 20  # of the longest bar of the drawing
SHOWN = 30  # engagements in one message; the register has them all

_I, _T = Item.__table__.c, Trip.__table__.c
_GOING = _I.state.in_(sorted(APPROVED))
_LISTED = or_(_GOING, _I.state.in_(sorted(set(State) - APPROVED - FINAL - {State.DRAFT})))
_TRAVELLERS = (
    select(func.count())
    .where(_T.engagement_id == _I.id, _T.cancelled_at.is_(None))
    .correlate(Item.__table__)
    .scalar_subquery()
)


@cache
def _ahead(seen_by: Scope) -> Select[Any]:
    within = and_(_I.starts_on >= bindparam("today"), _I.starts_on <= bindparam("until"))
    return (
        select(_I.id, _I.title, _I.marking, _I.state, _I.starts_on, _I.ends_on, _TRAVELLERS.label("travellers"))
        .where(visible(seen_by), _LISTED, within)
        .order_by(_I.starts_on, _I.id)
        .limit(SHOWN + 1)
    )


def post(now: datetime) -> int:
    """Post this week's look-ahead to each leader whose hour has come and who has none yet; gives how many.

    One that was missed goes late, once. Flushes, never commits.
    """
    today = local_day(now, ZoneInfo(current_app.config["SETTINGS"].home_zone))
    leaders = duties.holding(Role.LEADERSHIP, today)
    if not leaders:
        return 0
    dials = norms.on(today, DIALS)
    who = {id_: sessions.actor_for(id_, today=today) for id_ in leaders}
    places = Whereabouts({id_: actor.zone for id_, actor in who.items()}, today)
    keys = {
        f"{TEMPLATE}:{id_}:{_week(now, dials, places.on(id_, local_day(now, UTC)).zone).isoformat()}": id_
        for id_ in leaders
    }
    had = outbox.known(keys)
    messages = [
        _message(key, who[id_], today, dials["lookahead_weeks"], now)
        for key, id_ in keys.items()
        if key not in had
    ]
    outbox.post(*messages)
    return len(messages)


def _week(now: datetime, dials: dict[str, int], zone: tzinfo) -> date:
    """The day, where the reader is, on which the newest look-ahead until `now` was due."""
    weekday, hour = min(max(dials["lookahead_weekday"], 1), 7), time(min(max(dials["lookahead_hour"], 0), 23))
    today = local_day(now, zone)
    day = today - timedelta(days=(today.isoweekday() - weekday) % 7)
    if datetime.combine(day, hour, zone).astimezone(UTC) > now:
        day -= timedelta(days=7)
    return day


def _message(key: str, who: Actor, today: date, weeks: int, now: datetime) -> dict[str, Any]:
    to, seen_by = who.id or 0, scope(who)
    until = today + timedelta(weeks=min(max(weeks, 1), 52))
    rows = db.session.execute(_ahead(seen_by), {"me": to, "today": today, "until": until}).all()
    places = stays.countries([row.id for row in rows[:SHOWN]])
    return outbox.message(
        key, to=to, template=TEMPLATE, subject=f"What lies ahead: {_day(today)} to {_day(until)}",
        about=("person", to), now=now, path=f"/register?from={today}&until={until}", weeks=weeks,
        lines=[_line(row, places.get(row.id, "")) for row in rows[:SHOWN]], more=len(rows) > SHOWN,
        promises=[
            f"{_day(one.due_on)}: {one.side.label.lower()}, {one.whom}: {' '.join(one.what.split())[:160]}"
            for one in commitment_lists.due_by(seen_by, to, today - timedelta(days=1), today)[: commitment_lists.SHOWN]
        ],
        **_drawn(outlook.of(seen_by, to, today)), **_quarter(who, today),
        agreements=[
            f"{_day(one.expires_on)}: {_agreement(one)}; {one.owner}"
            for one in agreements.expiring(who, today, SOON)[:SHOWN]
        ],
        quiet=[
            f"{one.name} ({f'last on {_day(one.last_on)} {one.last_on.year}' if one.last_on else 'no engagement yet'})"
            for one in lost_touch.partners(who, today)[: lost_touch.SHOWN]
        ],
    )  # fmt: skip


def _drawn(found: outlook.Outlook) -> dict[str, Any]:
    """The sums of what lies ahead, and its weeks as lines of squares, full ones approved, which mails draw as bars."""
    each = max(1, -(-max(week.ahead.total for week in found.weeks) // SQUARES))
    chart = [
        f"{_day(week.first)}: {'■' * -(-week.ahead.agreed // each)}{'□' * -(-week.ahead.deciding // each)} "
        f"{_words(week.ahead)}"
        for week in found.weeks
    ]
    sums = [f"Within {days} days: {_words(ahead)}" for days, ahead in found.sums.items()]
    return {"sums": sums, "chart": chart if found.sums[outlook.HORIZONS[-1]].total else []}


def _words(ahead: outlook.Ahead) -> str:
    return f"{ahead.agreed} approved, {ahead.deciding} being decided" if ahead.total else "none"


def _quarter(who: Actor, today: date) -> dict[str, Any]:
    """How the quarter goes so far, in lines, and its name, under which its measures are found."""
    quarter, zone = quarter_of(today), current_app.config["SETTINGS"].home_zone
    flow = quarter_flow.flow(who, quarter, zone)
    lines = [
        f"Submitted: {flow.submitted}, of them {flow.late} late; returned {flow.returned}",
        f"Decided: {flow.approved} approved, {flow.disapproved} disapproved",
        *(f"Days as {one.state.label.lower()}: {one.median:g} in the middle, nine of ten at most {one.slow:g}"
          for one in quarter_flow.stages(who, quarter, zone)),
        *(f"{one.name}: {one.kept + one.let_off} of {one.owed - one.open} in time, {one.overdue} overdue"
          for one in kept_duties.of(scope(who), who.id, quarter, today, people=may(who, See.COMPLIANCE)) if one.owed),
    ]  # fmt: skip
    return {"quarter": quarter.name, "measures": lines}


def _line(row: Row, countries: str) -> str:
    days = _day(row.starts_on) + (f" to {_day(row.ends_on)}" if row.ends_on and row.ends_on != row.starts_on else "")
    party = f", {row.travellers} traveller{'s' if row.travellers != 1 else ''}" if row.travellers else ""
    title = f"{RESTRICTED} ({row.marking.label})" if row.marking in STAYS_INSIDE else row.title
    if row.marking in STAYS_INSIDE:
        countries = ""
    return f"{days}: {title}{', ' + countries if countries else ''} ({row.state.label.lower()}{party})"


def _agreement(row: Row) -> str:
    if row.marking in STAYS_INSIDE:
        return f"A restricted agreement ({row.marking.label})"
    return f"{row.partner}, {row.title}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
