"""What holds for the vote of every small board."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from engage.rules.items import ItemKind
from engage.rules.thresholds import Measure, Needed, by_kind, keep
from engage.rules.voting import Ballot, CharterRules, Choice, Seat, settled_early, tally

YES, NO = Choice.YES, Choice.NO

shares = st.sampled_from([Fraction(1, 2), Fraction(2, 3), Fraction(3, 4)])


@st.composite
def charters(draw):
    """A charter of whatever numbers a board may give itself, with or without a second threshold."""
    second = draw(st.none() | st.sampled_from([Fraction(1, 3), Fraction(1, 2), Fraction(3, 5)]))
    votes, breaks = draw(st.sampled_from([(True, False), (True, False), (False, False), (False, True)]))
    return CharterRules(
        quorum=draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(2, 3)])),
        quorum_at_least=draw(st.none() | st.integers(1, 6)),
        threshold=draw(shares),
        recused_leave_the_base=draw(st.booleans()),
        vacant_leave_the_base=draw(st.booleans()),
        chair_votes=votes,
        chair_breaks_ties=breaks,
        second=second,
        second_of=second and draw(st.sampled_from(Measure)),
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
    chair = None
    for seat in seats:
        mine = [b.choice for b in cast if b.seat_id == seat.id and b.person_id == seat.holder_id]
        if seat.is_chair and not rules.chair_votes:
            if rules.chair_breaks_ties and seat.holder_id is not None and seat.holder_id not in recused:
                chair = next((choice for choice in mine if choice is not Choice.ABSTAIN), None)
            continue
        if seat.holder_id is None:
            base += not rules.vacant_leave_the_base
            continue
        if seat.holder_id in recused:
            base += not rules.recused_leave_the_base
            continue
        base += 1
        present += len(mine)
        yes += YES in mine
        no += NO in mine
    quorate = present >= rules.quorum_at_least if rules.quorum_at_least else present > base * rules.quorum
    counted = base, present, quorate, yes, no
    if chair and yes == no and yes > 0:  # the tie is broken, by one more seat
        base, present, yes, no = base + 1, present + 1, yes + (chair is YES), no + (chair is NO)
    first = yes > (yes + no) * rules.threshold
    of = {None: 0, Measure.PRESENT: present, Measure.SEATS: base}[rules.second_of]
    second = rules.second is None or yes > of * rules.second
    return *counted, quorate and first and second


@given(votes(), charters())
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


@given(votes(), charters(), st.randoms())
def test_the_order_of_seats_and_ballots_never_matters(vote, rules, dice):
    seats, recused, cast = vote
    shuffled = dice.sample(seats, len(seats)), recused, dice.sample(cast, len(cast))
    assert tally(*shuffled, rules) == tally(seats, recused, cast, rules)


@given(votes(), charters())
def test_one_seat_counts_once(vote, rules):
    seats, recused, cast = vote
    with_all = tally(seats, recused, cast, rules).present
    for ballot in cast:
        without = tally(seats, recused, [b for b in cast if b is not ballot], rules).present
        assert with_all - without in (0, 1)


@given(votes(), charters())
def test_a_tie_never_carries_but_by_the_chair_who_may_break_it_and_nothing_without_a_quorum(vote, rules):
    count = tally(*vote, rules)
    assert not (count.carried and count.yes < count.no)
    assert not (count.carried and count.yes == count.no and count.tie_broken is not YES)
    assert not (count.carried and not count.quorate)
    assert not (count.quorate and count.present < count.quorum_needed)


@given(votes(), charters())
def test_it_is_settled_early_exactly_when_no_ballot_to_come_changes_the_outcome(vote, rules):
    seats, recused, cast = vote
    cast = [ballot for ballot in cast if ballot.person_id != 999]
    waiting = [
        seat
        for seat in seats
        if seat.holder_id not in {None, *recused}
        and seat.id not in {ballot.seat_id for ballot in cast}
        and (rules.chair_votes or rules.chair_breaks_ties or not seat.is_chair)
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


@given(votes(), charters())
def test_of_two_thresholds_both_are_needed(vote, rules):
    """With either one alone the motion carries at least as often."""
    alone = replace(rules, second=None, second_of=None)
    lightest = replace(rules, threshold=Fraction(1, 2))
    if tally(*vote, rules).carried:
        assert tally(*vote, alone).carried
        assert tally(*vote, lightest).carried


@given(votes(), charters())
def test_one_more_yes_never_loses_a_motion_and_one_more_no_never_carries_it_where_the_chair_votes(vote, rules):
    seats, recused, cast = vote
    rules = replace(rules, chair_votes=True, chair_breaks_ties=False)
    carried = tally(seats, recused, cast, rules).carried
    for ballot in cast:
        others = [one for one in cast if one is not ballot]
        if carried:
            assert tally(seats, recused, [*others, replace(ballot, choice=YES)], rules).carried
        else:
            assert not tally(seats, recused, [*others, replace(ballot, choice=NO)], rules).carried


@given(st.dictionaries(st.sampled_from(ItemKind), st.builds(Needed, cast=shares), max_size=3))
def test_what_each_kind_needs_reads_back_as_it_was_kept(needed):
    assert by_kind(keep(needed)) == needed


def test_every_ballot_on_every_board_of_four_seats_is_counted_as_by_hand():
    """Not a sample: all holders, recusals and ballots of four seats, under charters of every sort."""
    chair = [(True, False), (False, False), (False, True)]
    seconds = [(None, None), (Fraction(1, 2), Measure.PRESENT), (Fraction(1, 2), Measure.SEATS)]
    sorts = [
        CharterRules(threshold=share, recused_leave_the_base=leave, vacant_leave_the_base=leave, chair_votes=votes,
                     chair_breaks_ties=breaks, second=second, second_of=of)
        for share in (Fraction(1, 2), Fraction(2, 3)) for leave in (True, False) for votes, breaks in chair
        for second, of in seconds
    ]  # fmt: skip
    stands = ["vacant", "aside", None, *Choice]  # what can be of a seat; None: has not voted
    for each in product(stands, repeat=4):
        seats = [
            Seat(n, f"Seat {n}", None if one == "vacant" else 100 + n, n == 1) for n, one in enumerate(each, 1)
        ]
        aside = {100 + n for n, one in enumerate(each, 1) if one == "aside"}
        cast = [Ballot(n, 100 + n, one) for n, one in enumerate(each, 1) if isinstance(one, Choice)]
        for rules in sorts:
            count = tally(seats, aside, cast, rules)
            assert (count.base, count.present, count.quorate, count.yes, count.no, count.carried) == recount(
                seats, aside, cast, rules
            )
