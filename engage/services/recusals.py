"""The only place that asks whether a member should step aside, and the only writer of the word for taking part."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import Date, Integer, Select, String, bindparam, func, insert, literal, or_, select, union_all

from engage.extensions import db
from engage.models.board import Recusal
from engage.models.engagements import CostLine, Engagement, Item, Leg, Traveller, engagement_partner
from engage.models.interests import Interest, Participation
from engage.models.partners import Forum, Partner
from engage.models.people import Office, Person
from engage.models.places import Country
from engage.rules import recusal
from engage.rules.canonical import canonical_json
from engage.rules.policy import Actor, Do, Role, Subject, may
from engage.rules.recusal import Bias, Ground, Position
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, sessions, visibility

LONGEST = 5000  # characters of a reason
VOTERS = frozenset({Role.MEMBER, Role.CHAIR})

_I, _P, _O, _T, _N, _L, _C = (
    Item.__table__.c, Person.__table__.c, Office.__table__.c, Traveller.__table__.c, Interest.__table__.c,
    Leg.__table__.c, Country.__table__.c,
)  # fmt: skip
_E, _F, _A, _K, _W, _EP = (
    Engagement.__table__.c, Forum.__table__.c, Partner.__table__.c, CostLine.__table__.c, Participation.__table__.c,
    engagement_partner.c,
)  # fmt: skip
_PART = (
    select(_W.person_id, _P.name, _W.reason, _W.at)
    .join_from(Participation.__table__, Person.__table__, _P.id == _W.person_id)
    .where(_W.item_id == bindparam("item"))
    .order_by(_W.at, _W.id)
)
_WORD = select(Recusal.__table__.c.reason, Recusal.__table__.c.at).where(
    Recusal.__table__.c.item_id == bindparam("item"), Recusal.__table__.c.person_id == bindparam("person")
)


@dataclass(frozen=True)
class Stand:
    """Where a reader stands towards an item's papers, and the grounds on which they are asked."""

    position: Position
    grounds: tuple[Ground, ...] = ()


@cache
def _asked() -> Any:
    """Every ground, and every earlier answer, as rows of kind and text: one statement."""
    item, me = bindparam("item", type_=Integer), bindparam("me", type_=Integer)
    day = bindparam("day", type_=Date)
    mine = (_N.person_id == me) & (_N.starts_on <= day) & or_(_N.ends_on.is_(None), _N.ends_on >= day)
    wanted = func.lower(_N.organisation)

    def ground(bias: str, name: Any) -> Select[Any]:
        return select(literal(bias, String).label("kind"), name.label("name"))

    return union_all(
        ground(Bias.OFFICE, _O.name)
        .select_from(
            Item.__table__.join(Person.__table__, _P.id == _I.requester_id).join(
                Office.__table__, _O.id == _P.office_id
            )
        )
        .where(_I.id == item, _P.office_id == bindparam("office", type_=Integer)),
        ground(Bias.SUPERVISES, _P.name)
        .select_from(Traveller.__table__.join(Person.__table__, _P.id == _T.person_id))
        .where(_T.engagement_id == item, _P.supervisor_id == me),
        ground(Bias.COUNTRY, _C.name)
        .select_from(
            Interest.__table__.join(Leg.__table__, _L.country_code == _N.country_code).join(
                Country.__table__, _C.code == _N.country_code
            )
        )
        .where(mine, _L.engagement_id == item),
        ground(Bias.PARTNER, _A.name)
        .select_from(
            Interest.__table__.join(engagement_partner, _EP.partner_id == _N.partner_id).join(
                Partner.__table__, _A.id == _N.partner_id
            )
        )
        .where(mine, _EP.engagement_id == item),
        ground(Bias.FORUM, _F.name)
        .select_from(
            Interest.__table__.join(Engagement.__table__, _E.forum_id == _N.forum_id).join(
                Forum.__table__, _F.id == _N.forum_id
            )
        )
        .where(mine, _E.id == item),
        ground(Bias.ORGANISATION, _N.organisation)
        .select_from(
            Interest.__table__.join(
                Partner.__table__, or_(func.lower(_A.name) == wanted, func.lower(_A.short_name) == wanted)
            ).join(engagement_partner, _EP.partner_id == func.coalesce(_A.merged_into_id, _A.id))
        )
        .where(mine, _N.organisation != "", _EP.engagement_id == item),
        ground(Bias.ORGANISATION, _N.organisation)
        .select_from(Interest.__table__.join(CostLine.__table__, func.lower(_K.funder) == wanted))
        .where(mine, _N.organisation != "", _K.engagement_id == item),
        ground("answer", _W.grounds)
        .select_from(Participation.__table__)
        .where(_W.item_id == item, _W.person_id == me),
    )


def stand(item_id: int, subject: Subject, *, by: Actor, day: date) -> Stand:
    """Where `by` stands towards the papers of an item on the office's `day`. No statement unless they may vote."""
    aside = by.id in subject.recused_ids | subject.traveller_ids | {subject.requester_id}
    if aside or not by.roles & VOTERS:
        return Stand(Position.ASIDE if aside else Position.READS)
    given = {"item": item_id, "me": by.id, "office": by.office_id or 0, "day": day}
    rows = db.session.execute(_asked(), given).all()
    grounds = tuple(sorted({Ground(Bias(kind), name) for kind, name in rows if kind != "answer"}))
    answered = [json.loads(name) for kind, name in rows if kind == "answer"]
    where = recusal.position(aside=False, votes=True, grounds=grounds, answered=answered)
    return Stand(where, grounds)


def must_have_answered(item_id: int, subject: Subject, *, by: Actor, now: datetime) -> None:
    """Raises NotAllowed while `by` has yet to say whether they step aside; who stands aside is refused elsewhere."""
    if stand(item_id, subject, by=by, day=_day(now)).position is Position.ASKED:
        raise NotAllowed("Say first whether you step aside from this item: something ties you to it.")


def take_part(item_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """Record why a member takes part although something ties them to the item. It is kept and shown to the board.

    Raises NotAllowed (no seat's office, or it is their own item), NotOpen (nothing to answer) or Incomplete.
    """
    subject = visibility.subject(item_id)
    if subject is None or by.id is None or not may(by, Do.VOTE, subject):
        raise NotAllowed("Only members who do not stand aside say that they take part.")
    asked = stand(item_id, subject, by=by, day=_day(now))
    if asked.position is not Position.ASKED:
        raise NotOpen("There is nothing to answer: nobody asks you to step aside from this.")
    if not reason:
        raise Incomplete({"reason": "Say why you can judge this fairly."})
    if len(reason) > LONGEST:
        raise Incomplete({"reason": f"Use at most {LONGEST:,} characters."})
    grounds = canonical_json(sorted(ground.key for ground in asked.grounds))
    db.session.execute(
        insert(Participation),
        {"item_id": item_id, "person_id": by.id, "grounds": grounds, "reason": reason, "at": now},
    )
    audit.record(
        "take_part", about=("item", item_id), by=by, now=now, reason=reason,
        grounds=[ground.sentence for ground in asked.grounds],
    )  # fmt: skip


def took_part(item_id: int) -> list[Any]:
    """Who was asked to step aside from an item and takes part, with their word, oldest first."""
    return list(db.session.execute(_PART, {"item": item_id}))


def word_of(item_id: int, person_id: int | None) -> Any:
    """The reason and the moment of a person's own recusal from an item, or None."""
    return db.session.execute(_WORD, {"item": item_id, "person": person_id}).one_or_none()


def _day(now: datetime) -> date:
    return sessions.office_day(now, current_app.config["SETTINGS"].home_zone)
