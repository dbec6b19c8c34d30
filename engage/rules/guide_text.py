"""The only place that says how an etiquette guide is built, and whether somebody has read one well enough."""

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


def unread(content: Mapping[str, Any], ticked: Collection[int], answers: Mapping[int, int]) -> dict[str, str]:
    """What still speaks against an acknowledgement: a sentence for each field, empty when nothing does.

    `ticked` are places in the must-know list, `answers` chosen options by question, all counted from 0.
    """
    wrong: dict[str, str] = {}
    points: Sequence[str] = content["must_know"]
    left = [place for place in range(len(points)) if place not in ticked]
    if left:
        wrong["must_know"] = (
            "Tick each point when you have read it: "
            f"{len(left)} {'is' if len(left) == 1 else 'are'} not ticked."
        )
    for place, question in enumerate(content["check"]):
        chosen = answers.get(place)
        if chosen is None:
            wrong[f"question_{place}"] = "Choose an answer."
        elif chosen != question["answer"]:
            wrong[f"question_{place}"] = (
                f"That is not it. {question['why']} "
                f"Read “{SECTIONS[question['section']]}” again, then choose anew."
            )
    return wrong
