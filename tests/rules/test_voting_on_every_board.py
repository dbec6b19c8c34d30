"""What holds for the vote of every small board."""

from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from engage.rules.voting import Ballot, CharterRules, Choice, Seat, settled_early, tally

YES, NO = Choice.YES, Choice.NO

shares = st.sampled_from([Fraction(1, 2), Fraction(2, 3), Fraction(3, 4)])
charters = st.builds(
    CharterRules,
    quorum=st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(2, 3)]),
    quorum_at_least=st.none() | st.integers(1, 6),
    threshold=shares,
    recused_leave_the_base=st.booleans(),
    vacant_leave_the_base=st.booleans(),
    chair_votes=st.booleans(),
)


@st.composite
def votes(draw):
    """A board with vacancies, recusals and at most one ballot a seat, some of them by the wrong person."""
    holders = draw(st.lists(st.sampled_from(["held", "held", "held", None]), max_size=6))
    seats = [
        Seat(n, f"Seat {n}", 100 + n if held else None, is_chair=n == 1) for n, held in enumerate(holders, 1)
    ]
    recused = draw(st.sets(st.integers(101, 106), max_size=3))
    cast = [
        Ballot(n, draw(st.sampled_from([100 + n, 100 + n, 100 + n, 999])), draw(st.sampled_from(Choice)))
        for n in draw(st.sets(st.integers(1, 7)))
    ]
    return seats, recused, cast


def recount(seats, recused, cast, rules):
    """The same vote counted by hand, seat by seat."""
    base = present = yes = no = 0
    for seat in seats:
        if seat.is_chair and not rules.chair_votes:
            continue
        if seat.holder_id is None:
            base += not rules.vacant_leave_the_base
            continue
        if seat.holder_id in recused:
            base += not rules.recused_leave_the_base
            continue
        base += 1
        for ballot in cast:
            if ballot.seat_id == seat.id and ballot.person_id == seat.holder_id:
                present += 1
                yes += ballot.choice is YES
                no += ballot.choice is NO
    quorate = present >= rules.quorum_at_least if rules.quorum_at_least else present > base * rules.quorum
    return base, present, quorate, yes, no, quorate and yes > (yes + no) * rules.threshold


@given(votes(), charters)
def test_the_tally_equals_a_recount_by_hand(vote, rules):
    seats, recused, cast = vote
    count = tally(seats, recused, cast, rules)
    assert (
        count.base,
        count.present,
        count.quorate,
        count.yes,
        count.no,
        count.carried,
    ) == recount(seats, recused, cast, rules)
    assert count.yes + count.no + count.abstain == count.present <= count.base <= count.seats_total


@given(votes(), charters, st.randoms())
def test_the_order_of_seats_and_ballots_never_matters(vote, rules, dice):
    seats, recused, cast = vote
    shuffled = dice.sample(seats, len(seats)), recused, dice.sample(cast, len(cast))
    assert tally(*shuffled, rules) == tally(seats, recused, cast, rules)


@given(votes(), charters)
def test_one_seat_counts_once(vote, rules):
    seats, recused, cast = vote
    with_all = tally(seats, recused, cast, rules).present
    for ballot in cast:
        without = tally(seats, recused, [b for b in cast if b is not ballot], rules).present
        assert with_all - without in (0, 1)


@given(votes(), charters)
def test_a_tie_never_carries_and_nothing_carries_without_a_quorum(vote, rules):
    count = tally(*vote, rules)
    assert not (count.carried and count.yes <= count.no)
    assert not (count.carried and not count.quorate)
    assert not (count.quorate and count.present < count.quorum_needed)


@given(votes(), charters)
def test_it_is_settled_early_exactly_when_no_ballot_to_come_changes_the_outcome(vote, rules):
    seats, recused, cast = vote
    cast = [ballot for ballot in cast if ballot.person_id != 999]
    waiting = [
        seat
        for seat in seats
        if seat.holder_id not in {None, *recused}
        and seat.id not in {ballot.seat_id for ballot in cast}
        and (rules.chair_votes or not seat.is_chair)
    ]
    endings = {
        tally(
            seats,
            recused,
            cast + [Ballot(s.id, s.holder_id, c) for s, c in zip(waiting, choices, strict=True) if c],
            rules,
        ).carried
        for choices in product([None, *Choice], repeat=len(waiting))
    }
    now = tally(seats, recused, cast, rules)

    assert settled_early(seats, recused, cast, rules) == (now.quorate and len(endings) == 1)
