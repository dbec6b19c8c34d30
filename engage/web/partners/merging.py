"""Two partners that are one: looked for, previewed, merged, and taken apart again."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engage.rules.policy import Do, may
from engage.rules.refusals import NotAllowed
from engage.services import partner_merges
from engage.services.transaction import transaction
from engage.web import access
from engage.web.acting import settled
from engage.web.partners import partner_queries as queries
from engage.web.partners.forms import MergeForm
from engage.web.partners.room import bp, moved, partner_or_404
from engage.web.safety import say

ONE = "<int(max=9223372036854775807):partner_id>"


@bp.get("/partners/doubles")
def doubles() -> ResponseReturnValue:
    """The pairs of the register that may be one."""
    _keeper()
    return render_template("partners/doubles.html", pairs=queries.doubles(), record=None, search="", found=[])


@bp.get(f"/partners/{ONE}/merge")
def merge_with(partner_id: int) -> ResponseReturnValue:
    """Choose the partner that this one turned out to be: those that look like it, or one by name."""
    _keeper()
    record = partner_or_404(partner_id)
    if (elsewhere := moved(record)) is not None:
        return elsewhere
    search = "".join(c for c in request.args.get("q", "")[:100] if c.isprintable()).strip()
    found: list[Any] = []
    if search:
        rows, _ = queries.partners(access.me(), access.today(), {"q": search}, None)
        found = [row for row in rows if row.id != partner_id][:20]
    return render_template(
        "partners/doubles.html", pairs=queries.doubles(partner_id), record=record, search=search, found=found
    )


@bp.route(f"/partners/{ONE}/merge/<int(max=9223372036854775807):kept_id>", methods=["GET", "POST"])
def merge(partner_id: int, kept_id: int) -> ResponseReturnValue:
    """What merging would move; and, once said why, the merge: all of it or nothing."""
    me = _keeper()
    gone, kept = (access.or_404(queries.record(id_)) for id_ in (partner_id, kept_id))
    form = MergeForm(request.form or None)
    if form.accepted():

        def act() -> tuple[str, str]:
            partner_merges.merge(gone, kept, form.reason.data or "", by=me, now=access.clock())
            return f"{gone.name} is another name of {kept.name} from now on.", f"/partners/{kept_id}"

        if (answer := settled(form, act)) is not None:
            return answer
    page = render_template(
        "partners/merge.html", gone=gone, kept=kept, form=form, preview=partner_merges.preview(gone, kept, by=me)
    )
    return page, 422 if request.method == "POST" else 200


@bp.post("/partners/merges/<int(max=9223372036854775807):merge_id>/take-back")
def take_back(merge_id: int) -> ResponseReturnValue:
    """Let the two be two again."""
    me = _keeper()
    with transaction():
        made = access.or_404(queries.merge(merge_id))
        partner_merges.take_back(made, by=me, now=access.clock())
        back = made.gone_id
    return say("They are two again. What was moved and still pointed there points back.", f"/partners/{back}")


def _keeper() -> Any:
    if not may(access.me(), Do.EDIT_REGISTER):
        raise NotAllowed("The secretariat merges partners.")
    return access.me()
