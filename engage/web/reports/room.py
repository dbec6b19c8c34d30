"""The results room's blueprint, and what its pages share."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from engage.rules.items import ItemKind
from engage.rules.policy import See, Subject, may
from engage.rules.refusals import Incomplete, ReasonNeeded
from engage.services import submissions, visibility
from engage.services.transaction import transaction
from engage.web import access, safety

bp = Blueprint("reports", __name__)


def engagement_or_404(item_id: int) -> tuple[Any, Subject]:
    """The engagement and its subject, where this reader may read what it says."""
    found = access.or_404(visibility.find(item_id, by=access.me(), kind=ItemKind.ENGAGEMENT))
    access.or_404(found if may(access.me(), See.CONTENT, found[1]) else None)
    return found


def settled(form: Any, act: Callable[[], tuple[str, str]]) -> ResponseReturnValue | None:
    """Do one thing once, and go on; None, with its sentences in the form, when it was refused.

    `act` gives what to say and where to go.
    """
    me, now = access.me(), access.clock()
    try:
        with transaction():
            answered = submissions.claim(form.once.data or "", by=me, now=now)
            if answered is not None:
                return redirect(answered, 303)
            said, url = act()
            submissions.answer(form.once.data or "", url, by=me)
    except Incomplete as refusal:
        form.refuse(refusal.at)
    except ReasonNeeded as refusal:
        form.refuse({"reason": str(refusal)})
    else:
        return safety.say(said, url)
    return None
