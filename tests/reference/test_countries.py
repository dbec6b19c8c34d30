"""What is known of every country."""

import pytest

from engage.reference.countries import TERRITORIES, countries, country, fold, is_foreign


def test_every_code_of_the_standard_is_there_once_with_a_name_and_a_region():
    assert len(countries()) == len({c.code for c in countries()}) == len({c.name for c in countries()}) == 249
    assert [c.code for c in countries() if not (c.name and c.region and c.subregion)] == []


def test_a_country_tells_its_region_zones_languages_money_and_calling_code():
    japan = country("JP")

    assert (japan.name, japan.region, japan.subregion, japan.capital) == (
        "Japan",
        "Asia",
        "Eastern Asia",
        "Tokyo",
    )
    assert (japan.zones, japan.languages, japan.currencies) == (("Asia/Tokyo",), ("Japanese",), ("JPY",))
    assert japan.calling_codes == ("+81",)


def test_only_uninhabited_places_lack_zones_or_a_calling_code():
    assert {c.code for c in countries() if not c.zones} == {"BV", "HM"}
    assert {c.code for c in countries() if not c.calling_codes} == {"BV", "HM", "TF", "UM"}
    assert {c.code for c in countries() if not c.currencies} == {"AQ"}


@pytest.mark.parametrize(
    ("code", "name"),
    [("RU", "Russia"), ("KR", "South Korea"), ("TZ", "Tanzania"), ("GB", "United Kingdom"), ("CZ", "Czechia"),
     ("CD", "Democratic Republic of the Congo"), ("SZ", "Eswatini"), ("HK", "Hong Kong"), ("TW", "Taiwan")],
)  # fmt: skip
def test_names_are_the_short_english_ones(code, name):
    assert country(code).name == name


def test_no_name_is_inverted():
    assert [c.name for c in countries() if "," in c.name] == []


def test_an_unknown_code_is_no_country():
    assert [country(code) for code in ("XX", "", "jp", "JPN")] == [None, None, None, None]


def test_home_and_its_territories_are_not_abroad():
    assert {c.code for c in countries() if not c.foreign} == {"US"} | TERRITORIES
    assert is_foreign("CA")


def test_names_compare_without_accents_case_and_dots():
    assert fold("São Tomé") == fold("SAO TOME")
    assert fold("Washington, D.C.") == fold("washington dc")
    assert fold("Saint John's") == fold("St. Johns")
