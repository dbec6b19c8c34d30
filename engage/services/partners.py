"""The only writer of Partner: put on the register, mended, and the forums that it belongs to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select

from engage.extensions import db
from engage.models.partners import Forum, Partner, partner_forum
from engage.models.places import Country
from engage.rules.forbidden import forbidden
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.services import audit, search_index
from engage.services.search_index import Kind

FIRST = "FIRST"  # the forum of whose members a partner's own column speaks, as its list does

_P, _F, _M = Partner.__table__.c, Forum.__table__.c, partner_forum.c
_NAMED = select(_P.id, _P.name, _P.merged_into_id).where(
    func.lower(_P.name) == bindparam("name"), func.coalesce(_P.country_code, "") == bindparam("country")
)
_JOINED = select(_M.forum_id).where(_M.partner_id == bindparam("partner"))


@dataclass(frozen=True)
class Said:
    """What the register says of a partner. `country_code` None: it is of several nations."""

    name: str
    short_name: str
    country_code: str | None
    kind: str
    first_member: str
    url: str
    source_url: str
    forum_ids: frozenset[int] = frozenset()


def live(partner_id: int | None) -> bool:
    """Whether there is such a partner, and it is not only another name of one."""
    found = db.session.get(Partner, partner_id) if partner_id else None
    return found is not None and found.merged_into_id is None


def add(said: Said, *, by: Actor, now: datetime) -> Partner:
    """Put a partner on the register. Raises NotAllowed, or Incomplete with a sentence at each field."""
    _allowed(by)
    _sound(said, None)
    made = Partner(**_columns(said))
    db.session.add(made)
    db.session.flush()
    _join(made.id, said.forum_ids)
    audit.record("add", about=("partner", made.id), by=by, now=now, after=_columns(said), forums=sorted(said.forum_ids))
    search_index.note(Kind.PARTNER, [made.id])
    return made


def revise(partner: Partner, said: Said, version: int, *, by: Actor, now: datetime) -> None:
    """Mend what the register says of a partner. `version` is the one that was read.

    Raises NotAllowed, NotOpen for one that was merged, Stale, or Incomplete with a sentence at each field.
    """
    _allowed(by)
    if partner.merged_into_id is not None:
        raise NotOpen("This was found to be another partner. Mend that one.")
    if partner.version != version:
        raise Stale("Somebody changed this partner while you were writing, so nothing was changed.")
    _sound(said, partner.id)
    before = {name: getattr(partner, name) for name in _columns(said)}
    joined = forums_of(partner.id)
    after = _columns(said)
    changed = {name for name, value in after.items() if value != before[name]}
    if not changed and joined == said.forum_ids:
        raise Incomplete({"name": "Nothing differs from what it says now."})
    for name in changed:
        setattr(partner, name, after[name])
    if joined != said.forum_ids:
        _join(partner.id, said.forum_ids)
    db.session.flush()
    audit.record(
        "change", about=("partner", partner.id), by=by, now=now,
        before={name: before[name] for name in sorted(changed)} | {"forums": sorted(joined)},
        after={name: after[name] for name in sorted(changed)} | {"forums": sorted(said.forum_ids)},
    )  # fmt: skip
    if {"name", "short_name"} & changed:
        search_index.renamed(Kind.PARTNER, partner.id)
    else:
        search_index.note(Kind.PARTNER, [partner.id])


def forums_of(partner_id: int) -> frozenset[int]:
    """The ids of the forums that a partner joined, beside what `first_member` says."""
    return frozenset(db.session.scalars(_JOINED, {"partner": partner_id}))


def _columns(said: Said) -> dict[str, Any]:
    return {name: value for name, value in vars(said).items() if name != "forum_ids"}


def _join(partner_id: int, forum_ids: Collection[int]) -> None:
    db.session.execute(delete(partner_forum).where(_M.partner_id == partner_id))
    if forum_ids:
        rows = [{"partner_id": partner_id, "forum_id": forum} for forum in sorted(forum_ids)]
        db.session.execute(insert(partner_forum), rows)


def _allowed(by: Actor) -> None:
    if not may(by, Do.EDIT_REGISTER):
        raise NotAllowed("The secretariat keeps the register of partners.")


def _sound(said: Said, own_id: int | None) -> None:
    at = {field: why for field in ("name", "short_name") if (why := forbidden(getattr(said, field)))}
    if not said.name:
        at["name"] = "Give the name."
    if said.country_code is not None and db.session.get(Country, said.country_code) is None:
        at["country"] = "There is no country of that name or code."
    same = db.session.execute(_NAMED, {"name": said.name.lower(), "country": said.country_code or ""}).first()
    if same is not None and same.id != own_id:
        at["name"] = (
            "This is another name of a partner that is on the register." if same.merged_into_id
            else "A partner of this name and country is on the register."
        )  # fmt: skip
    known = set(db.session.scalars(select(_F.id).where(_F.id.in_(said.forum_ids), _F.code != FIRST)))
    if known != said.forum_ids:
        at["forums"] = "Choose among the forums of the register."
    if at:
        raise Incomplete(at)
