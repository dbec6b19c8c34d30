"""Which text may not be kept: marked as classified, or with a passport number; and the many that only seem so."""

import pytest

from engage.rules.forbidden import forbidden, marking_in, passport_number_in

MARKED = [
    "SECRET//NOFORN", "TOP SECRET//SI//NF", "CONFIDENTIAL//REL TO USA, GBR", "SECRET // NOFORN", "SECRET", "  SECRET  ",
    "Annex\nCONFIDENTIAL\nSee below", "*** TOP SECRET ***", "(S//NF) The range will move.", "(TS) The range.",
    "(C//REL TO USA, EST) Talks went well.", "(S) The partner will show its network.", "1. (C) The minister agreed.",
    "This is TOP SECRET material", "As NATO SECRET it stays there", "COSMIC TOP SECRET", "SECRET UE/EU SECRET",
    "RESTREINT UE", "a paper marked SECRET was shown", "Classified as SECRET by post", "Classification: SECRET",
    "classification: secret", "it was classified as confidential", "Classified By: J. Smith", "Derived from: SCG 12",
    "Declassify on: 20450101", "handle as NOFORN", "ORCON applies", "text\nSECRET//REL TO USA, FVEY\nmore",
    "UK SECRET paper", "NATO RESTRICTED annex", 'marked "SECRET"',
]  # fmt: skip
PLAIN = [
    "", "side meetings are TLP:RED and both hosts only offered in-person slots", "a secret ballot", "trade secrets",
    "Secret Service liaison", "SECRET SERVICE LIAISON MEETING", "confidential talks with the host", "UNCLASSIFIED",
    "UNCLASSIFIED//FOUO", "CUI//SP-TRAV", "the traveller(s) and partner(s)", "© 2024", "(C) 2024 CERT.LV",
    "(A) dates (B) places (C) Costs", "(A) Dates\n(B) Places\n(C) Costs of the party", "(c) The host pays",
    "Confidential advice to the board", "All travellers hold TOP SECRET clearances", "the top secret of good coffee",
    "an unclassified paper", "declassified in 1999", "Session S (S) on standards", "CONFIDENTIALITY INTEGRITY",
    "a SECRET clearance is not needed", "Confidentiality: agreed with the host", "marked as done", "U//NOFORN",
    "The classification of incidents by severity", "derived from last year's plan",
]  # fmt: skip
NUMBERS = [
    "passport 123456789", "Passport no. C1234567", "her passport: 1234567", "Passport number is AB123456",
    "A12345678", "travels on X01234567", "123456789", "YA1234567 (Italy)", "P<USASMITH<<JANE<<<<<<<<<<<<<<<<<<",
    "passport (E12345678)", "my passport's number: 31195855",
]  # fmt: skip
NO_NUMBERS = [
    "", "TALLINN-4471", "ECC-2026-01234", "26 STATE 12345", "20260504", "2026-05-04", "$120000",
    "a budget of 500000000",
    "$123456789", "call +15551234567", "+1 202 555 0100", "https://example.org/a/A12345678", "room 4471", "REQ-000123",
    "a passport is needed six months beyond 2026-05-04", "official passport, valid until 20310504 at the latest"[:16],
    "ISO/IEC 27001:2022", "RFC 9116 and CVE-2024-123456", "1,234,567.89", "0123456789", "F1", "12345678", "G20 B20",
    "sha256 9f86d081884c7d659a2feaa0c55ad015", "ticket 220-1234567890",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKED)
def test_a_classification_marking_is_found(text):
    assert marking_in(text)


@pytest.mark.parametrize("text", PLAIN)
def test_what_only_sounds_like_one_passes(text):
    assert marking_in(text) == ""


@pytest.mark.parametrize("text", NUMBERS)
def test_a_passport_number_is_found_in_running_text(text):
    assert passport_number_in(text)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_other_numbers_pass(text):
    assert not passport_number_in(text)


def test_the_refusal_names_the_marking_and_never_repeats_the_number():
    assert "“SECRET//NOFORN”" in forbidden("SECRET//NOFORN")
    assert "123456789" not in forbidden("passport 123456789")
    assert forbidden("An exercise with CERT.LV.") == ""


def test_a_long_word_in_capitals_is_no_passport():
    assert not passport_number_in("PROFESSIONALIZATION OF INCIDENT RESPONSE")


@pytest.mark.parametrize("said", ["x", "a@", "(C) Ab\n", "SECRET ", "passport ", "1.", "\t \n"])
def test_text_of_any_length_is_read_in_one_go(said):
    """With a search whose cost grows with the square, these would take hours."""
    assert forbidden(said * 300_000 + "(A)") == ""
