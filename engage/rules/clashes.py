"""The only place for the ways in which engagements get in each other's way."""

from enum import StrEnum


class Tie(StrEnum):
    """What ties a request to something else around its days."""

    PERSON = "person"
    DEPUTY = "deputy"
    COUNTRY = "country"
    PARTNER = "partner"
    FORUM = "forum"
    BLACKOUT = "blackout"
    HOLIDAY = "holiday"
    CONTACT = "contact"
    PROMISE = "promise"
