"""The requests room: what a year's statement of priorities names, as fields and lines of a form."""

from typing import Any

from engage.reference.countries import country
from engage.reference.places import country_named
from engage.rules.priorities import Aim, AimKind, lines, number
from engage.rules.refusals import Incomplete
from engage.services import kinds
from engage.web.forms import prose, text
from engage.web.requests import aim_queries as queries
from engage.web.requests.forms import MatterForm

LONGEST = 10_000  # characters of a field with a line for each
SMALL = {"inputmode": "numeric", "class": "usa-input--small"}
FEW = {AimKind.GOAL: queries.goals, AimKind.OBJECTIVE: queries.objectives}
MANY = {AimKind.COUNTRY: "Estonia: 3", AimKind.PARTNER: "CERT-EE: 2"}


def fields() -> type[MatterForm]:
    """The form of a statement: a field for each goal and objective, and a line for each country and partner."""

    class PlanForm(MatterForm):
        pass

    for kind, known in FEW.items():
        for id_, name in known():
            label = f"{name}: engagements planned"
            hint = "Leave blank what is no priority of the year." if kind is AimKind.GOAL and id_ == 1 else ""
            setattr(PlanForm, f"{kind}_{id_}", text(label, 4, description=hint, render_kw=SMALL))
    for kind, example in MANY.items():
        what = "Countries" if kind is AimKind.COUNTRY else "Partners"
        hint = f"A line for each, with the number of engagements planned behind a colon: “{example}”. Without a number, its name alone."  # noqa: E501
        setattr(PlanForm, kind.value, prose(f"{what} of priority", LONGEST, description=hint))
    return PlanForm


def known(item: Any) -> dict[str, str]:
    """What the statement names now, as its form shows it."""
    told: dict[str, str] = {}
    for aim in kinds.content_of(item.id, item.kind).get("aims", []):
        planned = "" if aim["planned"] is None else str(aim["planned"])
        if aim["what"] in FEW:
            told[f"{aim['what']}_{aim['of']}"] = planned or "0"
        else:
            line = f"{aim['name']}: {planned}" if planned else aim["name"]
            told[aim["what"]] = "\n".join(filter(None, [told.get(aim["what"], ""), line]))
    return told


def said(form: Any) -> list[Aim]:
    """What the form names. Raises Incomplete at each field that cannot be understood."""
    aims: list[Aim] = []
    wrong: dict[str, str] = {}
    for kind, choices in FEW.items():
        for id_, _ in choices():
            name = f"{kind}_{id_}"
            try:
                planned = number(form[name].data or "")
            except ValueError as sentence:
                wrong[name] = str(sentence)
            else:
                aims += [Aim(kind, id_, planned)] if planned is not None else []
    for kind in MANY:
        try:
            aims += [Aim(kind, _found(kind, name), planned) for name, planned in lines(form[kind.value].data or "")]
        except ValueError as sentence:
            wrong[kind.value] = str(sentence)
    if wrong:
        raise Incomplete(wrong)
    return aims


def _found(kind: AimKind, name: str) -> int | str:
    if kind is AimKind.COUNTRY:
        by_code = country(name.upper())
        code = by_code.code if by_code else country_named(name)
        if code is None:
            raise ValueError(f"“{name[:60]}”: there is no country of that name or code.")
        return code
    partner = queries.partner_named(name)
    if partner is None:
        raise ValueError(f"“{name[:60]}”: the register has no partner of that name.")
    return partner
