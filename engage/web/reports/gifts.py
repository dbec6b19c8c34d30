"""Gifts: logged where they were received, judged at once, and followed until each is where it belongs."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from engage.reference.countries import country
from engage.rules.gifts import HOME_CURRENCY, Disposition, GiftKind
from engage.rules.policy import Do, Role, may
from engage.rules.refusals import NotAllowed
from engage.services import files, gifts
from engage.services.gifts import Given
from engage.services.transaction import transaction
from engage.web import access, exports, keyset
from engage.web.reports import queries
from engage.web.reports.gift_forms import DisposeForm, GiftForm, PhotographForm
from engage.web.reports.room import bp, settled

HANDLERS = frozenset({Role.SECRETARIAT, Role.REVIEWER, Role.AUDITOR})
COLUMNS = (
    exports.Column("Number", lambda row: row.id),
    exports.Column("Gift", lambda row: row.description),
    exports.Column("Kind", lambda row: row.kind.label),
    exports.Column("From", lambda row: row.donor_name),
    exports.Column("Country", lambda row: row.country),
    exports.Column("Recipient", lambda row: row.recipient),
    exports.Column("Received", lambda row: row.received_on),
    exports.Column("Value, US dollars", lambda row: row.value_usd),
    exports.Column("To be handed in by", lambda row: row.due_on),
    exports.Column("Where it is", lambda row: row.disposition.label),
)
TABS = (("", "Mine"), ("waiting", "To be placed"), ("all", "All"))


@bp.get("/gifts")
def gift_list() -> ResponseReturnValue:
    """One's own gifts; for who takes them in, all of them, and those that wait."""
    me, show = access.me(), request.args.get("show", "")
    handles = bool(me.roles & HANDLERS)
    if show not in dict(TABS) or (show and not handles):
        abort(404)
    after = request.args.get("before", "")
    before = min(int(after), 2**31 - 1) if after.isascii() and after.isdecimal() and len(after) < 12 else 2**31 - 1
    if exports.asked():
        pages = exports.paged(lambda last: gifts.listed(show or "mine", me.id, last or 2**31 - 1))
        return exports.answer("gifts", COLUMNS, pages)
    rows, more = gifts.listed(show or "mine", me.id, before)
    return render_template(
        "reports/gifts.html", rows=rows, show=show, tabs=TABS if handles else (),
        next_url=keyset.following(before=more) if more else None,
        first_url=keyset.following(before=None) if after else None,
    )  # fmt: skip


@bp.route("/gifts/new", methods=["GET", "POST"])
def gift_new() -> ResponseReturnValue:
    """Log a gift."""
    me, today = access.me(), access.today()
    of = request.args.get("of", "")
    form = GiftForm(request.form or None, data={"received_on": today, "engagement_id": of, "currency": HOME_CURRENCY})
    form.currency.choices = [SelectChoice("", "Choose"), *(SelectChoice(*pair) for pair in gifts.currencies())]
    countries = [SelectChoice(row.code, row.name) for row in queries.foreign_countries()]
    form.donor_country.choices = [SelectChoice("", "Choose"), *countries]
    form.engagement_id.choices = [SelectChoice("", "None of these")]
    form.engagement_id.choices += [
        SelectChoice(str(row.engagement_id), row.title) for row in gifts.occasions(me.id or 0, today)
    ]
    if request.method == "GET" and of.isdecimal():
        form.engagement_id.data = int(of)
    if form.accepted():

        def act() -> tuple[str, str]:
            made = gifts.record(_given(form), form.photograph.data, by=me, now=access.clock(), today=today)
            said = "Logged. It is above the minimal value: hand it in." if made.due_on else "Logged."
            return said, f"/gifts/{made.id}"

        if (answer := settled(form, act)) is not None:
            return answer
    page = render_template("reports/gift_new.html", form=form)
    return page, 422 if request.method == "POST" else 200


def _given(form: GiftForm) -> Given:
    texts = ("description", "circumstances", "donor_name", "donor_position", "donor_country", "position", "currency")
    return Given(
        kind=GiftKind(form.kind.data), received_on=form.received_on.data, amount=form.amount.data,
        rate=form.rate.data, rate_source=form.rate_source.data or "", engagement_id=form.engagement_id.data,
        **{name: form[name].data or "" for name in texts},
    )  # fmt: skip


@bp.route("/gifts/<int:gift_id>", methods=["GET", "POST"])
def gift(gift_id: int) -> ResponseReturnValue:
    """One gift: how it was judged, where it is, and where it may go. A look at somebody else's is in the trail."""
    me, now, today = access.me(), access.clock(), access.today()
    found = access.or_404(gifts.find(gift_id, by=me))
    if request.method == "GET" and found.recipient_id != me.id:
        with transaction():
            gifts.look(found, by=me, now=now)
        found = access.or_404(gifts.find(gift_id, by=me))
    steps = gifts.open_steps(found, me)
    form = DisposeForm(request.form or None, data={"on_day": today})
    form.offer(steps)
    if form.accepted():

        def act() -> tuple[str, str]:
            gifts.dispose(found, Disposition(form.to.data), on_day=form.on_day.data, note=form.note.data or "",
                          by=me, now=now, today=today)  # fmt: skip
            return "Written down.", f"/gifts/{gift_id}"

        if (answer := settled(form, act)) is not None:
            return answer
        found = access.or_404(gifts.find(gift_id, by=me))
    return _page(found, form, steps, 422 if request.method == "POST" else 200)


def _page(found: Any, form: DisposeForm, steps: Any, status: int) -> ResponseReturnValue:
    left = (found.due_on - access.today()).days if found.due_on else None
    adds = found.recipient_id == access.me().id or may(access.me(), Do.HANDLE_GIFT, found.recipient_id)
    page = render_template(
        "reports/gift.html", gift=found, form=form, steps=steps, history=gifts.steps(found.id), left=left,
        pictures=files.about("gift", [found.id]).get(found.id, []), adds=adds,
        country=getattr(country(found.donor_country), "name", found.donor_country),
    )  # fmt: skip
    return page, status


@bp.route("/gifts/<int:gift_id>/photograph", methods=["GET", "POST"])
def gift_photograph(gift_id: int) -> ResponseReturnValue:
    """Add a photograph."""
    me = access.me()
    found = access.or_404(gifts.find(gift_id, by=me))
    if found.recipient_id != me.id and not may(me, Do.HANDLE_GIFT, found.recipient_id):
        raise NotAllowed("Its recipient, and who takes gifts in, add photographs.")
    form = PhotographForm(request.form or None)
    if form.accepted():

        def act() -> tuple[str, str]:
            gifts.add_photograph(found, form.photograph.data, by=me, now=access.clock())  # type: ignore[arg-type]
            return "The photograph is kept.", f"/gifts/{gift_id}"

        if (answer := settled(form, act)) is not None:
            return answer
    page = render_template("reports/photograph.html", gift=found, form=form)
    return page, 422 if request.method == "POST" else 200
