"""The duty officer's room: who is abroad now, and where."""

from datetime import timedelta
from itertools import groupby

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engage.services import audit
from engage.services.transaction import transaction
from engage.web import access
from engage.web.duty import queries

bp = Blueprint("duty", __name__)
LONGEST = timedelta(days=366)  # a trip that began earlier than this is not looked for


@bp.get("/abroad")
def abroad() -> ResponseReturnValue:
    """Who is abroad today, by country, with the local time; the look is left in the trail."""
    today = access.today()
    rows = queries.abroad(today, today - LONGEST)
    countries = [(country, list(people)) for country, people in groupby(rows, key=lambda row: row.country)]
    with transaction():
        audit.record(
            "look_abroad", about=("trips", None), by=access.me(), now=access.clock(), day=today, people=len(rows)
        )
    return render_template("duty/abroad.html", countries=countries, people=len({row.trip_id for row in rows}))
