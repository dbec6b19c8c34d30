"""The requests room: what I asked for and travel on, and asking for more."""

from json import loads
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules import workflow
from engage.rules.asking import Content
from engage.rules.completeness import unkeepable
from engage.rules.items import ItemKind
from engage.rules.policy import Do, Role, See, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, ReasonNeeded, Stale
from engage.rules.workflow import Action, State
from engage.services import (
    condition_lists,
    contents,
    endorsements,
    engagements,
    files,
    holding,
    items,
    ledger,
    markings,
    questions,
    reviews,
    routing,
    stays,
    submissions,
    tier_leads,
    versions,
    visibility,
)
from engage.services.transaction import transaction
from engage.web import access, differences, exports, papers, reminder_words, safety
from engage.web.requests import (
    answers,
    asking,
    changing,
    compare,
    endorsing,
    listing,
    marking,
    others,
    queries,
    reviewing,
    sheet,
    starting,
    typed,
)
from engage.web.requests.forms import ActForm, EngagementForm, FilterForm
from engage.web.requests.room import ACTS, DONE, bp, history, number, seen, version_of

__all__ = ["answers", "asking", "bp", "endorsing", "marking", "others", "reviewing", "sheet", "starting"]


@bp.get("/engagements")
def index() -> ResponseReturnValue:
    """What I asked for and what I travel on, newest first."""
    form = FilterForm(request.args)
    sound = form.validate()
    state = State(form.state.data) if sound and form.state.data else None
    if sound and exports.asked():
        me, day = access.me().id, access.today()
        return exports.answer(
            "engagements", listing.COLUMNS,
            exports.paged(lambda after: queries.mine(me, day=day, state=state, before=after or queries.LAST)),
        )  # fmt: skip
    before = request.args.get("before", queries.LAST, type=number)
    rows: list[Any] = []
    following = None
    if sound:
        rows, following = queries.mine(access.me().id, day=access.today(), state=state, before=before)
    return render_template(
        "requests/index.html", form=form, rows=rows, following=following, first=before == queries.LAST, state=state,
        may_raise=may(access.me(), Do.RAISE_MATTER),
        places=stays.countries([row.id for row in rows]),
        held=holding.line,
    ), 200 if sound else 422  # fmt: skip


@bp.route("/engagements/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Ask for an engagement: save a draft, or save and submit."""
    if not may(access.me(), Do.DRAFT):
        raise NotAllowed("You may look at engagements, but not ask for one.")
    form = EngagementForm(request.form or None, data={"marking": markings.default_on(access.today())})
    typed.dress(form, ())
    return _form(form, None)


@bp.route("/engagements/<int:item_id>/edit", methods=["GET", "POST"])
def edit(item_id: int) -> ResponseReturnValue:
    """Change a draft, or what was returned."""
    engagement, subject = access.or_404(visibility.find(item_id, by=access.me(), kind=ItemKind.ENGAGEMENT))
    engagements.must_be_writable(subject, engagement.state, by=access.me())
    content = contents.content_of(item_id)
    form = EngagementForm(request.form or None, data={**typed.prefill(content), "version": str(engagement.version)})
    typed.dress(form, content["missing"].splitlines())
    return _form(form, (engagement, subject, content))


Known = tuple[Any, Subject, dict[str, Any]]


def _form(form: EngagementForm, known: Known | None) -> ResponseReturnValue:
    """The form's page, or where a sound one leads. `known` is the engagement that it changes; None begins one."""
    if request.method == "GET" or request.form.get("add"):
        return _form_page(form, known), 200
    open_lines = known[2]["missing"].splitlines() if known else ()
    unmatched = {t["name"] for t in known[2]["travellers"] if t["id"] is None} if known else ()
    content, understood = typed.content_of(form, open_lines=open_lines, unmatched=unmatched)
    if not understood:
        typed.refuse_also(form, _refused(content))
    else:
        try:
            return _save(form, content, known)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        except Stale as stale:
            item_id = known[0].id if known else 0
            theirs = EngagementForm(data=typed.prefill(contents.content_of(item_id)))
            typed.dress(theirs, open_lines)
            return safety.page(
                409,
                message=str(stale),
                differences=compare.forms(theirs, form),
                return_url=f"/engagements/{item_id}/edit",
            )
    return _form_page(form, known), 422


def _refused(content: Content) -> dict[str, str]:
    """What the rules would say to this, too: everything that is wrong is named at once."""
    if "submit" in request.form:
        return tier_leads.judged(content, today=access.today())[0]
    return unkeepable(content)


def _form_page(form: EngagementForm, known: Known | None) -> str:
    typed.make_room(form, request.form.get("add", ""))
    return render_template("requests/form.html", form=form, item=known and known[0], content=known and known[2])


def _save(form: EngagementForm, content: Content, known: Known | None) -> ResponseReturnValue:
    me, now, submit = access.me(), access.clock(), "submit" in request.form
    with transaction():
        answered = submissions.claim(form.once.data or "", by=me, now=now)
        if answered is not None:
            return redirect(answered, 303)
        if known is None:
            engagement = engagements.draft(content, by=me, now=now)
            subject = Subject(State.DRAFT, me.id)
        else:
            engagement, subject = known[:2]
            engagements.revise(engagement, subject, content, version_of(form), by=me, now=now)
        if submit:
            items.act(engagement, subject, Action.SUBMIT, by=me, now=now)
        url, said = (
            f"/engagements/{engagement.id}",
            DONE[Action.SUBMIT] if submit else "Saved. Nobody but you sees it yet.",
        )
        asked = [leg.city or leg.country_code for leg in content.legs if leg.zone is None]
        if asked:
            url, said = f"{url}/edit#legs", f"Saved. Now choose the time zone of {' and '.join(asked)}."
        elif not submit and known and engagement.state is State.RETURNED:
            said = "Saved. Submit it when your answers are in."
        submissions.answer(form.once.data or "", url, by=me)
    return safety.say(said, url)


@bp.get("/engagements/<int:item_id>")
def show(item_id: int) -> ResponseReturnValue:
    """One engagement, for everybody who may see it: what it says, who holds it, and how it came here."""
    me, subject = access.me(), access.or_404(seen(item_id))
    if subject.kind is not ItemKind.ENGAGEMENT:
        return redirect(subject.kind.path(item_id))
    if (hidden := papers.content_hidden(item_id, subject)) is not None:
        return hidden
    head = queries.head(item_id, access.today())
    content, version = versions.shown(item_id, head.state)
    decision = queries.decision(item_id) if head.placed_at else None
    conditions = condition_lists.of_item(item_id) if decision else []
    opened = workflow.open_actions(head.state)
    editable = head.state in workflow.EDITABLE and may(me, Do.EDIT, subject)
    lacking: dict[str, str] = {}
    if editable:
        lacking = tier_leads.judged(contents.asked_by(content), today=access.today(), item_id=item_id)[0]
    return render_template(
        "requests/show.html", head=head, content=content, version=version, editable=editable, lacking=lacking,
        history=history(item_id),
        decision=decision, arithmetic=loads(decision.arithmetic) if decision else (), conditions=conditions,
        acts=[(word, act) for word, act in ACTS.items() if act in opened and may(me, act, subject)],
        links=_links(item_id, head.state, subject),
        ways=changing.ways(item_id, subject), amendments=queries.amendments(item_id, me.id) if head.placed_at else [],
        texts=queries.texts(item_id) if version and version.number > 1 else [],
        again=queries.reconsideration(item_id) if head.asked_again else None,
        way=routing.route_of(item_id) if head.submitted_at else None,
        reviews=reviews.of_item(item_id) if head.reviewed else [],
        thread=questions.thread(item_id) if head.asked else [],
        attached=files.about("item", [item_id]).get(item_id, []) if head.attached else [],
        holding=holding.line(head, me=me.id),
    )  # fmt: skip


def _links(item_id: int, state: State, subject: Subject) -> list[tuple[str, str]]:
    """Where else this reader goes on with this engagement."""
    me, links = access.me(), []
    board = me.roles & {Role.MEMBER, Role.CHAIR, Role.SECRETARIAT}
    if board and state in workflow.WITH_THE_BOARD | workflow.DECIDED:
        links.append(("See it on the board's page", f"/board/items/{item_id}"))
    unclaimed = state is State.DRAFT and subject.requester_id is None
    if Role.SECRETARIAT in me.roles and (state in workflow.WITH_THE_SECRETARIAT or unclaimed):
        links.append(("Screen it", f"/screening/{item_id}"))
    if state in workflow.APPROVED and me.id in subject.traveller_ids:
        links.append(("Prepare your trip", "/trips"))
    if state in workflow.APPROVED:
        links.append(("Report, outcomes and promises", f"/engagements/{item_id}/report"))
    if sheet.may_print(subject):
        links.append(("Field sheet", f"/engagements/{item_id}/sheet"))
    if state in endorsements.OPEN and may(me, Do.ENDORSE, subject):
        where = endorsements.stand(item_id, subject)
        links += [("Endorse it", f"/engagements/{item_id}/endorse")] if where and where.waits else []
    links.append(("Reminders sent", f"/engagements/{item_id}/reminders"))
    return links


@bp.get("/engagements/<int:item_id>/reminders")
def reminders_sent(item_id: int) -> ResponseReturnValue:
    """Who was reminded about this engagement, and what became of it; of votes only for those who see ballots."""
    subject = access.or_404(seen(item_id))
    if (hidden := papers.content_hidden(item_id, subject)) is not None:
        return hidden
    rows = ledger.of_item(item_id, votes=may(access.me(), See.BALLOTS, subject), most=reminder_words.MOST)
    return render_template(
        "reminders_sent.html", title=queries.head(item_id, access.today()).title, back=f"/engagements/{item_id}",
        rows=reminder_words.shown(rows, access.clock()),
    )  # fmt: skip


@bp.get("/engagements/<int:item_id>/versions/<int:number>")
def version(item_id: int, number: int) -> ResponseReturnValue:
    """The text as it was submitted, for ever, and what differs from the one before."""
    subject = access.or_404(seen(item_id))
    if subject.kind is not ItemKind.ENGAGEMENT:
        return redirect(f"{subject.kind.path(item_id)}/versions/{number}", 303)
    if (hidden := papers.content_hidden(item_id, subject)) is not None:
        return hidden
    frozen = access.or_404(versions.numbered(item_id, number))
    before = versions.numbered(item_id, number - 1) if number > 1 else None
    return render_template(
        "requests/version.html", head=queries.head(item_id, access.today()), version=frozen, content=frozen.content,
        before=before,
        changes=differences.contents(before.content, frozen.content) if before else [],
        today_s=_since(frozen, item_id),
    )  # fmt: skip


def _since(frozen: versions.Version, item_id: int) -> list[tuple[str, str, str]]:
    """What the text in force says differently from one that is not in force any more."""
    now = versions.current(item_id) if frozen.valid_to else None
    return differences.contents(frozen.content, now.content) if now else []


@bp.route("/engagements/<int:item_id>/<any(submit, withdraw, cancel):word>", methods=["GET", "POST"])
def act(item_id: int, word: str) -> ResponseReturnValue:
    """Ask once more, and for a reason; then submit, withdraw or cancel."""
    me, action = access.me(), ACTS[word]
    engagement, subject = access.or_404(visibility.find(item_id, by=me, kind=ItemKind.ENGAGEMENT))
    form = ActForm(request.form or None)
    lacking: dict[str, str] = {}
    if request.method == "GET":
        if not may(me, action, subject):
            raise NotAllowed(f"You may not do this: {action.label.lower()}.")
        workflow.step(engagement.state, action)
        if action is Action.SUBMIT:
            content = contents.asked_by(contents.content_of(item_id))
            lacking = tier_leads.judged(content, today=access.today(), item_id=item_id)[0]
    elif form.accepted():
        try:
            return _act(form, engagement, subject, action)
        except ReasonNeeded as refusal:
            form.refuse({"reason": str(refusal)})
        except Incomplete as refusal:
            lacking = refusal.at
    title = queries.head(item_id, access.today()).title
    return render_template(
        "requests/act.html", form=form, title=title, item_id=item_id, action=action, lacking=lacking
    ), 200 if request.method == "GET" else 422  # fmt: skip


def _act(form: ActForm, engagement: Any, subject: Subject, action: Action) -> ResponseReturnValue:
    me, now, url = access.me(), access.clock(), f"/engagements/{engagement.id}"
    with transaction():
        answered = submissions.claim(form.once.data or "", by=me, now=now, leads_to=url)
        if answered is not None:
            return redirect(answered, 303)
        items.act(engagement, subject, action, by=me, now=now, reason=form.reason.data or "")
    return safety.say(DONE[action], url)
