"""The only place that says what a request still lacks: what cannot be kept, and what cannot be submitted.

Both answer with a sentence for each field, named as the form names it: "title", "legs-1-zone". The lead of a party
stands in the field "lead", everybody else in "others".
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from engage.rules.asking import Content, Direction
from engage.rules.forbidden import forbidden

MOST_LEGS = 30
MOST_COSTS = 30
MOST_TRAVELLERS = 40  # a larger party is several engagements
MOST_PARTNERS = 50
LONGEST_STAY_DAYS = 366
LINE = 200  # characters
PROSE = 5_000  # characters
HIGH_LEVEL = 3  # from this advisory level up, requests are asked for earlier

_LINES = ("title",)
_PROSE = ("purpose", "outcome_sought", "why_not_virtual", "why_this_many", "late_reason", "notes", "missing")


def unkeepable(content: Content) -> dict[str, str]:
    """What even a draft may not hold: a contradiction, or more than there is room for. Empty when it can be kept."""
    wrong = {}
    if not content.title:
        wrong["title"] = "Give it a title, so that you find it again."
    for name, most in [*((n, LINE) for n in _LINES), *((n, PROSE) for n in _PROSE)]:
        if len(getattr(content, name)) > most:
            wrong[name] = f"Use at most {most:,} characters."
        elif why := forbidden(getattr(content, name)):
            wrong[name] = why
    for name, most in (("legs", MOST_LEGS), ("costs", MOST_COSTS)):
        if len(getattr(content, name)) > most:
            wrong[name] = f"Give at most {most} of these."
    if len(content.partner_ids) > MOST_PARTNERS:
        wrong["partners"] = f"Name at most {MOST_PARTNERS} partners."
    if len(content.travellers) > MOST_TRAVELLERS:
        wrong["others"] = f"A party has at most {MOST_TRAVELLERS} travellers; split a larger one."
    known = [t.person_id for t in content.travellers if t.person_id is not None]
    if len(set(known)) < len(known):
        wrong["others"] = "Somebody is named twice. Name each traveller once."
    if sum(t.is_lead for t in content.travellers) > 1:
        wrong["lead"] = "A party has one lead."
    if content.ends_on and not content.starts_on:
        wrong["starts_on"] = "Give the first day too."
    if content.starts_on and content.ends_on and content.ends_on < content.starts_on:
        wrong["ends_on"] = "The last day is before the first."
    for i, leg in enumerate(content.legs):
        if leg.departs_on < leg.arrives_on:
            wrong[f"legs-{i}-departs_on"] = "This is before the day of arrival."
        elif (leg.departs_on - leg.arrives_on).days >= LONGEST_STAY_DAYS:
            wrong[f"legs-{i}-departs_on"] = "A stay of more than a year is a posting, not an engagement."
    for i, cost in enumerate(content.costs):
        if cost.amount < 0:
            wrong[f"costs-{i}-amount"] = "An amount is never less than nothing."
    return wrong


@dataclass(frozen=True)
class InTime:
    """By when a journey is asked for: `submit_by` is the last safe day, `lead` the lead time in words.

    `counted_on` is the day that counts as the one of asking: today, or the day of the first submission where the
    request was returned with questions, for then the clock stood still.
    """

    submit_by: date
    lead: str
    counted_on: date

    @property
    def late(self) -> bool:
        """Whether it was asked for after the last safe day."""
        return self.counted_on > self.submit_by


def lacking(
    content: Content, *, today: date, in_time: InTime | None = None, not_enabled: Collection[int] = frozenset()
) -> dict[str, str]:
    """What stands between this request and its submission on `today` (the office's day). Empty when it is complete.

    `in_time` is None where nobody travels, or nobody knows yet when; `not_enabled` are travellers who may not sign
    in. Nothing here is guessed: what is not said is lacking.
    """
    return {**unkeepable(content), **dict(_sayings(content)), **dict(_whereabouts(content, today)),
            **dict(_party(content, not_enabled)), **dict(_money(content)),
            **dict(_lateness(content, today, in_time))}  # fmt: skip


def is_late(content: Content, in_time: InTime | None) -> bool:
    """Whether a journey is asked for after the last safe day."""
    return content.direction is Direction.OUTBOUND and in_time is not None and in_time.late


def _sayings(content: Content) -> Iterator[tuple[str, str]]:
    if content.nature is None:
        yield "nature", "Choose the kind of meeting."
    if not content.purpose:
        yield "purpose", "Say what the engagement is for."
    if not content.outcome_sought:
        yield "outcome_sought", "Say what you will come home with."
    if content.direction is Direction.OUTBOUND and not content.why_not_virtual:
        yield "why_not_virtual", "Say why a call would not do."
    if not content.objective_ids:
        yield "objectives", "Choose at least one objective that this serves."
    if not content.partner_ids and content.forum_id is None:
        yield "partners", "Name at least one partner, or the forum."
    if content.missing:
        yield "missing", "The import left this open. Settle it below, then tick it."


def _whereabouts(content: Content, today: date) -> Iterator[tuple[str, str]]:
    if content.direction is not Direction.OUTBOUND:
        if content.legs:
            yield "legs", "Nobody of ours travels to this: clear the stays, or choose outbound."
        elif content.starts_on is None:
            yield "starts_on", "Give the first day."
        elif content.starts_on < today:
            yield "starts_on", "This day is past."
        return
    if not content.legs:
        yield "legs", "Say where the party goes, and when: give at least one stay."
        return
    for i, leg in enumerate(content.legs):
        if not leg.city:
            yield f"legs-{i}-city", "Name the city."
        if leg.zone is None:
            yield f"legs-{i}-zone", f"Choose the time zone of {leg.city or 'this place'}."
    for i, (before, after) in enumerate(pairwise(content.legs), start=1):
        if after.arrives_on < before.departs_on:
            yield f"legs-{i}-arrives_on", "This stay begins before the one above it ends."
    if content.legs[0].arrives_on < today:
        yield "legs-0-arrives_on", "This departure is past."


def _party(content: Content, not_enabled: Collection[int]) -> Iterator[tuple[str, str]]:
    if content.direction is not Direction.OUTBOUND:
        if content.travellers:
            yield "lead", "Nobody of ours travels to this: clear the travellers, or choose outbound."
        return
    if not any(t.is_lead for t in content.travellers):
        yield "lead", "Name who leads the party."
    for field, led in (("lead", True), ("others", False)):
        party = [t for t in content.travellers if t.is_lead is led]
        if strange := [t.name_given for t in party if t.person_id is None]:
            yield field, f"Not known here: {', '.join(strange)}. Give the e-mail address of an account."
        elif any(t.person_id in not_enabled for t in party):
            yield field, "One of these accounts is disabled. Ask the administrator, or name somebody else."
    if len(content.travellers) > 1 and not content.why_this_many:
        yield "why_this_many", "Say why more than one traveller is needed."


def _money(content: Content) -> Iterator[tuple[str, str]]:
    if content.direction is Direction.OUTBOUND and not content.costs:
        yield "costs", "Give at least one cost line, and who pays it."
    for i, cost in enumerate(content.costs):
        if not cost.what:
            yield f"costs-{i}-what", "Say what this pays for."
        if not cost.funder:
            yield f"costs-{i}-funder", "Say who pays this."


def _lateness(content: Content, today: date, in_time: InTime | None) -> Iterator[tuple[str, str]]:
    departure = content.first_day
    if departure is None or departure < today or content.late_reason or in_time is None:
        return
    if is_late(content, in_time):
        yield (
            "late_reason",
            (
                f"The last safe day to submit was {in_time.submit_by.day} {in_time.submit_by:%B %Y}, "
                f"{in_time.lead} before departure. Say why this one is late, and what is done about it."
            ),
        )
