"""The only place that says in sentences what a charter's numbers mean for a count."""

from engage.rules.thresholds import Needed, share_in_words
from engage.rules.voting import CharterRules


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
