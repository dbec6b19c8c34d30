"""The only place that says whether enough people can decide on a day, who cannot and why, and what helps."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engage.rules.voting import CharterRules, Seat, tally


class Why(StrEnum):
    """What keeps a seat from taking part."""

    VACANT = "vacant"
    OWN = "own item"
    RECUSED = "stepped aside"
    ABSENT = "absent"
    TRAVELS = "travels"
    SILENT = "does not vote"


STANDS_ASIDE = frozenset({Why.OWN, Why.RECUSED})
AWAY = frozenset({Why.ABSENT, Why.TRAVELS})


@dataclass(frozen=True)
class Lacking:
    """A seat that cannot take part, and why. `holder` is "" for a vacant one."""

    seat: str
    holder: str
    why: Why


@dataclass(frozen=True)
class Cover:
    """Whether a step can be decided: seats that can take part, seats that quorum needs, and who is lacking."""

    able: int
    needed: int
    lacking: tuple[Lacking, ...]

    @property
    def enough(self) -> bool:
        """Whether quorum can be had."""
        return self.able >= self.needed

    @property
    def tight(self) -> bool:
        """Whether nobody more may be missing."""
        return self.able == self.needed

    @property
    def sum(self) -> str:
        """The arithmetic in a sentence."""
        can = f"{self.able} {'seat' if self.able == 1 else 'seats'} can take part"
        if not self.enough:
            return f"{can}, {self.needed} needed: {self.needed - self.able} too few."
        return f"{can}, {self.needed} needed" + (": nobody more may be missing." if self.tight else ".")


@dataclass(frozen=True)
class Step:
    """Something the board has to do by a day, and whether enough people can."""

    key: str
    title: str
    what: str
    url: str
    at: datetime
    day: date
    cover: Cover
    advice: tuple[str, ...]


def cover(
    seats: Collection[Seat], names: Mapping[int, str], rules: CharterRules, *, own: Collection[int],
    recused: Collection[int], away: Mapping[int, Why], voted: Collection[int] = (),
    stood_in: Collection[int] = (),
) -> Cover:  # fmt: skip
    """How a step is covered by the seats of its day.

    `names` are of the holders, `away` says who is absent or travels that day, `voted` who has voted already: they
    take part wherever they are. `stood_in` are those for whom somebody may act that day. The base shrinks as the
    charter says, as in the count itself.
    """
    lacking, able = [], 0
    for seat in seats:
        why = _why(seat, rules, own, recused, away, {*voted, *stood_in})
        if why is None:
            able += 1
        else:
            lacking.append(Lacking(seat.name, names.get(seat.holder_id or 0, ""), why))
    return Cover(able, tally(seats, {*own, *recused}, (), rules).quorum_needed, tuple(lacking))


def advice(covered: Cover, *, open_now: bool) -> tuple[str, ...]:
    """What can be done in time, a sentence each; nothing where there is enough."""
    if covered.enough:
        return ()
    by = {why: [one for one in covered.lacking if one.why is why] for why in Why}
    told = []
    if gone := by[Why.ABSENT] + by[Why.TRAVELS]:
        who = ", ".join(one.holder for one in gone)
        told.append(f"Ask {who} " + ("to vote before leaving." if open_now else "for another day, or for a stand-in."))
    if vacant := by[Why.VACANT]:
        told.append("Fill the vacant " + _listed("seat", [one.seat for one in vacant]) + ".")
    if by[Why.OWN] or by[Why.RECUSED]:
        told.append("Those who stand aside cannot be asked back; an alternate of their seat may take part.")
    told.append("Put off the day for votes." if open_now else "Move the meeting.")
    return tuple(told)


def _why(
    seat: Seat, rules: CharterRules, own: Collection[int], recused: Collection[int], away: Mapping[int, Why],
    voted: Collection[int],
) -> Why | None:  # fmt: skip
    if seat.holder_id is None:
        return Why.VACANT
    if seat.is_chair and not rules.chair_votes:
        return Why.SILENT
    if seat.holder_id in own:
        return Why.OWN
    if seat.holder_id in recused:
        return Why.RECUSED
    return None if seat.holder_id in voted else away.get(seat.holder_id)


def _listed(noun: str, names: list[str]) -> str:
    return f"{noun} {names[0]}" if len(names) == 1 else f"{noun}s {', '.join(names)}"
