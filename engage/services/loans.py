"""The only writer of Loan: a loaner device asked for, issued, taken back and inspected, each by somebody named."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.away import Loan
from engage.models.trips import Trip
from engage.rules.away import Device
from engage.rules.policy import Actor, Do, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen
from engage.services import audit, outbox, trips
from engage.services.norms import norm_on

LONGEST_TAG, LONGEST_FINDING = 40, 2000  # characters

_L = Loan.__table__.c
_OF = select(Loan).where(_L.trip_id == bindparam("trip")).order_by(_L.id)
_ONE = select(Loan).where(_L.id == bindparam("loan")).with_for_update()


def of(trip_id: int) -> list[Loan]:
    """The loans of a trip, in the order in which they were asked for."""
    return list(db.session.scalars(_OF, {"trip": trip_id}))


def ask(trip: Trip, device: Device, *, by: Actor, now: datetime, today: date) -> Loan:
    """Ask for a loaner device for a trip; it is due back the norm's days after the return.

    Raises NotAllowed; NotOpen when the trip is over or such a device is asked for already.
    """
    subject = trips.subject(trip.id, today)
    if subject is None or not may(by, Do.ASK_LOAN, subject):
        raise NotAllowed("Only the traveller asks for a loaner device.")
    if trip.cancelled_at is not None or trip.returns_on < today:
        raise NotOpen("This trip is over.")
    known = next((loan for loan in of(trip.id) if loan.device is device), None)
    if known is not None and known.cancelled_at is None:
        raise NotOpen(f"A {device.value} is asked for already.")
    loan = known or Loan(trip_id=trip.id, device=device)
    loan.asked_at, loan.cancelled_at = now, None
    loan.due_back_on = trip.returns_on + timedelta(days=norm_on("loan_return_days", today))
    db.session.add(loan)
    db.session.flush()
    _record("ask_loan", loan, by, now, device=device)
    return loan


def cancel(loan_id: int, *, by: Actor, now: datetime, today: date) -> Loan:
    """Take back the wish for a device that was not issued yet. Raises NotAllowed or NotOpen."""
    loan = _hold(loan_id)
    subject = trips.subject(loan.trip_id, today)
    if subject is None or not may(by, Do.ASK_LOAN, subject):
        raise NotAllowed("Only the traveller takes the wish back.")
    if loan.issued_at is not None or loan.cancelled_at is not None:
        raise NotOpen("This device was issued already." if loan.issued_at else "The wish was taken back already.")
    loan.cancelled_at = now
    _record("cancel_loan", loan, by, now)
    return loan


def issue(loan_id: int, tag: str, *, by: Actor, now: datetime, today: date) -> Loan:
    """Hand a device over; `tag` is its number in the inventory. Raises NotAllowed, NotOpen or Incomplete at "tag"."""
    loan = _handle(loan_id, by, today)
    if loan.issued_at is not None or loan.cancelled_at is not None:
        raise NotOpen("This wish was answered or taken back already.")
    if not tag or len(tag) > LONGEST_TAG:
        raise Incomplete({"tag": f"Give the device's number in the inventory, at most {LONGEST_TAG} characters."})
    loan.tag, loan.issued_at, loan.issued_by_id = tag, now, by.id
    _record("issue_loan", loan, by, now, tag=tag)
    _tell(loan, f"Your {loan.device.value} for the trip is ready", now, said=f"It has the number {tag}.")
    return loan


def take_back(loan_id: int, *, by: Actor, now: datetime, today: date) -> Loan:
    """Note that a device came back. Raises NotAllowed or NotOpen."""
    loan = _handle(loan_id, by, today)
    if loan.issued_at is None or loan.returned_at is not None:
        raise NotOpen("This device is not out.")
    loan.returned_at, loan.received_by_id = now, by.id
    _record("take_back_loan", loan, by, now, tag=loan.tag)
    return loan


def inspect(loan_id: int, *, clean: bool, finding: str, by: Actor, now: datetime, today: date) -> Loan:
    """Note what the inspection of a returned device showed. Raises NotAllowed, NotOpen or Incomplete at "finding"."""
    loan = _handle(loan_id, by, today)
    if loan.returned_at is None or loan.inspected_at is not None:
        raise NotOpen("This device waits for no inspection.")
    if not clean and not finding:
        raise Incomplete({"finding": "Say what was found, or that the device is clean."})
    if len(finding) > LONGEST_FINDING:
        raise Incomplete({"finding": f"Use at most {LONGEST_FINDING:,} characters."})
    loan.inspected_at, loan.inspected_by_id, loan.clean, loan.finding = now, by.id, clean, finding
    _record("inspect_loan", loan, by, now, tag=loan.tag, clean=clean)
    return loan


def _hold(loan_id: int) -> Loan:
    loan = db.session.scalar(_ONE, {"loan": loan_id})
    if loan is None:
        raise NotOpen("There is no such loan.")
    return loan


def _handle(loan_id: int, by: Actor, today: date) -> Loan:
    loan = _hold(loan_id)
    subject = trips.subject(loan.trip_id, today)
    if subject is None or not may(by, Do.HANDLE_LOAN, subject):
        raise NotAllowed("Reviewers and duty officers hand devices out and take them back, never for their own trip.")
    return loan


def _record(what: str, loan: Loan, by: Actor, now: datetime, **details: Any) -> None:
    db.session.flush()
    audit.record(what, about=("trip", loan.trip_id), by=by, now=now, loan=loan.id, **details)


def _tell(loan: Loan, subject: str, now: datetime, said: str) -> None:
    trip = db.session.get_one(Trip, loan.trip_id)
    outbox.post(
        outbox.message(
            f"loan_issued:{loan.id}:{loan.tag}"[:200], to=trip.person_id, template="loan_issued", subject=subject,
            about=("trip", trip.id), now=now, path=f"/trips/{trip.id}/away", said=said,
            back=f"{loan.due_back_on.day} {loan.due_back_on:%B %Y}",
        )
    )  # fmt: skip
