"""The only place that changes an engagement after it was submitted: judged, then made or put before the board."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from engage.models.engagements import Engagement
from engage.models.matters import Amendment
from engage.rules import completeness, material
from engage.rules.asking import Content
from engage.rules.authority import BETWEEN_MEETINGS
from engage.rules.material import Finding
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.workflow import APPROVED, CHANGEABLE, WITH_THE_BOARD
from engage.services import amendments, contents, material_rules, motions, notices, states

LONGEST = 5_000  # characters


@dataclass(frozen=True)
class Changed:
    """What became of a change: what was material in it, the amendment it became, whether votes were voided."""

    findings: tuple[Finding, ...]
    amendment: Amendment | None = None
    voided: bool = False


def judge(before: Content, after: Content, day: date) -> list[Finding]:
    """What is material in a change, by the rules in force on the office's `day`."""
    return material.judge(before, after, material_rules.on(day))


def change(
    engagement: Engagement, subject: Subject, wanted: Content, version: int, *, why: str, by: Actor, now: datetime
) -> Changed:
    """Change what an engagement says once it was submitted. `version` is the one that was read; `why` is kept.

    A minor change is made at once and logged; votes in a meeting stand. A material one voids votes already cast, and
    on an approved engagement it becomes the draft of an amendment instead. Outside a meeting every change voids the
    votes. Raises NotAllowed, NotOpen, Stale, or Incomplete.
    """
    if not may(by, Do.CHANGE, subject):
        raise NotAllowed("Only the requester changes what an engagement says.")
    return _change(engagement, wanted, version, why=why, by=by, now=now)


def postpone(
    engagement: Engagement, subject: Subject, first_on: date, version: int, *, why: str, by: Actor, now: datetime
) -> Changed:
    """Move an engagement so that it begins on `first_on`, every stay by as many days; then as `change`."""
    if not may(by, Do.POSTPONE, subject):
        raise NotAllowed("Only the requester postpones an engagement.")
    said = contents.asked_by(contents.content_of(engagement.id))
    if said.first_day is None:
        raise NotOpen("It has no dates yet, so there is nothing to postpone.")
    if first_on == said.first_day:
        raise Incomplete({"first_on": "It begins on this day already."})
    return _change(engagement, moved(said, first_on), version, why=why, by=by, now=now)


def moved(content: Content, first_on: date) -> Content:
    """`content` with all its days moved so that it begins on `first_on`."""
    later: timedelta = first_on - (content.first_day or first_on)
    return replace(
        content,
        starts_on=content.starts_on and content.starts_on + later,
        ends_on=content.ends_on and content.ends_on + later,
        legs=tuple(
            replace(leg, arrives_on=leg.arrives_on + later, departs_on=leg.departs_on + later) for leg in content.legs
        ),
    )


def _change(
    engagement: Engagement, wanted: Content, version: int, *, why: str, by: Actor, now: datetime
) -> Changed:
    states.hold(engagement)
    if engagement.state not in CHANGEABLE:
        raise NotOpen(f"This cannot be changed now: it is {engagement.state.label.lower()}.")
    if engagement.version != version:
        raise Stale("Somebody changed this engagement while you were writing, so nothing was changed.")
    said = contents.content_of(engagement.id)
    before, today = contents.asked_by(said), states.office_day(now)
    wanted = contents.in_order(replace(wanted, missing=before.missing, firmness=before.firmness))
    _must_be_sound(before, wanted, why, today)
    findings = tuple(judge(before, wanted, today))
    approved = engagement.state in APPROVED
    if approved and findings:
        return Changed(findings, amendments.begin(engagement, wanted, why=why, by=by, now=now))
    amendments.must_stand_alone(engagement.id, before, wanted)
    motion = motions.open_on(engagement.id) if engagement.state in WITH_THE_BOARD else None
    facts: dict[str, Any] = {"material": [finding.said for finding in findings]}
    amendments.rewrite(engagement, wanted, reason=why, minor=not findings, by=by, now=now, **facts)
    frozen = motion is not None and motion.method in BETWEEN_MEETINGS  # on paper everybody judges identical text
    if not approved:
        notices.changed_before(engagement, material=bool(findings), reason=why, by=by, now=now, today=today)
    if motion is None or not (findings or frozen):
        return Changed(findings)
    what = "the text was changed materially: " + " ".join(f.said for f in findings) if findings else (
        "the text was changed, and a vote outside a meeting is on identical text."
    )  # fmt: skip
    motions.void_open_motion(engagement.id, reason=what, by=by, now=now)
    return Changed(findings, voided=True)


def _must_be_sound(before: Content, wanted: Content, why: str, today: date) -> None:
    wrong = completeness.unkeepable(wanted)
    if not wrong and wanted == before:
        wrong["title"] = "Nothing differs from what it says now."
    if not wrong:
        wrong = amendments.faults(before, wanted, today=today)
    if not why:
        wrong["why"] = "Say why it changes: the reason is kept, and shown to those whom it concerns."
    elif len(why) > LONGEST:
        wrong["why"] = f"Use at most {LONGEST:,} characters."
    if wrong:
        raise Incomplete(wrong)
