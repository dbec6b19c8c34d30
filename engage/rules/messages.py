"""The only place that says what messages are about, which of them nobody can turn off, and how each goes by default."""

from dataclasses import dataclass
from enum import StrEnum


class ByMail(StrEnum):
    """How somebody wants the mail of one topic. The inbox has every message in any case."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    INBOX_ONLY = "inbox_only"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {"at_once": "At once", "daily": "In one daily message", "inbox_only": "In the inbox only"}[self]


@dataclass(frozen=True)
class Topic:
    """What a message is about. Of a `mandatory` one the mail cannot be turned off, only gathered by day."""

    word: str
    label: str
    hint: str
    mandatory: bool
    default: ByMail
    offered: bool = True  # False: there is nothing to choose

    def choices(self) -> tuple[ByMail, ...]:
        """What a reader may choose."""
        return (ByMail.AT_ONCE, ByMail.DAILY) if self.mandatory else tuple(ByMail)


TOPICS = {
    topic.word: topic
    for topic in (
        Topic("access", "Signing in", "Links to set a password.", True, ByMail.AT_ONCE, offered=False),
        Topic("digest", "The daily message", "What is gathered by day.", True, ByMail.AT_ONCE, offered=False),
        Topic("alarm", "Calls for help", "A traveller asks for help.", True, ByMail.AT_ONCE, offered=False),
        Topic("vote", "Votes asked of you", "A motion was put, and your vote is awaited.", True, ByMail.AT_ONCE),
        Topic("duty", "What only you can do", "Reminders of what you owe, with those of the people who answer to you.",
              True, ByMail.DAILY),
        Topic("work", "Work that comes to you", "Requests to screen, to answer or to complete.", True, ByMail.DAILY),
        Topic("trip", "Your trips", "A trip that opens, changes or ends, and guides that changed since you read them.",
              True, ByMail.DAILY),
        Topic("outcome", "What became of requests", "Moves of a request, results of votes, training that was verified.",
              False, ByMail.DAILY),
        Topic("nudge", "Other reminders", "Reminders that your organisation does not demand.", False, ByMail.DAILY),
        Topic("follow", "What you follow", "A country, partner, forum or topic: what is approved, moves, starts or is"
              " cancelled.", False, ByMail.DAILY),
        Topic("lookahead", "The weekly look-ahead", "Engagements and trips of the next weeks, for who leads.", False,
              ByMail.DAILY),
    )
}  # fmt: skip
OF_TEMPLATE = {
    "digest": "digest",
    "lookahead": "lookahead",
    "followed": "follow",
    "invitation": "access",
    "vote_open": "vote",
    "vote_void": "vote",
    "silence_open": "vote",
    "silence_runs": "vote",
    "overdue_step": "work",
    "deferred_again": "work",
    "engagement_changed": "outcome",
    "item_changed": "outcome",
    "engagement_submitted": "work",
    "engagement_handed": "work",
    "trip_opened": "trip",
    "trip_cancelled": "trip",
    "guide_changed": "trip",
    "trip_cleared": "trip",
    "trip_uncleared": "trip",
    "advisory_risen": "trip",
    "help_asked": "alarm",
    "assistant_named": "work",
    "loan_issued": "trip",
    "waiver_asked": "work",
    "condition_owed": "work",
    "condition_given": "work",
    "condition_settled": "outcome",
    "coverage_lacking": "work",
    "waiver_signed": "trip",
    "waiver_revoked": "trip",
    "session_seated": "trip",
    "session_moved": "trip",
    "engagement_moved": "outcome",
    "vote_closed": "outcome",
    "training_verified": "outcome",
    "training_declined": "work",
    "meeting": "work",
    "action_asked": "work",
    "commitment_owned": "work",
    "gift_moved": "outcome",
    "report_filed": "outcome",
    "late_pass": "outcome",
}
UNKNOWN = "duty"  # what nobody has sorted is never turned off
# These wait for no morning: they are void by then, or somebody sets out in vain.
URGENT = frozenset({"invitation", "trip_cancelled", "trip_uncleared", "advisory_risen", "digest"})


def topic_of(template: str) -> str:
    """The topic of a message that does not name its own."""
    return OF_TEMPLATE.get(template, UNKNOWN)


def goes(topic: Topic, wanted: ByMail | None, *, urgent: bool) -> ByMail:
    """How a message of `topic` goes to somebody who `wanted` it so (None: said nothing).

    An urgent one waits for no digest; only of what is not mandatory may somebody want no mail at all.
    """
    chosen = wanted or topic.default
    if chosen is ByMail.INBOX_ONLY:
        if not topic.mandatory:
            return chosen
        chosen = ByMail.DAILY
    return ByMail.AT_ONCE if urgent else chosen


def silenceable(word: str) -> bool:
    """Whether mail of this topic may be turned off by its reader; a topic nobody knows may not."""
    return word in TOPICS and not TOPICS[word].mandatory
