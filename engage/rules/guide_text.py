"""The only place that says how an etiquette guide is built, and whether somebody has read one well enough."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

# Every guide has these sections, in this order.
SECTIONS: Mapping[str, str] = MappingProxyType({
    "greetings": "Greetings",
    "forms_of_address": "Forms of address",
    "business_cards": "Business cards",
    "meetings_and_punctuality": "Meetings and punctuality",
    "communication_and_negotiation": "Communication and negotiation",
    "gifts_and_hospitality": "Gifts and hospitality",
    "dining": "Dining",
    "dress": "Dress",
    "religion_and_calendar": "Religion and calendar",
    "sensitive_topics": "Sensitive topics",
    "gestures_photography_and_devices": "Gestures, photography and devices",
    "for_this_delegation": "For this delegation",
})  # fmt: skip


MOST_POINTS = 20
MOST_QUESTIONS = 20


def faults(content: Mapping[str, Any]) -> dict[str, str]:
    """What keeps a text from being published: a sentence for each field, empty when it is sound."""
    wrong: dict[str, str] = {}
    if not content["summary"]:
        wrong["summary"] = "Say in a sentence or two what matters most."
    if not any(content["sections"].values()):
        wrong[f"section_{next(iter(SECTIONS))}"] = "A guide needs text in at least one section."
    for name, what in (("must_know", "point to remember"), ("sources", "source")):
        if not content[name]:
            wrong[name] = f"Give at least one {what}."
        elif len(content[name]) > MOST_POINTS:
            wrong[name] = f"Give at most {MOST_POINTS}."
    if any(not source.startswith(("https://", "http://")) or " " in source for source in content["sources"]):
        wrong["sources"] = "Each source is an address on a line of its own, beginning with https://."
    for slug, sources in content.get("section_sources", {}).items():
        if any(not source.startswith(("https://", "http://")) or " " in source for source in sources):
            wrong[f"sources_{slug}"] = "Each source is an address on a line of its own, beginning with https://."
    if len(content["check"]) > MOST_QUESTIONS:
        wrong["questions"] = f"Ask at most {MOST_QUESTIONS} questions."
    for number, question in enumerate(content["check"], start=1):
        if problem := _fault(question, content["sections"]):
            wrong[f"question {number}"] = f"Question {number}: {problem}"
    return wrong


def _fault(question: Mapping[str, Any], sections: Mapping[str, str]) -> str:
    options = question["options"]
    if not 2 <= len(options) <= 6 or len(set(options)) != len(options):
        return "give two to six different answers, a line each."
    if not 0 <= question["answer"] < len(options):
        return "say which of the answers is right, counted from 1."
    if not question["why"]:
        return "say why that answer is right."
    if not sections.get(question["section"]):
        return "choose the section that answers it; that section is empty."
    return ""


def drawn(content: Mapping[str, Any], most: int, seed: str, first: Collection[str] = ()) -> tuple[int, ...]:
    """The places of at most `most` questions, drawn by `seed`: the same reading always meets the same ones.

    Questions on the sections named in `first` come before all others.
    """

    def lot(place: int) -> tuple[bool, str]:
        return content["check"][place]["section"] not in first, hashlib.sha256(f"{seed}:{place}".encode()).hexdigest()

    return tuple(sorted(sorted(range(len(content["check"])), key=lot)[: max(most, 0)]))


def right(content: Mapping[str, Any], answers: Mapping[int, int], asked: Collection[int]) -> int:
    """How many of the questions asked were answered rightly."""
    return sum(answers.get(place) == content["check"][place]["answer"] for place in asked)


def unread(
    content: Mapping[str, Any], ticked: Collection[int], answers: Mapping[int, int], asked: Collection[int]
) -> dict[str, str]:
    """What still speaks against an acknowledgement: a sentence for each field, empty when nothing does.

    `ticked` are places in the must-know list, `answers` chosen options by question, `asked` the questions drawn,
    all counted from 0.
    """
    wrong: dict[str, str] = {}
    points: Sequence[str] = content["must_know"]
    left = [place for place in range(len(points)) if place not in ticked]
    if left:
        wrong["must_know"] = (
            f"Tick each point when you have read it: {len(left)} {'is' if len(left) == 1 else 'are'} not ticked."
        )
    for place in asked:
        question, chosen = content["check"][place], answers.get(place)
        if chosen is None:
            wrong[f"question_{place}"] = "Choose an answer."
        elif chosen != question["answer"]:
            wrong[f"question_{place}"] = (
                f"That is not it. {question['why']} Read “{SECTIONS[question['section']]}” again, then choose anew."
            )
    return wrong
