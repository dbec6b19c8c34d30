"""What looks like a passport number, and what does not."""

import pytest

from engage.rules.passports import looks_like_passport_number


@pytest.mark.parametrize(
    "text",
    ["123456789", "A12345678", "c1234567", "C 1234567", "AB 123456", "Passport E1234567.", "(31195855)", "12345678Z"],
)
def test_a_number_of_a_travel_document_is_caught(text):
    assert looks_like_passport_number(text)


@pytest.mark.parametrize(
    "text", ["", "TALLINN-4471", "ECC-2026-01234", "Cable 26 STATE 12345", "2026-0412", "CABLE-1234567", "4 May 2026"]
)
def test_a_reference_of_a_clearance_passes(text):
    assert not looks_like_passport_number(text)
