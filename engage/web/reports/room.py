"""The results room's blueprint, and what its pages share."""

from typing import Any

from flask import Blueprint

from engage.rules.items import ItemKind
from engage.rules.policy import See, Subject, may
from engage.services import visibility
from engage.web import access
from engage.web.acting import settled as settled

bp = Blueprint("reports", __name__)


def engagement_or_404(item_id: int) -> tuple[Any, Subject]:
    """The engagement and its subject, where this reader may read what it says."""
    found = access.or_404(visibility.find(item_id, by=access.me(), kind=ItemKind.ENGAGEMENT))
    access.or_404(found if may(access.me(), See.CONTENT, found[1]) else None)
    return found
