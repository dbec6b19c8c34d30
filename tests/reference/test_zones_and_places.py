"""When a country or a time zone is sure, and when somebody must be asked."""

# one case of a table is one line

from zoneinfo import ZoneInfo

import pytest

from engage.reference.countries import countries
from engage.reference.places import CAPITAL_ZONES, Place, country_named, country_of, read_place, zone_for
from engage.reference.zones import all_zones, is_zone, only_clock, zone_named, zones_of


def test_every_zone_we_store_exists():
    assert [zone for zone in all_zones() if not ZoneInfo(zone)] == []
    assert all(is_zone(zone) and len(zone) <= 40 for zone in all_zones())


def test_china_has_two_zones_and_germany_two_that_are_one_clock():
    assert zones_of("CN") == ["Asia/Shanghai", "Asia/Urumqi"]
    assert only_clock("CN") is None
    assert zones_of("DE") == ["Europe/Berlin", "Europe/Busingen"]
    assert only_clock("DE") == "Europe/Berlin"
    assert zones_of("XX") == []


@pytest.mark.parametrize(
    ("code", "city", "zone"),
    [
        ("JP", "Tokyo", "Asia/Tokyo"),
        ("JP", "Some village", "Asia/Tokyo"),
        ("DE", "Munich", "Europe/Berlin"),
        ("AU", "Sydney", "Australia/Sydney"),
        ("AU", "Canberra", "Australia/Sydney"),
        ("BR", "São Paulo", "America/Sao_Paulo"),
        ("US", "Washington, D.C.", "America/New_York"),
        ("CN", "Shanghai", "Asia/Shanghai"),
        ("CN", "Shenzhen", None),
        ("AU", "Newcastle", None),
        ("ES", "Barcelona", None),
        ("US", "", None),
        ("XX", "Tokyo", None),
    ],
)
def test_a_zone_is_given_only_when_it_is_sure(code, city, zone):
    assert zone_for(code, city) == zone


def test_every_capital_has_a_sure_zone():
    assert [c.capital for c in countries() if c.capital and c.zones and not zone_for(c.code, c.capital)] == []


def test_a_capital_s_zone_is_one_of_its_country():
    assert [key for key, zone in CAPITAL_ZONES.items() if zone not in zones_of(key[0])] == []


@pytest.mark.parametrize(
    ("city", "code"),
    [("Amsterdam", "NL"), ("Hong Kong", "HK"), ("Johannesburg", "ZA"), ("Dar es Salaam", "TZ"), ("Paris", "FR"),
     ("bogota", "CO"), ("Washington, DC", "US"), ("Kingston", None), ("San José", None), ("Córdoba", None),
     ("Springfield", None), ("", None)],
)  # fmt: skip
def test_a_city_tells_its_country_only_when_one_country_has_such_a_city(city, code):
    assert country_of(city) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [("Estonia", "EE"), ("Česká republika", "CZ"), ("Czech Republic", "CZ"), ("UK", "GB"), ("USA", "US"),
     ("Congo", None), ("Korea", None), ("South Korea", "KR"), ("Ruritania", None), ("", None)],
)  # fmt: skip
def test_a_country_is_known_by_its_names(name, code):
    assert country_named(name) == code


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Tallinn, Estonia", Place("EE", "Tallinn", "Europe/Tallinn")),
        ("Sydney, AU", Place("AU", "Sydney", "Australia/Sydney")),
        ("Shenzhen, China", Place("CN", None, None)),
        ("Marina Bay Sands, Singapore", Place("SG", "Singapore", "Asia/Singapore")),
        ("Praha, Česká republika; hall 2", Place("CZ", None, "Europe/Prague")),
        ("Toronto, CA", Place("CA", "Toronto", "America/Toronto")),
        ("Tbilisi, Georgia", Place("GE", "Tbilisi", "Asia/Tbilisi")),
        ("San Diego, CA", None),
        ("Portland, ME", None),
        ("Atlanta, Georgia", None),
        ("online", None),
        ("", None),
        (", ; ,", None),
    ],
)
def test_a_written_place_is_read_only_as_far_as_it_is_sure(text, place):
    assert read_place(text) == place


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("FLE Standard Time", "Europe/Kyiv"),
        ('"W. Europe Standard Time"', "Europe/Berlin"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Amsterdam", "Europe/Amsterdam"),
        ("US/Eastern", "America/New_York"),
        ("/example.org/20190914/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Etc/UTC", "UTC"),
        ("EST", None),
        ("CET", None),
        ("Prague", None),
        ("Customized Time Zone", None),
        ("../../etc/passwd", None),
        ("", None),
        ("x" * 1000, None),
    ],
)
def test_other_programs_names_of_zones_are_known_or_refused(name, zone):
    assert zone_named(name) == zone
