"""The only place that turns typed legs into stays with a country and a zone, and asks where unsure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from engage.importing.cells import LINE_LIMIT, day, single_line
from engage.importing.parsed import Question
from engage.reference.countries import country, fold
from engage.reference.places import read_place, zone_for
from engage.reference.zones import zones_of

LEG_LIMIT = 30
LEG = re.compile(r"(\S+)\s+(.+?)\s*>\s*(.+)", re.DOTALL)


@dataclass(frozen=True)
class Leg:
    """One journey as typed: the day it sets out, from where, to where."""

    on: date
    origin: str
    destination: str


@dataclass(frozen=True)
class StayRow:
    """One stay: the day of the leg that leads there and of the one that leads on.

    A night on the way is not known to the file, so `arrives_on` is the day of setting out. `country_code` and
    `zone` are None while nobody has said which.
    """

    city: str
    country_code: str | None
    zone: str | None
    arrives_on: date
    departs_on: date


@dataclass(frozen=True)
class Itinerary:
    """The stays of a request, what must be asked about them, and what a draft made without answers lacks."""

    stays: tuple[StayRow, ...] = ()
    questions: tuple[Question, ...] = ()
    missing: tuple[str, ...] = ()


def read_legs(text: str) -> tuple[Leg, ...]:
    """Legs from `YYYY-MM-DD From > To`, separated by `;`, in order of day. Raises ValueError, saying why."""
    legs: list[Leg] = []
    for number, part in enumerate((part for part in text.split(";") if part.strip()), start=1):
        match = LEG.fullmatch(single_line(part))
        if not match or ">" in match[3]:
            raise ValueError(f"Leg {number}: write 2026-03-14 From > To.")
        try:
            on = day(match[1])
        except ValueError as fault:
            raise ValueError(f"Leg {number}: {fault}") from None
        origin, destination = match[2].strip(), match[3].strip()
        if max(len(origin), len(destination)) > LINE_LIMIT:
            raise ValueError(f"Leg {number}: a place is longer than {LINE_LIMIT} characters.")
        if fold(origin) == fold(destination):
            raise ValueError(f"Leg {number}: it ends where it begins.")
        if legs and on < legs[-1].on:
            raise ValueError(f"Leg {number}: {on} is before the leg above it, {legs[-1].on}.")
        legs.append(Leg(on, origin, destination))
        if len(legs) > LEG_LIMIT:
            raise ValueError(f"There are more than {LEG_LIMIT} legs.")
    if legs and fold(legs[-1].destination) != fold(legs[0].origin):
        home, away = legs[0].origin, legs[-1].destination
        raise ValueError(
            f"The last leg does not lead back to {home}, so the last day in {away} is not known."
        )
    return tuple(legs)


def plan(
    legs: tuple[Leg, ...], *, line: int, city: str, country_code: str | None, answers: Mapping[str, str]
) -> Itinerary:
    """The stays between the legs. Home is where the first leg sets out; a leg back there ends a trip.

    `city` and `country_code` are the request's own place: a stay in that city is in that country. Other
    cities are placed only when maintained data is sure, else `answers` is looked into, else a question is
    put.
    """
    if not legs:
        return Itinerary()
    home = fold(legs[0].origin)
    stays: list[StayRow] = []
    questions: dict[str, Question] = {}
    missing: list[str] = []
    for leg, onward in pairwise(legs):
        if fold(leg.destination) == home:
            continue
        stay = StayRow(leg.destination, None, None, leg.on, onward.on)
        known = country_code if fold(leg.destination) == fold(city) else None
        stay, asked = _settle(stay, line, known, answers)
        stays.append(stay)
        if asked and asked.key not in questions:
            questions[asked.key] = asked
            what = "time zone" if stay.country_code else "country and time zone"
            missing.append(f"The {what} of {stay.city}.")
        if fold(onward.origin) != fold(leg.destination) and not _same_country(stay, onward.origin):
            missing.append(f"The day on which the party goes from {leg.destination} to {onward.origin}.")
    if country_code and not {None, country_code} & {stay.country_code for stay in stays}:
        missing.append(f"A leg to {_name(country_code)}, where it takes place.")
    return Itinerary(tuple(stays), tuple(questions.values()), tuple(dict.fromkeys(missing)))


def _settle(
    stay: StayRow, line: int, country_code: str | None, answers: Mapping[str, str]
) -> tuple[StayRow, Question | None]:
    """The stay with its country and zone where they are sure or answered, and the question that remains."""
    sure = None if country_code else read_place(stay.city)
    if sure:
        country_code, stay = sure.country_code, replace(stay, city=sure.city or stay.city)
    if not country_code:
        key = f"country:{fold(stay.city)}"
        answer = country(answers.get(key, "").strip().upper())
        if not answer:
            return stay, Question(line, key, f"In which country is {stay.city}?")
        country_code = answer.code
    zone = zone_for(country_code, stay.city) or (sure.zone if sure else None)
    if not zone:
        key, options = f"zone:{country_code}:{fold(stay.city)}", tuple(zones_of(country_code))
        zone = answers.get(key)
        if zone not in options:
            about = f"Which time zone has {stay.city}, {_name(country_code)}?"
            return replace(stay, country_code=country_code), Question(line, key, about, options)
    return replace(stay, country_code=country_code, zone=zone), None


def _name(code: str) -> str:
    known = country(code)
    return known.name if known else code


def _same_country(stay: StayRow, city: str) -> bool:
    place = read_place(city)
    return bool(place and place.country_code == stay.country_code)
