"""The only place that knows whom to call in an emergency: what the phonenumbers package records of each country."""

from functools import cache

from phonenumbers import shortnumberinfo

MOST = 6


@cache
def emergency_numbers(code: str) -> tuple[str, ...]:
    """Numbers of two or three digits for emergencies in a country (ISO code), 112 first; empty where not known."""
    found = [n for n in (f"{n:0{digits}d}" for digits in (2, 3) for n in range(10**digits)) if _is(n, code)]
    return tuple(sorted(found, key=lambda number: (number != "112", number))[:MOST])


def _is(number: str, code: str) -> bool:
    return bool(shortnumberinfo.is_emergency_number(number, code))
