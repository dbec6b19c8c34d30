"""The duty officer's room: who is abroad now, and where."""

from collections import Counter
from datetime import timedelta
from itertools import groupby

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engage.rules.away import Word
from engage.services import audit, check_ins, emergency_contacts
from engage.services.transaction import transaction
from engage.web import access
from engage.web.duty import queries
from engage.web.safety import say

bp = Blueprint("duty", __name__)
LONGEST = timedelta(days=366)  # a trip that began earlier than this is not looked for


@bp.get("/abroad")
def abroad() -> ResponseReturnValue:
    """Who is abroad today, by country, with the local time; the look is left in the trail."""
    today = access.today()
    here = queries.abroad(today, today - LONGEST, access.clock())
    countries = [(country, list(people)) for country, people in groupby(here, key=lambda one: one.row.country)]
    everybody = {one.row.trip_id: one for one in here}
    with transaction():
        audit.record(
            "look_abroad", about=("trips", None), by=access.me(), now=access.clock(), day=today, people=len(here)
        )
    return render_template(
        "duty/abroad.html", countries=countries, words=list(Word), people=len(everybody),
        counts=Counter(one.word for one in everybody.values()),
    )  # fmt: skip


@bp.get("/abroad/contacts/<int:trip_id>")
def contact(trip_id: int) -> ResponseReturnValue:
    """Whom to call for a traveller; the look is left in the trail."""
    with transaction():
        found = emergency_contacts.find(trip_id, by=access.me(), now=access.clock(), today=access.today())
    return render_template("duty/contact.html", contact=access.or_404(found), trip_id=trip_id)


@bp.post("/abroad/calls/<int:call_id>")
def take_up(call_id: int) -> ResponseReturnValue:
    """Say that one has taken up a call for help."""
    with transaction():
        check_ins.answer(call_id, by=access.me(), now=access.clock())
    return say("You have taken up the call.", "/abroad")
