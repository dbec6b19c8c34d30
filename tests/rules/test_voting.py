"""The count of a vote, in sentences from the charter."""

from fractions import Fraction

import pytest

from engage.rules.refusals import NotAllowed, QuorumLacking
from engage.rules.thresholds import Measure
from engage.rules.voting import (
    Ballot,
    CharterRules,
    Choice,
    Outcome,
    Seat,
    decided,
    may_cast,
    settled_early,
    tally,
)

YES, NO, ABSTAIN = Choice.YES, Choice.NO, Choice.ABSTAIN
RULES = CharterRules()
SEVEN = tuple(Seat(n, f"Seat {n}", holder_id=100 + n, is_chair=n == 1) for n in range(1, 8))


def ballots(*choices):
    """A ballot by each holder of the first seats; None leaves a seat out."""
    return [Ballot(n, 100 + n, choice) for n, choice in enumerate(choices, 1) if choice]


# What the charter says, in sentences


def test_a_majority_of_the_votes_cast_carries_and_shows_its_sums():
    seats = (*SEVEN[:6], Seat(7, "Seat 7", holder_id=None))

    count = tally(seats, {106}, ballots(YES, YES, YES, NO), RULES)

    assert (count.base, count.quorum_needed, count.present, count.carried) == (5, 3, 4, True)
    assert count.arithmetic == (
        "7 seats, 1 vacant, 1 recused: 5 count.",
        "Quorum is more than half of 5: 3 needed, 4 voted.",
        "3 yes, 1 no, 0 abstained: more than half of 4 votes is 3, so the motion carries.",
    )


def test_abstentions_make_a_quorum_but_are_not_votes():
    count = tally(SEVEN, set(), ballots(YES, ABSTAIN, ABSTAIN, ABSTAIN), RULES)

    assert (count.quorate, count.yes, count.abstain, count.carried) == (True, 1, 3, True)


def test_a_tie_loses():
    count = tally(SEVEN, set(), ballots(YES, YES, NO, NO), RULES)

    assert count.quorate
    assert decided(Outcome.APPROVE, count) is None
    assert count.arithmetic[2].endswith("more than half of 4 votes is 3, so the motion is lost.")


def test_four_abstentions_carry_nothing():
    count = tally(SEVEN, set(), ballots(ABSTAIN, ABSTAIN, ABSTAIN, ABSTAIN), RULES)

    assert (count.quorate, count.carried) == (True, False)
    assert count.arithmetic[2] == "0 yes, 0 no, 4 abstained: no votes, so the motion is lost."


def test_without_a_quorum_nothing_is_decided():
    count = tally(SEVEN, set(), ballots(YES, YES, YES), RULES)

    assert count.carried is False
    assert count.arithmetic[1:] == (
        "Quorum is more than half of 7: 4 needed, 3 voted, so there is no quorum.",
        "3 yes, 0 no, 0 abstained: without a quorum nothing is decided.",
    )
    with pytest.raises(QuorumLacking, match=r"^No quorum: 4 seats needed, 3 voted\.$"):
        decided(Outcome.APPROVE, count)


def test_a_motion_that_carries_decides_what_it_proposed():
    count = tally(SEVEN, set(), ballots(YES, YES, YES, YES), RULES)

    assert decided(Outcome.DISAPPROVE, count) is Outcome.DISAPPROVE


def test_recused_and_vacant_seats_stay_in_the_base_where_the_charter_says_so():
    rules = CharterRules(recused_leave_the_base=False, vacant_leave_the_base=False)
    seats = (*SEVEN[:6], Seat(7, "Seat 7", holder_id=None))

    count = tally(seats, {106}, ballots(YES, YES, YES), rules)

    assert (count.base, count.quorum_needed, count.quorate) == (7, 4, False)
    assert count.arithmetic[0] == "7 seats, 1 vacant (still counted), 1 recused (still counted): 7 count."


def test_a_charter_may_name_the_seats_of_a_quorum():
    count = tally(SEVEN, set(), ballots(YES, YES), CharterRules(quorum_at_least=2))

    assert count.carried
    assert count.arithmetic[1] == "Quorum is 2 seats by the charter, 2 voted."


def test_two_thirds_means_more_than_two_thirds():
    rules = CharterRules(threshold=Fraction(2, 3))

    assert not tally(SEVEN, set(), ballots(YES, YES, YES, YES, NO, NO), rules).carried
    assert tally(SEVEN, set(), ballots(YES, YES, YES, YES, YES, NO, NO), rules).carried


def test_a_chair_who_does_not_vote_is_not_counted():
    rules = CharterRules(chair_votes=False)

    count = tally(SEVEN, set(), ballots(NO, YES, YES, YES, YES), rules)

    assert (count.base, count.present, count.no) == (6, 4, 0)
    assert count.arithmetic[0] == "7 seats, the chair not voting: 6 count."


@pytest.mark.parametrize(
    "stray",
    [
        Ballot(1, 999, YES),  # not the holder
        Ballot(7, 107, YES),  # a vacant seat
        Ballot(6, 106, YES),  # a recused holder
        Ballot(8, 108, YES),  # no seat of this board
    ],
)
def test_a_ballot_of_nobodys_seat_is_not_counted(stray):
    seats = (*SEVEN[:6], Seat(7, "Seat 7", holder_id=None))

    assert tally(seats, {106}, [stray], RULES) == tally(seats, {106}, [], RULES)


def test_two_ballots_of_one_seat_are_refused():
    with pytest.raises(ValueError, match="One seat has two ballots"):
        tally(SEVEN, set(), [Ballot(1, 101, YES), Ballot(1, 102, NO)], RULES)


def test_two_seats_of_one_id_are_refused():
    with pytest.raises(ValueError, match="Two seats have the same id"):
        tally([SEVEN[0], SEVEN[0]], set(), [], RULES)


@pytest.mark.parametrize(
    "numbers",
    [
        {"quorum": Fraction(1)},
        {"quorum": Fraction(-1, 2)},
        {"quorum_at_least": 0},
        {"threshold": Fraction(1)},
        {"threshold": Fraction(2, 5)},
        {"second": Fraction(1), "second_of": Measure.SEATS},
        {"second": Fraction(0), "second_of": Measure.SEATS},
        {"second": Fraction(1, 2)},
        {"chair_breaks_ties": True},
    ],
)
def test_a_charter_that_no_board_could_meet_is_refused(numbers):
    with pytest.raises(ValueError):
        CharterRules(**numbers)


def test_where_a_charter_asks_for_two_thresholds_both_are_needed():
    rules = CharterRules(threshold=Fraction(2, 3), second=Fraction(1, 2), second_of=Measure.SEATS)

    lost = tally(SEVEN, set(), ballots(YES, YES, YES, ABSTAIN), rules)
    assert not lost.carried
    assert lost.arithmetic[2] == (
        "3 yes, 0 no, 1 abstained: more than two thirds of 3 votes is 3, "
        "and more than half of 7 seats that count is 4, so the motion is lost."
    )
    assert tally(SEVEN, set(), ballots(YES, YES, YES, YES, NO), rules).carried
    assert not tally(SEVEN, set(), ballots(YES, YES, YES, YES, NO, NO), rules).carried


def test_a_chair_who_votes_in_a_tie_alone_breaks_it_and_is_counted_nowhere_else():
    rules = CharterRules(chair_votes=False, chair_breaks_ties=True)

    broken = tally(SEVEN, set(), ballots(YES, YES, YES, NO, NO), rules)
    assert (broken.base, broken.present, broken.yes, broken.no, broken.tie_broken) == (6, 4, 2, 2, YES)
    assert broken.carried
    assert broken.arithmetic[2] == (
        "2 yes, 2 no, 0 abstained, a tie that the chair breaks with yes: 3 yes, 2 no: "
        "more than half of 5 votes is 3, so the motion carries."
    )
    assert not tally(SEVEN, set(), ballots(YES, YES, NO, NO, NO, YES), rules).carried
    assert tally(SEVEN, set(), ballots(YES, YES, NO, NO, NO, YES), rules).tie_broken is None
    assert not tally(SEVEN, set(), ballots(None, YES, YES, NO, NO), rules).carried
    assert not tally(SEVEN, {101}, ballots(YES, YES, YES, NO, NO), rules).carried


def test_a_board_of_nobody_decides_nothing():
    count = tally([], set(), [], RULES)

    assert (count.base, count.quorum_needed, count.quorate) == (0, 1, False)
    assert count.arithmetic[0] == "0 seats: 0 count."


# Who may cast


def test_the_holder_casts_for_the_seat():
    assert may_cast(103, SEVEN, set(), set()) == SEVEN[2]


@pytest.mark.parametrize(
    ("person", "recused", "barred", "sentence"),
    [
        (999, set(), set(), "You hold no seat on this board today, so you may not vote."),
        (None, set(), set(), "You hold no seat on this board today, so you may not vote."),
        (103, {103}, set(), "You are recused from this item, so you may not vote on it."),
        (103, set(), {103}, "This item is your own, so you may not vote on it."),
    ],
)
def test_others_are_told_why_not(person, recused, barred, sentence):
    with pytest.raises(NotAllowed) as refusal:
        may_cast(person, (*SEVEN, Seat(8, "Seat 8", None)), recused, barred)
    assert str(refusal.value) == sentence


def test_a_chair_casts_only_where_the_charter_lets_the_chair_vote():
    assert may_cast(101, SEVEN, set(), set(), RULES) == SEVEN[0]
    with pytest.raises(NotAllowed, match="the chair does not vote"):
        may_cast(101, SEVEN, set(), set(), CharterRules(chair_votes=False))


# When it is settled


@pytest.mark.parametrize(
    ("cast", "settled"),
    [
        ((YES, YES, YES), False),  # no quorum yet
        ((YES, YES, NO, NO), False),
        ((YES, YES, YES, NO), False),  # three more could still say no
        ((YES, YES, YES, YES), True),
        ((NO, NO, NO, NO), True),
        ((ABSTAIN, ABSTAIN, ABSTAIN, ABSTAIN), False),
        ((YES, YES, YES, YES, NO, NO, NO), True),  # everybody has voted
    ],
)
def test_a_vote_is_settled_once_the_seats_still_to_come_cannot_turn_it(cast, settled):
    assert settled_early(SEVEN, set(), ballots(*cast), RULES) is settled
