"""The admin room: people, the organisation's numbers, and the mail queue. Its routes live in the modules named here."""

from engage.web.admin import (  # noqa: F401  its routes
    asking,
    charters,
    mail,
    marking,
    material,
    numbers,
    people,
    person,
    reminder_pages,
    reminders,
    seats,
    ways,
)
from engage.web.admin.room import bp

__all__ = ["bp"]
