"""The only place that judges a gift: what it is worth in dollars, whose it is, and where it may go.

Above the minimal value of its day a gift of a foreign government belongs to the United States and is handed in
within a dated number of days (5 U.S.C. 7342; 41 CFR 102-42).
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from engage.rules.refusals import NotOpen

CENT = Decimal("0.01")
MOST = Decimal(10**10) - CENT  # what the column holds
HOME_CURRENCY = "USD"


class GiftKind(StrEnum):
    """What was given."""

    OBJECT = "object"
    TRAVEL = "travel"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {"object": "An object", "travel": "Travel, lodging or meals"}[self.value]


class Disposition(StrEnum):
    """Where a gift is."""

    RECEIVED = "received"
    KEPT = "kept"
    DEPOSITED = "deposited"
    OFFICIAL_USE = "official_use"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    BOUGHT = "bought"
    REPORTED = "reported"

    @property
    def label(self) -> str:
        """The disposition in words."""
        return _LABELS[self]


_LABELS = {
    Disposition.RECEIVED: "With the recipient",
    Disposition.KEPT: "Kept by the recipient",
    Disposition.DEPOSITED: "Handed in to the agency",
    Disposition.OFFICIAL_USE: "In official use",
    Disposition.RETURNED: "Returned to the donor",
    Disposition.TRANSFERRED: "Transferred to GSA",
    Disposition.BOUGHT: "Bought by the recipient",
    Disposition.REPORTED: "Reported; used up on the way",
}
_NEXT = {
    Disposition.RECEIVED: (Disposition.DEPOSITED, Disposition.OFFICIAL_USE, Disposition.RETURNED),
    Disposition.DEPOSITED: (Disposition.OFFICIAL_USE, Disposition.RETURNED, Disposition.TRANSFERRED),
    Disposition.OFFICIAL_USE: (Disposition.DEPOSITED,),
    Disposition.TRANSFERRED: (Disposition.BOUGHT,),
}


def worth(amount: Decimal, rate: Decimal) -> Decimal:
    """What `amount` of a currency is in US dollars, at `rate` dollars for one unit; cents, halves up."""
    return (amount * rate).quantize(CENT, ROUND_HALF_UP)


def over(value: Decimal, minimal: int) -> bool:
    """Whether a gift is above the minimal value: what equals it is not."""
    return value > minimal


def open_steps(kind: GiftKind, now: Disposition, *, above: bool) -> tuple[Disposition, ...]:
    """Where a gift may go next. One that is not above the minimal value may also be kept; travel goes nowhere."""
    if kind is GiftKind.TRAVEL:
        return ()
    kept = (Disposition.KEPT,) if now is Disposition.RECEIVED and not above else ()
    return kept + _NEXT.get(now, ())


def step(kind: GiftKind, now: Disposition, to: Disposition, *, above: bool) -> None:
    """Refuse, with NotOpen, a way that a gift may not go."""
    if to not in open_steps(kind, now, above=above):
        if to is Disposition.KEPT and above:
            raise NotOpen("This gift is above the minimal value, so it is not the recipient's to keep.")
        raise NotOpen(f"From “{now.label.lower()}” a gift does not go to “{to.label.lower()}”.")


def due_on(received_on: date, days: int) -> date:
    """The last day on which a gift above the minimal value is handed in."""
    return received_on + timedelta(days=days)
