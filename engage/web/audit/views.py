"""The audit room: the trail as the auditor reads it, and the proof that it is whole."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.extensions import db
from engage.services import audit
from engage.services.transaction import begin_reading
from engage.web import access, exports
from engage.web.audit import queries
from engage.web.audit.forms import Filters
from engage.web.keyset import following

bp = Blueprint("audit", __name__)

MOST_WALKED = 300_000  # lines that a page may take the time to verify; the command takes as many as there are
# Where a kind of record has a page that an auditor may open.
PAGES = {"item": "/engagements/", "engagement": "/engagements/"}


@dataclass(frozen=True)
class Line:
    """One line of the trail as its page shows it."""

    id: int
    at: datetime
    actor: str
    action: str
    about: str
    url: str
    denied: bool
    source: str
    details: list[tuple[str, str]]


def _line(row: Any) -> Line:
    record = "" if row.about_id is None else f" {row.about_id}"
    return Line(
        id=row.id, at=row.at, actor=row.actor or _nobody(row.source),
        action=row.action.replace("_", " ").replace(".", ": "), about=row.about_kind.replace("_", " ") + record,
        url=f"{PAGES[row.about_kind]}{row.about_id}" if row.about_kind in PAGES and row.about_id else "",
        denied=row.outcome is audit.Verdict.DENIED, source=row.source, details=_told(row.details),
    )  # fmt: skip


def _nobody(source: str) -> str:
    """Who acted where no person did: a visitor has an address, the program has none."""
    if source == "command":
        return "Command line"
    return "Nobody signed in" if source else "Engage"


def _told(details: str) -> list[tuple[str, str]]:
    """The details of a line as pairs of words; of a record before and after, what changed."""
    known = json.loads(details)
    before, after = known.get("before"), known.get("after")
    told = []
    if isinstance(before, dict) and isinstance(after, dict):
        told = [
            (name, f"{_words(before.get(name))} → {_words(after.get(name))}")
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        ]
        known = {name: value for name, value in known.items() if name not in ("before", "after")}
    told += [(name, _words(value)) for name, value in known.items() if value not in (None, "")]
    return [(name.replace("_", " ").capitalize(), words) for name, words in told]


def _words(value: Any) -> str:
    match value:
        case dict():
            return ", ".join(f"{name.replace('_', ' ')}: {_words(inner)}" for name, inner in value.items())
        case list():
            return ", ".join(_words(inner) for inner in value)
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
    return str(value)


COLUMNS = (
    exports.Column("Line", lambda line: line.id),
    exports.Column("When", lambda line: line.at),
    exports.Column("Who", lambda line: line.actor),
    exports.Column("From", lambda line: line.source),
    exports.Column("Act", lambda line: line.action),
    exports.Column("Denied", lambda line: "yes" if line.denied else "no"),
    exports.Column("Record", lambda line: line.about),
    exports.Column("Details", lambda line: "; ".join(f"{name}: {words}" for name, words in line.details)),
)


@bp.get("/trail")
def trail() -> ResponseReturnValue:
    """The lines of the trail, the newest first, a page at a time."""
    form, given = Filters(request.args), request.args.get("before", "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 10):
        abort(400)
    if not form.validate():
        return _page(form, [], None), 422
    if exports.asked():
        every = exports.paged(lambda last: queries.trail(form.chosen, last))
        return exports.answer("trail", COLUMNS, map(_line, every))
    rows, more = queries.trail(form.chosen, int(given) if given else None)
    return _page(form, [_line(row) for row in rows], more)


def _page(form: Filters, lines: list[Line], more: int | None) -> str:
    return render_template(
        "audit/trail.html", form=form, lines=lines, narrowed=bool(form.chosen),
        next_url=following(before=str(more)) if more else None,
        first_url=following(before=None) if "before" in request.args else None,
    )  # fmt: skip


@bp.post("/trail/verify")
def verify() -> ResponseReturnValue:
    """Walk the whole trail, and say whether it holds."""
    db.session.rollback()  # a POST holds the writers' place; the walk only reads, and others write meanwhile
    begin_reading()
    head = audit.head()
    found = audit.verify() if head.line <= MOST_WALKED else None
    return render_template("audit/verify.html", found=found, head=head, most=MOST_WALKED, at=access.clock())
