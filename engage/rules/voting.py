"""The only place that counts a vote: seats, recusals and ballots in; quorum, majority and the sums out.

The defaults are those of a small board in Robert's Rules of Order: more than half of the seats make a quorum,
more than half of the votes cast carry a motion, abstentions are not votes, a tie loses, the chair votes like
anyone. Law and charter stand above them, so every number is an argument (`CharterRules`). A charter may ask for two
thresholds at once, and may let the chair vote to break a tie and not otherwise.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

from engage.rules.choices import Choice as Choice
from engage.rules.choices import Outcome as Outcome
from engage.rules.refusals import NotAllowed, QuorumLacking
from engage.rules.thresholds import HALF, Measure, Needed, share_in_words


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
    together must be yes; below a half a tie could carry, so it is refused. `second`, where given, must be exceeded
    as well, of the seats that `second_of` says. Where the chair does not vote, the chair's seat is not counted
    either, and where the chair breaks ties it is counted in a tie alone. Raises ValueError for numbers no board
    could meet.
    """

    quorum: Fraction = HALF
    quorum_at_least: int | None = None
    threshold: Fraction = HALF
    recused_leave_the_base: bool = True
    vacant_leave_the_base: bool = True
    chair_votes: bool = True
    chair_breaks_ties: bool = False
    second: Fraction | None = None
    second_of: Measure | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.quorum < 1:
            raise ValueError("Quorum is more than a share of the seats: less than the whole.")
        if self.quorum_at_least is not None and self.quorum_at_least < 1:
            raise ValueError("Quorum is at least one seat.")
        if self.chair_votes and self.chair_breaks_ties:
            raise ValueError("A chair who votes like anyone has no second vote to break a tie.")
        Needed(self.threshold, self.second, self.second_of)

    @property
    def needed(self) -> Needed:
        """What must be yes for a motion to carry."""
        return Needed(self.threshold, self.second, self.second_of)


@dataclass(frozen=True)
class Tally:
    """The count of one vote. Numbers are seats; `carried` already includes that the vote was quorate.

    `tie_broken` is what a chair said who votes in a tie alone; `yes` and `no` are without it.
    """

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
    tie_broken: Choice | None = None


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
    chair = _tie_vote(seats, recused_ids, ballots, rules) if quorate else None
    broken = chair if yes == no and yes else None
    carried = quorate and _carries(yes, no, abstain, base, chair, rules)

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
            _majority_sum(yes, no, abstain, base, broken, quorate, carried, rules),
        ),
        tie_broken=broken,
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
    if seat.is_chair and rules is not None and not (rules.chair_votes or rules.chair_breaks_ties):
        raise NotAllowed("Under this board's charter the chair does not vote.")
    return seat


def settled_early(
    seats: Collection[Seat], recused_ids: Collection[int], ballots: Collection[Ballot], rules: CharterRules
) -> bool:
    """Whether the vote is quorate and no ballot still to come could change its outcome.

    Only ballots not yet cast are considered; whoever closes early ends the right to change one's own.
    """
    now = tally(seats, recused_ids, ballots, rules)
    if not now.quorate:
        return False
    to_come = len(_voters(_voting_seats(seats, rules), recused_ids)) - now.present
    chair = _tie_vote(seats, recused_ids, ballots, rules)
    asked = [seat for seat in seats if seat.is_chair and seat.holder_id is not None]
    may_break = rules.chair_breaks_ties and any(seat.holder_id not in recused_ids for seat in asked)
    said = any(ballot.seat_id == seat.id and ballot.person_id == seat.holder_id for seat in asked for ballot in ballots)
    if may_break:
        # A tie may turn upon the chair, so more no may help: every ending is looked at.
        endings = (
            (yes, no, to_come - yes - no - idle, one)
            for yes in range(to_come + 1)
            for no in range(to_come - yes + 1)
            for idle in range(to_come - yes - no + 1)
            for one in ((chair,) if said else (None, Choice.YES, Choice.NO))
        )
    else:
        # Each further yes helps and each further no harms, so all others lie between these two ends.
        endings = ((yes, no, 0, chair) for yes, no in ((to_come, 0), (0, to_come)))
    first: bool | None = None
    for yes, no, abstain, one in endings:
        carries = _carries(now.yes + yes, now.no + no, now.abstain + abstain, now.base, one, rules)
        if first is not None and carries is not first:
            return False
        first = carries
    return True


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


def _tie_vote(
    seats: Iterable[Seat], recused_ids: Collection[int], ballots: Iterable[Ballot], rules: CharterRules
) -> Choice | None:
    """What a chair who votes in a tie alone has said: yes or no; None for anything else."""
    if not rules.chair_breaks_ties:
        return None
    chairs = _voters([seat for seat in seats if seat.is_chair], recused_ids)
    said = [ballot.choice for ballot in ballots if (ballot.seat_id, ballot.person_id) in chairs]
    return said[0] if len(said) == 1 and said[0] is not Choice.ABSTAIN else None


def _carries(yes: int, no: int, abstain: int, base: int, chair: Choice | None, rules: CharterRules) -> bool:
    """Whether these votes carry. In a tie the chair's vote is one more, and so is the chair's seat."""
    if chair is not None and yes == no and yes:
        yes, no, base = yes + (chair is Choice.YES), no + (chair is Choice.NO), base + 1
    return rules.needed.met(yes, no, yes + no + abstain, base)


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
        rule = f"Quorum is more than {share_in_words(rules.quorum)} of {base}: {needed} needed"
    return f"{rule}, {present} voted" + ("." if present >= needed else ", so there is no quorum.")


def _majority_sum(
    yes: int, no: int, abstain: int, base: int, chair: Choice | None, quorate: bool, carried: bool,
    rules: CharterRules,
) -> str:  # fmt: skip
    sums = f"{yes} yes, {no} no, {abstain} abstained"
    if not quorate:
        return f"{sums}: without a quorum nothing is decided."
    if not yes + no:
        return f"{sums}: no votes, so the motion is lost."
    if chair is not None:
        yes, no, base = yes + (chair is Choice.YES), no + (chair is Choice.NO), base + 1
        sums = f"{sums}, a tie that the chair breaks with {chair.value}: {yes} yes, {no} no"
    rule = rules.needed.told(yes, no, yes + no + abstain, base)
    return f"{sums}: {rule}, so the motion {'carries' if carried else 'is lost'}."


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

