"""The only place for what we know of every country: names, regions, zones, languages, money, calling codes.

Codes and names are pycountry's (ISO 3166-1), shortened where the standard is formal; regions are the UN's
M49 as countryinfo has them; languages and currencies are the Unicode consortium's, through Babel.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import pycountry
from babel import Locale
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies
from countryinfo import CountryInfo

from engage.reference.zones import zones_of

HOME = "US"
# ISO gives these codes of their own; a traveller there has not left the United States.
TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "UM", "VI"})

# The short English name where the standard's is formal or inverted.
NAMES = MappingProxyType({
    "BN": "Brunei", "BQ": "Caribbean Netherlands", "CD": "Democratic Republic of the Congo",
    "CG": "Republic of the Congo", "FK": "Falkland Islands", "FM": "Micronesia", "MF": "Saint Martin",
    "PS": "Palestinian Territories", "RU": "Russia", "SH": "Saint Helena", "ST": "São Tomé and Príncipe",
    "SX": "Sint Maarten", "UM": "U.S. Minor Outlying Islands", "VA": "Vatican City",
    "VG": "British Virgin Islands", "VI": "U.S. Virgin Islands",
})  # fmt: skip
# Where countryinfo 1.0.1 is silent or behind the times.
REGIONS = MappingProxyType({
    "AQ": ("Antarctica", "Antarctica"), "HM": ("Oceania", "Australia and New Zealand"),
})  # fmt: skip
CAPITALS = MappingProxyType({
    "BI": "Gitega", "HK": "Hong Kong", "KZ": "Astana", "MO": "Macao", "NF": "", "PS": "", "SZ": "Mbabane",
    "US": "Washington DC",
})  # fmt: skip
CALLING_CODES = MappingProxyType({
    "AQ": "672", "AX": "358", "BL": "590", "BQ": "599", "CW": "599", "KZ": "7", "MF": "590", "PS": "970",
    "SX": "1721", "TC": "1649", "VA": "39", "VG": "1284", "VI": "1340",
})  # fmt: skip


@dataclass(frozen=True)
class Country:
    """A country or territory with an ISO 3166-1 code. `zones` are tzdata names, `currencies` ISO 4217 codes,
    `calling_codes` begin with a plus; each is empty where there is none (uninhabited islands)."""

    code: str
    name: str
    region: str
    subregion: str
    capital: str
    zones: tuple[str, ...]
    languages: tuple[str, ...]
    currencies: tuple[str, ...]
    calling_codes: tuple[str, ...]
    other_names: tuple[str, ...]

    @property
    def foreign(self) -> bool:
        """Whether going there is going abroad."""
        return is_foreign(self.code)


def is_foreign(code: str) -> bool:
    """Whether a country code is neither home nor one of its territories."""
    return code != HOME and code not in TERRITORIES


@cache
def countries() -> tuple[Country, ...]:
    """Every country of ISO 3166-1, by name. Read once in the life of the process."""
    english = Locale("en")
    found = (_country(entry, english) for entry in pycountry.countries)
    return tuple(sorted(found, key=lambda country: fold(country.name)))


@cache
def _by_code() -> dict[str, Country]:
    return {country.code: country for country in countries()}


def country(code: str) -> Country | None:
    """The country with this two-letter code in capitals; None when there is none."""
    return _by_code().get(code)


def _country(entry: Any, english: Locale) -> Country:
    code = entry.alpha_2
    info: dict[str, Any] = dict(CountryInfo(code).info())
    name = NAMES.get(code) or getattr(entry, "common_name", entry.name)
    region, subregion = REGIONS.get(code) or (info.get("region") or "", info.get("subregion") or "")
    others = (
        *(getattr(entry, key) for key in ("name", "official_name", "alpha_3") if hasattr(entry, key)),
        info["name"],
        info.get("nativeName") or "",
        english.territories.get(code, ""),
        *(other for other in info.get("altSpellings") or () if len(other) > 2 or other == "UK"),
    )
    return Country(
        code=code,
        name=name,
        region=region,
        subregion=subregion,
        capital=CAPITALS.get(code, info.get("capital") or ""),
        zones=tuple(zones_of(code)),
        languages=tuple(
            english.languages.get(language.partition("_")[0], language)
            for language in get_official_languages(code, de_facto=True)
        ),
        currencies=tuple(get_territory_currencies(code)),
        calling_codes=_calling_codes(code, info),
        other_names=tuple(dict.fromkeys(other for other in others if other and other != name)),
    )


def _calling_codes(code: str, info: dict[str, Any]) -> tuple[str, ...]:
    numbers = [CALLING_CODES[code]] if code in CALLING_CODES else info.get("callingCodes") or []
    digits = (re.sub(r"\D", "", number) for number in numbers)
    return tuple(f"+{number}" for number in digits if number)


def fold(name: str) -> str:
    """A name without accents, dots, case or spelling of "Saint", for comparing; never for showing."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    words = re.sub(r"[\W_]+", " ", re.sub(r"[.'’`´]", "", plain)).split()
    return " ".join("st" if word == "saint" else word for word in words)
