"""The only place that finds what gets in the way of a request: other engagements, people, posts, holidays.

One statement, however many there are, and none that reads a growing table whole: of a partner, a forum or a person
the NEWEST engagements are read, of a country the stays of the days around. Whoever shows the answer asks first
whether its reader may see them all (`seen_by`): those who govern may, and an approved engagement is seen by everybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from engage.extensions import db
from engage.reference.countries import country
from engage.reference.holidays import holidays_in
from engage.rules import clashes
from engage.rules.asking import Content
from engage.rules.clashes import Clash, Near, Rule, Tie
from engage.rules.completeness import LONGEST_STAY_DAYS
from engage.rules.policy import Actor, See, may
from engage.rules.workflow import APPROVED, State
from engage.services import clash_facts, contents, visibility

CLOSED_PROMISE = "A promise made at an engagement that is closed to you"


@dataclass(frozen=True)
class Found:
    """What is around a request. `clashes` get in its way; the rest is told for information, the latest contact first.

    `holidays` are (day, what, country); `evidence` is what was accepted and why, in the words of that day.
    """

    clashes: tuple[Clash, ...] = ()
    contacts: tuple[Clash, ...] = ()
    holidays: tuple[tuple[date, str, str], ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()

    @property
    def promises(self) -> tuple[Clash, ...]:
        """Of the clashes, what was promised to the partners and is not kept."""
        return tuple(clash for clash in self.clashes if any(tie is Tie.PROMISE for tie, _ in clash.ties))

    @property
    def open(self) -> tuple[Clash, ...]:
        """The clashes that still need a reason."""
        return tuple(clash for clash in self.clashes if clash.open)


def rules_on(day: date) -> dict[Tie, Rule]:
    """What is looked for on the office's `day`. One statement."""
    return {row.tie: Rule(row.days, row.needs_reason) for row in db.session.execute(clash_facts.RULES, {"day": day})}


def find(content: Content, *, item_id: int | None = None, day: date) -> Found:
    """What gets in the way of `content`, as saved for `item_id` or not saved yet, by the rules of `day`.

    Two statements; nothing where it has no days yet.
    """
    first = content.first_day
    if first is None:
        return Found()
    last, rules = content.last_day or first, rules_on(day)
    before, after = clashes.longest(rules)
    since, until = first - timedelta(days=before), last + timedelta(days=after)
    rows = db.session.execute(clash_facts.FOUND, _asked(content, item_id, since, until, day)).all()
    return _told(content, first, last, rows, rules)


def owed(content: Content, *, item_id: int, day: date) -> Found:
    """What shares a day with a request to be submitted and still needs a reason, a few of each. One statement."""
    first = content.first_day
    if first is None:
        return Found()
    last = content.last_day or first
    rows = db.session.execute(clash_facts.OWED, _asked(content, item_id, first, last, day)).all()
    rules = {Tie(row.name): Rule(row.number, row.title == "1") for row in rows if row.what == "rule"}
    return _told(content, first, last, rows, rules)


def _asked(content: Content, item_id: int | None, since: date, until: date, day: date) -> dict[str, Any]:
    first = content.first_day
    return {
        "item": item_id or -1, "first": first, "last": content.last_day or first, "since": since, "until": until,
        "long_before": since - timedelta(days=LONGEST_STAY_DAYS), "day": day,
        "countries": sorted({leg.country_code for leg in content.legs if not leg.transit}),
        "partners": list(content.partner_ids), "forum": content.forum_id or -1,
        "people": [t.person_id for t in content.travellers if t.person_id is not None],
    }  # fmt: skip


def _told(content: Content, first: date, last: date, rows: Any, rules: Mapping[Tie, Rule]) -> Found:
    reasons = {row.name: row.title for row in rows if row.what == "accepted"}
    near = [
        Near(row.number, row.title, State(row.state), _date(row.starts), row.ends and _date(row.ends), Tie(row.what),
             row.name)
        for row in rows if row.what in clash_facts.ENGAGEMENTS
    ]  # fmt: skip
    met, contacts = clashes.engagements(first, last, near, rules)
    others = [clash for row in rows if (clash := _other_clash(row, rules, content))]
    return Found(
        tuple(replace(clash, reason=reasons.get(clash.key, "")) for clash in [*others, *met]),
        tuple(reversed(contacts)),
        tuple(_holidays(content)) if Tie.HOLIDAY in rules else (),
        tuple((row.state, row.title) for row in rows if row.what == "accepted"),
    )


def around(item_id: int, *, day: date) -> list[Clash]:
    """The clashes of an engagement as it is now, oldest first. Four statements."""
    return list(find(contents.asked_by(contents.content_of(item_id)), item_id=item_id, day=day).clashes)


def seen_by(found: Found, *, by: Actor) -> Found:
    """`found` as `by` may read it: what they may not see is told by its days and what is shared alone.

    One statement.
    """
    known = visibility.subjects([c.id for c in (*found.clashes, *found.contacts) if c.id is not None])

    def hide(clash: Clash) -> Clash:
        if clash.id is None or ((subject := known.get(clash.id)) and may(by, See.ENGAGEMENT, subject)):
            return clash
        return replace(clash, id=None, state=None, title=_unnamed(clash))

    return replace(
        found, clashes=tuple(map(hide, found.clashes)), contacts=tuple(c for c in found.contacts if hide(c).id)
    )


def _unnamed(clash: Clash) -> str:
    """What stands for what a reader may not see: whether it waits for its decision, or is marked not for them."""
    if any(tie is Tie.PROMISE for tie, _ in clash.ties):
        return CLOSED_PROMISE
    if clash.state in APPROVED:
        return "An approved engagement whose marking closes it to you"
    return "An engagement that is not decided yet"


def _other_clash(row: Any, rules: Mapping[Tie, Rule], content: Content) -> Clash | None:
    if row.what == "absence" and (rule := rules.get(Tie.DEPUTY)):
        title = f"{row.name} is away, and one of the two stays"
        return _clash(f"absence:{row.number}", title, row, rule, (Tie.DEPUTY, row.name))
    if row.what == "pair" and (rule := rules.get(Tie.DEPUTY)):
        title = f"{row.name} and {row.title} stand in for each other, and both would travel"
        return _clash(f"pair:{row.number}", title, row, rule)
    if row.what == "promise" and (rule := rules.get(Tie.PROMISE)):
        made = _clash(f"promise:{row.number}", f"Not kept: {row.title}", row, rule, (Tie.PROMISE, row.name))
        return replace(made, id=int(row.ends), state=State(row.state))
    if row.what == "blackout" and (rule := rules.get(Tie.BLACKOUT)):
        starts, ends = _date(row.starts), _date(row.ends)
        there = any(
            leg.country_code == row.state and leg.arrives_on <= ends and leg.departs_on >= starts
            for leg in content.legs if not leg.transit
        )  # fmt: skip
        if there:
            return _clash(f"blackout:{row.number}", f"The post in {row.name} receives nobody: {row.title}", row, rule)
    return None


def _clash(key: str, title: str, row: Any, rule: Rule, *ties: tuple[Tie, str]) -> Clash:
    ends = None if row.what == "promise" else _date(row.ends)
    return Clash(key, title, _date(row.starts), ends, True, rule.needs_reason, ties)


def _holidays(content: Content) -> list[tuple[date, str, str]]:
    found = set()
    for leg in content.legs:
        if not leg.transit:
            known = country(leg.country_code)
            place = known.name if known else leg.country_code
            days = holidays_in(leg.country_code, leg.arrives_on, leg.departs_on)
            found |= {(day, what, place) for day, what in days.items()}
    return sorted(found)


def _date(text: Any) -> date:
    return text if isinstance(text, date) else date.fromisoformat(text[:10])
