"""The only place that knows what a guide can be about, and by which code pages address it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from engage.extensions import db
from engage.models.guidance import GuideScope
from engage.models.partners import Forum, Partner
from engage.models.places import Country

LARGEST_ID = 2**31 - 1


class Placed(Protocol):
    """What says where a guide belongs: the guide itself, or a row with these columns."""

    country_code: str | None
    partner_id: int | None
    forum_id: int | None


@dataclass(frozen=True)
class Place:
    """What a guide can be about: its name, and the columns of a guide that say so."""

    name: str
    columns: Mapping[str, Any]


def code_of(guide: Placed) -> str:
    """How pages address a guide: a country's code, "partner-7", "forum-7", or "general"."""
    if guide.country_code:
        return guide.country_code
    if guide.partner_id:
        return f"partner-{guide.partner_id}"
    return f"forum-{guide.forum_id}" if guide.forum_id else "general"


def place_of(code: str) -> Place | None:
    """The country, partner or forum with this code; None when there is none. The general guide is about no place."""
    kind, _, number = code.partition("-")
    id_ = int(number) if number.isascii() and number.isdecimal() and len(number) < 11 else 0
    if not 0 < id_ <= LARGEST_ID:
        country = db.session.get(Country, code) if len(code) == 2 and not number else None
        return Place(country.name, {"scope": GuideScope.COUNTRY, "country_code": country.code}) if country else None
    if kind == "partner" and (partner := db.session.get(Partner, id_)) and partner.merged_into_id is None:
        return Place(partner.name, {"scope": GuideScope.PARTNER, "partner_id": partner.id})
    if kind == "forum" and (forum := db.session.get(Forum, id_)):
        return Place(forum.name, {"scope": GuideScope.FORUM, "forum_id": forum.id})
    return None
