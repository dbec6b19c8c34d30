"""The only place that counts a vote: seats, recusals and ballots in; quorum, majority and the sums out.

The defaults are those of a small board in Robert's Rules of Order: more than half of the seats make a quorum,
more than half of the votes cast carry a motion, abstentions are not votes, a tie loses, the chair votes like
anyone. Law and charter stand above them, so every number is an argument (`CharterRules`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from engage.rules.refusals import NotAllowed, QuorumLacking

HALF = Fraction(1, 2)


class Outcome(StrEnum):
    """What a motion proposes, and what the board has decided once the motion carries."""

    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions"
    DEFER = "defer"
    RETURN = "return"
    DISAPPROVE = "disapprove"

    @property
    def label(self) -> str:
        """The outcome in words, as every page shows it."""
        return self.value.replace("_", " ").capitalize()


class Choice(StrEnum):
    """What one seat says to a motion. To abstain is to be present without voting."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"

    @property
    def label(self) -> str:
        """The choice in words, as every page shows it."""
        return self.value.capitalize()


@dataclass(frozen=True)
class Seat:
    """A place on the board on the day of the count; `holder_id` None means vacant."""

    id: int
    name: str
    holder_id: int | None
    is_chair: bool = False


@dataclass(frozen=True)
class Ballot:
    """What a person chose for a seat."""

    seat_id: int
    person_id: int
    choice: Choice


@dataclass(frozen=True)
class CharterRules:
    """The numbers of the charter in force for an item.

    `quorum`: strictly more than this share of the counted seats must cast a ballot; `quorum_at_least`, when
    given, is a number of seats that takes its place. `threshold`: strictly more than this share of yes and no
    together must be yes; below a half a tie could carry, so it is refused. Where the chair does not vote, the
    chair's seat is not counted either. Raises ValueError for numbers no board could meet.
    """

    quorum: Fraction = HALF
    quorum_at_least: int | None = None
    threshold: Fraction = HALF
    recused_leave_the_base: bool = True
    vacant_leave_the_base: bool = True
    chair_votes: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.quorum < 1:
            raise ValueError("Quorum is more than a share of the seats: less than the whole.")
        if self.quorum_at_least is not None and self.quorum_at_least < 1:
            raise ValueError("Quorum is at least one seat.")
        if not HALF <= self.threshold < 1:
            raise ValueError("The threshold is a half or more of the votes, and less than the whole.")


def in_words(rules: CharterRules) -> tuple[str, ...]:
    """What the charter's numbers say, a sentence each, as a decision prints the rules under which it was counted."""
    quorum = (
        _number(rules.quorum_at_least, "seat") if rules.quorum_at_least else f"more than {_share(rules.quorum)} of them"
    )
    leave = [what for what, leaves in (("vacant seats", rules.vacant_leave_the_base),
                                       ("seats of whoever stands aside", rules.recused_leave_the_base)) if leaves]
    return (
        f"All seats count{', but for ' + ' and '.join(leave) if leave else ''}; {quorum} "
        f"{'is' if rules.quorum_at_least == 1 else 'are'} a quorum.",
        f"A motion carries by more than {_share(rules.threshold)} of the yes and no together; a tie fails.",
        "The chair votes as any member does." if rules.chair_votes else "The chair does not vote and is not counted.",
    )  # fmt: skip


@dataclass(frozen=True)
class Tally:
    """The count of one vote. Numbers are seats; `carried` already includes that the vote was quorate."""

    seats_total: int
    vacant: int
    recused: int
    base: int
    quorum_needed: int
    present: int
    quorate: bool
    yes: int
    no: int
    abstain: int
    carried: bool
    arithmetic: tuple[str, ...]


def tally(
    seats: Collection[Seat], recused_ids: Collection[int], ballots: Collection[Ballot], rules: CharterRules
) -> Tally:
    """Count `ballots` by seat, as the charter says, and show the sums.

    `recused_ids` are all persons who stand aside from the item: by recusal, or because it is their own. A
    ballot that is not cast by the holder of a filled, unrecused seat of this board is not counted. Raises
    ValueError for two ballots of one seat, or two seats of one id: they cannot be sorted out by counting.
    """
    _one_of_each(seats, ballots)
    voting = _voting_seats(seats, rules)
    vacant = sum(seat.holder_id is None for seat in voting)
    recused = sum(seat.holder_id in recused_ids for seat in voting if seat.holder_id is not None)
    voters = _voters(voting, recused_ids)

    base = len(voting)
    if rules.vacant_leave_the_base:
        base -= vacant
    if rules.recused_leave_the_base:
        base -= recused
    needed = rules.quorum_at_least or int(base * rules.quorum) + 1

    cast = [ballot.choice for ballot in ballots if (ballot.seat_id, ballot.person_id) in voters]
    yes, no, abstain = (cast.count(choice) for choice in (Choice.YES, Choice.NO, Choice.ABSTAIN))
    quorate = len(cast) >= needed
    carried = quorate and _majority(yes, no, rules)

    return Tally(
        seats_total=len(seats),
        vacant=vacant,
        recused=recused,
        base=base,
        quorum_needed=needed,
        present=len(cast),
        quorate=quorate,
        yes=yes,
        no=no,
        abstain=abstain,
        carried=carried,
        arithmetic=(
            _base_sum(len(seats), len(voting) < len(seats), vacant, recused, base, rules),
            _quorum_sum(base, needed, len(cast), rules),
            _majority_sum(yes, no, abstain, quorate, carried, rules),
        ),
    )


def decided(motion: Outcome, count: Tally) -> Outcome | None:
    """What the board has decided on `motion`: the motion's outcome, or None when the motion is lost.

    Raises QuorumLacking when too few seats took part: then nothing is decided, neither way.
    """
    if not count.quorate:
        raise QuorumLacking(f"No quorum: {count.quorum_needed} seats needed, {count.present} voted.")
    return motion if count.carried else None


def may_cast(
    person_id: int | None,
    seats: Iterable[Seat],
    recused_ids: Collection[int],
    barred_ids: Collection[int],
    rules: CharterRules | None = None,
) -> Seat:
    """The seat for which `person_id` may cast a ballot. Raises NotAllowed with the reason.

    `barred_ids` are the persons whose own item it is: who asked for it, who travels on it. A `person_id` of
    None is nobody, who holds no seat, not even a vacant one.
    """
    seat = next((seat for seat in seats if seat.holder_id == person_id), None)
    if seat is None or person_id is None:
        raise NotAllowed("You hold no seat on this board today, so you may not vote.")
    if person_id in barred_ids:
        raise NotAllowed("This item is your own, so you may not vote on it.")
    if person_id in recused_ids:
        raise NotAllowed("You are recused from this item, so you may not vote on it.")
    if seat.is_chair and rules is not None and not rules.chair_votes:
        raise NotAllowed("Under this board's charter the chair does not vote.")
    return seat


def settled_early(
    seats: Collection[Seat], recused_ids: Collection[int], ballots: Collection[Ballot], rules: CharterRules
) -> bool:
    """Whether the vote is quorate and no ballot still to come could change its outcome.

    Only ballots not yet cast are considered; whoever closes early ends the right to change one's own.
    """
    now = tally(seats, recused_ids, ballots, rules)
    to_come = len(_voters(_voting_seats(seats, rules), recused_ids)) - now.present
    # Each further yes helps and each further no harms, so all others lie between these two ends.
    best, worst = _majority(now.yes + to_come, now.no, rules), _majority(now.yes, now.no + to_come, rules)
    return now.quorate and best == worst


def _one_of_each(seats: Collection[Seat], ballots: Collection[Ballot]) -> None:
    if len({seat.id for seat in seats}) < len(seats):
        raise ValueError("Two seats have the same id.")
    if len({ballot.seat_id for ballot in ballots}) < len(ballots):
        raise ValueError("One seat has two ballots.")


def _voting_seats(seats: Iterable[Seat], rules: CharterRules) -> list[Seat]:
    return [seat for seat in seats if rules.chair_votes or not seat.is_chair]


def _voters(voting: Iterable[Seat], recused_ids: Collection[int]) -> set[tuple[int, int]]:
    """Each seat that may cast a ballot, with its holder."""
    held = ((seat.id, seat.holder_id) for seat in voting if seat.holder_id is not None)
    return {(seat_id, holder_id) for seat_id, holder_id in held if holder_id not in recused_ids}


def _majority(yes: int, no: int, rules: CharterRules) -> bool:
    return yes > rules.threshold * (yes + no)


def _base_sum(
    seats: int, chair_silent: bool, vacant: int, recused: int, base: int, rules: CharterRules
) -> str:
    parts = [_number(seats, "seat")]
    if chair_silent:
        parts.append("the chair not voting")
    if vacant:
        parts.append(f"{vacant} vacant" + ("" if rules.vacant_leave_the_base else " (still counted)"))
    if recused:
        parts.append(f"{recused} recused" + ("" if rules.recused_leave_the_base else " (still counted)"))
    return f"{', '.join(parts)}: {base} {'counts' if base == 1 else 'count'}."


def _quorum_sum(base: int, needed: int, present: int, rules: CharterRules) -> str:
    if rules.quorum_at_least is not None:
        rule = f"Quorum is {_number(needed, 'seat')} by the charter"
    else:
        rule = f"Quorum is more than {_share(rules.quorum)} of {base}: {needed} needed"
    return f"{rule}, {present} voted" + ("." if present >= needed else ", so there is no quorum.")


def _majority_sum(yes: int, no: int, abstain: int, quorate: bool, carried: bool, rules: CharterRules) -> str:
    sums = f"{yes} yes, {no} no, {abstain} abstained"
    if not quorate:
        return f"{sums}: without a quorum nothing is decided."
    if not yes + no:
        return f"{sums}: no votes, so the motion is lost."
    needed = int(rules.threshold * (yes + no)) + 1
    rule = f"more than {_share(rules.threshold)} of {_number(yes + no, 'vote')} is {needed}"
    return f"{sums}: {rule}, so the motion {'carries' if carried else 'is lost'}."


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _share(share: Fraction) -> str:
    words = {
        HALF: "half",
        Fraction(1, 3): "a third",
        Fraction(2, 3): "two thirds",
        Fraction(3, 4): "three quarters",
    }
    return words.get(share, str(share))
