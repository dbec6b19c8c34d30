"""The only place that says which further reviews an item needs, by dated rules, and what a review may find."""

from enum import StrEnum


class Finding(StrEnum):
    """What came of a review."""

    CLEAR = "clear"
    CLEAR_WITH_REMARKS = "clear_with_remarks"
    OBJECTION = "objection"
