"""The board room: its routes, gathered from the modules that hold them."""

from engage.web.board import (
    asides,
    authority,
    between,
    charter,
    conditions,
    coverage,
    decisions,
    interests,
    items,
    memo,
    motions,
)

from engage.web.board import meeting_agenda, meeting_live, meeting_minutes, meetings  # isort: skip
from engage.web.board.room import bp

__all__ = [
    "asides", "authority", "between", "bp", "charter",
    "conditions", "coverage", "decisions", "interests", "items", "meeting_agenda", "meeting_live",
    "meeting_minutes", "meetings", "memo", "motions",
]  # fmt: skip
