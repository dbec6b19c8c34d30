"""The requests room: a request in short steps, each savable alone, with what the dates leave time for."""

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice

from engage.importing.attachments import Checked
from engage.rules.asking import Content
from engage.rules.gates import Lead
from engage.rules.items import ItemKind
from engage.rules.policy import Subject
from engage.rules.refusals import Incomplete, Stale
from engage.services import (
    attachments,
    clash_reasons,
    clashes,
    completeness,
    contents,
    engagements,
    files,
    gates,
    questions,
    states,
    submissions,
    tier_leads,
    visibility,
)
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.forms import Form, Once
from engage.web.requests import compare, finding_queries, steps, typed
from engage.web.requests.forms import EngagementForm
from engage.web.requests.room import bp, version_of
from engage.web.requests.steps import Step
from engage.web.uploads import upload


class FileForm(Once, Form):
    """A file about the request."""

    file = upload("File", "The invitation, the agenda, the host's letter.")


class ReasonsForm(Once, Form):
    """Why it is asked for in spite of what gets in the way; the reasons stand beside the clashes."""


def _mine(item_id: int) -> tuple[Any, Subject]:
    engagement, subject = access.or_404(visibility.find(item_id, by=access.me(), kind=ItemKind.ENGAGEMENT))
    engagements.must_be_writable(subject, engagement.state, by=access.me())
    return engagement, subject


@bp.get("/engagements/<int:item_id>/ask")
def ask(item_id: int) -> ResponseReturnValue:
    """The steps of a request, what each still lacks, and the last safe days."""
    engagement, _ = _mine(item_id)
    content = contents.content_of(item_id)
    asked = contents.asked_by(content)
    counted = questions.counted_on(item_id, engagement.state, states.office_day)
    tier = tier_leads.of(asked, today=access.today(), item_id=item_id)
    lacking, late = completeness.judge(asked, today=access.today(), counted_on=counted, tier=tier)
    found = clashes.find(asked, item_id=item_id, day=access.today())
    if found.open:
        lacking["clashes"] = f"{len(found.open)} of these need a reason, or another plan."
    by_step: dict[str, list[str]] = {}
    for name, sentence in lacking.items():
        by_step.setdefault(steps.of_field(name).word, []).append(sentence)
    lines = [
        (step, by_step.get(step.word, []), steps.not_asked(step, asked)) for step in steps.STEPS
    ]  # fmt: skip
    return render_template(
        "requests/ask.html", item=engagement, content=content, lines=lines, late=late, found=found,
        attached=files.about("item", [item_id]).get(item_id, []), ready=not lacking,
        questions=questions.thread(item_id) if engagement.submitted_at else [], **_dates(asked, tier),
    )  # fmt: skip


def _dates(asked: Content, tier: Lead | None) -> dict[str, Any]:
    days, known = gates.of(asked, today=access.today(), tier=tier)
    return {"days": days, "papers": gates.next_papers(known, now=access.clock()) if days else None}


@bp.get("/engagements/<int:item_id>/dates")
def dates(item_id: int) -> ResponseReturnValue:
    """The last safe days of the stays as they are typed, with all else as saved, for the page that asks for them."""
    _mine(item_id)
    return render_template("requests/_dates.html", **_typed_dates(item_id, contents.content_of(item_id), request.args))


def _typed_dates(item_id: int, content: dict[str, Any], sent: Any) -> dict[str, Any]:
    asked = replace(contents.asked_by(content), legs=typed.legs_of(EngagementForm(sent)))
    return _dates(asked, tier_leads.of(asked, today=access.today(), item_id=item_id))


@bp.get("/engagements/find/people")
def find_people() -> ResponseReturnValue:
    """The people whose name or address holds what was typed, to be added."""
    return render_template("requests/_people.html", people=finding_queries.people(request.args.get("who", "")))


@bp.route("/engagements/<int:item_id>/ask/<word>", methods=["GET", "POST"])
def step(item_id: int, word: str) -> ResponseReturnValue:
    """One step: shown, changed, saved, and on to the next."""
    here = access.or_404(steps.BY_WORD.get(word))
    engagement, subject = _mine(item_id)
    if here is steps.FILES:
        return _files(engagement, subject)
    if here is steps.CLASHES:
        return _clashes(engagement, subject)
    content = contents.content_of(item_id)
    open_lines = content["missing"].splitlines()
    sent = _sent(here)
    form = (
        EngagementForm(steps.together(content, here, sent)) if request.method == "POST"
        else EngagementForm(data={**typed.prefill(content), "version": str(engagement.version)})
    )  # fmt: skip
    typed.dress(form, open_lines)
    if request.method == "GET" or not {"save", "next"} & request.form.keys():
        return _step_page(form, here, engagement, content), 200
    unmatched = {t["name"] for t in content["travellers"] if t["id"] is None}
    wanted, understood = typed.content_of(form, open_lines=open_lines, unmatched=unmatched)
    if understood:
        following = steps.following(here)
        url = f"/engagements/{item_id}/ask"
        if "next" in request.form and following:
            url = f"{url}/{following.word}"
        try:
            return _save(form, lambda: engagements.revise(
                engagement, subject, wanted, version_of(form), by=access.me(), now=access.clock()
            ), _where_next(wanted, here, item_id, url))  # fmt: skip
        except Incomplete as refusal:
            form.refuse(refusal.at)
        except Stale as stale:
            theirs = EngagementForm(data=typed.prefill(contents.content_of(item_id)))
            typed.dress(theirs, open_lines)
            return safety.page(
                409, message=str(stale), differences=compare.forms(theirs, form), return_url=request.path
            )
    return _step_page(form, here, engagement, content), 422


def _where_next(wanted: Content, here: Step, item_id: int, url: str) -> str:
    """A stay without a time zone is asked about before going on."""
    asked = here.word == "where" and any(leg.zone is None for leg in wanted.legs)
    return f"/engagements/{item_id}/ask/where" if asked else url


def _sent(here: Step) -> MultiDict[str, str]:
    """What was sent, with the rows moved and the people and partners put together."""
    sent: MultiDict[str, str] = MultiDict(request.form.items(multi=True))
    for name, by in (("up", -1), ("down", 1)):
        if (row := request.form.get(name, "")).isdecimal() and len(row) < 4:
            sent = steps.moved(sent, int(row), by)
    for rows in ("legs", "costs"):
        if (row := request.form.get(f"drop-{rows}", "")).isdecimal() and len(row) < 4:
            sent = steps.without(sent, rows, int(row))
    if here.word == "who":
        going = [*sent.getlist("going"), *sent.getlist("add_person")]
        if not {"find", "add_person"} & request.form.keys() and (typed_name := sent.get("who", "").strip()):
            going.append(typed_name)
        lead = sent.get("lead", "") or (going[0] if going else "")
        sent.setlist("lead", [lead])
        sent.setlist("others", ["\n".join(dict.fromkeys(name for name in going if name != lead))])
    if here.word == "with":
        sent.setlist("partners", ["\n".join(dict.fromkeys(name for name in sent.getlist("partners") if name))])
    return sent


def _step_page(form: EngagementForm, here: Step, item: Any, content: dict[str, Any]) -> str:
    typed.make_room(form, request.form.get("add", ""))
    given: dict[str, Any] = {}
    if here.word == "where":
        asked = replace(contents.asked_by(content), legs=typed.legs_of(form))
        tier = tier_leads.of(asked, today=access.today(), item_id=item.id)
        given = {**_dates(asked, tier), "countries": finding_queries.countries(),
                 "cities": finding_queries.cities()}  # fmt: skip
    elif here.word == "with":
        given = {"known_partners": finding_queries.partners(), "known_forums": finding_queries.forums(),
                 "known_events": finding_queries.events(access.today())}  # fmt: skip
    elif here.word == "who":
        names = [name for name in [form.lead.data, *(form.others.data or "").splitlines()] if name]
        given = {"going": finding_queries.named(names), "people": finding_queries.people(request.form.get("who", "")),
                 "who": request.form.get("who", "") if "find" in request.form else ""}  # fmt: skip
    elif here.word == "notes":
        asked = contents.asked_by(content)
        tier = tier_leads.of(asked, today=access.today(), item_id=item.id)
        _, late = completeness.judge(asked, today=access.today(), tier=tier)
        given = {"late": late, **_dates(asked, tier)}
    form.missing.choices = [SelectChoice(line, line) for line in content["missing"].splitlines()]
    return render_template(
        f"requests/step_{here.word}.html" if here.word in ("where", "with", "who", "costs") else "requests/step.html",
        form=form, step=here, place=steps.STEPS.index(here) + 1, of=len(steps.STEPS), item=item, **given,
    )  # fmt: skip


def _save(form: Any, act: Any, url: str, said: str = "Saved.") -> ResponseReturnValue:
    with transaction():
        answered = submissions.claim(form.once.data or "", by=access.me(), now=access.clock(), leads_to=url)
        if answered is not None:
            return redirect(answered, 303)
        act()
    return safety.say(said, url)


def _files(engagement: Any, subject: Subject) -> ResponseReturnValue:
    me, now, url = access.me(), access.clock(), f"/engagements/{engagement.id}/ask/files"
    form = FileForm(request.form or None)
    if request.method == "POST" and (number := request.form.get("remove", "")).isdecimal() and len(number) < 10:
        file_id = int(number)
        return _save(form, lambda: attachments.remove(engagement, subject, file_id, by=me, now=now), url, "Removed.")
    if form.accepted():
        if form.file.data is None:
            form.refuse({"file": "Choose a file."})
        else:
            file: Checked = form.file.data
            try:
                return _save(
                    form, lambda: attachments.attach(engagement, subject, file, by=me, now=now), url, "Attached."
                )
            except Incomplete as refusal:
                form.refuse(refusal.at)
    return render_template(
        "requests/step_files.html", form=form, step=steps.FILES, place=len(steps.ASKED) + 1, of=len(steps.STEPS),
        item=engagement, attached=files.about("item", [engagement.id]).get(engagement.id, []),
    ), 422 if request.method == "POST" else 200  # fmt: skip


def _clashes(engagement: Any, subject: Subject) -> ResponseReturnValue:
    me, now, today = access.me(), access.clock(), access.today()
    content = contents.asked_by(contents.content_of(engagement.id))
    found = clashes.seen_by(clashes.find(content, item_id=engagement.id, day=today), by=me)
    form, wrong = ReasonsForm(request.form or None), {}
    typed_in = {clash.key: request.form.get(f"reason-{clash.key}", clash.reason).strip() for clash in found.clashes}
    if form.accepted():
        for_all = request.form.get("for_all", "").strip()
        reasons = {
            clash.key: typed_in[clash.key] or for_all for clash in found.clashes if clash.needs_reason
        }  # fmt: skip
        try:
            return _save(
                form, lambda: clash_reasons.accept(engagement, subject, reasons, by=me, now=now),
                f"/engagements/{engagement.id}/ask", "Saved. The board reads your reasons.",
            )  # fmt: skip
        except Incomplete as refusal:
            wrong = refusal.at
    return render_template(
        "requests/step_clashes.html", form=form, step=steps.CLASHES, place=len(steps.STEPS), of=len(steps.STEPS),
        item=engagement, found=found, typed_in=typed_in, wrong=wrong, rules=clashes.rules_on(today),
        dated=content.first_day is not None,
    ), 422 if request.method == "POST" else 200  # fmt: skip
