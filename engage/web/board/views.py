"""The board room: its routes, gathered from the modules that hold them."""

from engage.web.board import asides, conditions, coverage, decisions, interests, items, memo, motions
from engage.web.board.room import bp

__all__ = ["asides", "bp", "conditions", "coverage", "decisions", "interests", "items", "memo", "motions"]
