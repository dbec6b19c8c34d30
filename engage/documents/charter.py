"""The only place that sets out a charter in sentences, to be read, printed and signed."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from engage.documents import pdf
from engage.models.board import Board, Charter
from engage.rules.authority import kinds_of
from engage.rules.charter import in_words, to_carry
from engage.rules.thresholds import by_kind
from engage.services import seats


def told(charter: Charter, board: Board, day: date) -> dict[str, Any]:
    """The charter as the template and the page read it: texts alone. The seats are those of `day`."""
    rules = seats.rules_of(charter)
    apart = [
        f"{kind.label}: a motion carries by {to_carry(needed)}."
        for kind, needed in sorted(by_kind(charter.thresholds).items())
    ]
    kept = _kinds(charter.meeting_kinds)
    return {
        "kind": "Charter",
        "foot": f"{board.name}. In force from {_day(charter.starts_on)}",
        "title": charter.title,
        "parts": [
            ["The count", [*in_words(rules), *apart]],
            ["Meetings", [
                f"These are decided in a meeting alone: {kept}." if kept else "Nothing is kept for a meeting.",
                f"A meeting is called {_count(charter.notice_days, 'business day')} before it, or with a reason."
                if charter.notice_days else "No notice of a meeting is asked.",
                f"What a member takes to a meeting reaches one within {_count(charter.calendar_days, 'day')}.",
            ]],
            ["Before the board decides", [
                "The requester’s supervisor endorses a request before it is screened." if charter.endorsement
                else "A request is screened without its supervisor’s endorsement.",
                "Further reviews go on at the same time." if charter.reviews_together
                else "Further reviews follow one another.",
                f"While a report of the party is overdue: {charter.late_reports.label.lower()}.",
            ]],
            ["Silence procedure", [
                _allowed("Silence", charter.silence_kinds, charter.silence_cost),
                f"It lasts {_count(charter.silence_hours, 'hour')} on business days, and never less than "
                f"{_count(charter.silence_least_hours, 'hour')}. One written objection breaks it.",
            ]],
            ["One person alone", [
                _allowed("A decision by the chair or the chair’s delegate", charter.alone_kinds, charter.alone_cost),
                f"What is decided at once is ratified within {_count(charter.ratify_days, 'day')}, or lapses.",
                f"A standing approval lasts {_count(charter.standing_months, 'month')} at most.",
            ]],
            ["Deciding once more", [
                f"A decision may be reconsidered once, within {_count(charter.reconsider_days, 'day')}, on new facts."
                if charter.reconsider_days else "A decision is final: it is not reconsidered.",
                *(["A member of the winning side may ask for it, too."]
                  if charter.reconsider_days and charter.prevailing_may_reconsider else []),
            ]],
        ],
        "seats": [
            [place.seat.name + (" (chair)" if place.seat.is_chair else ""), place.holder_name or "Vacant"]
            for place in seats.places_on(board.id, day)
        ],
        "seats_on": f"Seats on {_day(day)}",
        "source": charter.source,
        "sign": [["Approved by", ""], ["Office", ""], ["Date", ""]],
    }  # fmt: skip


def as_pdf(charter: Charter, board: Board, day: date) -> bytes:
    """The charter as a tagged document. The same charter and the same seats make the same bytes."""
    made = datetime.combine(charter.starts_on, time(12), UTC)
    return pdf.render("charter", told(charter, board, day), title=charter.title, made_at=made)


def _allowed(what: str, kinds: str, most: Decimal | None) -> str:
    named = _kinds(kinds)
    if not named:
        return f"{what} decides nothing."
    return f"{what} may decide: {named}" + (f", up to ${most:,.2f}." if most is not None else ", at any cost.")


def _kinds(words: str) -> str:
    return ", ".join(kind.label.lower() for kind in sorted(kinds_of(words)))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
