"""Floor 2: what is remembered. Importing this package makes every table known to `Base.metadata`."""

from engage.models import (  # noqa: F401
    asking,
    audit,
    authority,
    away,
    board,
    clearing,
    engagements,
    files,
    guidance,
    interests,
    matters,
    meetings,
    minutes,
    norms,
    outbox,
    papers,
    partners,
    people,
    places,
    reminders,
    reviews,
    routing,
    training,
    trips,
)
from engage.models.base import Base

__all__ = ["Base"]
