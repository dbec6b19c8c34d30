"""The only place that says whether a change of an engagement is material, and how two changes go together.

Which comparisons count, and from which amount, is the organisation's to say by dated rules; how to compare is here.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from types import MappingProxyType

from engage.rules.asking import Content, ContentTraveller


@dataclass(frozen=True)
class Rule:
    """One comparison that counts. `limit` (days, percent) may be reached, not passed; None: any such change counts."""

    code: str
    label: str
    limit: int | None = None


@dataclass(frozen=True)
class Finding:
    """A rule that a change meets, and what the change is, as a sentence."""

    code: str
    said: str


def judge(before: Content, after: Content, rules: Collection[Rule]) -> list[Finding]:
    """What is material in the change from `before` to `after`, in the order of `rules`; empty when it is minor."""
    found = []
    for rule in rules:
        compare = COMPARISONS.get(rule.code)
        if compare is not None and (said := compare(before, after, rule.limit)):
            found.append(Finding(rule.code, said))
    return found


def _country(before: Content, after: Content, limit: int | None) -> str:
    new = sorted({leg.country_code for leg in after.legs} - {leg.country_code for leg in before.legs})
    return f"It goes to {_and(new)}, which was not asked before." if new else ""


def _longer(before: Content, after: Content, limit: int | None) -> str:
    more = _days(after) - _days(before)
    if more <= (limit or 0):
        return ""
    return f"It takes {_number(more, 'day')} more{_allowed(limit, 'day')}."


def _moved(before: Content, after: Content, limit: int | None) -> str:
    for name, old, new in (
        ("first", before.first_day, after.first_day), ("last", before.last_day, after.last_day)
    ):  # fmt: skip
        if old is None or new is None:
            if old != new:
                return f"The {name} day was not known before, or is not any more."
        elif abs((new - old).days) > (limit or 0):
            return f"The {name} day moves by {_number(abs((new - old).days), 'day')}{_allowed(limit, 'day')}."
    return ""


def _added(before: Content, after: Content, limit: int | None) -> str:
    new = {_who(t) for t in after.travellers} - {_who(t) for t in before.travellers}
    return f"{_number(len(new), 'traveller')} {'is' if len(new) == 1 else 'are'} added." if new else ""


def _costlier(before: Content, after: Content, limit: int | None) -> str:
    old, new = _total(before), _total(after)
    if new * 100 <= old * (100 + (limit or 0)):
        return ""
    by = f", by {(new - old) * 100 / old:.0f} percent" if old else ""
    return f"The estimate rises from ${old:,.2f} to ${new:,.2f}{by}{_allowed(limit, 'percent', plain=True)}."


def _outside(before: Content, after: Content, limit: int | None) -> str:
    old, new = (sum((c.amount for c in said.costs if c.non_federal), Decimal(0)) for said in (before, after))
    return f"What others pay rises from ${old:,.2f} to ${new:,.2f}." if new > old else ""


def _worded(name: str, said: str) -> Callable[[Content, Content, int | None], str]:
    def compare(before: Content, after: Content, limit: int | None) -> str:
        return said if getattr(before, name) != getattr(after, name) else ""

    return compare


def _purpose(before: Content, after: Content, limit: int | None) -> str:
    same = (before.purpose, before.outcome_sought) == (after.purpose, after.outcome_sought)
    return "" if same else "The purpose or the outcome sought is another."


COMPARISONS: Mapping[str, Callable[[Content, Content, int | None], str]] = MappingProxyType({
    "country": _country,
    "dates_longer": _longer,
    "dates_moved": _moved,
    "traveller_added": _added,
    "cost_over": _costlier,
    "purpose": _purpose,
    "direction": _worded("direction", "It is another who comes to whom."),
    "asks": _worded("asks", "The board is asked for something else."),
    "non_federal": _outside,
})
# The units of the rules that have a limit; the others are yes or no.
LIMITED = MappingProxyType({"dates_longer": "days", "dates_moved": "days", "cost_over": "percent"})


def parts(before: Content, after: Content) -> frozenset[str]:
    """What a change touches: the names of fields, and each traveller who comes or goes as a part of its own."""
    names = {f.name for f in fields(Content) if getattr(before, f.name) != getattr(after, f.name)}
    if "travellers" in names:
        names.remove("travellers")
        old, new = ({(_who(t), t.is_lead) for t in said.travellers} for said in (before, after))
        names |= {f"traveller {who}" for who, _ in old ^ new}
    return frozenset(names)


def merged(base: Content, wanted: Content, current: Content) -> Content:
    """`current` with what differs from `base` to `wanted`, and nothing else.

    Of travellers, those who were added come and those who were left out go, whoever else has come or gone since.
    """
    changes = {
        f.name: getattr(wanted, f.name)
        for f in fields(Content)
        if f.name != "travellers" and getattr(wanted, f.name) != getattr(base, f.name)
    }
    asked, was = {_who(t): t for t in wanted.travellers}, {_who(t): t for t in base.travellers}
    kept = [
        asked[_who(t)] if _who(t) in asked and _who(t) in was and asked[_who(t)].is_lead != was[_who(t)].is_lead else t
        for t in current.travellers
        if _who(t) in asked or _who(t) not in was
    ]
    there = {_who(t) for t in kept}
    kept += [t for t in wanted.travellers if _who(t) not in was and _who(t) not in there]
    return replace(current, **changes, travellers=tuple(kept))


def without(content: Content, people: Iterable[int]) -> Content:
    """`content` with these travellers left out."""
    out = frozenset(people)
    return replace(content, travellers=tuple(t for t in content.travellers if t.person_id not in out))


def cannot_put_off(content: Content, people: Collection[int]) -> str:
    """Why a split decision cannot put off these travellers, as a sentence; empty when it can."""
    going = {t.person_id for t in content.travellers if t.person_id is not None}
    if set(people) - going:
        return "Somebody chosen here does not travel on this engagement. Choose among its travellers."
    if not going - set(people):
        return "Nobody would be left to travel. Defer the whole item instead."
    if any(t.is_lead and t.person_id in people for t in content.travellers):
        return "The party cannot go without its lead. Defer the whole item, or return it for another lead."
    return ""


def _who(traveller: ContentTraveller) -> int | str:
    return traveller.name_given if traveller.person_id is None else traveller.person_id


def _days(content: Content) -> int:
    first, last = content.first_day, content.last_day
    return 0 if first is None else ((last or first) - first).days + 1


def _total(content: Content) -> Decimal:
    return sum((cost.amount for cost in content.costs), Decimal(0))


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _allowed(limit: int | None, unit: str, *, plain: bool = False) -> str:
    if not limit:
        return ""
    return f" ({limit} {unit} allowed)" if plain else f" ({_number(limit, unit)} allowed)"


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
