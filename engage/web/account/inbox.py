"""A person's own messages: what was mailed to them, or would have been."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from engage.documents import events, letters, mails
from engage.rules.messages import TOPICS
from engage.rules.refusals import Incomplete
from engage.services import inbox as messages
from engage.services.inbox import Shown
from engage.services.transaction import transaction
from engage.web import access, keyset
from engage.web.account.message_forms import InboxFilters, SnoozeForm
from engage.web.account.room import bp
from engage.web.safety import say

PER_PAGE = 25
BACK_AT = time(8)  # of the reader's day, when what was put off comes back
# Where a message stands with the mail server: in a list, and in full.
MAILED = {
    "queued": ("Waiting", "Waiting to be mailed"),
    "claimed": ("Waiting", "Waiting to be mailed"),
    "sent": ("Mailed", "Mailed"),
    "refused": ("Refused", "Not mailed: refused"),
    "parked": ("Set aside", "Not mailed: set aside after several attempts"),
    "for_digest": ("Next daily message", "Goes with the next daily message"),
    "digested": ("Daily message", "In a daily message"),
    "inbox_only": ("Inbox only", "Not mailed: you chose the inbox only"),
    "suppressed": ("Not needed", "Not mailed: no longer needed"),
}
NO_SERVER = ("Not mailed", "Not mailed: no mail server is set")
NOT_MAILED = MAILED | {"queued": NO_SERVER, "claimed": NO_SERVER, "for_digest": NO_SERVER}


@bp.get("/inbox")
def inbox() -> ResponseReturnValue:
    """The newest messages first, a page at a time, narrowed as asked; a filter that makes no sense is none."""
    before = request.args.get("before", type=int) or 0
    first = not 0 < before <= messages.LAST
    asked = InboxFilters(request.args)
    shown, topic = asked.chosen()
    found = messages.messages(
        access.me(), now=access.clock(), before=messages.LAST if first else before,
        limit=PER_PAGE + 1, shown=shown, topic=topic,
    )  # fmt: skip
    listed = found[:PER_PAGE]
    return render_template(
        "account/inbox.html",
        messages=listed,
        form=asked,
        narrowed=bool(topic) or shown is not Shown.ALL,
        shown=shown,
        topics=TOPICS,
        mailed=_mailed(),
        no_server=access.settings().mail is None,
        next_url=keyset.following(before=listed[-1].id) if len(found) > PER_PAGE else None,
        first_url=None if first else keyset.following(before=None),
    )


@bp.get(f"/inbox/<int(max={messages.LAST}):message_id>")
def message(message_id: int) -> ResponseReturnValue:
    """One message in the words of its mail; to open it is to have read it."""
    found = _mine(message_id)
    if found.read_at is None:
        with transaction():
            messages.mark_read(message_id, by=access.me(), now=access.clock())
    return _page(found, SnoozeForm(None, until=access.today() + timedelta(days=1)))


@bp.get(f"/inbox/<int(max={messages.LAST}):message_id>/{events.NAME}")
def calendar_file(message_id: int) -> ResponseReturnValue:
    """The day that a message names, for a calendar."""
    found = _mine(message_id)
    file = access.or_404(mails.calendar_file(found, found.facts, access.settings()))
    return Response(
        file, content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{events.NAME}"'},
    )  # fmt: skip


@bp.post(f"/inbox/<int(max={messages.LAST}):message_id>/read")
def read(message_id: int) -> ResponseReturnValue:
    """Have read one message without opening it."""
    _mine(message_id)
    with transaction():
        messages.mark_read(message_id, by=access.me(), now=access.clock())
    return say("Marked as read.", "/inbox")


@bp.post(f"/inbox/<int(max={messages.LAST}):message_id>/snooze")
def snooze(message_id: int) -> ResponseReturnValue:
    """Put one message off until the morning of a day."""
    found, form = _mine(message_id), SnoozeForm(request.form)
    if form.accepted():
        try:
            with transaction():
                messages.snooze(message_id, _morning(form.until.data), by=access.me(), now=access.clock())
            return say(f"Put off. It comes back on {form.until.data:%d %B %Y}; what is due stays due.", "/inbox")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    return _page(found, form), 422


@bp.post(f"/inbox/<int(max={messages.LAST}):message_id>/wake")
def wake(message_id: int) -> ResponseReturnValue:
    """Bring a message back at once."""
    _mine(message_id)
    with transaction():
        messages.wake(message_id, by=access.me())
    return say("It is back in your inbox.", f"/inbox/{message_id}")


@bp.post("/inbox/read-all")
def read_all() -> ResponseReturnValue:
    """Have read every message that the list showed; what came since stays new."""
    until = request.form.get("until", type=int) or 0
    if 0 < until <= messages.LAST:
        with transaction():
            messages.mark_all_read(by=access.me(), now=access.clock(), until=until)
    return say("All messages are marked as read.", "/inbox")


def _mine(message_id: int) -> Row:
    found = access.or_404(messages.find(message_id, by=access.me()))
    return access.or_404(None if found.hidden else found)


def _page(found: Row, form: SnoozeForm) -> str:
    leads_to = letters.path(found.facts, found.about_kind, found.about_id)
    try:
        text = letters.text(found.template, found.facts, person_name=access.me().name, leads_to=leads_to)
    except letters.CannotBeWritten:
        text = ""
    away = found.snoozed_until if found.snoozed_until and found.snoozed_until > access.clock() else None
    return render_template(
        "account/message.html", message=found, leads_to=leads_to, mailed=_mailed()[found.delivery][1], form=form,
        away=away, topic=TOPICS.get(found.topic), dated=events.of(found.facts, found.subject), file=events.NAME,
        parts=list(_parts(text, letters.address(leads_to))),
    )  # fmt: skip


def _morning(day: date) -> datetime:
    return datetime.combine(day, BACK_AT, ZoneInfo(access.me().zone)).astimezone(UTC)


def _mailed() -> dict[str, tuple[str, str]]:
    """The words for where messages stand, here and now."""
    return NOT_MAILED if access.settings().mail is None else MAILED


def _parts(text: str, address: str) -> Iterator[list[str]]:
    """The letter's paragraphs, each a list of lines, without the address that a button stands for here."""
    for lines in letters.blocks(text):
        if kept := [line for line in lines if line.strip() != address]:
            yield kept
