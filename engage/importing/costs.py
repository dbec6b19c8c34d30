"""The only place that reads a typed estimate into cost lines, and finds the line an outside body pays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from engage.importing.cells import LINE_LIMIT, dollars, single_line
from engage.importing.parsed import Question
from engage.reference.countries import fold

COST_LIMIT = 30


@dataclass(frozen=True)
class CostRow:
    """One line of the estimate for the whole party, in whole US dollars."""

    what: str
    amount: Decimal
    funder: str
    non_federal: bool = False


@dataclass(frozen=True)
class Estimate:
    """The lines of an estimate, what must be asked, and what a draft made without answers lacks."""

    lines: tuple[CostRow, ...] = ()
    questions: tuple[Question, ...] = ()
    missing: tuple[str, ...] = ()


def read_costs(text: str) -> tuple[tuple[str, Decimal], ...]:
    """Items and amounts from `item=amount`, separated by `;`. Raises ValueError with the fault."""
    found: list[tuple[str, Decimal]] = []
    for part in (single_line(part) for part in text.split(";")):
        if not part:
            continue
        what, equals, amount = (piece.strip() for piece in part.rpartition("="))
        if not equals or not what or len(what) > LINE_LIMIT:
            raise ValueError(f"“{part[:60]}”: write item=amount, such as airfare=3900.")
        try:
            found.append((what, dollars(amount)))
        except ValueError as fault:
            raise ValueError(f"{what}: {fault}") from None
    if len(found) > COST_LIMIT:
        raise ValueError(f"There are more than {COST_LIMIT} items.")
    return tuple(found)


def share(
    items: tuple[tuple[str, Decimal], ...],
    *,
    line: int,
    ref: str,
    funder: str,
    non_federal: Decimal,
    answers: Mapping[str, str],
) -> Estimate:
    """Cost lines that add up to the items. The first part of `funder` pays; the rest names the outside body.

    The outside body's part is put on the one item of just that amount; where there is none, or more than one,
    `answers` says which item it helps to pay, and that item becomes two lines; else a question is put.
    """
    payer, _, outside = (part.strip() for part in funder.partition(";"))
    lines = [CostRow(what, amount, payer) for what, amount in items]
    if not non_federal:
        return Estimate(tuple(lines))
    equal = [index for index, row in enumerate(lines) if row.amount == non_federal]
    key = f"paid:{fold(ref)}"
    if len(equal) != 1:
        options = tuple(dict.fromkeys(row.what for row in lines if row.amount >= non_federal))
        answer = answers.get(key)
        equal = [index for index, row in enumerate(lines) if row.what == answer and answer in options][:1]
        if not equal:
            about = f"{ref}: which cost does the outside body pay with its {non_federal:,} dollars?"
            missing = f"Which cost the outside body pays with its {non_federal:,} dollars."
            asked = (Question(line, key, about, options),) if options else ()
            return Estimate(tuple(lines), asked, (missing,))
    (index,) = equal
    whole = lines[index]
    theirs = replace(whole, amount=non_federal, funder=outside or payer, non_federal=True)
    ours = replace(whole, amount=whole.amount - non_federal)
    lines[index : index + 1] = [theirs] if not ours.amount else [ours, theirs]
    return Estimate(tuple(lines))
