"""Floor 2: what is remembered. Importing this package makes every table known to `Base.metadata`."""

from engage.models import (  # noqa: F401
    asking,
    audit,
    authority,
    away,
    board,
    clearing,
    commitments,
    engagements,
    feeds,
    files,
    gifts,
    guidance,
    interests,
    lists,
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
    reports,
    returned,
    reviews,
    routing,
    search,
    training,
    trips,
    views,
)
from engage.models.base import Base

__all__ = ["Base"]
