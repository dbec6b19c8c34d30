"""The only place where a form's one act is done: once, in one transaction, its refusals back at their fields."""

from collections.abc import Callable
from typing import Any

from flask import redirect
from flask.typing import ResponseReturnValue

from engage.rules.refusals import Incomplete, ReasonNeeded
from engage.services import submissions
from engage.services.transaction import transaction
from engage.web import access, safety


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
