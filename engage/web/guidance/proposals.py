"""The guidance room: a new version that the board is to approve, instead of its owner."""

from typing import Any

from flask import redirect
from flask.typing import ResponseReturnValue

from engage.rules.guide_changes import Mark
from engage.rules.items import ItemKind
from engage.rules.policy import Do, may
from engage.rules.refusals import NotAllowed
from engage.services import guidance, guide_places, guide_proposals, visibility
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.guidance.forms import fill, marks_of
from engage.web.guidance.room import bp


@bp.get("/guidance/proposals/<int:item_id>")
def proposal(item_id: int) -> ResponseReturnValue:
    """Where a version that was put before the board is written anew."""
    found, subject = access.or_404(visibility.find(item_id, by=access.me(), kind=ItemKind.GUIDE_VERSION))
    if not may(access.me(), Do.EDIT, subject):
        raise NotAllowed("Only whoever proposed it may change what it says.")
    code = guide_places.code_of(access.or_404(guidance.guide(found.guide_id)))
    return redirect(f"/guidance/{code}/edit?proposal={item_id}", 303)


def begin_with(form: Any, given: str | None, version: Any) -> None:
    """Begin with the text of the reader's own version before the board, where the address names one."""
    found = _named(given)
    if found is None or version is None or found[0].guide_id != version.guide_id:
        return
    item = found[0]
    while form.questions.entries:
        form.questions.pop_entry()
    fill(form, item.heading, item.content, version.id)
    form.note.data, form.proposal.data = item.note, f"{item.id}.{item.version}"
    for part, mark in (item.marks or {}).items():
        if f"mark_{part}" in form:
            form[f"mark_{part}"].data = Mark(mark).value


def put(version: Any, form: Any, content: Any) -> ResponseReturnValue:
    """Draft the text for the board, or write it over the reader's own draft. Raises Incomplete or Stale."""
    by, now = access.me(), access.clock()
    number, _, read = (form.proposal.data or "").partition(".")
    said: dict[str, Any] = {
        "based_on": int(form.based_on.data) if form.based_on.data.isdecimal() else 0,
        "marks": marks_of(form), "note": form.note.data or "", "by": by, "now": now,
    }  # fmt: skip
    with transaction():
        found = _named(number)
        if found is None:
            made = guide_proposals.propose(version.guide_id, form.title.data or "", content, **said)
        else:
            made, subject = found
            guide_proposals.revise(
                made, subject, int(read) if read.isdecimal() else 0, form.title.data or "", content, **said
            )
        url = f"/items/{made.id}"
    return safety.say("Saved for the board. Submit it to the secretariat when it is ready.", url)


def _named(given: str | None) -> Any:
    if not given or not given.isascii() or not given.isdecimal() or len(given) > 9:
        return None
    found = visibility.find(int(given), by=access.me(), kind=ItemKind.GUIDE_VERSION)
    return found if found and may(access.me(), Do.EDIT, found[1]) else None

