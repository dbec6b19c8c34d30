"""The only place that turns what was typed into a request's form into its content, and back."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from wtforms.fields.choices import SelectChoice

from engage.reference.countries import country
from engage.reference.places import country_named, zone_for
from engage.reference.zones import zones_of
from engage.rules.asking import (
    Asks,
    Content,
    ContentCost,
    ContentLeg,
    ContentTraveller,
    Direction,
    EngagementKind,
    Firmness,
)
from engage.rules.completeness import MOST_PARTNERS, MOST_TRAVELLERS
from engage.rules.marking import Marking
from engage.services.contents import FLAGS
from engage.web.requests import queries
from engage.web.requests.forms import NOT_CHOSEN, EngagementForm, LegForm

WITH_COUNTRY = re.compile(r"(.+) \(([A-Z]{2})\)")
WITH_DAY = re.compile(r"(.+) \((\d{4}-\d{2}-\d{2})\)", re.ASCII)
SAID = (
    "title", "purpose", "outcome_sought", "why_not_virtual", "why_this_many", "late_reason", "notes", "starts_on",
    "ends_on",
)  # fmt: skip


WORDS: dict[str, Any] = {
    "direction": Direction, "asks": Asks, "firmness": Firmness, "nature": EngagementKind, "marking": Marking,
}  # fmt: skip


def prefill(content: dict[str, Any]) -> dict[str, Any]:
    """The form's data for an engagement as `contents.content_of` gives it."""
    lead = next((_account(t) for t in content["travellers"] if t["lead"]), "")
    event = content["event"]
    return {
        **{name: content[name] for name in SAID},
        **{name: bool(content.get(name)) for name in FLAGS},
        **({"starts_on": None, "ends_on": None} if content["legs"] else {}),  # the stays say it
        "nature": content["nature"] or "", "direction": content["direction"], "asks": content["asks"],
        "firmness": content["firmness"], "marking": content["marking"],
        "objectives": [str(o["id"]) for o in content["objectives"]],
        "partners": "\n".join(_partner(p["name"], p["country_code"]) for p in content["partners"]),
        "forum": content["forum"]["code"] if content["forum"] else "",
        "event": f"{event['name']} ({event['starts_on']})" if event else "",
        "legs": [{**leg, "country": _country(leg["country_code"])} for leg in content["legs"]],
        "lead": lead,
        "others": "\n".join(_account(t) for t in content["travellers"] if not t["lead"]),
        "costs": content["costs"],
    }  # fmt: skip


def _account(traveller: dict[str, Any]) -> str:
    return str(traveller["email"] or traveller["name"])


def _partner(name: str, code: str | None) -> str:
    return f"{name} ({code})" if code else name


def _country(code: str) -> str:
    known = country(code)
    return known.name if known and country_named(known.name) == code else code


def dress(form: EngagementForm, open_lines: Collection[str]) -> None:
    """Give the form the choices that stand in the database, and what an import left open."""
    form.objectives.choices = [
        SelectChoice(str(o.id), f"{o.title}: {o.text}" if o.text else o.title) for o in queries.objectives()
    ]
    form.missing.choices = [SelectChoice(line, line) for line in open_lines]


def make_room(form: EngagementForm, add: str = "") -> None:
    """Blank rows to type in, and the time zones of the stays that need one."""
    if add in ("legs", "costs"):
        form[add].pad(1)
    else:
        form.legs.pad(max(1, 2 - len(form.legs.entries)))
        form.costs.pad(max(1, 3 - len(form.costs.entries)))
    for entry in form.legs:
        _ask_zone(entry.form, code_of(entry.form.country.data or ""))


def content_of(
    form: EngagementForm, *, open_lines: Collection[str], unmatched: Collection[str]
) -> tuple[Content, bool]:
    """What the form says, and whether all of it was understood; what was not is left out, and stands at its field.

    `unmatched` are names an import left without a person: they may stay until the request is submitted.
    """
    form.legs.drop_blank()
    form.costs.drop_blank()
    sound = form.accepted()
    wrong: dict[str, str] = {}
    chosen = dict(_chosen(form, wrong))
    content = Content(
        **{name: getattr(form, name).data for name in (*SAID, *FLAGS)},
        **chosen,
        missing="\n".join(line for line in open_lines if line not in (form.missing.data or ())),
        partner_ids=tuple(_partners(form, wrong)),
        forum_id=_forum(form, wrong),
        event_id=_event(form, wrong),
        legs=tuple(_legs(form, wrong)),
        travellers=tuple(_travellers(form, unmatched, wrong)),
        costs=tuple(_costs(form, wrong)),
    )
    form.refuse(wrong)
    return content, sound and not wrong


def refuse_also(form: EngagementForm, at: dict[str, str]) -> None:
    """Put the rules' sentences at the fields that were understood; the others have theirs."""
    wrong = {field.short_name for field in form if field.errors}
    form.refuse({name: sentence for name, sentence in at.items() if name.partition("-")[0] not in wrong})


def _chosen(form: EngagementForm, wrong: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for name, words in WORDS.items():
        typed = form[name].data
        if name == "nature" and not typed:
            yield name, None
            continue
        try:
            yield name, words(typed)
        except ValueError:
            wrong[name] = NOT_CHOSEN
    known = {choice.value for choice in form.objectives.choices}
    picked = form.objectives.data or []
    if any(value not in known for value in picked):
        wrong["objectives"] = "Choose among these."
    yield "objective_ids", tuple(int(value) for value in dict.fromkeys(picked) if value in known)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _partners(form: EngagementForm, wrong: dict[str, str]) -> Iterator[int]:
    typed = _lines(form.partners.data)
    if form.partners.errors or len(typed) > MOST_PARTNERS:
        wrong["partners"] = f"Name at most {MOST_PARTNERS} partners, each on a line."
        return
    bare = {line: match for line in typed if (match := WITH_COUNTRY.fullmatch(line))}
    known = queries.partners_called({*typed, *(match[1] for match in bare.values())}) if typed else []
    faults = []
    for line in typed:
        name, code = (bare[line][1], bare[line][2]) if line in bare else (line, None)
        found = [p for p in known if p.name.casefold() == line.casefold()]
        found = found or [p for p in known if p.name.casefold() == name.casefold() and p.country_code == code]
        found = found or [
            p for p in known if name.casefold() == p.short_name.casefold() and code in (None, p.country_code)
        ]
        if len({p.id for p in found}) == 1:
            yield found[0].id
        elif found:
            each = "; ".join(_partner(p.name, p.country_code) for p in found)
            faults.append(f"“{line}” may be several: {each}. Write one of these.")
        else:
            faults.append(f"“{line}” is not in the register of partners.")
    if faults:
        wrong["partners"] = " ".join(faults)


def _forum(form: EngagementForm, wrong: dict[str, str]) -> int | None:
    typed = form.forum.data
    if not typed or form.forum.errors:
        return None
    found = queries.forums_called(typed)
    exact = [f for f in found if f.code.casefold() == typed.casefold()] or found
    if len(exact) == 1:
        return int(exact[0].id)
    wrong["forum"] = (
        f"“{typed}” may be several: {', '.join(f.code for f in exact)}. Write one of these codes."
        if exact
        else f"“{typed}” is not in the register of forums."
    )
    return None


def _event(form: EngagementForm, wrong: dict[str, str]) -> int | None:
    typed = form.event.data
    if not typed or form.event.errors:
        return None
    dated = WITH_DAY.fullmatch(typed)
    found = queries.events_called(typed)
    if not found and dated:
        found = [e for e in queries.events_called(dated[1]) if str(e.starts_on) == dated[2]]
    if len(found) == 1:
        return int(found[0].id)
    wrong["event"] = (
        f"This may be several: {'; '.join(f'{e.name} ({e.starts_on})' for e in found)}. Write one of these."
        if found
        else f"“{typed}” is not in the register of events."
    )
    return None


def code_of(text: str) -> str | None:
    """The code of the country that was typed, or None."""
    known = country(text.upper()) if len(text) == 2 and text.isascii() else None
    return known.code if known else country_named(text) if text else None


def _ask_zone(leg: LegForm, code: str | None) -> None:
    """Offer the country's time zones where the place does not settle which."""
    offered = code is not None and zone_for(code, leg.city.data or "") is None
    zones = zones_of(code) if offered and code else []
    leg.zone.choices = (
        [SelectChoice("", "Choose one"), *(SelectChoice(z, z.replace("_", " ")) for z in zones)] if zones else []
    )


def legs_of(form: EngagementForm) -> tuple[ContentLeg, ...]:
    """The stays of which place and days are understood, while the rest is still being typed."""
    return tuple(leg for leg in _legs(form, {}) if leg.departs_on >= leg.arrives_on)


def _legs(form: EngagementForm, wrong: dict[str, str]) -> Iterator[ContentLeg]:
    for i, entry in enumerate(form.legs):
        leg, here = entry.form, f"legs-{i}"
        code = code_of(leg.country.data or "")
        if not leg.country.data:
            wrong[f"{here}-country"] = "Name the country."
        elif code is None and not leg.country.errors:
            wrong[f"{here}-country"] = f"“{leg.country.data}” is no country we know. Write its two-letter code."
        for name, what in (("arrives_on", "arrival"), ("departs_on", "departure")):
            if leg[name].data is None and not leg[name].errors:
                wrong[f"{here}-{name}"] = f"Give the day of {what}."
        if code is None or not leg.arrives_on.data or not leg.departs_on.data:
            continue
        zone = zone_for(code, leg.city.data or "")
        if zone is None and leg.zone.data:
            zone = leg.zone.data if leg.zone.data in zones_of(code) else None
        yield ContentLeg(
            code, leg.city.data or "", zone, leg.arrives_on.data, leg.departs_on.data, bool(leg.transit.data)
        )


def _travellers(form: EngagementForm, unmatched: Collection[str], wrong: dict[str, str]) -> Iterator[ContentTraveller]:
    lead, others = form.lead.data or "", _lines(form.others.data)
    if len(others) >= MOST_TRAVELLERS:
        wrong["others"] = f"A party has at most {MOST_TRAVELLERS} travellers; split a larger one."
        return
    named = [*([lead] if lead else []), *others]
    known = queries.people_called(named) if named else []
    faults: dict[str, list[str]] = {"lead": [], "others": []}
    for i, line in enumerate(named):
        is_lead = bool(lead) and i == 0
        found = [p for p in known if line.lower() == p.email] or [p for p in known if line == p.name]
        if len(found) == 1:
            yield ContentTraveller(found[0].id, "", is_lead)
        elif not found and line in unmatched:
            yield ContentTraveller(None, line, is_lead)
        else:
            why = "is the name of several people: give the e-mail address" if found else "is nobody known here"
            faults["lead" if is_lead else "others"].append(f"“{line[:100]}” {why}.")
    wrong |= {field: " ".join(said) for field, said in faults.items() if said}


def _costs(form: EngagementForm, wrong: dict[str, str]) -> Iterator[ContentCost]:
    for i, entry in enumerate(form.costs):
        cost = entry.form
        if cost.amount.data is None:
            if not cost.amount.errors:
                wrong[f"costs-{i}-amount"] = "Give the amount."
            continue
        yield ContentCost(
            cost.what.data or "", cost.amount.data, cost.funder.data or "", bool(cost.non_federal.data),
            cost.per_diem_on.data,
        )  # fmt: skip
