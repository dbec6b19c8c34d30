"""The awareness room's blueprint, on which its pages hang."""

from typing import Any

from flask import Blueprint, request

from engage.web import access
from engage.web.awareness import as_of

bp = Blueprint("awareness", __name__)


@bp.context_processor
def _seen() -> dict[str, Any]:
    """Which other day than today the page is seen on, for its banner and its links; None for today."""
    text = request.args.get("as_of", "")
    seen = as_of.read(text) if text else None
    return {"as_of": seen if seen and seen.day != access.today() else None}
