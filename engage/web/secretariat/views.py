"""The secretariat's room: what was submitted is screened here, and what was imported is handed out."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.rules import workflow
from engage.rules.policy import Do, See, Subject, may
from engage.rules.refusals import Incomplete, ReasonNeeded
from engage.rules.workflow import Action, State
from engage.services import (
    commitment_lists,
    endorsements,
    engagements,
    files,
    holding,
    items,
    late_reports,
    questions,
    reviews,
    routing,
    stays,
    submissions,
    versions,
    visibility,
)
from engage.services.transaction import transaction
from engage.web import access, differences, exports, papers, safety
from engage.web.forms import Form
from engage.web.secretariat import (
    closed,  # noqa: F401 - its routes
    queries,
    recommendation,  # noqa: F401 - its routes
)
from engage.web.secretariat.forms import ClaimForm, GoOnForm, PlaceForm, RaiseForm, ReturnForm
from engage.web.secretariat.room import bp

LISTS = ("waiting", "unclaimed", "deferred")
FEW = 10  # of the lists that stand beside the one that waits
COLUMNS = (
    exports.Column("Number", lambda one: one[0].id),
    exports.Column("Request", lambda one: exports.title(one[0].marking, one[0].title)),
    exports.Column("Kind", lambda one: one[0].kind.label),
    exports.Column("Marking", lambda one: one[0].marking.label),
    exports.Column("Requester", lambda one: one[0].name),
    exports.Column("First day", lambda one: one[0].starts_on),
    exports.Column("Last day", lambda one: one[0].ends_on),
    exports.Column("Late", lambda one: bool(one[0].late)),
    exports.Column("Who holds it", lambda one: one[1].who),
    exports.Column("Since", lambda one: one[1].since),
    exports.Column("What comes next", lambda one: one[1].next_what),
    exports.Column("Next date", lambda one: one[1].next_on),
    exports.Column("Missing", lambda one: one[1].missing),
)


def _every(name: str, day: date) -> Iterator[tuple[Any, holding.Holding]]:
    """Every row of a list, with who holds it."""
    place: queries.Place | None = queries.Place()
    while place:
        page = queries.listed(name, place)
        held = holding.lines([row.id for row in page.rows], day=day, me=None)
        yield from ((row, held[row.id]) for row in page.rows)
        last = page.following
        place = last and queries.Place(last.id, last.state_since, last.deferred_until or queries.FIRST_DAY)


@bp.get("/screening")
def index() -> ResponseReturnValue:
    """What waits, oldest first; imports that nobody has claimed; deferrals coming due. `show` opens one of them."""
    show, place = request.args.get("show", ""), _place()
    show = show if show in LISTS else ""
    if exports.asked():
        return exports.answer("screening", COLUMNS, _every(show or "waiting", access.today()))
    found = {show or "waiting": queries.listed(show or "waiting", place)}
    if not show:
        found |= {name: queries.listed(name, queries.Place(), most=FEW) for name in LISTS if name not in found}
    ids = [row.id for page in found.values() for row in page.rows]
    return render_template(
        "secretariat/index.html", found=found, show=show, places=stays.countries(ids), first=place == queries.Place(),
        held=holding.lines(ids, day=access.today(), me=access.me().id),
    )


def _place() -> queries.Place:
    """Where the page begins, from the address; what cannot be read there begins at the beginning."""
    try:
        after = int(request.args.get("after", "0"))
        since = datetime.fromisoformat(request.args.get("since", queries.BEGINNING.isoformat()))
        until = date.fromisoformat(request.args.get("until", queries.FIRST_DAY.isoformat()))
    except ValueError:
        return queries.Place()
    known = since.tzinfo and 0 <= after < queries.MOST and since.year > 1
    return queries.Place(after, since, until) if known else queries.Place()


@bp.get("/screening/<int:item_id>")
def show(item_id: int) -> ResponseReturnValue:
    """Everything a request says, and what the secretariat may do with it."""
    subject = visibility.subject(item_id)
    access.or_404(subject if subject and may(access.me(), See.ENGAGEMENT, subject) else None)
    if (hidden := papers.content_hidden(item_id, subject)) is not None:  # type: ignore[arg-type]
        return hidden
    return _page(item_id, subject)  # type: ignore[arg-type]


def _page(item_id: int, subject: Subject, status: int = 200, **forms: Form) -> ResponseReturnValue:
    me, head = access.me(), queries.head(item_id)
    content, version = versions.shown(item_id, head.state, head.kind)
    opened = workflow.open_actions(head.state, head.kind)
    open_here = [act for act in (Action.PLACE, Action.REVIEW, Action.RETURN) if act in opened]
    acts = [act.value for act in open_here if may(me, act, subject)]
    claimable = may(me, Do.CLAIM, subject) and head.state is State.DRAFT
    given: dict[str, Any] = {
        "returning": ReturnForm(), "placing": PlaceForm(), "reviewing": PlaceForm(), "claiming": ClaimForm(),
        "raising": RaiseForm(), "going_on": GoOnForm(), **forms,
    }  # fmt: skip
    for name, form in given.items():  # several forms stand on one page: their ids must differ
        for field in form:
            field.id = field.label.field_id = f"{name}-{field.short_name}"
    return render_template(
        "secretariat/show.html", head=head, content=content, version=version, changes=differences.asked(content),
        reviews=reviews.of_item(item_id) if version else [], thread=questions.thread(item_id) if version else [],
        attached=files.about("item", [item_id]).get(item_id, []) if head.attached else [],
        own=bool(open_here) and not acts, acts=acts,
        claimable=claimable, promises=commitment_lists.overdue_with(item_id, access.today()),
        late=late_reports.of_item(item_id, access.today()), way=routing.route_of(item_id) if version else None,
        endorsed=endorsements.stand(item_id, subject), **given,
    ), status  # fmt: skip


@bp.post("/screening/<int:item_id>/return")
def send_back(item_id: int) -> ResponseReturnValue:
    """Return it with questions."""
    form = ReturnForm(request.form)
    return _do(item_id, "returning", form, "Returned to the requester with your questions.", Action.RETURN)


@bp.post("/screening/<int:item_id>/place")
def place(item_id: int) -> ResponseReturnValue:
    """Place it on the docket."""
    return _do(item_id, "placing", PlaceForm(request.form), "Placed on the docket. The board has it now.", Action.PLACE)


@bp.post("/screening/<int:item_id>/review")
def review(item_id: int) -> ResponseReturnValue:
    """Say that somebody has begun to look into it."""
    said = "Under review. The requester has been told."
    return _do(item_id, "reviewing", PlaceForm(request.form), said, Action.REVIEW)


@bp.post("/screening/<int:item_id>/go-on")
def go_on(item_id: int) -> ResponseReturnValue:
    """Screen it without the supervisor's word, for a reason."""
    form = GoOnForm(request.form)

    def change(item: Any, subject: Subject) -> None:
        endorsements.go_on(item, subject, reason=form.without.data or "", by=access.me(), now=access.clock())

    return _change(item_id, "going_on", form, "Noted. The screening goes on without the endorsement.", change)


@bp.post("/screening/<int:item_id>/raise")
def raise_to_meeting(item_id: int) -> ResponseReturnValue:
    """Let it go to a meeting, whatever its tier says."""
    form = RaiseForm(request.form)

    def change(item: Any, subject: Subject) -> None:
        routing.raise_to_meeting(item, subject, reason=form.why.data or "", by=access.me(), now=access.clock())

    return _change(item_id, "raising", form, "Raised: it goes to a meeting.", change)


def _do(item_id: int, name: str, form: Any, said: str, action: Action) -> ResponseReturnValue:
    def change(engagement: Any, subject: Subject) -> None:
        reason = form.reason.data if "reason" in form else ""
        items.act(engagement, subject, action, by=access.me(), now=access.clock(), reason=reason or "")

    return _change(item_id, name, form, said, change)


@bp.post("/screening/<int:item_id>/claim")
def claim(item_id: int) -> ResponseReturnValue:
    """Hand an imported draft to its requester."""
    form = ClaimForm(request.form)

    def change(engagement: Any, subject: Subject) -> None:
        person = queries.person_at(form.person.data or "")
        if person is None:
            raise Incomplete({"person": "Nobody has an account at this address."})
        engagements.claim(engagement, subject, for_id=person, by=access.me(), now=access.clock())

    return _change(item_id, "claiming", form, "Handed out. The requester has been told.", change)


def _change(
    item_id: int, name: str, form: Any, said: str, change: Callable[[Any, Subject], None]
) -> ResponseReturnValue:
    """Do one change once, and go back to the list; or show the page again with what was typed."""
    me = access.me()
    engagement, subject = access.or_404(visibility.find(item_id, by=me))
    if form.accepted():
        try:
            with transaction():
                answered = submissions.claim(form.once.data or "", by=me, now=access.clock())
                if answered is not None:
                    return redirect(answered, 303)
                change(engagement, subject)
                submissions.answer(form.once.data or "", "/screening", by=me)
            return safety.say(said, "/screening")
        except ReasonNeeded:
            form.refuse({"reason": "Write your questions: without them the requester cannot answer."})
        except Incomplete as refusal:
            form.refuse(refusal.at)
    return _page(item_id, subject, 422, **{name: form})
