"""The register of promises, and the page of each: what was promised, by whom, and what became of it."""

from datetime import date
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.reference.countries import country as country_of
from engage.rules.commitments import Side
from engage.rules.policy import Do, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import commitment_lists, commitments
from engage.services.commitments import Promise
from engage.web import access, exports, keyset
from engage.web.reports import queries
from engage.web.reports.forms import PromiseForm, WordForm
from engage.web.reports.parts import dress
from engage.web.reports.room import bp, engagement_or_404, settled

SHOW = {"": ("unsettled",), "overdue": ("overdue",), "mine": ("mine", "unsettled"), "ours": ("ours", "unsettled"),
        "theirs": ("theirs", "unsettled"), "kept": ("kept",), "released": ("released",)}  # fmt: skip
TABS = (
    ("", "Open"), ("overdue", "Overdue"), ("mine", "Mine"), ("ours", "Ours"), ("theirs", "Theirs"), ("kept", "Kept"),
    ("released", "Released"),
)  # fmt: skip
COLUMNS = (
    exports.Column("Number", lambda line: line.id),
    exports.Column("Promise", lambda line: exports.title(line.marking, line.what)),
    exports.Column("Side", lambda line: line.side.label),
    exports.Column("With", lambda line: line.whom),
    exports.Column("Owner", lambda line: line.owner),
    exports.Column("Made", lambda line: line.made_on),
    exports.Column("Due", lambda line: line.due_on),
    exports.Column("Standing", lambda line: line.standing.label),
    exports.Column("Settled", lambda line: line.settled_on),
    exports.Column("Engagement", lambda line: exports.title(line.marking, line.title)),
)


@bp.get("/commitments")
def promises() -> ResponseReturnValue:
    """The promises of either side, those due first first."""
    show = request.args.get("show", "")
    if show not in SHOW:
        abort(404)
    names, partner = set(SHOW[show]), None
    given: dict[str, Any] = {}
    if (wanted := request.args.get("partner", "")).isdecimal() and len(wanted) < 10:
        partner = access.or_404(queries.partner_named(int(wanted)))
        names.add("partner")
        given["partner"] = partner.id
    country = None
    if wanted := request.args.get("country", ""):
        country = access.or_404(country_of(wanted))
        names.add("country")
        given["country"] = country.code
    me, today, narrowed = access.me(), access.today(), frozenset(names)
    if exports.asked():
        pages = exports.paged(lambda after: commitment_lists.register(me, today, narrowed, after, **given))
        return exports.answer("promises", COLUMNS, pages)
    rows, more = commitment_lists.register(me, today, narrowed, keyset.read(date), **given)
    return render_template(
        "reports/promises.html", rows=rows, show=show, tabs=TABS, partner=partner, country=country,
        next_url=keyset.following(after=keyset.cursor(*more)) if more else None,
        first_url=keyset.following(after=None) if "after" in request.args else None,
    )  # fmt: skip


@bp.route("/engagements/<int:item_id>/commitments/new", methods=["GET", "POST"])
def promise_new(item_id: int) -> ResponseReturnValue:
    """Write down a promise made at an engagement."""
    engagement, subject = engagement_or_404(item_id)
    me = access.me()
    if not may(me, Do.MAKE_COMMITMENT, subject):
        raise NotAllowed("Who travelled, who asked for the engagement and the secretariat write promises down.")
    form = PromiseForm(request.form or None, data={"owner_id": me.id})
    dress(form, item_id)
    form.owner_id.choices = [SelectChoice(str(row.id), row.name) for row in queries.group(item_id)]
    form.owner_id.choices.append(SelectChoice("", "Somebody else"))
    if form.accepted():

        def act() -> tuple[str, str]:
            said = Promise(
                Side(form.side.data), form.what.data or "", form.due_on.data, _owner(form), form.partner_id.data,
                form.counterpart.data or "", form.made_on.data,
            )  # fmt: skip
            made = commitments.make(engagement, subject, said, by=me, now=access.clock(), today=access.today())
            return "Written down. Its owner is reminded before the day.", f"/commitments/{made.id}"

        if (answer := settled(form, act)) is not None:
            return answer
    page = render_template("reports/promise_new.html", engagement=engagement, form=form)
    return page, 422 if request.method == "POST" else 200


def _owner(form: Any) -> int | None:
    """The owner of a promise: by address where one is given, else as chosen."""
    if form.owner_email.data:
        found = queries.person_at(form.owner_email.data)
        if found is None:
            raise Incomplete({"owner_email": "Nobody has an account at this address."})
        return found
    return form.owner_id.data if "owner_id" in form else None


@bp.route("/commitments/<int:commitment_id>", methods=["GET", "POST"])
def promise(commitment_id: int) -> ResponseReturnValue:
    """One promise with its history, and what its owner may say of it."""
    me, today = access.me(), access.today()
    line = access.or_404(commitment_lists.one(commitment_id, by=me, today=today))
    follows = may(me, Do.FOLLOW_COMMITMENT, line.owner_id) and line.settled_as is None
    form = WordForm(request.form or None)
    form.at_id.choices = [SelectChoice("", "None")]
    form.at_id.choices += [SelectChoice(str(row.id), row.title) for row in queries.own(me.id, today)]
    if form.accepted():

        def act() -> tuple[str, str]:
            _say(commitment_id, form)
            return "Written down.", f"/commitments/{commitment_id}"

        if (answer := settled(form, act)) is not None:
            return answer
    page = render_template(
        "reports/promise.html", line=line, words=commitment_lists.words(commitment_id), form=form, follows=follows
    )
    return page, 422 if request.method == "POST" else 200


def _say(commitment_id: int, form: WordForm) -> None:
    me, now, today = access.me(), access.clock(), access.today()
    found, text = access.or_404(commitments.find(commitment_id)), form["text"].data or ""
    if form.what.data == "keep":
        commitments.keep(found, text, on=form.on.data, by=me, now=now, today=today)
    elif form.what.data == "release":
        commitments.release(found, text, on=form.on.data, by=me, now=now, today=today)
    elif form.what.data == "move":
        commitments.move(found, form.due_on.data, text, by=me, now=now, today=today)
    elif form.what.data == "hand":
        owner = _owner(form)
        if owner is None:
            raise Incomplete({"owner_email": "Give the address of who keeps it from now on."})
        commitments.hand(found, owner, text, by=me, now=now)
    else:
        commitments.say(found, text, engagement_id=form.at_id.data, by=me, now=now)
