"""The only place that reads a country or a time zone out of the name of a city, and only when it is sure."""

from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from engage.reference.countries import countries, country, fold
from engage.reference.zones import only_clock, zones_of

# Cities that maintained data does not tie to a zone and that everybody agrees on: capitals of countries with
# several clocks whose zone bears another city's name (tzdata's own comments place them there).
CAPITAL_ZONES = MappingProxyType({
    ("AU", "canberra"): "Australia/Sydney",
    ("BR", "brasilia"): "America/Sao_Paulo",
    ("CA", "ottawa"): "America/Toronto",
    ("CN", "beijing"): "Asia/Shanghai",
    ("EC", "quito"): "America/Guayaquil",
    ("FM", "palikir"): "Pacific/Pohnpei",
    ("KI", "south tarawa"): "Pacific/Tarawa",
    ("KZ", "astana"): "Asia/Almaty",
    ("NZ", "wellington"): "Pacific/Auckland",
    ("PF", "papeete"): "Pacific/Tahiti",
    ("US", "washington dc"): "America/New_York",
})  # fmt: skip

# Capitals and cities of zones whose name is as well known, or better, for a place in another country: not
# sure without a country.
SHARED_NAMES = frozenset({
    "basse terre", "bridgetown", "center", "cordoba", "douglas", "george town", "georgetown",
    "hamilton", "jamestown", "kingston", "knox", "la rioja", "merida", "monticello", "nassau",
    "petersburg", "plymouth", "san jose", "san juan", "san luis", "santarem", "st denis", "st georges",
    "st johns", "st pierre", "stanley", "tripoli", "victoria", "vincennes",
})  # fmt: skip

# Names that two countries answer to.
SHARED_COUNTRY_NAMES = frozenset({"congo", "korea", "st martin", "virgin islands"})

# "Portland, ME" is not in Montenegro: these are codes of countries and of states of the United States alike.
STATES = frozenset(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND "
    "OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC".split()
)


@dataclass(frozen=True)
class Place:
    """What a text surely says: a country, and the city and its zone where they are sure too."""

    country_code: str
    city: str | None = None
    zone: str | None = None


def zone_for(code: str, city: str) -> str | None:
    """The time zone of a city of a country, or None when we are not sure and somebody must be asked.

    Sure are: a country with one clock, a city that gives its name to a zone of that country, and its capital.
    """
    only = only_clock(code)
    named = _zone_cities().get(fold(city), {}).get(code)
    return named or only or CAPITAL_ZONES.get((code, fold(city)))


def country_of(city: str) -> str | None:
    """The country of a city that is a capital or gives its name to a zone, when only one country has such."""
    name = fold(city)
    codes = _countries_by_city().get(name, frozenset())
    return next(iter(codes)) if len(codes) == 1 and name not in SHARED_NAMES else None


def country_named(text: str) -> str | None:
    """The code of the country that `text` names, in English or its own language; None when not just one."""
    name = fold(text)
    codes = _countries_by_name().get(name, frozenset())
    return next(iter(codes)) if len(codes) == 1 and name not in SHARED_COUNTRY_NAMES else None


@lru_cache(maxsize=4_096)  # files name the same few places again and again
def read_place(text: str) -> Place | None:
    """What a written place surely says: "Tallinn", "Sydney, AU", "Praha, Česká republika; hall 2".

    None when not even the country is sure. The city is given only when it is known to lie in that country,
    so a building before the country ("Marina Bay Sands, Singapore") is not taken for one.
    """
    for clause in text.replace("\n", ";").split(";"):
        whole = country_of(clause)  # "Washington, DC" is one name
        if whole:
            return Place(whole, clause.strip(), zone_for(whole, clause))
        parts = [part.strip() for part in clause.split(",") if part.strip()]
        for index, part in reversed(list(enumerate(parts))):
            place = _place(parts[:index], part)
            if place:
                return place
    return None


def _place(before: list[str], last: str) -> Place | None:
    """The place when `last` is taken for the country, or for the city when it names none."""
    known = country(last) if len(last) == 2 and last.isascii() and last.isupper() else None
    code = known.code if known else country_named(last)
    near = before[-1] if before else ""
    if code and (last in STATES or fold(last) == "georgia"):
        code = code if country_of(near) == code else None
        if not code:
            return None
    if code:
        known_here = (
            name for name in (near, last) if name and code in _countries_by_city().get(fold(name), ())
        )
        city = next(known_here, None)
        return Place(code, city, zone_for(code, city or near))
    code = country_of(last)
    return Place(code, last, zone_for(code, last)) if code else None


@cache
def _zone_cities() -> dict[str, dict[str, str]]:
    """Folded city name, as zones carry it -> country code -> zone."""
    found: dict[str, dict[str, str]] = {}
    for home in countries():
        for zone in zones_of(home.code):
            found.setdefault(fold(zone.rpartition("/")[2]), {})[home.code] = zone
    return found


@cache
def _countries_by_city() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {name: set(codes) for name, codes in _zone_cities().items()}
    for home in countries():
        if home.capital:
            found.setdefault(fold(home.capital), set()).add(home.code)
    return {name: frozenset(codes) for name, codes in found.items()}


@cache
def _countries_by_name() -> dict[str, frozenset[str]]:
    """Folded name -> codes. A country's own short name outweighs the other names of the rest."""
    own: dict[str, set[str]] = {}
    other: dict[str, set[str]] = {}
    for home in countries():
        own.setdefault(fold(home.name), set()).add(home.code)
        for name in home.other_names:
            other.setdefault(fold(name), set()).add(home.code)
    return {name: frozenset(codes) for name, codes in (other | own).items() if name}
