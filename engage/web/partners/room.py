"""The partners' room's blueprint, and what its pages share."""

from typing import Any

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from engage.services import follows
from engage.web import access
from engage.web.partners import partner_queries as queries

bp = Blueprint("partners", __name__)


def follow_of(kind: str, key: Any) -> tuple[str, Any, bool]:
    """What the follow button of a page says: kind, key, and whether the reader follows it."""
    return kind, key, follows.follows(access.me().id or 0, kind, key)


def partner_or_404(partner_id: int) -> Any:
    """The partner's row; of one that was merged, its row too, for `moved` to lead on."""
    return access.or_404(queries.partner(partner_id))


def moved(record: Any, below: str = "") -> ResponseReturnValue | None:
    """Where a merged partner's page leads: to the one that it turned out to be. None where it is one itself."""
    return redirect(f"/partners/{record.merged_into_id}{below}", 302) if record.merged_into_id else None
