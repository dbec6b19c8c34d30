"""The only place that says whether a traveller is cleared to travel, or exactly why not.

The verdict is never stored or typed: it is the answer of `assess` to the facts of the moment, and what is not
known counts against it. After the practice of country clearance by the chief of mission, of 13 FAM 030
(training by days abroad), and of the UN's TRIP, which clears only once training is complete.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engage.rules.conditions import due_day
from engage.rules.requirements import Kind, Requirement, RequirementRule, requirements
from engage.rules.trip_facts import (
    Acknowledged,
    Clearance,
    ClearanceStatus,
    Completion,
    Course,
    GuideVersion,
    OpenCondition,
    TripFacts,
    Waived,
)
from engage.rules.workflow import APPROVED, FINAL, State


class Standing(StrEnum):
    """How one requirement stands."""

    MET = "met"
    WAITING = "waiting"
    EXPIRED = "expired"
    MISSING = "missing"
    REFUSED = "refused"
    WAIVED = "waived"

    @property
    def label(self) -> str:
        """The standing in words, as every page shows it."""
        return self.value.capitalize()


SETTLED = frozenset({Standing.MET, Standing.WAIVED})


@dataclass(frozen=True)
class Item:
    """A requirement as it stands: why, and what to do about it (empty when nothing is)."""

    requirement: Requirement
    state: Standing
    why: str
    action: str = ""

    @property
    def due_on(self) -> date:
        """The day by which it should be met."""
        return self.requirement.due_on

    @property
    def rule_label(self) -> str:
        """The rule that asked for it."""
        return self.requirement.rule_label

    @property
    def source(self) -> str:
        """Where that rule comes from."""
        return self.requirement.source

    @property
    def holds_up(self) -> bool:
        """Whether this item alone keeps the traveller at home."""
        return self.requirement.blocks and self.state not in SETTLED


@dataclass(frozen=True)
class Verdict:
    """The dated checklist, and what follows from it."""

    items: tuple[Item, ...]

    @property
    def missing(self) -> tuple[Item, ...]:
        """Exactly why not: the items that hold the traveller up."""
        return tuple(item for item in self.items if item.holds_up)

    @property
    def waived(self) -> tuple[Item, ...]:
        """What was waived, and so is printed on the verdict."""
        return tuple(item for item in self.items if item.state is Standing.WAIVED)

    @property
    def cleared(self) -> bool:
        """Cleared to travel: approved, and nothing that blocks is unmet."""
        return not self.missing

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if self.cleared:
            given = f", with {_count(len(self.waived), 'waiver')}" if self.waived else ""
            return f"Cleared to travel{given}."
        missing = _count(len(self.missing), "thing")
        return f"Not cleared to travel: {missing} {'is' if len(self.missing) == 1 else 'are'} missing."


def assess(
    trip: TripFacts,
    rules: Iterable[RequirementRule],
    guides: Collection[GuideVersion] = (),
    courses: Iterable[Course] = (),
    acknowledged: Iterable[Acknowledged] = (),
    completions: Collection[Completion] = (),
    clearances: Collection[Clearance] = (),
    conditions: Iterable[OpenCondition] = (),
    waivers: Iterable[Waived] = (),
    today: date | None = None,
) -> Verdict:
    """The traveller's checklist and verdict. `guides` are all published versions of the guides concerned.

    The order of the facts never matters. Where two records of one clearance disagree, a refusal outweighs. A
    waiver counts for the one requirement it names, while `today` is not after its last day; without a day, never.
    """
    waived = {waiver.key: waiver for waiver in sorted(waivers, key=_ends) if today and waiver.ends_on >= today}
    named = {course.code: course for course in courses}
    read = {(mark.guide_id, mark.version_id) for mark in acknowledged}
    items = [_approval(trip)]
    for asked in requirements(trip, rules, guides):
        match asked.kind:
            case Kind.GUIDANCE:
                item = _guidance(asked, guides, read)
            case Kind.TRAINING:
                item = _training(asked, named.get(asked.target), completions, trip)
            case _:
                item = _clearance(asked, clearances)
        items.append(_after_waiver(item, waived.get(asked.key)))
    items += sorted(
        (_condition(condition, trip) for condition in conditions), key=lambda item: (item.due_on, item.why)
    )
    return Verdict(tuple(items))


def _approval(trip: TripFacts) -> Item:
    """The board's approval, without which nothing else clears."""
    state = State(trip.engagement_state)
    asked = Requirement(
        kind=Kind.APPROVAL,
        target="board",
        due_on=trip.departs_on,
        through=trip.returns_on,
        blocks=True,
        rule_code="approval",
        rule_label="Approval of the engagement",
        source="The board's charter",
        because="Every trip rests on an approved engagement.",
    )
    why = f"The engagement is {state.label.lower()}."
    if state in APPROVED:
        return Item(asked, Standing.MET, why)
    if state in FINAL:
        return Item(asked, Standing.REFUSED, why, "Do not travel.")
    return Item(asked, Standing.WAITING, why, "Wait for the board's decision.")


def _guidance(asked: Requirement, guides: Iterable[GuideVersion], read: Collection[tuple[int, int]]) -> Item:
    """Met by the version in force, or by an older one since which every change was minor."""
    if asked.version is None:
        return Item(
            asked, Standing.MISSING, "No such guidance has been published.", "Ask the content owner for it."
        )
    title = asked.version.title
    versions = sorted(
        (v for v in guides if v.guide_id == asked.version.guide_id), key=GuideVersion.age, reverse=True
    )
    good = []
    for version in versions:
        good.append((version.guide_id, version.version_id))
        if version.material:
            break
    if any(mark in read for mark in good):
        return Item(asked, Standing.MET, f"{title} is acknowledged.")
    if any(guide_id == asked.version.guide_id for guide_id, _ in read):
        return Item(
            asked,
            Standing.EXPIRED,
            f"{title} changed after it was acknowledged.",
            "Read it again and acknowledge it.",
        )
    return Item(asked, Standing.MISSING, f"{title} is not acknowledged.", "Read it and acknowledge it.")


def _training(
    asked: Requirement, course: Course | None, completions: Iterable[Completion], trip: TripFacts
) -> Item:
    """Met by a verified completion of the course or an equivalent, valid through the day of return."""
    name = course.name if course else asked.target
    accepted = {asked.target} | (course.satisfied_by if course else frozenset())
    taken = [c for c in completions if c.course_code in accepted and c.completed_on <= trip.departs_on]
    good = [c for c in taken if _holds(c.valid_until, asked.through)]
    verified = [c for c in good if c.verified]
    if verified:
        return Item(asked, Standing.MET, f"{name}: {_until(c.valid_until for c in verified)}.")
    if good:
        return Item(
            asked,
            Standing.WAITING,
            f"{name} is recorded, but nobody has verified it.",
            "Ask the training owner to verify it.",
        )
    if taken:
        why = f"{name}: {_until(c.valid_until for c in taken)}, but the trip ends on {_day(asked.through)}."
        return Item(asked, Standing.EXPIRED, why, "Renew the training and record the new completion.")
    return Item(
        asked,
        Standing.MISSING,
        f"No completion of {name} is recorded.",
        "Take the course and record its completion.",
    )


def _clearance(asked: Requirement, clearances: Iterable[Clearance]) -> Item:
    """Met by a grant, restricted or not, that holds to the end of the stay; a refusal outweighs grants."""
    held = [c for c in clearances if c.kind == asked.target and asked.country_code in (None, c.country_code)]
    name, granted = asked.title, [c for c in held if c.status in ClearanceStatus.good()]
    good = [c for c in granted if _holds(c.valid_until, asked.through)]
    if any(c.status == ClearanceStatus.REFUSED for c in held):
        return Item(
            asked, Standing.REFUSED, f"{name} was refused.", "Ask the secretariat what can be changed."
        )
    if good:
        limits = "; ".join(sorted({c.restriction for c in good if c.restriction}))
        return Item(
            asked,
            Standing.MET,
            f"{name}: granted, on condition: {limits}." if limits else f"{name}: granted.",
        )
    if len(granted) < len(held):
        return Item(
            asked,
            Standing.WAITING,
            f"{name} is requested, not yet granted.",
            "Record the answer when it comes.",
        )
    if granted:
        why = f"{name}: {_until(c.valid_until for c in granted)}, but it must hold to {_day(asked.through)}."
        return Item(asked, Standing.EXPIRED, why, "Request an extension.")
    return Item(asked, Standing.MISSING, f"{name} is not recorded.", "Request it and record the answer.")


def _condition(condition: OpenCondition, trip: TripFacts) -> Item:
    asked = Requirement(
        kind=Kind.CONDITION,
        target="board",
        due_on=due_day(trip.departs_on, condition.due_days_before, condition.due_on) or trip.departs_on,
        through=trip.returns_on,
        blocks=True,
        rule_code="condition",
        rule_label="Condition of the approval",
        source="The board's decision",
        because="The board approved under this condition.",
    )
    return Item(asked, Standing.MISSING, condition.text, "Meet the condition and have it verified.")


def _after_waiver(item: Item, waiver: Waived | None) -> Item:
    """The item as it stands with its waiver; what is met needs none."""
    if waiver is None or item.state is Standing.MET:
        return item
    why = f"Waived through {_day(waiver.ends_on)} by {waiver.signed}: {waiver.reason.rstrip('.')}."
    return Item(item.requirement, Standing.WAIVED, why)


def _ends(waiver: Waived) -> tuple[date, str, str]:
    return waiver.ends_on, waiver.signed, waiver.reason


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _holds(valid_until: date | None, through: date) -> bool:
    return valid_until is None or valid_until >= through


def _until(ends: Iterable[date | None]) -> str:
    """How long the best of several lasts."""
    days = list(ends)
    return "valid without end" if None in days else f"valid until {_day(max(day for day in days if day))}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
