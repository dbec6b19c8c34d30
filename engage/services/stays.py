"""The only place that names the countries of many engagements at once, for lists."""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.engagements import Leg
from engage.models.places import Country

_L, _C = Leg.__table__.c, Country.__table__.c
_NAMED = (
    select(_L.engagement_id, _C.name)
    .join_from(Leg, Country, _C.code == _L.country_code)
    .where(_L.engagement_id.in_(bindparam("items", expanding=True)))
    .order_by(_L.engagement_id, _L.position)
)


def countries(items: Collection[int]) -> dict[int, str]:
    """Each engagement's countries, in the order of the journey: "Estonia, Latvia". One statement for all of them.

    One that has no stays is not among the keys.
    """
    found: dict[int, dict[str, None]] = {}
    if items:
        for item, name in db.session.execute(_NAMED, {"items": list(items)}):
            found.setdefault(item, {})[name] = None
    return {item: ", ".join(names) for item, names in found.items()}
