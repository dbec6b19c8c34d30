"""The register of clashes: who asks in spite of what, and why."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.marking import Marking
from engage.web import access, exports
from engage.web.awareness import clash_queries as queries
from engage.web.awareness.room import bp
from engage.web.keyset import following

COLUMNS = (
    exports.Column("Engagement", lambda row: exports.title(row.marking, row.title)),
    exports.Column("Marking", lambda row: row.marking.label),
    exports.Column("State", lambda row: row.state.label),
    exports.Column("First day", lambda row: row.starts_on),
    exports.Column("Last day", lambda row: row.ends_on),
    exports.Column("In spite of", lambda row: row.clash),
    exports.Column("Why", lambda row: "" if row.marking is Marking.RED else row.reason),
    exports.Column("Accepted by", lambda row: row.by),
    exports.Column("On", lambda row: row.at),
)


@bp.get("/clashes")
def clash_register() -> ResponseReturnValue:
    """Accepted clashes of engagements that are not over, or of all, the latest first."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 11 and int(before) <= queries.LAST):
        abort(400)
    everything = request.args.get("all") == "1"
    if exports.asked():
        me, today = access.me(), access.today()
        pages = exports.paged(
            lambda after: queries.accepted(me, today, ahead=not everything, before=after or queries.LAST)
        )
        return exports.answer("clashes", COLUMNS, pages)
    rows, more = queries.accepted(
        access.me(), access.today(), ahead=not everything, before=int(before) if before else queries.LAST
    )
    return render_template(
        "awareness/clashes.html", rows=rows, everything=everything, next_url=following(before=more) if more else None,
        first_url=following(before=None) if before else None,
    )  # fmt: skip
