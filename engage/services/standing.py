"""The only writer of standing approvals and of their ledger."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, select

from engage.extensions import db
from engage.models.authority import StandingApproval, StandingUse
from engage.models.board import Decision
from engage.models.engagements import Item
from engage.rules.authority import Method
from engage.rules.items import ItemKind
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.prior_approval import Asked, Cap, why_not
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.rules.voting import Outcome
from engage.rules.workflow import State
from engage.services import audit, calendared, deciding, motions, seats, versions, visibility

LONGEST = 5000  # characters
SCREENED = frozenset({State.UNDER_REVIEW, State.SCHEDULED})

_A, _U = StandingApproval.__table__.c, StandingUse.__table__.c
_LOCK = select(StandingApproval).where(_A.id == bindparam("standing")).with_for_update().execution_options(
    populate_existing=True
)
_SPENT = select(_U.cost).where(_U.standing_id == bindparam("standing")).order_by(_U.number)
_LIVE = select(StandingApproval).where(
    _A.revoked_at.is_(None), _A.starts_on <= bindparam("day"), _A.ends_on >= bindparam("day")
).order_by(_A.ends_on, _A.id).limit(50)
_LEDGERS = select(_U.standing_id, _U.cost).where(_U.standing_id.in_(bindparam("ids", expanding=True)))


def grant(
    title: str, *, decision_id: int, starts_on: date, ends_on: date, most_uses: int, most_cost: Decimal,
    scope: Mapping[str, Any], by: Actor, now: datetime,
) -> StandingApproval:  # fmt: skip
    """Record a standing approval that the board granted by a decision of its own on a matter or its priorities.

    `scope` may name country_code, partner_id, forum_id, nature and most_travellers. Raises NotAllowed or Incomplete.
    """
    if not may(by, Do.GRANT_STANDING):
        raise NotAllowed("Only the chair and the secretariat record a standing approval.")
    board = seats.the_board()
    today = seats.board_day(board, now)
    charter = seats.charter_on(board.id, today)
    wrong: dict[str, str] = {}
    if not title or len(title) > 200:
        wrong["title"] = "Use at most 200 characters." if title else "Give it a title."
    row = db.session.execute(
        select(Decision.outcome, Decision.method, Item.kind)
        .join(Item, Item.id == Decision.item_id)
        .where(Decision.id == decision_id)
    ).one_or_none()
    if row is None or row.outcome is not Outcome.APPROVE or row.kind not in (ItemKind.MATTER, ItemKind.PRIORITIES):
        wrong["decision"] = "Name a decision by which the board approved a matter or its priorities: it grants this."
    elif row.method not in (Method.MEETING, Method.NOTATIONAL):
        wrong["decision"] = "Only a vote of the board grants a standing approval."
    if starts_on < today:
        wrong["starts_on"] = "It begins today or later: nothing is approved after the fact."
    if ends_on < starts_on:
        wrong["ends_on"] = "The last day is not before the first."
    elif ends_on > _months_after(starts_on, charter.standing_months):
        wrong["ends_on"] = f"The charter lets a standing approval last {charter.standing_months} months at most."
    if not 1 <= most_uses <= 1000:
        wrong["most_uses"] = "Give a number of uses from 1 to 1,000."
    if not 0 <= most_cost <= 10_000_000:
        wrong["most_cost"] = "Give a cap from $0 to $10,000,000."
    if not any(scope.get(name) for name in ("country_code", "partner_id", "forum_id")):
        wrong["country"] = "Name a country, a partner or a forum: an approval for everything is none."
    if scope.get("most_travellers") is not None and not 1 <= scope["most_travellers"] <= 100:
        wrong["most_travellers"] = "Give a number of travellers from 1 to 100."
    if wrong:
        raise Incomplete(wrong)
    made = StandingApproval(
        board_id=board.id, title=title, decision_id=decision_id, starts_on=starts_on, ends_on=ends_on,
        most_uses=most_uses, most_cost=most_cost, made_by_id=by.id, made_at=now, **scope,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("grant_standing", about=("standing", made.id), by=by, now=now, title=title, decision=decision_id,
                 starts_on=starts_on, ends_on=ends_on, most_uses=most_uses, most_cost=str(most_cost))  # fmt: skip
    return made


def revoke(standing_id: int, *, reason: str, by: Actor, now: datetime) -> StandingApproval:
    """End a standing approval; what was approved under it stands. Raises NotAllowed, NotOpen or Incomplete."""
    if not may(by, Do.GRANT_STANDING):
        raise NotAllowed("Only the chair and the secretariat revoke a standing approval.")
    row = db.session.scalar(_LOCK, {"standing": standing_id})
    if row is None or row.revoked_at is not None:
        raise NotOpen("There is no such standing approval in force.")
    if not reason or len(reason) > LONGEST:
        raise Incomplete({"reason": f"Use at most {LONGEST:,} characters." if reason else "Say why it ends."})
    row.revoked_at, row.revoked_by_id, row.revoke_reason = now, by.id, reason
    db.session.flush()
    audit.record("revoke_standing", about=("standing", row.id), by=by, now=now, reason=reason)
    return row


def use(item_id: int, standing_id: int, *, version: int, by: Actor, now: datetime) -> Decision:
    """Approve a screened engagement under a standing approval, with its line in the ledger, in one transaction.

    The approval's row is held, so two uses of the last of a cap take turns and the second is refused. Raises
    NotAllowed (who, or why it does not fit), NotOpen, Stale.
    """
    standing = motions.hold_item(item_id)
    subject = visibility.subject(item_id)
    if subject is None or not may(by, Do.USE_STANDING, subject):
        raise NotAllowed("Only the secretariat approves under a standing approval, and never an item of its own.")
    if subject.kind is not ItemKind.ENGAGEMENT:
        raise NotOpen("Only engagements are approved under a standing approval.")
    if standing.state not in SCREENED:
        raise NotOpen(f"This is approved after screening: it is {standing.state.label.lower()} now.")
    calendared.must_not_wait(item_id)
    row = db.session.scalar(_LOCK, {"standing": standing_id})
    if row is None:
        raise NotOpen("There is no such standing approval.")
    asked = asked_of(item_id)
    spent = list(db.session.scalars(_SPENT, {"standing": row.id}))
    board = seats.the_board()
    if why := why_not(cap_of(row), asked, spent, seats.board_day(board, now)):
        raise NotAllowed(why)
    number = len(spent) + 1
    authority = f"Standing approval {row.id}, “{row.title[:100]}”, granted by decision {row.decision_id}"
    left = row.most_cost - sum(spent, Decimal(0)) - asked.cost
    decision = deciding.alone(
        standing, version, method=Method.STANDING, authority=authority, by=by, now=now,
        reason=f"It fits the standing approval “{row.title}”.",
        sums=[
            f"Use {number} of {row.most_uses} under {authority}, in force through {row.ends_on.day} "
            f"{row.ends_on:%B %Y}.",
            f"It costs ${asked.cost:,.2f}; ${left:,.2f} is left.",
        ],
    )  # fmt: skip
    db.session.execute(
        insert(StandingUse).values(
            standing_id=row.id, number=number, item_id=item_id, decision_id=decision.id, cost=asked.cost, used_at=now,
            used_by_id=by.id,
        )
    )
    audit.record("use_standing", about=("standing", row.id), by=by, now=now, item=item_id, decision=decision.id,
                 number=number, cost=str(asked.cost))  # fmt: skip
    return decision


def fitting(item_id: int, subject: Subject, day: date) -> list[StandingApproval]:
    """The standing approvals that an engagement fits on `day`. Three statements."""
    if subject.kind is not ItemKind.ENGAGEMENT:
        return []
    rows = list(db.session.scalars(_LIVE, {"day": day}))
    if not rows:
        return []
    asked = asked_of(item_id)
    spent: dict[int, list[Decimal]] = {row.id: [] for row in rows}
    for line in db.session.execute(_LEDGERS, {"ids": list(spent)}):
        spent[line.standing_id].append(line.cost)
    return [row for row in rows if not why_not(cap_of(row), asked, spent[row.id], day)]


def cap_of(row: StandingApproval) -> Cap:
    """A standing approval as the rules see it."""
    return Cap(
        row.starts_on, row.ends_on, row.most_uses, row.most_cost, row.country_code, row.partner_id, row.forum_id,
        row.nature, row.most_travellers, row.revoked_at is not None,
    )  # fmt: skip


def asked_of(item_id: int) -> Asked:
    """An engagement's text in force, as a standing approval sees it."""
    version = versions.current(item_id)
    if version is None:
        raise NotOpen("This was not submitted, so there is no version that could be approved.")
    text = version.content
    return Asked(
        frozenset(leg["country_code"] for leg in text["legs"] if not leg.get("transit")),
        frozenset(partner["id"] for partner in text["partners"]),
        text["forum"] and text["forum"]["id"], text["nature"], len(text["travellers"]), text["total"], text["ends_on"],
    )  # fmt: skip


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))
