"""The board room: its routes, gathered from the two modules that hold them."""

from engage.web.board import decisions, items
from engage.web.board.room import bp

__all__ = ["bp", "decisions", "items"]
