"""The only place that names what may be put before the board, and where each kind has its page."""

from enum import StrEnum


class ItemKind(StrEnum):
    """What is put before the board. Every kind goes through the same states."""

    ENGAGEMENT = "engagement"
    AMENDMENT = "amendment"
    GUIDE_VERSION = "guide_version"
    PRIORITIES = "priorities"
    MATTER = "matter"

    @property
    def label(self) -> str:
        """The kind in words, as every page shows it."""
        return _LABELS[self]

    def named(self, asks: str) -> str:
        """The kind in words, of an item that `asks` the board for a decision or for advice."""
        decided = self is ItemKind.MATTER and asks != "advice"
        return "Matter for decision" if decided else self.label

    def path(self, item_id: int) -> str:
        """The address of an item's own page."""
        return f"/{'engagements' if self is ItemKind.ENGAGEMENT else 'items'}/{item_id}"


_LABELS = {
    ItemKind.ENGAGEMENT: "Engagement",
    ItemKind.AMENDMENT: "Amendment",
    ItemKind.GUIDE_VERSION: "Guide version",
    ItemKind.PRIORITIES: "Annual priorities",
    ItemKind.MATTER: "Matter for advice",
}
EVERY_KIND = frozenset(ItemKind)
PARTY = frozenset({ItemKind.ENGAGEMENT, ItemKind.AMENDMENT})  # somebody travels: conditions can hold their clearance
