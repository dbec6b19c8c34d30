"""The requests room: changing what was submitted, postponing it, and asking the board to decide once more."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules import workflow
from engage.rules.items import ItemKind
from engage.rules.policy import Action, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.workflow import APPROVED, CHANGEABLE, State
from engage.services import amendments, changes, contents, reconsiderations, submissions, visibility
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.requests import compare, queries, typed
from engage.web.requests.forms import ChangeForm, PostponeForm, ReconsiderForm
from engage.web.requests.room import bp, version_of


def ways(item_id: int, subject: Subject) -> list[tuple[str, str]]:
    """Which changes of a submitted item are open to the reader: (label, address)."""
    me, found = access.me(), []
    if subject.kind is ItemKind.ENGAGEMENT and may(me, Do.MARK, subject):
        found.append(("Change its marking", f"/engagements/{item_id}/marking"))
    if subject.kind is ItemKind.ENGAGEMENT and subject.state in CHANGEABLE:
        if may(me, Do.CHANGE, subject):
            label = "Ask for a change" if subject.state in APPROVED else "Change it"
            found.append((label, f"/engagements/{item_id}/change"))
        if may(me, Do.POSTPONE, subject):
            found.append(("Postpone it", f"/engagements/{item_id}/postpone"))
    if Action.RECONSIDER in workflow.open_actions(subject.state, subject.kind) and may(me, Action.RECONSIDER, subject):
        until = reconsiderations.until(item_id, by=me)
        asked = me.id == subject.requester_id and subject.state is not State.APPROVED  # it is as they asked
        if until is not None and access.today() <= until and (asked or reconsiderations.voted_for(item_id, by=me)):
            found.append(("Ask to reconsider", f"/items/{item_id}/reconsider"))
    return found


@bp.route("/engagements/<int:item_id>/change", methods=["GET", "POST"])
def change(item_id: int) -> ResponseReturnValue:
    """Change what was submitted: a minor change is made, a material one of an approved engagement is drafted."""
    item, subject = access.or_404(visibility.find(item_id, by=access.me(), kind=ItemKind.ENGAGEMENT))
    if not may(access.me(), Do.CHANGE, subject):
        raise NotAllowed("Only the requester changes what an engagement says.")
    if item.state not in CHANGEABLE:
        raise NotOpen(f"This cannot be changed now: it is {item.state.label.lower()}.")

    def save(content: Any, form: Any) -> tuple[str, str]:
        done = changes.change(item, subject, content, version_of(form), why=form.why.data or "",
                              by=access.me(), now=access.clock())  # fmt: skip
        return _told(item_id, done)

    return _form(item_id, contents.content_of(item_id), item, save, address=f"/engagements/{item_id}")


@bp.route("/items/<int:item_id>/edit-amendment", methods=["GET", "POST"])
def edit_amendment(item_id: int) -> ResponseReturnValue:
    """Write another proposal over a draft of an amendment, or over what was returned."""
    item, subject = access.or_404(visibility.find(item_id, by=access.me(), kind=ItemKind.AMENDMENT))
    if not may(access.me(), Do.EDIT, subject):
        raise NotAllowed("Only the requester may change what an amendment says.")
    if item.state not in workflow.EDITABLE:
        raise NotOpen(f"This cannot be changed now: it is {item.state.label.lower()}.")

    def save(content: Any, form: Any) -> tuple[str, str]:
        amendments.revise(item, subject, content, version_of(form), why=form.why.data or "",
                          by=access.me(), now=access.clock())  # fmt: skip
        return "Saved. Submit it when it says what you mean.", f"/items/{item_id}"

    return _form(item_id, contents.thawed(item.proposal), item, save, address=f"/items/{item_id}", why=item.why)


def _told(item_id: int, done: changes.Changed) -> tuple[str, str]:
    if done.amendment is not None:
        said = "This change is material, so the board decides on it. Look at what would change, then submit it."
        return said, f"/items/{done.amendment.id}"
    here = f"/engagements/{item_id}"
    if done.voided and not done.findings:
        return "Changed. A vote outside a meeting is on identical text, so votes already cast are void.", here
    if done.voided:
        return "Changed. The change is material, so votes already cast are void; members and secretariat know.", here
    if done.findings:
        return "Changed. The change is material; the secretariat knows.", here
    return "Changed. The change is minor: it holds at once, and votes already cast stand.", here


def _form(item_id: int, said: dict[str, Any], item: Any, save: Any, *, address: str, why: str = "") -> Any:
    data = {**typed.prefill(said), "version": str(item.version), "why": why}
    form = ChangeForm(request.form or None, data=data)
    typed.dress(form, ())
    if request.method == "POST" and not request.form.get("add"):
        unmatched = {t["name"] for t in said["travellers"] if t["id"] is None}
        content, understood = typed.content_of(form, open_lines=(), unmatched=unmatched)
        if understood:
            try:
                return once(form, lambda: save(content, form))
            except Incomplete as refusal:
                form.refuse(refusal.at)
            except Stale as stale:
                theirs = ChangeForm(data={**typed.prefill(contents.content_of(item_id)), "why": why})
                typed.dress(theirs, ())
                return safety.page(
                    409, message=str(stale), differences=compare.forms(theirs, form), return_url=request.path
                )
    typed.make_room(form, request.form.get("add", ""))
    page = render_template("requests/change.html", form=form, item=item, address=address)
    return page, 422 if request.method == "POST" and not request.form.get("add") else 200


def once(form: Any, act: Any) -> ResponseReturnValue:
    """Do one thing once; `act` gives what to say and where to go."""
    me, now = access.me(), access.clock()
    with transaction():
        answered = submissions.claim(form.once.data or "", by=me, now=now)
        if answered is not None:
            return redirect(answered, 303)
        said, url = act()
        submissions.answer(form.once.data or "", url, by=me)
    return safety.say(said, url)


@bp.route("/engagements/<int:item_id>/postpone", methods=["GET", "POST"])
def postpone(item_id: int) -> ResponseReturnValue:
    """Move an engagement to another first day, with a reason."""
    item, subject = access.or_404(visibility.find(item_id, by=access.me(), kind=ItemKind.ENGAGEMENT))
    if not may(access.me(), Do.POSTPONE, subject):
        raise NotAllowed("Only the requester postpones an engagement.")
    if item.state not in CHANGEABLE:
        raise NotOpen(f"This cannot be postponed now: it is {item.state.label.lower()}.")
    form = PostponeForm(request.form, data={"version": str(item.version)})
    if form.accepted():

        def act() -> tuple[str, str]:
            done = changes.postpone(item, subject, form.first_on.data, version_of(form), why=form.why.data or "",
                                    by=access.me(), now=access.clock())  # fmt: skip
            return _told(item_id, done)

        try:
            return once(form, act)
        except Incomplete as refusal:
            form.refuse(refusal.at)
    page = render_template("requests/postpone.html", form=form, item=item)
    return page, 422 if request.method == "POST" else 200


@bp.route("/items/<int:item_id>/reconsider", methods=["GET", "POST"])
def reconsider(item_id: int) -> ResponseReturnValue:
    """Ask the board to decide once more, on new facts."""
    me, now = access.me(), access.clock()
    item, subject = access.or_404(visibility.find(item_id, by=me))
    workflow.step(item.state, Action.RECONSIDER, item.kind)
    reconsiderations.must_be_open(item, subject, by=me, now=now)
    form = ReconsiderForm(request.form)
    if form.accepted():

        def act() -> tuple[str, str]:
            reconsiderations.ask(item, subject, form.new_facts.data or "", by=me, now=now)
            return "Asked. The secretariat has it, and routes it as the charter says.", item.kind.path(item_id)

        try:
            return once(form, act)
        except Incomplete as refusal:
            form.refuse(refusal.at)
    page = render_template(
        "requests/reconsider.html", form=form, item=item, address=item.kind.path(item_id),
        until=reconsiderations.until(item_id, by=me), decision=queries.decision(item_id),
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200


