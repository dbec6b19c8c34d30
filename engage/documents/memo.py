"""The only place that gathers the decision memo: what the board must know of an item, on one page.

Nothing in it depends on the day it is read: dates are absolute, and its moment is that of its newest fact. So the
same facts make the same page, and the same bytes as PDF.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import current_app

from engage.documents import pdf
from engage.reference.calendars import calendar_of
from engage.rules.clashes import Clash, Tie
from engage.rules.marking import Marking
from engage.rules.working_time import last_safe_day
from engage.services import clashes, contents, past, recommendations, routing, sessions, versions
from engage.services.past import Meeting, Promise
from engage.services.recommendations import Recommended
from engage.services.routing import Found
from engage.services.versions import Version

MOST_PROMISES = 3
MOST_LINES = 5  # of clashes and of history: the rest is counted, and stands on the pages
LONGEST = 420  # characters of a text of the request; the memo names the version that has all of it
LONGEST_LINE = 56  # characters of a title or a tie in a table
LONGEST_LIST = 200  # characters of the party, the places or the partners


@dataclass(frozen=True)
class Memo:
    """The memo of one item. `decide_by` None: no departure, so nothing presses; `late` says that the norm was missed.

    `lead` is what the day keeps, in words. Amounts are US dollars.
    """

    item_id: int
    title: str
    asks: str
    requester: str
    version: int
    sha256: str
    made_at: datetime
    starts_on: date | None
    ends_on: date | None
    places: str
    party: str
    partners: str
    purpose: str
    outcome_sought: str
    recommended: Recommended | None
    outdated: bool  # the recommendation was written on an earlier text
    decide_by: date | None
    lead: str
    total: Decimal
    not_federal: Decimal
    clashes: tuple[Clash, ...]
    more_clashes: int
    history: tuple[Meeting, ...]
    more_history: int
    way: str  # tier, way and points, in words; "" where none was found
    fired: str  # the rules that gave points
    promises: tuple[Promise, ...]
    more_promises: int
    marking: Marking = Marking.GREEN

    @property
    def foot(self) -> str:
        """What stands at the foot: which text this is about."""
        return f"{self.marking.label}. Item {self.item_id}, version {self.version}, SHA-256 {self.sha256[:16]}…"


def memo(item_id: int) -> Memo | None:
    """The memo of an item, or None where nothing was submitted yet. A fixed number of statements."""
    version = versions.current(item_id)
    if version is None:
        return None
    recommended = next(iter(recommendations.history(item_id)), None)
    near, met = _near(version.content, item_id, version.valid_from), past.with_partners(item_id)
    around = _Around(near, met, past.open_promises(item_id))
    return _memo(item_id, version, recommended, routing.route_of(item_id), around, past.leads())


def brief(
    item_id: int, version: Version, recommended: Recommended | None, found: Found | None, leads: list[Any]
) -> Memo:
    """The memo as a pack has it: without clashes, history and promises, which stand on the item's own memo.

    Reads nothing: the caller has read the text, the recommendation, the way and the lead times of all items at once.
    """
    return _memo(item_id, version, recommended, found, _Around(), leads)


@dataclass(frozen=True)
class _Around:
    """What of other items the memo tells: clashes, earlier meetings, and promises that are open."""

    near: list[Clash] = field(default_factory=list)
    met: list[Meeting] = field(default_factory=list)
    owed: list[Promise] = field(default_factory=list)


def _memo(
    item_id: int, version: Version, recommended: Recommended | None, found: Found | None, around: _Around,
    leads: list[Any],
) -> Memo:  # fmt: skip
    said: dict[str, Any] = version.content
    near, met, owed = around.near, around.met, around.owed
    first = min((leg["arrives_on"] for leg in said.get("legs", ())), default=said.get("starts_on"))
    decide_by, lead = _decide_by(said, first, version.valid_from, leads)
    costs = said.get("costs", ())
    return Memo(
        item_id, said["title"], str(said["asks"]), (said.get("requester") or {}).get("name", ""), version.number,
        version.sha256, max([version.valid_from, *([recommended.at] if recommended else [])]),
        said.get("starts_on"), said.get("ends_on"),
        "; ".join(dict.fromkeys(f"{leg['city']}, {leg['country']}" for leg in said.get("legs", ()))),
        ", ".join(one["name"] + (" (lead)" if one["lead"] else "") for one in said.get("travellers", ())),
        ", ".join(one["name"] for one in said.get("partners", ())),
        _short(said.get("purpose", "")), _short(said.get("outcome_sought", "")), recommended,
        recommended is not None and recommended.item_version_id != version.id, decide_by, lead,
        said.get("total", Decimal("0.00")), sum((c["amount"] for c in costs if c["non_federal"]), Decimal("0.00")),
        tuple(near[:MOST_LINES]), len(near[MOST_LINES:]), tuple(met[:MOST_LINES]), len(met[MOST_LINES:]),
        _way(found), "; ".join(f"{one.sentence} ({one.points})" for one in found.fired) if found else "",
        tuple(owed[:MOST_PROMISES]), len(owed[MOST_PROMISES:]), said.get("marking", Marking.GREEN),
    )  # fmt: skip


def _near(said: dict[str, Any], item_id: int, at: datetime) -> list[Clash]:
    """What is around an engagement, as the rules of the day of its text look for it; nothing for other kinds."""
    if "legs" not in said:
        return []
    day = sessions.office_day(at, current_app.config["SETTINGS"].home_zone)
    found = clashes.find(contents.asked_by(said), item_id=item_id, day=day).clashes
    return [one for one in found if all(tie is not Tie.PROMISE for tie, _ in one.ties)]  # promises stand by themselves


def _meets(clash: Clash) -> str:
    """What meets, and why it is asked for all the same."""
    return "; ".join(part for part in (clash.why, f"accepted: {clash.reason}" if clash.reason else "") if part)


def as_pdf(made: Memo) -> bytes:
    """The memo as one tagged page."""
    return pdf.render("memo", told(made), title=made.title, made_at=made.made_at)


def _decide_by(
    said: dict[str, Any], first: date | None, on: datetime, leads: list[Any]
) -> tuple[date | None, str]:
    """The last business day on which a decision still leaves the time that outside clearances take."""
    if first is None or not said.get("legs"):
        return None, ""
    days, rule = past.longest_lead(on.date(), leads)
    home = current_app.config["SETTINGS"].home_country
    calendar = calendar_of(home, date(first.year - 1, 1, 1), first)
    return last_safe_day(first, days, [calendar]), f"{days} days before departure: {rule}" if rule else "departure"


def _way(found: Found | None) -> str:
    """Tier and way as the memo names them."""
    if found is None:
        return ""
    raised = ", raised to it by the secretariat" if found.reason else ""
    points = f"{found.points} point{'' if found.points == 1 else 's'}"
    return f"Tier {found.tier.label.lower()} ({points}), by {found.route.label.lower()}{raised}"


def _short(text: str, most: int = LONGEST) -> str:
    """The beginning of a text, cut at a word where there is one."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rsplit(" ", 1)[0] + "…"


def _line(text: str) -> str:
    return _short(text, LONGEST_LINE)


def in_words(day: date | None) -> str:
    """A day as the memo writes it: "Monday 4 May 2026"."""
    return f"{day:%A} {day.day} {day:%B %Y}" if day else ""


def span(first: date | None, last: date | None) -> str:
    """Two days as the memo writes them."""
    if first is None:
        return "No dates yet"
    begins = f"{first.day} {first:%b %Y}"
    return begins if last in (None, first) else f"{begins} to {last.day} {last:%b %Y}"


def dollars(amount: Decimal) -> str:
    """An amount as the memo writes it."""
    return f"${amount:,.2f}"


def way(made: Memo) -> str:
    """Tier and way in a sentence, with what gave the points."""
    return made.way + (f". {_short(made.fired, LONGEST_LIST)}" if made.fired else "")


def promised(one: Promise) -> list[str]:
    """An open promise as a line of the memo."""
    return [_short(one.what, 90), f"{'We owe' if one.ours else 'Owed by'} {_line(one.partner)}", span(one.due_on, None)]


def money(made: Memo) -> str:
    """The costs in a sentence."""
    if not made.total:
        return "No cost is given."
    outside = f", of which {dollars(made.not_federal)} from outside the federal government" if made.not_federal else ""
    return f"{dollars(made.total)} for the whole party{outside}."


def told(made: Memo) -> dict[str, Any]:
    """The memo as the template reads it: texts alone."""
    given, when = made.recommended, span(made.starts_on, made.ends_on)
    return {
        "kind": "Decision memo",
        "foot": made.foot,
        "facts": [
            ["For", "Advice of the board" if made.asks == "advice" else "Decision of the board"],
            *([["Tier and way", way(made)]] if made.way else []),
            ["Decide by", f"{in_words(made.decide_by)} ({made.lead})" if made.decide_by else "No day presses"],
            ["Asked by", made.requester],
            ["When and where", ", ".join(part for part in (when, _short(made.places, LONGEST_LIST)) if part)],
            ["Party", _short(made.party, LONGEST_LIST) or "Nobody travels"],
            ["With", _short(made.partners, LONGEST_LIST) or "No partner is named"],
            ["Cost", money(made)],
        ],
        "recommendation": given.outcome.label if given else "None was written yet.",
        "reason": given.reason if given else "",
        "by": f"{given.by_name}, version {given.number}" if given else "",
        "outdated": made.outdated,
        "options": [[one.what, one.consequence] for one in given.options] if given else [],
        "purpose": made.purpose,
        "sought": made.outcome_sought,
        "clashes": [[_line(one.title), span(one.starts_on, one.ends_on), _line(_meets(one))] for one in made.clashes],
        "more_clashes": made.more_clashes,
        "history": [[_line(one.title), span(one.starts_on, one.ends_on), one.outcome] for one in made.history],
        "more_history": made.more_history,
        "promises": [promised(one) for one in made.promises],
        "more_promises": made.more_promises,
        "long": _length(made, given),
    }  # fmt: skip


def _length(made: Memo, given: Recommended | None) -> int:
    """How much there is to set, in characters; a line of a table counts as 90."""
    texts = [made.purpose, made.outcome_sought, made.party[:LONGEST_LIST], made.places[:LONGEST_LIST], 2 * made.title]
    if given:
        texts += [given.reason, *(one.what + one.consequence for one in given.options)]
    texts += [made.way, made.fired[:LONGEST_LIST]]
    return sum(map(len, texts)) + 130 * (len(made.clashes) + len(made.history) + len(made.promises))
