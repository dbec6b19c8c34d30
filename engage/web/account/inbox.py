"""A person's own messages: what was mailed to them, or would have been."""

from collections.abc import Iterator

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.documents import letters
from engage.services import inbox as messages
from engage.services.transaction import transaction
from engage.web import access
from engage.web.account.room import bp
from engage.web.safety import say

PER_PAGE = 25
# Where a message stands with the mail server: in a list, and in full.
MAILED = {
    "queued": ("Waiting", "Waiting to be mailed"),
    "claimed": ("Waiting", "Waiting to be mailed"),
    "sent": ("Mailed", "Mailed"),
    "refused": ("Refused", "Not mailed: refused"),
    "parked": ("Set aside", "Not mailed: set aside after several attempts"),
    "for_digest": ("In the next daily message", "Goes with the next daily message"),
    "digested": ("In a daily message", "Mailed with a daily message"),
    "inbox_only": ("Inbox only", "Not mailed: you chose the inbox only"),
    "suppressed": ("Not needed", "Not mailed: no longer needed"),
}
NO_SERVER = ("Not mailed", "Not mailed: no mail server is set")
NOT_MAILED = MAILED | {"queued": NO_SERVER, "claimed": NO_SERVER, "for_digest": NO_SERVER}


@bp.get("/inbox")
def inbox() -> ResponseReturnValue:
    """The newest messages first, a page at a time."""
    before = request.args.get("before", type=int) or 0
    first = not 0 < before <= messages.LAST
    found = messages.messages(access.me().id, before=messages.LAST if first else before, limit=PER_PAGE + 1)  # type: ignore[arg-type]
    shown = found[:PER_PAGE]
    return render_template(
        "account/inbox.html",
        messages=shown,
        mailed=_mailed(),
        no_server=access.settings().mail is None,
        next_url=f"/inbox?before={shown[-1].id}" if len(found) > PER_PAGE else None,
        first_url=None if first else "/inbox",
    )


@bp.get(f"/inbox/<int(max={messages.LAST}):message_id>")
def message(message_id: int) -> ResponseReturnValue:
    """One message in the words of its mail; to open it is to have read it."""
    found = access.or_404(messages.find(message_id, by=access.me()))
    leads_to = letters.path(found.facts, found.about_kind, found.about_id)
    try:
        text = letters.text(found.template, found.facts, person_name=access.me().name, leads_to=leads_to)
    except letters.CannotBeWritten:
        text = ""
    if found.read_at is None:
        with transaction():
            messages.mark_read(message_id, by=access.me(), now=access.clock())
    return render_template(
        "account/message.html", message=found, leads_to=leads_to, mailed=_mailed()[found.delivery][1],
        parts=list(_parts(text, letters.address(leads_to))),
    )  # fmt: skip


@bp.post(f"/inbox/<int(max={messages.LAST}):message_id>/read")
def read(message_id: int) -> ResponseReturnValue:
    """Have read one message without opening it."""
    access.or_404(messages.find(message_id, by=access.me()))
    with transaction():
        messages.mark_read(message_id, by=access.me(), now=access.clock())
    return say("Marked as read.", "/inbox")


@bp.post("/inbox/read-all")
def read_all() -> ResponseReturnValue:
    """Have read every message that the list showed; what came since stays new."""
    until = request.form.get("until", type=int) or 0
    if 0 < until <= messages.LAST:
        with transaction():
            messages.mark_all_read(by=access.me(), now=access.clock(), until=until)
    return say("All messages are marked as read.", "/inbox")


def _mailed() -> dict[str, tuple[str, str]]:
    """The words for where messages stand, here and now."""
    return NOT_MAILED if access.settings().mail is None else MAILED


def _parts(text: str, address: str) -> Iterator[list[str]]:
    """The letter's paragraphs, each a list of lines, without the address that a button stands for here."""
    for part in text.split("\n\n"):
        lines = [line for line in part.splitlines() if line.strip() not in ("", address)]
        if lines:
            yield lines
