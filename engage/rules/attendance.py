"""The only place that says who sits in which seat of a meeting, and whether those who do make a quorum."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from engage.rules import voting
from engage.rules.voting import Ballot, CharterRules, Choice, Seat


@dataclass(frozen=True)
class Stay:
    """Somebody's stay in a meeting; `seat_id` None: a guest. `left_at` None: still there."""

    seat_id: int | None
    person_id: int
    came_at: datetime
    left_at: datetime | None = None
    for_id: int | None = None

    def covers(self, at: datetime) -> bool:
        """Whether the stay includes the moment `at`; whoever leaves at a moment is gone by then."""
        return self.came_at <= at and (self.left_at is None or self.left_at > at)


def sitters(stays: Iterable[Stay], at: datetime) -> dict[int, int]:
    """Who sits in each seat at the moment `at`: seat -> person."""
    return {stay.seat_id: stay.person_id for stay in stays if stay.seat_id is not None and stay.covers(at)}


def seated(seats: Iterable[Seat], sitting: dict[int, int], aside: Collection[int]) -> tuple[Seat, ...]:
    """The seats as a meeting counts them: in the place of a holder whoever sits there for them.

    Where the holder stands aside from the item, nobody sits there for them: the seat is recused.
    """
    return tuple(
        replace(seat, holder_id=sitting[seat.id])
        if seat.holder_id is not None and seat.holder_id not in aside and seat.id in sitting
        else seat
        for seat in seats
    )


def with_the_silent(seats: Iterable[Seat], sitting: dict[int, int], cast: Iterable[Ballot]) -> list[Ballot]:
    """The ballots of those present, and an abstention for each present seat that cast none.

    To abstain is to be present without voting: so a meeting's quorum is of those present.
    """
    given = {ballot.seat_id: ballot for ballot in cast if sitting.get(ballot.seat_id) == ballot.person_id}
    silent = (
        Ballot(seat.id, sitting[seat.id], Choice.ABSTAIN)
        for seat in seats if seat.id in sitting and seat.id not in given
    )  # fmt: skip
    return [*given.values(), *silent]


@dataclass(frozen=True)
class Quorum:
    """Whether a meeting may decide on an item now, seat by seat. All numbers are seats."""

    seats: int
    vacant: int
    recused: int
    base: int
    needed: int
    present: int
    absent: int
    quorate: bool
    sums: tuple[str, ...]


def quorum(seats: Collection[Seat], sitting: dict[int, int], aside: Collection[int], rules: CharterRules) -> Quorum:
    """The quorum of a meeting for an item from which `aside` stand aside, as the charter says, with the sums."""
    held = seated(seats, sitting, aside)
    count = voting.tally(held, aside, with_the_silent(held, sitting, ()), rules)
    silent = 0 if rules.chair_votes else sum(seat.is_chair for seat in held)
    absent = max(0, count.seats_total - silent - count.vacant - count.recused - count.present)
    taken = [f"{count.seats_total} seats"]
    if not rules.chair_votes:
        taken.append("the chair, who does not vote")
    if count.vacant and rules.vacant_leave_the_base:
        taken.append(f"{count.vacant} vacant")
    if count.recused and rules.recused_leave_the_base:
        taken.append(f"{count.recused} recused")
    base = f"{' − '.join(taken)} = {count.base} that count." if len(taken) > 1 else f"{count.base} seats count."
    here = f"Of {count.base}, {count.quorum_needed} make a quorum: {count.present} present, {absent} absent"
    return Quorum(
        count.seats_total, count.vacant, count.recused, count.base, count.quorum_needed, count.present, absent,
        count.quorate, (base, f"{here}{'.' if count.quorate else ', so there is no quorum.'}"),
    )  # fmt: skip
