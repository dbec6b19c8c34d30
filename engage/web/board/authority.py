"""The board room: who may act for whom, and what the board approved beforehand."""

from decimal import Decimal
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import DecimalField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from engage.rules.asking import EngagementKind
from engage.rules.authority import Power
from engage.rules.items import ItemKind
from engage.rules.policy import Do, Role, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import authority, standing, submissions
from engage.services.transaction import transaction
from engage.web import access
from engage.web.board import authority_queries
from engage.web.board.forms import Boxes
from engage.web.board.motions import number_of
from engage.web.board.room import bp
from engage.web.forms import Day, Form, Once, prose, text
from engage.web.safety import say

HERE = "/board/authority"


class DelegateForm(Once, Form):
    """Who acts for whom, in what, and until when."""

    principal = SelectField("For whom", choices=[], validate_choice=False)
    holder = SelectField("Who acts", choices=[], validate_choice=False)
    alternate = SelectField(
        "Alternate", choices=[], validate_choice=False,
        description="Acts only where the first stands aside from an item. May be left empty.",
    )  # fmt: skip
    power = SelectField("What they may do", choices=[SelectChoice(p.value, p.label) for p in Power])
    kinds = Boxes("For which kinds of item", choices=[SelectChoice(kind.value, kind.label) for kind in ItemKind],
                  default=[kind.value for kind in ItemKind])  # fmt: skip
    most_cost = DecimalField(
        "Up to a cost, in US dollars", [Optional(), NumberRange(0, 10_000_000, "Give from 0 to 10,000,000.")],
        description="Left empty, there is no ceiling.",
    )  # fmt: skip
    starts_on = Day("First day", [InputRequired("Name the first day.")])
    ends_on = Day("Last day", [InputRequired("Name the last day.")])
    reason = prose("Why does somebody else act?")


class RevokeForm(Once, Form):
    """Why a delegation ends."""

    reason = prose("Why does it end?")


class StandingForm(Once, Form):
    """What the board approved beforehand, and how much of it."""

    title = text("For what", 200)
    decision = SelectField("Granted by the decision", choices=[], validate_choice=False)
    country = SelectField("Only to the country", choices=[], validate_choice=False)
    partner = SelectField("Only with the partner", choices=[], validate_choice=False)
    forum = SelectField("Only in the forum", choices=[], validate_choice=False)
    nature = SelectField("Only of the kind", choices=[], validate_choice=False)
    most_travellers = IntegerField("At most so many travellers", [Optional()], description="Left empty: any number.")
    most_uses = IntegerField("At most so many uses", [InputRequired("Give a number of uses from 1 to 1,000.")])
    most_cost = DecimalField(
        "At most so many US dollars, all uses together", [InputRequired("Give a cap."),
        NumberRange(0, 10_000_000, "Give a cap from $0 to $10,000,000.")],
    )  # fmt: skip
    starts_on = Day("First day", [InputRequired("Name the first day.")])
    ends_on = Day("Last day", [InputRequired("Name the last day.")])


_ANY = SelectChoice("", "Any")


def _kinds(words: Any) -> frozenset[ItemKind]:
    return frozenset(kind for kind in ItemKind if kind in (words or ()))


def _one_of(text: str | None, rows: list[Any]) -> int | None:
    number = number_of(text)
    return number if any(row.id == number for row in rows) else None


@bp.get(HERE)
def authorities() -> ResponseReturnValue:
    """Delegations, and standing approvals with what was used of them."""
    return render_template(
        "board/authority.html", delegations=authority_queries.delegations(), approvals=authority_queries.approvals(),
        ledger=authority_queries.ledger(), may_grant=may(access.me(), Do.GRANT_STANDING),
        me=access.me(), secretariat=Role.SECRETARIAT in access.me().roles,
    )  # fmt: skip


@bp.route(f"{HERE}/delegate", methods=["GET", "POST"])
def delegate() -> ResponseReturnValue:
    """Let somebody act for a seat."""
    form, now, me = DelegateForm(request.form or None), access.clock(), access.me()
    members = authority_queries.members(access.today())
    everybody = [SelectChoice(str(row.id), row.name) for row in members]
    form.holder.choices = everybody
    form.alternate.choices = [SelectChoice("", "Nobody"), *everybody]
    form.principal.choices = everybody if Role.SECRETARIAT in me.roles else [SelectChoice(str(me.id), me.name)]
    if form.accepted():
        cost = form.most_cost.data
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now, leads_to=HERE)) is not None:
                    return redirect(answered, 303)
                authority.delegate(
                    principal_id=number_of(form.principal.data) or 0, holder_id=number_of(form.holder.data) or 0,
                    power=Power(form.power.data), kinds=_kinds(form.kinds.data),
                    alternate_id=number_of(form.alternate.data),
                    most_cost=None if cost is None else Decimal(cost).quantize(Decimal("0.01")),
                    starts_on=form.starts_on.data, ends_on=form.ends_on.data, reason=form.reason.data or "", by=me,
                    now=now,
                )  # fmt: skip
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("It is recorded.", HERE)
    page = render_template("board/delegate.html", form=form, heading="Let somebody act for a seat", button="Record it")
    return page, 422 if request.method == "POST" else 200


@bp.route(f"{HERE}/<int:delegation_id>/revoke", methods=["GET", "POST"])
def revoke_delegation(delegation_id: int) -> ResponseReturnValue:
    """End a delegation."""
    form, now, me = RevokeForm(request.form), access.clock(), access.me()
    access.or_404(authority_queries.may_revoke(delegation_id, me) or None)
    if form.accepted():
        try:
            with transaction():
                authority.revoke(delegation_id, reason=form.reason.data or "", by=me, now=now)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("It is revoked.", HERE)
    page = render_template("board/delegate.html", form=form, heading="Revoke the delegation", button="Revoke it")
    return page, 422 if request.method == "POST" else 200


@bp.route(f"{HERE}/standing", methods=["GET", "POST"])
def grant_standing() -> ResponseReturnValue:
    """Record what the board approved beforehand."""
    form, now, me = StandingForm(request.form), access.clock(), access.me()
    if not may(me, Do.GRANT_STANDING):
        raise NotAllowed("Only the chair and the secretariat record a standing approval.")
    form.decision.choices = [
        SelectChoice(str(row.id), f"{row.id}: {row.title}") for row in authority_queries.granting()
    ] or [SelectChoice("", "None yet: the board grants this by approving a matter")]
    form.country.choices = [_ANY, *(SelectChoice(row.code, row.name) for row in authority_queries.countries())]
    partners, forums = authority_queries.partners(), authority_queries.forums()
    form.partner.choices = [_ANY, *(SelectChoice(str(row.id), row.name) for row in partners)]
    form.forum.choices = [_ANY, *(SelectChoice(str(row.id), row.name) for row in forums)]
    form.nature.choices = [_ANY, *(SelectChoice(kind.value, kind.label) for kind in EngagementKind)]
    if form.accepted():
        try:
            with transaction():
                if (answered := submissions.claim(form.once.data, by=me, now=now, leads_to=HERE)) is not None:
                    return redirect(answered, 303)
                standing.grant(
                    form.title.data or "", decision_id=number_of(form.decision.data) or 0,
                    starts_on=form.starts_on.data, ends_on=form.ends_on.data, most_uses=form.most_uses.data,
                    most_cost=Decimal(form.most_cost.data).quantize(Decimal("0.01")),
                    scope={"country_code": authority_queries.known(form.country.data),
                           "partner_id": _one_of(form.partner.data, partners),
                           "forum_id": _one_of(form.forum.data, forums),
                           "nature": next((kind for kind in EngagementKind if kind == form.nature.data), None),
                           "most_travellers": form.most_travellers.data},
                    by=me, now=now,
                )  # fmt: skip
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("The standing approval is recorded.", HERE)
    page = render_template("board/delegate.html", form=form, heading="Record a standing approval", button="Record it")
    return page, 422 if request.method == "POST" else 200


@bp.route(f"{HERE}/standing/<int:standing_id>/revoke", methods=["GET", "POST"])
def revoke_standing(standing_id: int) -> ResponseReturnValue:
    """End a standing approval."""
    form, now, me = RevokeForm(request.form), access.clock(), access.me()
    if not may(me, Do.GRANT_STANDING):
        raise NotAllowed("Only the chair and the secretariat revoke a standing approval.")
    if form.accepted():
        try:
            with transaction():
                standing.revoke(standing_id, reason=form.reason.data or "", by=me, now=now)
        except Incomplete as refusal:
            form.refuse(refusal.at)
        else:
            return say("It is revoked. What was approved under it stands.", HERE)
    page = render_template("board/delegate.html", form=form, heading="Revoke the standing approval", button="Revoke it")
    return page, 422 if request.method == "POST" else 200
