"""The states and the acts, as their owner signed them: this copy is the specification, by another hand."""

from collections.abc import Iterator

import pytest

from engage.rules.refusals import NotOpen
from engage.rules.voting import Outcome
from engage.rules.workflow import APPROVED, EDITABLE, FINAL, OPEN, Action, State, holder, open_actions, step

SIGNED_OFF = """
                          submit     place      return                    withdraw   cancel
draft                     submitted  .          .                         withdrawn  .
submitted                 .          scheduled  returned_for_information  withdrawn  .
returned_for_information  submitted  .          .                         withdrawn  .
under_review              .          scheduled  returned_for_information  withdrawn  .
scheduled                 .          .          returned_for_information  withdrawn  .
under_silence             .          .          .                         .          .
deferred                  .          scheduled  returned_for_information  withdrawn  .
approved                  .          .          .                         .          cancelled
approved_with_conditions  .          .          .                         .          cancelled
disapproved               .          .          .                         .          .
withdrawn                 .          .          .                         .          .
cancelled                 .          .          .                         .          .
"""
DECIDED_BY_VOTE = """
           approve   approve_with_conditions   defer     return                    disapprove
scheduled  approved  approved_with_conditions  deferred  returned_for_information  disapproved
"""


def cells(table: str) -> Iterator[tuple[str, str, str]]:
    """(state, act, target) of every cell; "." leads nowhere."""
    heading, *rows = (line.split() for line in table.strip().splitlines())
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
def test_a_vote_decides_what_stands_on_the_docket_and_nothing_else(state, outcome):
    targets = {act: target for _, act, target in cells(DECIDED_BY_VOTE)}

    if state is State.SCHEDULED:
        assert step(state, outcome).target == targets[outcome.value]
    else:
        with pytest.raises(NotOpen):
            step(state, outcome)


@pytest.mark.parametrize(
    ("act", "needed"),
    [
        (Action.SUBMIT, False),
        (Action.PLACE, False),
        (Action.RETURN, True),
        (Action.WITHDRAW, False),
        (Action.CANCEL, True),
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


def test_nothing_leaves_a_final_state():
    assert {state: open_actions(state) for state in FINAL} == dict.fromkeys(FINAL, ())
    assert not FINAL & (OPEN | APPROVED)


def test_no_act_of_a_person_approves():
    assert not {step(s, a).target for s in State for a in open_actions(s)} & (APPROVED | {State.DISAPPROVED})


def test_everything_open_is_held_by_somebody():
    assert {holder(state) for state in OPEN} == {"The requester", "The secretariat", "The board"}
    assert {holder(state) for state in EDITABLE} == {"The requester"}
    assert {holder(state) for state in FINAL | APPROVED} == {"Nobody"}
