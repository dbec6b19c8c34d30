"""The home page: what waits for me, since when, until when."""

from flask import render_template
from flask.typing import ResponseReturnValue

from engage.services import lookahead
from engage.web import access
from engage.web.account.parts import parts as parts_for
from engage.web.account.room import bp


@bp.get("/")
def home() -> ResponseReturnValue:
    """Everybody's first page, made of the parts their roles and facts give them."""
    who, today = access.me(), access.today()
    return render_template(
        "account/home.html", parts=parts_for(who, today), tiles=lookahead.tiles(who, today)
    )
