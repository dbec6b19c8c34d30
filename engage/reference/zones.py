"""The only place that knows time zones: a country's, those that are one clock, and what others call them."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

# Two zones of one country are one clock to us when they agree from the oldest request we hold to 2037, the
# last year for which time zone files carry written-out rules.
CLOCKS_FROM = datetime(2024, 1, 1, tzinfo=UTC)
CLOCKS_UNTIL = datetime(2038, 1, 1, tzinfo=UTC)

UTC_NAMES = frozenset({"UTC", "Etc/UTC", "Etc/GMT", "GMT", "Z"})
# "EST" is New York to one program and a clock without summer time to another (tzdata: Panama): never sure.
ABBREVIATION = re.compile(r"[A-Z]{3}(\d[A-Z]{3})?")


def _table(name: str) -> list[str]:
    text = resources.files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [row for row in text.splitlines() if row and not row.startswith("#")]


@cache
def _by_country() -> dict[str, tuple[str, ...]]:
    """Zones by country code, in the order of tzdata's zone.tab."""
    found: dict[str, list[str]] = {}
    for row in _table("zone.tab"):
        code, _, zone, *_ = row.split("\t")
        found.setdefault(code, []).append(zone)
    return {code: tuple(zones) for code, zones in found.items()}


@cache
def _older_names() -> dict[str, str]:
    """Names that tzdata keeps for old programs, with what each now means."""
    links = (row.split() for row in _table("tzdata.zi") if row.startswith("L "))
    return {old: new for _, new, old in links}


@cache
def _listed() -> frozenset[str]:
    return frozenset(zone for zones in _by_country().values() for zone in zones)


@cache
def _by_folded_name() -> dict[str, str]:
    sure = (name for name in (*_older_names(), *_listed()) if not ABBREVIATION.fullmatch(name))
    names = {name.casefold(): name for name in sure}
    return names | {name.casefold(): "UTC" for name in UTC_NAMES}


@cache
def _by_windows_name() -> dict[str, str]:
    return {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}


def current_name(zone: str) -> str:
    """The name in use today for a tzdata zone: Europe/Kyiv for Europe/Kiev. Unknown names come back."""
    if zone in UTC_NAMES:
        return "UTC"
    seen = {zone}
    while zone not in _listed() and zone in _older_names():
        zone = _older_names()[zone]
        if zone in seen:
            break
        seen.add(zone)
    return "UTC" if zone in UTC_NAMES else zone


def is_zone(name: str) -> bool:
    """Whether `name` is a zone we store: one that tzdata lists for a country, or UTC."""
    return name == "UTC" or name in _listed()


def all_zones() -> tuple[str, ...]:
    """Every zone we store, in alphabetical order, UTC last."""
    return (*sorted(_listed()), "UTC")


def zone_named(name: str) -> str | None:
    """The zone that another program's name means, or None when we are not sure.

    Known are tzdata names old and new, the same behind a maker's path ("/example.org/2019/Europe/Prague"),
    and Windows names ("FLE Standard Time"), by the Unicode consortium's table as icalendar ships it.
    """
    name = name.strip().strip('"').strip()
    if not name or len(name) > 200:
        return None
    windows = _by_windows_name().get(name.casefold())
    if windows:
        return _storable(windows)
    parts = name.split("/")
    for start in range(len(parts)):
        known = _by_folded_name().get("/".join(parts[start:]).casefold())
        if known and (start == 0 or name.startswith("/")):
            return _storable(known)
    return None


def _storable(name: str) -> str | None:
    name = current_name(name)
    return name if is_zone(name) else None


def zones_of(code: str) -> list[str]:
    """The zones of a country (ISO code), in tzdata's order; empty for an unknown or uninhabited one."""
    return list(_by_country().get(code, ()))


@cache
def _clock(zone: str) -> tuple[timedelta | None, ...]:
    """What a zone's clock shows through the years we compare, week by week."""
    known, moment, offsets = ZoneInfo(zone), CLOCKS_FROM, []
    while moment < CLOCKS_UNTIL:
        offsets.append(known.utcoffset(moment))
        moment += timedelta(days=7)
    return tuple(offsets)


@cache
def only_clock(code: str) -> str | None:
    """The one zone of a country, or the first of several that show the same time all year; else None."""
    zones = _by_country().get(code, ())
    if len(zones) > 1 and len({_clock(zone) for zone in zones}) > 1:
        return None
    return zones[0] if zones else None
