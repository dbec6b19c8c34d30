"""The requests room: the pages of what is put before the board besides engagements."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules import workflow
from engage.rules.items import ItemKind
from engage.rules.policy import Do, Role, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, ReasonNeeded, Stale
from engage.rules.workflow import Action
from engage.services import items, kinds, matters, submissions, versions, visibility
from engage.services.transaction import transaction
from engage.web import access, differences, papers, safety
from engage.web.requests import aims, changing, queries
from engage.web.requests.forms import ActForm, MatterForm
from engage.web.requests.room import ACTS, DONE, bp, history, seen, version_of


@bp.get("/items/<int:item_id>")
def item(item_id: int) -> ResponseReturnValue:
    """One item of another kind than an engagement: what it says, who holds it, and how it came here."""
    me, subject = access.me(), access.or_404(seen(item_id))
    if subject.kind is ItemKind.ENGAGEMENT:
        return redirect(f"/engagements/{item_id}", 303)
    if (hidden := papers.content_hidden(item_id, subject)) is not None:
        return hidden
    head = queries.head_of_any(item_id)
    content, version = versions.shown(item_id, head.state, head.kind)
    decision = queries.decision(item_id) if head.placed_at else None
    editable = head.state in workflow.EDITABLE and may(me, Do.EDIT, subject)
    lacking = items.KINDS[head.kind].judge(content, access.today())[0] if editable else {}
    opened = workflow.open_actions(head.state, head.kind)
    return render_template(
        "requests/item.html", head=head, content=content, version=version, editable=editable, lacking=lacking,
        changes=differences.asked(content), history=history(item_id), decision=decision,
        acts=[(word, act) for word, act in ACTS.items() if act in opened and may(me, act, subject)],
        holder=workflow.holder(head.state), links=_links(head, subject), edit=_edit(head),
        ways=changing.ways(item_id, subject), again=queries.reconsideration(item_id) if head.placed_at else None,
    )  # fmt: skip


def _edit(head: Any) -> str:
    """Where an item of this kind is written."""
    if head.kind is ItemKind.AMENDMENT:
        return f"/items/{head.id}/edit-amendment"
    if head.kind is ItemKind.GUIDE_VERSION:
        return f"/guidance/proposals/{head.id}"
    return f"/items/{head.id}/edit"


def _links(head: Any, subject: Subject) -> list[tuple[str, str]]:
    """Where else this reader goes on with this item."""
    me, links = access.me(), []
    if head.amends_id:
        links.append(("The engagement that it changes", f"/engagements/{head.amends_id}"))
    board = me.roles & {Role.MEMBER, Role.CHAIR, Role.SECRETARIAT}
    if board and head.state in workflow.WITH_THE_BOARD | workflow.DECIDED:
        links.append(("See it on the board's page", f"/board/items/{head.id}"))
    if Role.SECRETARIAT in me.roles and head.state in workflow.WITH_THE_SECRETARIAT:
        links.append(("Screen it", f"/screening/{head.id}"))
    return links


@bp.get("/items/<int:item_id>/versions/<int:number>")
def item_version(item_id: int, number: int) -> ResponseReturnValue:
    """The text as it was submitted, for ever."""
    subject = access.or_404(seen(item_id))
    if subject.kind is ItemKind.ENGAGEMENT:
        return redirect(f"/engagements/{item_id}/versions/{number}", 303)
    hidden = papers.content_hidden(item_id, subject)
    if hidden is not None:
        return hidden
    frozen = access.or_404(versions.numbered(item_id, number))
    return render_template(
        "requests/item_version.html", head=queries.head_of_any(item_id), version=frozen, content=frozen.content,
        changes=differences.asked(frozen.content),
    )  # fmt: skip


@bp.route("/items/<int:item_id>/<any(submit, withdraw):word>", methods=["GET", "POST"])
def item_act(item_id: int, word: str) -> ResponseReturnValue:
    """Ask once more, and for a reason; then submit or withdraw."""
    me, action = access.me(), ACTS[word]
    found, subject = access.or_404(visibility.find(item_id, by=me))
    if found.kind is ItemKind.ENGAGEMENT:
        return redirect(f"/engagements/{item_id}/{word}", 303)
    form, lacking = ActForm(request.form or None), {}
    if request.method == "GET":
        if not may(me, action, subject):
            raise NotAllowed(f"You may not do this: {action.label.lower()}.")
        workflow.step(found.state, action, found.kind)
        if action is Action.SUBMIT:
            lacking = items.KINDS[found.kind].judge(kinds.content_of(item_id, found.kind), access.today())[0]
    elif form.accepted():
        try:
            return _act(form, found, subject, action)
        except ReasonNeeded as refusal:
            form.refuse({"reason": str(refusal)})
        except Incomplete as refusal:
            lacking = refusal.at
    page = render_template(
        "requests/item_act.html", form=form, item=found, action=action, lacking=lacking, edit=_edit(found)
    )
    return page, 200 if request.method == "GET" else 422


def _act(form: Any, found: Any, subject: Subject, action: Action) -> ResponseReturnValue:
    me, now, url = access.me(), access.clock(), f"/items/{found.id}"
    with transaction():
        answered = submissions.claim(form.once.data or "", by=me, now=now, leads_to=url)
        if answered is not None:
            return redirect(answered, 303)
        items.act(found, subject, action, by=me, now=now, reason=form.reason.data or "")
    return safety.say(DONE[action], url)


@bp.route("/matters/new", methods=["GET", "POST"])
def new_matter() -> ResponseReturnValue:
    """Put a matter for advice, or the statement of priorities, before the board."""
    if not may(access.me(), Do.RAISE_MATTER):
        raise NotAllowed("Only the secretariat and leadership put such matters before the board.")
    form = MatterForm(request.form or None, data=_asked())

    def save() -> int:
        if form.kind.data == ItemKind.MATTER:
            return matters.raise_matter(form.title.data or "", form.text.data or "", form.question.data or "",
                                        by=access.me(), now=access.clock()).id  # fmt: skip
        return matters.draft_priorities(form.title.data or "", _year(form), form.text.data or "",
                                        by=access.me(), now=access.clock()).id  # fmt: skip

    return _matter(form, None, save)


@bp.route("/items/<int:item_id>/edit", methods=["GET", "POST"])
def edit_matter(item_id: int) -> ResponseReturnValue:
    """Change a draft of a matter or a statement, or what was returned."""
    found, subject = access.or_404(visibility.find(item_id, by=access.me()))
    if found.kind not in (ItemKind.MATTER, ItemKind.PRIORITIES):
        return redirect(f"/engagements/{item_id}/edit" if found.kind is ItemKind.ENGAGEMENT else _edit(found), 303)
    matters.must_be_writable(found, subject, by=access.me())
    advice = found.kind is ItemKind.MATTER
    said = {"question": found.question} if advice else {"year": str(found.year)}
    known = {"version": str(found.version), "kind": found.kind.value, "title": found.title, "text": found.text, **said}
    if not advice:
        known |= aims.known(found)
    form = (MatterForm if advice else aims.fields())(request.form or None, data=known)
    del form.kind
    if advice:
        del form.year
    else:
        del form.question

    def save() -> int:
        own: dict[str, Any] = (
            {"question": form.question.data or ""} if advice else {"year": _year(form), "aims": aims.said(form)}
        )
        matters.revise(found, subject, version_of(form), title=form.title.data or "", text=form.text.data or "",
                       by=access.me(), now=access.clock(), **own)  # fmt: skip
        return item_id

    return _matter(form, found, save)


def _asked() -> dict[str, str]:
    """What a new form begins with: the kind and the year of its address, or a matter and the year to come."""
    kind = request.args.get("kind", "")
    year = request.args.get("year", "")
    return {
        "kind": kind if kind in (ItemKind.MATTER, ItemKind.PRIORITIES) else ItemKind.MATTER.value,
        "year": year if year.isascii() and year.isdigit() and len(year) == 4 else str(access.today().year + 1),
    }


def _year(form: Any) -> int:
    given = form.year.data or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) == 4 else 0


def _matter(form: Any, found: Any, save: Any) -> ResponseReturnValue:
    if form.accepted():
        me = access.me()
        try:
            with transaction():
                answered = submissions.claim(form.once.data or "", by=me, now=access.clock())
                if answered is not None:
                    return redirect(answered, 303)
                url = f"/items/{save()}"
                submissions.answer(form.once.data or "", url, by=me)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        except Stale as stale:
            return safety.page(409, message=str(stale), return_url=request.path)
        else:
            return safety.say("Saved. Nobody but you sees it until you submit it.", url)
    page = render_template("requests/matter.html", form=form, item=found)
    return page, 200 if request.method == "GET" else 422
