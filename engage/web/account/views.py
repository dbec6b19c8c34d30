"""The account room: whatever is a person's own. Its routes live in the modules named here."""

from engage.web.account import (  # noqa: F401  its routes
    actions,
    assistants,
    conditions,
    feeds,
    following,
    home,
    inbox,
    preferences,
    profile,
)
from engage.web.account.room import bp

__all__ = ["bp"]
