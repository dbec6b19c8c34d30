"""The board room looks ahead: whether enough people can decide in the next 60 days."""

from flask import render_template
from flask.typing import ResponseReturnValue

from engage.rules.policy import See, may
from engage.rules.refusals import NotAllowed
from engage.services import coverage as ahead
from engage.web import access
from engage.web.board.room import bp


@bp.get("/board/coverage")
def coverage() -> ResponseReturnValue:
    """Open steps that lack people first, then those that just suffice, then the rest."""
    if not may(access.me(), See.COVERAGE):
        raise NotAllowed("The secretariat and the chair look after who can take part.")
    steps = ahead.ahead(access.clock())
    return render_template(
        "board/coverage.html", lacking=[step for step in steps if not step.cover.enough],
        tight=[step for step in steps if step.cover.tight],
        enough=[step for step in steps if step.cover.enough and not step.cover.tight], days=ahead.DAYS_AHEAD,
    )  # fmt: skip
