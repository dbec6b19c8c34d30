"""The only writer of Gift and of where it went: logged by its recipient, judged once, then handed on step by step."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_name, list_currencies
from sqlalchemy import Row, bindparam, select

from engage.extensions import db
from engage.importing.attachments import Checked
from engage.models.engagements import Item
from engage.models.gifts import Gift, GiftStep
from engage.models.people import Person
from engage.models.places import Country
from engage.models.trips import Trip
from engage.rules import gifts as rules
from engage.rules.gifts import HOME_CURRENCY, Disposition, GiftKind
from engage.rules.policy import Actor, Do, See, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, files, norms, outbox

LONGEST, LONGEST_LINE = 2_000, 200  # characters
DIALS = {"gift_minimal_value": 480, "gift_days": 60, "gift_travel_days": 30}
PHOTOGRAPH = "photograph_megabytes"
LEAST_RATE, MOST_RATE = Decimal("0.00000001"), Decimal(10**6)
PAGE = 50

_G, _S, _P, _I, _C, _T = (t.__table__.c for t in (Gift, GiftStep, Person, Item, Country, Trip))
_ONE = select(Gift).where(_G.id == bindparam("id")).with_for_update().execution_options(populate_existing=True)
_ALL = (
    select(
        _G.id, _G.description, _G.kind, _G.donor_name, _C.name.label("country"), _G.received_on, _G.value_usd,
        _G.due_on, _G.disposition, _G.recipient_id, _P.name.label("recipient"), _G.engagement_id, _I.title,
    )
    .select_from(
        Gift.__table__.join(Person.__table__, _P.id == _G.recipient_id)
        .join(Country.__table__, _C.code == _G.donor_country)
        .outerjoin(Item.__table__, _I.id == _G.engagement_id)
    )
    .order_by(_G.id.desc())
    .limit(PAGE + 1)
)  # fmt: skip
_before = bindparam("before", type_=_G.id.type)
_LISTS = {
    "mine": _ALL.where(_G.recipient_id == bindparam("me"), _G.id < _before),
    "all": _ALL.where(_G.id < _before),
    "waiting": _ALL.where(
        _G.id < _before, _G.due_on.is_not(None), _G.disposition.in_([Disposition.RECEIVED, Disposition.DEPOSITED])
    ),
}
_STEPS = (
    select(_S.disposition, _S.on_day, _S.note, _S.at, _P.name.label("who"))
    .join_from(GiftStep.__table__, Person.__table__, _P.id == _S.by_id)
    .where(_S.gift_id == bindparam("id"))
    .order_by(_S.id.desc())
)
_TRAVELLED = (
    select(_T.engagement_id, _I.title, _T.departs_on)
    .join_from(Trip.__table__, Item.__table__, _I.id == _T.engagement_id)
    .where(_T.person_id == bindparam("me"), _T.cancelled_at.is_(None), _T.departs_on <= bindparam("today"))
    .order_by(_T.departs_on.desc(), _T.id.desc())
    .limit(20)
)


@dataclass(frozen=True)
class Given:
    """A gift as its recipient logs it. `rate`: US dollars for one unit of the currency, None for dollars themselves."""

    kind: GiftKind
    description: str
    circumstances: str
    donor_name: str
    donor_position: str
    donor_country: str
    position: str
    received_on: date | None
    amount: Decimal | None
    currency: str
    rate: Decimal | None = None
    rate_source: str = ""
    engagement_id: int | None = None


def currencies() -> list[tuple[str, str]]:
    """The currencies by code, the dollar first, with their names."""
    codes = sorted(code for code in list_currencies("en") if len(code) == 3)
    return [(code, f"{code}: {get_currency_name(code, locale='en')}") for code in (HOME_CURRENCY, *codes)]


def record(
    said: Given, photograph: Checked | None = None, *, by: Actor, now: datetime, today: date
) -> Gift:
    """Log a gift that `by` received, and judge it by the minimal value of its day.

    Raises NotAllowed, or Incomplete with a sentence at each field.
    """
    if by.id is None:
        raise NotAllowed("Sign in to log a gift.")
    at = _wrong(said, today)
    if said.engagement_id and db.session.get(Item, said.engagement_id) is None:
        at["engagement_id"] = "Choose one of those offered."
    if at or said.amount is None or said.received_on is None:
        raise Incomplete(at)
    rate = Decimal(1) if said.currency == HOME_CURRENCY else said.rate
    assert rate is not None  # noqa: S101  a missing rate was refused above
    dials = norms.on(said.received_on, DIALS)
    value = rules.worth(said.amount, rate)
    if value > rules.MOST:
        raise Incomplete({"amount": "That is more than any gift is worth: look at the amount and the rate."})
    days = dials["gift_travel_days" if said.kind is GiftKind.TRAVEL else "gift_days"]
    above = rules.over(value, dials["gift_minimal_value"])
    made = Gift(
        **{**vars(said), "rate": rate, "rate_source": said.rate_source or "US dollars"}, recipient_id=by.id,
        value_usd=value, minimal_usd=dials["gift_minimal_value"],
        due_on=rules.due_on(said.received_on, days) if above else None,
        disposition=Disposition.REPORTED if said.kind is GiftKind.TRAVEL else Disposition.RECEIVED,
        recorded_at=now, recorded_by_id=by.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record(
        "log_gift", about=("gift", made.id), by=by, now=now, value_usd=str(value), minimal_usd=made.minimal_usd,
        received_on=said.received_on, above=above,
    )  # fmt: skip
    _note(made, made.disposition, said.received_on, "", by, now)
    if photograph is not None:
        files.keep(photograph, about=("gift", made.id), by=by, now=now, at="photograph", limit=PHOTOGRAPH)
    return made


def _wrong(said: Given, today: date) -> dict[str, str]:
    at = {}
    for name, needed in (
        ("description", "Say what it is, so that somebody who has not seen it knows it."),
        ("circumstances", "Say at what occasion it was given, and why it was taken."),
        ("donor_name", "Name who gave it."), ("donor_position", "Say what office the giver holds."),
        ("position", "Give your own position: the yearly list asks for it."),
    ):  # fmt: skip
        text, most = getattr(said, name), LONGEST if name in ("description", "circumstances") else LONGEST_LINE
        if not text or len(text) > most:
            at[name] = f"Use at most {most:,} characters." if text else needed
    if db.session.get(Country, said.donor_country or "") is None:
        at["donor_country"] = "Choose the country for which it was given."
    if said.received_on is None:
        at["received_on"] = "Give the day on which you received it."
    elif said.received_on > today:
        at["received_on"] = "That day is still to come: give the day on which you received it."
    if said.amount is None or not 0 <= said.amount <= rules.MOST:
        at["amount"] = "Give what it costs to buy, retail, in the currency below. Estimate where you must."
    if not said.currency:
        at["currency"] = "A value needs its currency."
    elif said.currency not in dict(currencies()):
        at["currency"] = "Choose one of the currencies offered."
    elif said.currency != HOME_CURRENCY:
        if said.rate is None or not LEAST_RATE <= said.rate <= MOST_RATE:
            at["rate"] = f"Give the rate of that day: US dollars for one {said.currency}."
        if not said.rate_source:
            at["rate_source"] = "Say where the rate stands, and of which day it is."
    if len(said.rate_source) > LONGEST_LINE:
        at["rate_source"] = f"Use at most {LONGEST_LINE} characters."
    return at


def find(gift_id: int, *, by: Actor) -> Gift | None:
    """A gift, or None when there is none that `by` may see: to them it does not exist."""
    found = db.session.get(Gift, gift_id)
    return found if found is not None and may(by, See.GIFT, found.recipient_id) else None


def look(gift: Gift, *, by: Actor, now: datetime) -> None:
    """Leave the line that a look at somebody else's gift leaves; one's own leaves none."""
    if gift.recipient_id != by.id:
        audit.record("look", about=("gift", gift.id), by=by, now=now)


def open_steps(gift: Gift, by: Actor) -> tuple[Disposition, ...]:
    """Where `by` may say that a gift went: its recipient that they keep it, handlers everything else."""
    steps = rules.open_steps(gift.kind, gift.disposition, above=gift.due_on is not None)
    handles = may(by, Do.HANDLE_GIFT, gift.recipient_id)
    return tuple(to for to in steps if (to is Disposition.KEPT and by.id == gift.recipient_id) or handles)


def dispose(
    gift: Gift, to: Disposition, *, on_day: date | None, note: str, by: Actor, now: datetime, today: date
) -> None:
    """Say where a gift went. Raises NotAllowed, NotOpen for a way that it may not go, or Incomplete."""
    db.session.scalars(_ONE, {"id": gift.id}).one()
    rules.step(gift.kind, gift.disposition, to, above=gift.due_on is not None)
    if to not in open_steps(gift, by) or by.id is None:
        raise NotAllowed("The secretariat and reviewers take gifts in, and never their own.")
    at = {}
    if on_day is None or not gift.received_on <= on_day <= today:
        at["on_day"] = "Give a day from that of the gift to today."
    if len(note) > LONGEST:
        at["note"] = f"Use at most {LONGEST:,} characters."
    elif not note and to not in (Disposition.KEPT, Disposition.DEPOSITED):
        at["note"] = "Say where it is, or who has it."
    if at or on_day is None:
        raise Incomplete(at)
    before, gift.disposition = gift.disposition, to
    _note(gift, to, on_day, note, by, now)
    audit.record("move_gift", about=("gift", gift.id), by=by, now=now, before=before, after=to, on_day=on_day)
    if gift.recipient_id != by.id:
        outbox.post(
            outbox.message(
                f"gift:{gift.id}:{to.value}:{now.isoformat()}", to=gift.recipient_id, template="gift_moved",
                subject=f"{to.label}: {gift.description}", about=("gift", gift.id), now=now, path=f"/gifts/{gift.id}",
                what=gift.description, where=to.label, by=by.name, note=note,
            )
        )  # fmt: skip


def add_photograph(gift: Gift, photograph: Checked, *, by: Actor, now: datetime) -> None:
    """Keep a further photograph. Raises NotAllowed, NotOpen where it is gone, or Incomplete at "photograph"."""
    if by.id != gift.recipient_id and not may(by, Do.HANDLE_GIFT, gift.recipient_id):
        raise NotAllowed("Its recipient, and who takes gifts in, add photographs.")
    if gift.disposition in (Disposition.RETURNED, Disposition.TRANSFERRED, Disposition.BOUGHT):
        raise NotOpen(f"This gift is gone: {gift.disposition.label.lower()}.")
    files.keep(photograph, about=("gift", gift.id), by=by, now=now, at="photograph", limit=PHOTOGRAPH)


def _note(gift: Gift, to: Disposition, on_day: date, note: str, by: Actor, now: datetime) -> None:
    db.session.add(GiftStep(gift_id=gift.id, disposition=to, on_day=on_day, note=note, by_id=by.id, at=now))
    db.session.flush()


def listed(name: str, me: int | None, before: int = 2**31 - 1) -> tuple[list[Row[Any]], int | None]:
    """A page of "mine", "waiting" (to be handed in or placed) or "all", the newest first. One statement."""
    rows: list[Any] = list(db.session.execute(_LISTS[name], {"me": me, "before": before}))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def steps(gift_id: int) -> list[Row[Any]]:
    """Where a gift went, the latest first."""
    return list(db.session.execute(_STEPS, {"id": gift_id}))


def occasions(me: int, today: date) -> list[Row[Any]]:
    """The engagements on which somebody travelled, the latest first: what a gift may belong to."""
    return list(db.session.execute(_TRAVELLED, {"me": me, "today": today}))
