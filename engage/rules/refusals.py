"""The only place for refusals: exceptions a rule raises, each a sentence for a person."""

from collections.abc import Mapping


class Refusal(Exception):
    """A rule said no. `str(refusal)` is shown to whoever asked."""


class NotAllowed(Refusal):
    """The person may not do this."""


class NotOpen(Refusal):
    """The act does not lead anywhere from the present state."""


class ReasonNeeded(Refusal):
    """The act must say why."""


class QuorumLacking(Refusal):
    """Too few seats took part for the board to act."""


class Stale(Refusal):
    """Somebody else changed the record since it was read."""


class Incomplete(Refusal):
    """Something is missing or wrong; `at` maps a field's name to the sentence shown there."""

    def __init__(self, at: Mapping[str, str]):
        super().__init__(" ".join(at.values()))
        self.at = dict(at)
