"""The account room: whatever is a person's own. Its routes live in the modules named here."""

from engage.web.account import actions, assistants, conditions, home, inbox, preferences, profile  # noqa: F401  its routes
from engage.web.account.room import bp

__all__ = ["bp"]
