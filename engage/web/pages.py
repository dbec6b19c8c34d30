"""The only place for what every page is given: filters, the menu, and where its files are."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request
from jinja2 import StrictUndefined

from engage.rules.policy import Actor, Do, may, may_enter
from engage.web import access, keyset, queries
from engage.web.forms import kind

# room -> (label, address). What has no line here has no place in the menu.
MENU = {
    "requests": ("Engagements", "/engagements"),
    "secretariat": ("Screening", "/screening"),
    "board": ("Board", "/board"),
    "travel": ("My trips", "/trips"),
    "training": ("Training", "/training"),
    "guidance": ("Etiquette", "/guidance"),
    "awareness": ("Calendar", "/calendar"),
    "duty": ("Who is abroad", "/abroad"),
    "partners": ("Partners", "/partners"),
    "reports": ("Results", "/reports"),
    "audit": ("Trail", "/trail"),
    "admin": ("Administration", "/admin"),
}


@dataclass(frozen=True)
class Link:
    """One entry of the menu."""

    label: str
    url: str
    current: bool


def day(value: date | datetime | None) -> str:
    """A calendar day in words: "Mon 4 May 2026"; a moment's day is the office's."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(access.settings().home_zone)).date()
    return f"{value:%a} {value.day} {value:%b %Y}"


def moment(value: datetime | None, zone: str | None = None) -> str:
    """A moment with its zone's short name, in `zone` or the reader's own."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone or access.me().zone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} {local:%Z}"


def since(value: datetime | date | None) -> str:
    """How long ago, in the coarsest unit that still says something."""
    if value is None:
        return ""
    gone = access.clock() - value if isinstance(value, datetime) else access.today() - value
    if gone < timedelta(0):
        return day(value)
    if gone < timedelta(hours=1):
        return "just now"
    if gone < timedelta(days=1):
        hours = gone.seconds // 3600
        return f"{hours} hour{'s' if hours > 1 else ''} ago"
    return f"{gone.days} day{'s' if gone.days > 1 else ''} ago"


def span(first: date | None, last: date | None) -> str:
    """Two days as one line: "4 to 9 May 2026"."""
    if first is None:
        return "No dates yet"
    if last is None or last == first:
        return f"{first.day} {first:%b %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {last.day} {last:%b %Y}"
    if first.year == last.year:
        return f"{first.day} {first:%b} to {last.day} {last:%b %Y}"
    return f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}"


def dollars(amount: Decimal | None) -> str:
    """An amount in US dollars."""
    return "" if amount is None else f"${amount:,.2f}"


@cache
def _digest(path: str) -> str:
    file = Path(current_app.static_folder or "") / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else ""


@cache
def asset(path: str) -> str:
    """The address of a static file, with its digest so that a browser may keep it for ever."""
    return f"/static/{path}?{_digest(path)}"


@cache
def _menu(roles: frozenset[Any], current: str) -> tuple[Link, ...]:
    who = Actor(roles=roles, is_authenticated=True)
    return tuple(
        Link(label, url, room == current) for room, (label, url) in MENU.items() if may_enter(who, room)
    )


def _given() -> dict[str, Any]:
    """What every template may name."""
    who = access.me()
    settings = access.settings()
    signed_in = who.is_authenticated
    return {
        "me": who,
        "navigation": _menu(who.roles, request.blueprint or "") if signed_in else (),
        "unread": queries.unread(who.id, access.clock()) if signed_in else 0,
        "demonstration": settings.demonstration,
        "csrf_token": access.csrf_token(),
        "site": SimpleNamespace(name="Engage", official_banner=settings.official_banner),
        "today": access.today(),
        "now": access.clock(),
        "may_ask": may(who, Do.DRAFT),
    }


def install(app: Flask) -> None:
    """Give the templates their filters and what every page may name."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.filters.update(kind=kind, day=day, moment=moment, since=since, dollars=dollars)
    app.jinja_env.globals["span"] = span
    app.jinja_env.globals["list_as"] = keyset.following
    app.context_processor(_given)
