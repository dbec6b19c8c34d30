"""The registers of forums and events."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.web import access, exports
from engage.web.forms import clean
from engage.web.keyset import cursor, following, read
from engage.web.partners import agreed, contacts, merging, partner_queries, queries, register
from engage.web.partners.room import bp, follow_of

__all__ = ["agreed", "bp", "contacts", "merging", "register"]

_NAME, _KIND = exports.Column("Name", lambda row: row.name), exports.Column("Kind", lambda row: row.kind)
_COUNTRY, _CODE = exports.Column("Country", lambda row: row.country), exports.Column("Code", lambda row: row.code)
_ADDRESS, _SOURCE = exports.Column("Address", lambda row: row.url), exports.Column("Source", lambda row: row.source_url)
_FORUMS = (
    _CODE, _NAME, _KIND, exports.Column("Secretariat", lambda row: row.country),
    exports.Column("Members", lambda row: row.member_count), exports.Column("Cadence", lambda row: row.cadence),
    _ADDRESS, _SOURCE,
)  # fmt: skip
_EVENTS = (
    _NAME, exports.Column("Series", lambda row: row.series), exports.Column("Organiser", lambda row: row.organiser),
    exports.Column("City", lambda row: row.city), _COUNTRY, exports.Column("First day", lambda row: row.starts_on),
    exports.Column("Last day", lambda row: row.ends_on), _KIND, _ADDRESS, _SOURCE,
)  # fmt: skip


def _search() -> str:
    words = (clean(request.args.get("q")) or "")[:100]
    return "".join(c for c in words if c.isprintable())


def _next(more: tuple[str | date, int] | None) -> str | None:
    return following(after=cursor(*more)) if more else None


@bp.get("/forums")
def forums() -> ResponseReturnValue:
    """The register of forums, by name."""
    if exports.asked():
        typed = _search()
        return exports.answer("forums", _FORUMS, exports.paged(lambda after: queries.forums(typed, after)))
    rows, more = queries.forums(_search(), read(str))
    return render_template("partners/forums.html", rows=rows, next_url=_next(more), search=_search())


@bp.get("/events")
def events() -> ResponseReturnValue:
    """The register of events, by first day."""
    if exports.asked():
        typed = _search()
        return exports.answer("events", _EVENTS, exports.paged(lambda after: queries.events(typed, after)))
    rows, more = queries.events(_search(), read(date))
    return render_template("partners/events.html", rows=rows, next_url=_next(more), search=_search())


@bp.get("/forums/<int(max=9223372036854775807):forum_id>")
def forum(forum_id: int) -> ResponseReturnValue:
    """One forum, with the engagements the reader may see."""
    found = access.or_404(queries.forum(forum_id))
    rows = queries.engagements_with(access.me(), forum_id, of_forum=True)
    return render_template(
        "partners/forum.html", record=found, rows=rows, members=partner_queries.members(forum_id),
        follow=follow_of("forum", forum_id),
    )  # fmt: skip
