"""The states and the acts, as their owner signed them: this copy is the specification, by another hand."""

from collections.abc import Iterator

import pytest

from engage.rules.items import ItemKind
from engage.rules.refusals import NotOpen
from engage.rules.voting import Outcome
from engage.rules.workflow import (
    APPROVED,
    EDITABLE,
    FINAL,
    OPEN,
    Action,
    State,
    holder,
    open_actions,
    outcomes,
    step,
)

SIGNED_OFF = """
                        submit     review        place      resume     circulate      break_silence  return    withdraw   cancel     reconsider
draft                   submitted  .             .          .          .              .              .         withdrawn  .          .
submitted               .          under_review  scheduled  .          .              .              returned  withdrawn  .          .
returned                submitted  .             .          .          .              .              .         withdrawn  .          .
under_review            .          .             scheduled  .          .              .              returned  withdrawn  .          .
scheduled               .          .             .          .          under_silence  .              returned  withdrawn  .          .
under_silence           .          .             .          .          .              scheduled      returned  withdrawn  .          .
deferred                .          .             scheduled  scheduled  .              .              returned  withdrawn  .          .
approved                .          .             .          .          .              .              .         .          cancelled  under_review
approved_conditionally  .          .             .          .          .              .              .         .          cancelled  under_review
disapproved             .          .             .          .          .              .              .         .          .          under_review
withdrawn               .          .             .          .          .              .              .         .          .          .
cancelled               .          .             .          .          .              .              .         .          .          .
"""  # noqa: E501
DECIDED_BY_VOTE = """
               approve   approve_with_conditions   defer     return                    disapprove
scheduled      approved  approved_with_conditions  deferred  returned_for_information  disapproved
under_silence  approved  .                         .         .                         .
"""
# The longest words, as the first table abridges them.
SHORT = {"returned": "returned_for_information", "approved_conditionally": "approved_with_conditions"}
# What an engagement may and these kinds may not. Everything else above holds for every kind.
NOT_FOR = """
                          amendment  guide_version  priorities  matter
cancel                    no         no             no          no
reconsider:approved       no         no             no          no
approve_with_conditions   .          no             no          no
"""


def cells(table: str) -> Iterator[tuple[str, str, str]]:
    """(state, act, target) of every cell; "." leads nowhere."""
    heading, *rows = ([SHORT.get(word, word) for word in line.split()] for line in table.strip().splitlines())
    for state, *targets in rows:
        for act, target in zip(heading, targets, strict=True):
            yield state, act, target


def test_the_table_names_every_state_and_every_act():
    assert {state for state, _, _ in cells(SIGNED_OFF)} == {state.value for state in State}
    assert {act for _, act, _ in cells(SIGNED_OFF)} == {action.value for action in Action}
    assert {act for _, act, _ in cells(DECIDED_BY_VOTE)} == {outcome.value for outcome in Outcome}


@pytest.mark.parametrize(("state", "act", "target"), list(cells(SIGNED_OFF)))
def test_an_act_leads_where_the_owner_signed(state, act, target):
    if target == ".":
        with pytest.raises(NotOpen):
            step(State(state), Action(act))
        assert Action(act) not in open_actions(State(state))
    else:
        assert step(State(state), Action(act)).target == target
        assert Action(act) in open_actions(State(state))


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("state", list(State))
def test_what_stands_on_the_docket_is_decided_and_nothing_else_and_silence_only_approves(state, outcome):
    targets = {(state, act): target for state, act, target in cells(DECIDED_BY_VOTE) if target != "."}

    if (state, outcome) in targets:
        assert step(state, outcome).target == targets[state, outcome.value]
    else:
        with pytest.raises(NotOpen):
            step(state, outcome)


@pytest.mark.parametrize(
    ("act", "needed"),
    [
        (Action.SUBMIT, False),
        (Action.REVIEW, False),
        (Action.PLACE, False),
        (Action.RESUME, False),
        (Action.CIRCULATE, False),
        (Action.BREAK_SILENCE, False),
        (Action.RETURN, True),
        (Action.WITHDRAW, False),
        (Action.CANCEL, True),
        (Action.RECONSIDER, True),
        (Outcome.APPROVE, False),
        (Outcome.APPROVE_WITH_CONDITIONS, True),
        (Outcome.DEFER, True),
        (Outcome.RETURN, True),
        (Outcome.DISAPPROVE, True),
    ],
)
def test_what_takes_or_gives_back_says_why(act, needed):
    source = next(state for state in State if not _refused(state, act))

    assert step(state=source, action=act).reason is needed


def _refused(state: State, act: Action | Outcome) -> bool:
    try:
        step(state, act)
    except NotOpen:
        return True
    return False


def withheld(kind: ItemKind, act: str, state: str) -> bool:
    """Whether the owner keeps an act that engagements have from this kind, in this state."""
    if kind is ItemKind.ENGAGEMENT:
        return False
    column = NOT_FOR.split("\n")[1].split().index(kind.value)
    rows = {row.split()[0]: row.split()[1:] for row in NOT_FOR.strip().splitlines()[1:]}
    approved = act == "reconsider" and state in ("approved", "approved_with_conditions")
    return rows.get("reconsider:approved" if approved else act, ["."] * 4)[column] == "no"


@pytest.mark.parametrize("kind", list(ItemKind))
@pytest.mark.parametrize("table", [SIGNED_OFF, DECIDED_BY_VOTE])
def test_every_kind_takes_the_same_steps_but_those_kept_from_it(table, kind):
    for state, act, target in cells(table):
        action = Action(act) if table is SIGNED_OFF else Outcome(act)
        if target == "." or withheld(kind, act, state):
            with pytest.raises(NotOpen):
                step(State(state), action, kind)
        else:
            assert step(State(state), action, kind).target == target
            assert act in [*open_actions(State(state), kind), *outcomes(kind)]


def test_what_is_disapproved_leaves_by_reconsideration_alone_and_other_final_states_never():
    left = {state: open_actions(state) for state in FINAL}

    assert left == {**dict.fromkeys(FINAL, ()), State.DISAPPROVED: (Action.RECONSIDER,)}
    assert not FINAL & (OPEN | APPROVED)


def test_no_act_of_a_person_approves():
    assert not {step(s, a).target for s in State for a in open_actions(s)} & (APPROVED | {State.DISAPPROVED})


def test_everything_open_is_held_by_somebody():
    assert {holder(state) for state in OPEN} == {"The requester", "The secretariat", "The board"}
    assert {holder(state) for state in EDITABLE} == {"The requester"}
    assert {holder(state) for state in FINAL | APPROVED} == {"Nobody"}
