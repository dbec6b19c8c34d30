"""The only place that writes minutes: from the recorded acts of a meeting to their text, the same each time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Present:
    """Somebody's stay as minutes name it; the times are texts on the meeting's clock. `seat` "": a guest."""

    name: str
    seat: str
    how: str
    came: str
    left: str
    stands_in_for: str = ""


@dataclass(frozen=True)
class Vote:
    """A motion and what became of it. `ballots` are (seat, person, choice, reason, entered by)."""

    motion: str
    moved_by: str
    moved: str
    result: str
    sums: tuple[str, ...]
    ballots: tuple[tuple[str, str, str, str, str], ...]
    reason: str = ""
    conditions: tuple[str, ...] = ()
    put_off: tuple[str, ...] = ()
    until: str = ""
    decision: str = ""
    version: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class Entry:
    """One point of the meeting. `late` are its papers that came after the read-ahead was published."""

    id: int
    section: str
    title: str
    item: int | None
    outcome: str
    from_to: str = ""
    quorum: str = ""
    recused: tuple[tuple[str, str], ...] = ()
    pulled_by: str = ""
    votes: tuple[Vote, ...] = ()
    late: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """All that is recorded of a meeting, in words and in order."""

    board: str
    title: str
    when: str
    where: str
    opened: str
    ended: str
    present: tuple[Present, ...]
    absent: tuple[str, ...]
    vacant: tuple[str, ...]
    consent: Vote | None
    adopted: tuple[str, ...]
    entries: tuple[Entry, ...]
    actions: tuple[str, ...] = ()
    open_actions: tuple[str, ...] = ()
    narrative: Mapping[str, str] = field(default_factory=dict)


def minutes(facts: Facts) -> dict[str, Any]:
    """The minutes as plain data: a title, facts, and parts of a heading with blocks of paragraphs and lists.

    What the secretariat wrote stands under its entry, marked as narrative; everything else is computed.
    """
    told = facts.narrative
    return {
        "title": f"Minutes: {facts.title}",
        "facts": [
            ["Board", facts.board], ["Meeting", facts.title], ["When", facts.when], ["Where", facts.where],
            ["Opened", facts.opened], ["Ended", facts.ended],
        ],
        "parts": [
            _part("Attendance", list(_attendance(facts))),
            *([_part("Opening", _told(told.get("opening", "")))] if told.get("opening") else []),
            *([_part("Consent list", list(_consent(facts)))] if facts.consent else []),
            *(_part(f"{n}. {entry.title}", list(_entry(entry, told))) for n, entry in enumerate(facts.entries, 1)),
            *([_part("Action items", [_list(facts.actions)])] if facts.actions else []),
            *([_part("Still open from earlier meetings", [_list(facts.open_actions)])] if facts.open_actions else []),
            *([_part("Closing", _told(told.get("closing", "")))] if told.get("closing") else []),
        ],
    }  # fmt: skip


def _part(heading: str, blocks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"heading": heading, "blocks": list(blocks)}


def _says(text: str) -> dict[str, Any]:
    return {"kind": "text", "text": text}


def _list(lines: Iterable[str]) -> dict[str, Any]:
    return {"kind": "list", "items": list(lines)}


def _told(text: str) -> list[dict[str, Any]]:
    return [{"kind": "narrative", "text": text}] if text else []


def _attendance(facts: Facts) -> Iterable[dict[str, Any]]:
    members = [one for one in facts.present if one.seat]
    guests = [one for one in facts.present if not one.seat]
    if members:
        yield {
            "kind": "table", "caption": "Present", "heads": ["Seat", "Who", "How", "From", "Until"],
            "rows": [
                [one.seat, one.name + (f", standing in for {one.stands_in_for}" if one.stands_in_for else ""),
                 one.how, one.came, one.left]
                for one in members
            ],
        }  # fmt: skip
    else:
        yield _says("Nobody was present.")
    if facts.absent:
        yield _says(f"Absent: {', '.join(facts.absent)}.")
    if facts.vacant:
        yield _says(f"Vacant: {', '.join(facts.vacant)}.")
    if guests:
        yield _says(f"Also present: {', '.join(f'{one.name} ({one.came} to {one.left})' for one in guests)}.")


def _consent(facts: Facts) -> Iterable[dict[str, Any]]:
    if facts.consent is None:
        return
    yield from _vote(facts.consent)
    if facts.adopted:
        yield _says("Adopted together:")
        yield _list(facts.adopted)


def _entry(entry: Entry, told: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    yield _says(f"{entry.section}. {entry.from_to}".strip())
    if entry.pulled_by:
        yield _says(f"Taken off the consent list by {entry.pulled_by}.")
    for title in entry.late:
        yield _says(f"Late paper: {title}.")
    for name, reason in entry.recused:
        yield _says(f"{name} stood aside: {reason}")
    yield from _told(told.get(str(entry.id), ""))
    for vote in entry.votes:
        yield from _vote(vote)
    if entry.actions:
        yield _says("Asked for:")
        yield _list(entry.actions)
    if entry.outcome:
        yield {"kind": "outcome", "text": entry.outcome}


def _vote(vote: Vote) -> Iterable[dict[str, Any]]:
    who = f"{vote.moved_by} moved at {vote.moved}: {vote.motion}."
    yield _says(f"{who} {vote.reason}".strip())
    if vote.conditions:
        yield _says("With these conditions:")
        yield _list(vote.conditions)
    if vote.put_off:
        yield _says(f"Without, for now: {', '.join(vote.put_off)}, who come back on {vote.until}.")
    elif vote.until:
        yield _says(f"Until {vote.until}.")
    if vote.ballots:
        yield {
            "kind": "table", "caption": "Votes by seat", "heads": ["Seat", "Who", "Vote", "Reason", "Recorded"],
            "rows": [
                [seat, person, choice, reason or "–", f"Entered by {entered}" if entered else "By the member"]
                for seat, person, choice, reason, entered in vote.ballots
            ],
        }  # fmt: skip
    yield _list(vote.sums)
    text = f" Text judged: version {vote.version}, SHA-256 {vote.sha256}." if vote.sha256 else ""
    yield {"kind": "outcome", "text": f"{vote.result}{text}"}
