"""The register of clashes: who asks in spite of what, and why."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from engage.web import access
from engage.web.awareness import clash_queries as queries
from engage.web.awareness.room import bp
from engage.web.keyset import following


@bp.get("/clashes")
def clash_register() -> ResponseReturnValue:
    """Accepted clashes of engagements that are not over, or of all, the latest first."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 11 and int(before) <= queries.LAST):
        abort(400)
    everything = request.args.get("all") == "1"
    rows, more = queries.accepted(
        access.me(), access.today(), ahead=not everything, before=int(before) if before else queries.LAST
    )
    return render_template(
        "awareness/clashes.html", rows=rows, everything=everything, next_url=following(before=more) if more else None,
        first_url=following(before=None) if before else None,
    )  # fmt: skip
