"""The only place that says in sentences what a charter's numbers mean, and what is wrong with them."""

from collections.abc import Mapping
from decimal import InvalidOperation
from fractions import Fraction
from typing import Any

from engage.rules import authority, thresholds
from engage.rules.items import ItemKind
from engage.rules.reports import LateReports
from engage.rules.thresholds import HALF, Measure, Needed, share_in_words
from engage.rules.voting import CharterRules

_TOO_MUCH = "More than 100 % of the votes can never be reached: give at least 1/2 and less than the whole, such as 2/3."


def in_words(rules: CharterRules) -> tuple[str, ...]:
    """What the charter's numbers say, a sentence each, as a decision prints the rules under which it was counted."""
    one = rules.quorum_at_least == 1
    quorum = f"{rules.quorum_at_least} seat{'' if one else 's'}" if rules.quorum_at_least else (
        f"more than {share_in_words(rules.quorum)} of them"
    )
    leave = [what for what, leaves in (("vacant seats", rules.vacant_leave_the_base),
                                       ("seats of whoever stands aside", rules.recused_leave_the_base)) if leaves]
    chair = "The chair votes as any member does."
    if rules.chair_breaks_ties:
        chair = "The chair votes to break a tie and not otherwise, and is counted in a tie alone."
    elif not rules.chair_votes:
        chair = "The chair does not vote and is not counted."
    return (
        f"All seats count{', but for ' + ' and '.join(leave) if leave else ''}; {quorum} {'is' if one else 'are'} "
        "a quorum.",
        f"A motion carries by {to_carry(rules.needed)}; a tie fails.",
        chair,
    )  # fmt: skip


def to_carry(needed: Needed) -> str:
    """What a motion needs, after "by"."""
    said = f"more than {share_in_words(needed.cast)} of the yes and no together"
    if needed.second is None or needed.of is None:
        return said
    return f"{said}, and by more than {share_in_words(needed.second)} of {needed.of.label}"


def wrong_with(said: Mapping[str, Any], *, seats_of_board: int) -> dict[str, str]:
    """A sentence for each number that no board could meet, by its name; empty for a sound charter."""
    wrong = {}
    for name, label in (("title", "title"), ("source", "source: who decided it, and where that is written")):
        if not said[name]:
            wrong[name] = f"Give the {label}."
    wrong |= _wrong_count(said, seats_of_board) | _wrong_threshold(said)
    for name in ("silence_kinds", "alone_kinds", "meeting_kinds"):
        try:
            authority.kinds_of(said[name])
        except ValueError:
            wrong[name] = f"Use these words, with blanks between: {', '.join(ItemKind)}."
    if "meeting_kinds" not in wrong and "silence_kinds" not in wrong and "alone_kinds" not in wrong:
        kept = authority.kinds_of(said["meeting_kinds"])
        for name, way in (("silence_kinds", "silence"), ("alone_kinds", "one person")):
            if both := sorted(kind.label.lower() for kind in authority.kinds_of(said[name]) & kept):
                wrong[name] = f"This is kept for a meeting, so {way} cannot decide it: {', '.join(both)}."
    if said["late_reports"] not in set(LateReports):
        wrong["late_reports"] = f"Use one of these words: {', '.join(LateReports)}."
    if said["silence_least_hours"] < 1:
        wrong["silence_least_hours"] = "Silence lasts at least one hour."
    elif said["silence_least_hours"] > said["silence_hours"]:
        wrong["silence_least_hours"] = "The fewest hours are no more than the usual ones."
    for name in ("reconsider_days", "calendar_days", "ratify_days", "standing_months", "silence_hours"):
        if not 0 <= said[name] <= 1000:
            wrong[name] = "Use a number from 0 to 1,000."
    if not 0 <= said["notice_days"] <= 60:
        wrong["notice_days"] = "Use a number from 0 to 60."
    for name in ("silence_cost", "alone_cost"):
        if said[name] is not None and not 0 <= said[name] < 10**9:
            wrong[name] = "Use an amount from 0 up to a thousand million, or leave it empty for no ceiling."
    return wrong


def _wrong_count(said: Mapping[str, Any], seats_of_board: int) -> dict[str, str]:
    wrong, quorum = {}, _share(said["quorum_share"])
    if quorum is None or not 0 <= quorum < 1:
        wrong["quorum_share"] = (
            "Quorum is more than a share of the seats: give less than the whole, such as 1/2 or 0."
        )
    if said["chair_votes"] and said["chair_breaks_ties"]:
        wrong["chair_breaks_ties"] = "A chair who votes like anyone has no second vote: one seat has one vote."
    least, voting = said["quorum_at_least"], seats_of_board - (not said["chair_votes"])
    if least is not None and least < 1:
        wrong["quorum_at_least"] = "Quorum is at least one seat."
    elif least is not None and least > voting:
        wrong["quorum_at_least"] = (
            f"The board has {voting} voting seats, so a quorum of {least} could never be reached."
        )
    return wrong


def _wrong_threshold(said: Mapping[str, Any]) -> dict[str, str]:
    wrong, first = {}, _share(said["threshold_share"])
    if first is None or first >= 1:
        wrong["threshold_share"] = _TOO_MUCH
    elif first < HALF:
        wrong["threshold_share"] = "Below a half a tie would carry: give at least 1/2."
    if why := wrong_second(said["second_share"], said["second_of"]):
        wrong["second_share"] = why
    try:
        thresholds.by_kind(said["thresholds"])
    except ValueError as fault:
        wrong["thresholds"] = str(fault)
    return wrong


def wrong_first(share: str) -> str:
    """Why a kind of item cannot need more than this share of the votes, in a sentence; empty when it can."""
    first = _share(share)
    if first is None or first >= 1:
        return _TOO_MUCH
    return "" if first >= HALF else "Below a half a tie would carry: give at least 1/2."


def wrong_second(share: str | None, of: Any) -> str:
    """Why there cannot be such a second threshold, in a sentence; empty when there can, or is none."""
    second = _share(share) if share else None
    if not share:
        return "Say more than which share, or leave both empty." if of else ""
    if second is None or not 0 < second < 1:
        return "More than 100 % can never be reached: give more than 0 and less than the whole, such as 1/2."
    return "" if of in set(Measure) else "Say of which seats it is a share."


def _share(words: Any) -> Fraction | None:
    try:
        return Fraction(words)
    except (ValueError, TypeError, ZeroDivisionError, InvalidOperation):
        return None
