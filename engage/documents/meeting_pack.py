"""The only place that gathers the board pack: all papers of a meeting for one reader, on screen and as one PDF."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engage.documents import memo, pdf
from engage.documents.memo import Memo
from engage.rules.items import ItemKind
from engage.rules.marking import strictest
from engage.rules.policy import Actor
from engage.services import meeting_rows, meetings, past, read_ahead, recommendations, routing, versions, visibility
from engage.services.recommendations import Recommended
from engage.services.routing import Found
from engage.services.versions import Version

SAID = (
    ("purpose", "Purpose"), ("outcome_sought", "Outcome sought"), ("why_not_virtual", "Why not by video"),
    ("why_this_many", "Why this many"), ("late_reason", "Why it comes late"), ("why", "Why"), ("text", "Text"),
    ("question", "Question"), ("notes", "Notes"),
)  # fmt: skip

LATE = ". Late: it came after the read-ahead was published."


@dataclass(frozen=True)
class Paper:
    """A paper beside an item's own text; `late`: it came after the read-ahead was published."""

    title: str
    text: str
    sha256: str
    late: bool
    file: bool


@dataclass(frozen=True)
class Part:
    """One entry of the pack. `closed`: its reader stands aside, so its papers are left out."""

    number: int
    section: str
    title: str
    item_id: int | None
    version: int | None
    sha256: str
    late: bool
    closed: bool
    said: tuple[tuple[str, str], ...] = ()
    memo: Memo | None = None
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True)
class Pack:
    """The papers of a meeting as one reader has them. `made_at` is the moment of its newest fact."""

    title: str
    when: str
    where: str
    made_at: datetime
    reader: str
    parts: tuple[Part, ...]
    papers: tuple[Paper, ...]


def pack(meeting: Any, reader: Actor) -> Pack:
    """The pack of a meeting for `reader`. The same facts make the same pack, whenever it is made.

    A fixed number of statements, however many entries there are.
    """
    rows = meeting_rows.entries(meeting.id)
    subjects = visibility.subjects([row.item_id for row in rows if row.item_id])
    given = meeting_rows.papers(meeting.id)
    read = [i for i, subject in subjects.items() if not read_ahead.hidden(reader, subject)]
    texts = _Texts(versions.current_of(read), recommendations.latest_of(read), routing.routes_of(read), past.leads())
    parts = tuple(
        _part(number, row, meeting, texts, [one for one in given if one.entry_id == row.id])
        for number, row in enumerate(rows, 1)
    )
    moments = [meeting.changed_at, *(row.added_at for row in rows), *(one.added_at for one in given)]
    moments += [row.valid_from for row in rows if row.valid_from]
    moments += [part.memo.made_at for part in parts if part.memo]
    return Pack(
        meeting.title, meetings.in_words(meeting), ", ".join(filter(None, (meeting.place, meeting.link))),
        max(moments), reader.name, parts,
        tuple(_paper(one, meeting) for one in given if one.entry_id is None),
    )  # fmt: skip


def as_pdf(made: Pack) -> bytes:
    """The pack as one tagged document (PDF/UA-1); the same pack makes the same bytes."""
    return pdf.render("pack", _told(made), title=f"Board pack: {made.title}", made_at=made.made_at)


@dataclass(frozen=True)
class _Texts:
    """What is read of all items at once: the texts open to the reader, the recommendations, and the lead times."""

    versions: dict[int, Version]
    recommended: dict[int, Recommended]
    ways: dict[int, Found]
    leads: list[Any]


def _part(number: int, row: Any, meeting: Any, texts: _Texts, given: list[Any]) -> Part:
    version = texts.versions.get(row.item_id)
    closed = row.item_id is not None and version is None
    late = read_ahead.late(meeting, row.added_at) or read_ahead.late(meeting, row.valid_from)
    title = row.title or row.heading
    if closed or row.item_id is None:
        own = () if closed else tuple(_paper(one, meeting) for one in given)
        return Part(number, row.section.label, title, row.item_id, row.version_number, row.sha256 or "", late, closed,
                    papers=own)  # fmt: skip
    said: dict[str, Any] = version.content if version else {}
    return Part(
        number, row.section.label, title, row.item_id, row.version_number, row.sha256 or "", late, False,
        tuple((label, str(said[key])) for key, label in SAID if said.get(key)),
        memo.brief(
            row.item_id, version, texts.recommended.get(row.item_id), texts.ways.get(row.item_id), texts.leads
        )
        if version and row.kind is ItemKind.ENGAGEMENT else None,
        tuple(_paper(one, meeting) for one in given),
    )  # fmt: skip


def _paper(one: Any, meeting: Any) -> Paper:
    return Paper(one.title, one.text, one.sha256, read_ahead.late(meeting, one.added_at), one.file_id is not None)


def _told(made: Pack) -> dict[str, Any]:
    """The pack as the template reads it: texts alone."""
    handling = strictest(part.memo.marking for part in made.parts if part.memo)
    return {
        "kind": "Board pack",
        "foot": f"{handling.label}. Made for {made.reader}. {made.when}.",
        "facts": [["Meeting", made.title], ["When", made.when], ["Where", made.where], ["Made for", made.reader],
                  ["Handling", handling.label]],
        "agenda": [
            [str(part.number), part.title + (" (late)" if part.late else ""), part.section,
             f"Version {part.version}, {part.sha256[:16]}…" if part.version else "–"]
            for part in made.parts
        ],
        "papers": [_paper_told(one) for one in made.papers],
        "parts": [
            {
                "title": f"{part.number}. {part.title}",
                "line": _handling(part) + part.section + (LATE if part.late else "."),
                "digest": f"Item {part.item_id}, version {part.version}, SHA-256 {part.sha256}" if part.version else "",
                "closed": part.closed,
                "memo": memo.told(part.memo)["facts"] if part.memo else [],
                "recommendation": _recommended(part.memo),
                "said": [list(pair) for pair in part.said],
                "papers": [_paper_told(one) for one in part.papers],
            }
            for part in made.parts
        ],
    }  # fmt: skip


def _handling(part: Part) -> str:
    return f"{part.memo.marking.label}. " if part.memo else ""


def _recommended(made: Memo | None) -> str:
    given = made.recommended if made else None
    return f"{given.outcome.label}. {given.reason}" if given else ""


def _paper_told(one: Paper) -> dict[str, Any]:
    mark = " (late)" if one.late else ""
    text = one.text + ("\n\nA file goes with it; open it on the meeting's page." if one.file else "")
    return {"title": one.title + mark, "text": text, "digest": f"SHA-256 {one.sha256}"}
