"""The training room: what I completed and what my trips need; for training owners, what waits to be verified."""

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete
from engage.services import files, submissions, training
from engage.services.transaction import transaction
from engage.web import access, keyset, safety
from engage.web.training import courses, queries, sessions, taking
from engage.web.training.forms import ClaimForm, DeclineForm, RecordForm
from engage.web.training.room import bp

__all__ = ["bp", "courses", "sessions", "taking"]


@bp.route("/training", methods=["GET", "POST"])
def mine() -> ResponseReturnValue:
    """My completions, what my trips need, and the form to record one more."""
    form: Any = ClaimForm(request.form)
    me = access.me()
    offered = _offer_courses(form)
    if form.accepted():
        claim = _claim(form)
        done = _once(
            form,
            lambda: training.claim_completion(claim, by=me, now=access.clock()),
            "/training",
            "Recorded. It counts once a training owner has verified it.",
        )
        if done is not None:
            return done
    page = render_template(
        "training/mine.html",
        form=form,
        completions=queries.mine(me.id),  # type: ignore[arg-type]
        needed=queries.needed(me.id, access.today()),  # type: ignore[arg-type]
        courses=offered,
        edits=may(me, Do.EDIT_COURSES),
        owner=may(me, Do.VERIFY_COMPLETION),
    )
    return page, 422 if form.errors else 200


def _offer_courses(form: Any) -> list[Any]:
    """Give the form its courses, beginning with the one the address names."""
    offered = queries.courses(access.today())
    form.course_id.choices = [
        SelectChoice("", "Choose a course"),
        *(SelectChoice(str(course.id), course.name) for course in offered),
    ]
    if request.method == "GET":
        named = [str(course.id) for course in offered if course.code == request.args.get("course")]
        form.course_id.data = named[0] if named else None
    return offered


def _claim(form: Any) -> training.Claim:
    return training.Claim(
        course_id=int(form.course_id.data),
        completed_on=form.completed_on.data,
        evidence=form.evidence.data or "",
        certificate=form.certificate.data,
    )


def _once(form: Any, act: Callable[[], object], url: str, said: str) -> ResponseReturnValue | None:
    """Do the form's act once, however often it is sent; None when the form was refused."""
    try:
        with transaction():
            before = submissions.claim(form.once.data, by=access.me(), now=access.clock())
            if before is None:
                act()
                submissions.answer(form.once.data, url, by=access.me())
    except Incomplete as refusal:
        form.refuse(refusal.at)
        return None
    return safety.say(said, url) if before is None else redirect(before, 303)


@bp.get("/training/queue")
def queue() -> ResponseReturnValue:
    """Claims that wait for a training owner, the oldest first."""
    _owners_only()
    after = request.args.get("after", 0, type=int)
    if not 0 <= after <= access.LARGEST_ID:
        abort(400)
    lines, more = queries.queue(after)
    return render_template(
        "training/queue.html",
        lines=lines,
        next_url=keyset.following(after=str(more)) if more else None,
        first_url=keyset.following(after=None) if after else None,
    )


def _owners_only() -> None:
    if not may(access.me(), Do.VERIFY_COMPLETION):
        abort(403)


@bp.get("/training/claims/<int:claim_id>")
def claim(claim_id: int) -> ResponseReturnValue:
    """One claim, to verify or to decline."""
    return _claim_page(claim_id, DeclineForm())


def _claim_page(claim_id: int, form: Any) -> ResponseReturnValue:
    _owners_only()
    found = access.or_404(queries.claim(claim_id))
    page = render_template(
        "training/claim.html",
        claim=found,
        certificates=files.about("completion", [claim_id]).get(claim_id, ()),
        form=form,
        own=found.person_id == access.me().id,
    )
    return page, 422 if form.errors else 200


@bp.post("/training/claims/<int:claim_id>/verify")
def verify(claim_id: int) -> ResponseReturnValue:
    """Verify a claim."""
    _owners_only()
    with transaction():
        training.verify(claim_id, by=access.me(), now=access.clock())
    return safety.say("Verified. It counts from now on.", "/training/queue")


@bp.post("/training/claims/<int:claim_id>/decline")
def decline(claim_id: int) -> ResponseReturnValue:
    """Decline a claim, with the reason."""
    _owners_only()
    form: Any = DeclineForm(request.form)
    if form.accepted():
        try:
            with transaction():
                training.decline(claim_id, form.reason.data or "", by=access.me(), now=access.clock())
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return safety.say("Declined. The person is told why.", "/training/queue")
    return _claim_page(claim_id, form)


@bp.route("/training/record", methods=["GET", "POST"])
def record() -> ResponseReturnValue:
    """Record, as a training owner, what somebody else completed."""
    _owners_only()
    form: Any = RecordForm(request.form)
    _offer_courses(form)
    if form.accepted():
        what = _claim(form)
        done = _once(
            form,
            lambda: training.record_completion(form.email.data, what, by=access.me(), now=access.clock()),
            "/training/record",
            "Recorded and verified.",
        )
        if done is not None:
            return done
    return render_template("training/record.html", form=form), 422 if form.errors else 200
