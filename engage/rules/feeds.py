"""The only place that says what a calendar subscription may bring."""

from enum import StrEnum


class Covers(StrEnum):
    """What a subscription brings."""

    MINE = "mine"
    ALL = "all"
    COUNTRY = "country"
    FORUM = "forum"
    BOARD = "board"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {
            "mine": "What I asked for or travel on", "all": "Every engagement that I may see",
            "country": "Engagements with one country", "forum": "Engagements in one forum",
            "board": "Meetings of the board",
        }[self]  # fmt: skip
