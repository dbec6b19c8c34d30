"""How the house is, and the mail: what waits, what was parked or refused and why, and another try."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.services import health, mail_queue
from engage.services.transaction import transaction
from engage.web import access, keyset
from engage.web.admin.room import bp
from engage.web.safety import say

PER_PAGE = 50
LAST = 2**31 - 1


@bp.get("/admin/health")
def how_it_is() -> ResponseReturnValue:
    """Everything that healthz tells a machine, in words, with what to do about it; looked at afresh."""
    seen = health.look(access.clock(), afresh=True)
    return render_template("admin/health.html", health=seen, mail=access.settings().mail is not None)


@bp.get("/admin/mail")
def mail() -> ResponseReturnValue:
    """The queue by status, and the messages of one status, the newest first."""
    asked = request.args.get("status", "")
    status = asked if asked in mail_queue.LABELS else mail_queue.TROUBLED
    before = request.args.get("before", type=int) or 0
    first = not 0 < before <= LAST
    found = mail_queue.page(status, before=LAST if first else before, limit=PER_PAGE + 1)
    listed = found[:PER_PAGE]
    return render_template(
        "admin/mail.html",
        counts=mail_queue.counts(),
        most=mail_queue.MOST_COUNTED,
        labels=mail_queue.LABELS,
        status=status,
        messages=listed,
        no_server=access.settings().mail is None,
        next_url=keyset.following(before=listed[-1].id) if len(found) > PER_PAGE else None,
        first_url=None if first else keyset.following(before=None),
    )


@bp.post("/admin/mail/<int:message_id>/again")
def try_again(message_id: int) -> ResponseReturnValue:
    """Queue a message anew that was parked or refused."""
    with transaction():
        mail_queue.try_again(message_id, by=access.me(), now=access.clock())
    return say("It is queued again, with all its attempts before it.", "/admin/mail")
