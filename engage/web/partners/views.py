"""The registers' room: partners, forums and events."""

from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engage.services import commitment_lists, outcome_counts
from engage.web import access, exports
from engage.web.forms import clean
from engage.web.keyset import cursor, following, read
from engage.web.partners import queries

bp = Blueprint("partners", __name__)

_NAME, _KIND = exports.Column("Name", lambda row: row.name), exports.Column("Kind", lambda row: row.kind)
_COUNTRY, _CODE = exports.Column("Country", lambda row: row.country), exports.Column("Code", lambda row: row.code)
_ADDRESS, _SOURCE = exports.Column("Address", lambda row: row.url), exports.Column("Source", lambda row: row.source_url)
_PARTNERS = (
    _NAME, exports.Column("Short name", lambda row: row.short_name), _COUNTRY, _KIND,
    exports.Column("Member of FIRST", lambda row: row.first_member), _ADDRESS, _SOURCE,
)  # fmt: skip
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


@bp.get("/partners")
def partners() -> ResponseReturnValue:
    """The register of partners, by name."""
    if exports.asked():
        typed = _search()
        return exports.answer("partners", _PARTNERS, exports.paged(lambda after: queries.partners(typed, after)))
    rows, more = queries.partners(_search(), read(str))
    return render_template("partners/partners.html", rows=rows, next_url=_next(more), search=_search())


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


@bp.get("/partners/<int(max=9223372036854775807):partner_id>")
def partner(partner_id: int) -> ResponseReturnValue:
    """One partner, with the engagements the reader may see."""
    found = access.or_404(queries.partner(partner_id))
    return render_template(
        "partners/partner.html", record=found, rows=queries.engagements_with(access.me(), partner_id),
        outcomes=outcome_counts.with_partner(access.me(), partner_id),
        promises=commitment_lists.register(
            access.me(), access.today(), frozenset({"partner", "unsettled"}), partner=partner_id
        )[0],
    )  # fmt: skip


@bp.get("/forums/<int(max=9223372036854775807):forum_id>")
def forum(forum_id: int) -> ResponseReturnValue:
    """One forum, with the engagements the reader may see."""
    found = access.or_404(queries.forum(forum_id))
    rows = queries.engagements_with(access.me(), forum_id, of_forum=True)
    return render_template("partners/forum.html", record=found, rows=rows)
