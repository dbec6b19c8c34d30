"""The requests room: beginning a request from nothing, an invitation, an event, or an earlier engagement."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from engage.rules.asking import Content, Direction
from engage.rules.items import ItemKind
from engage.rules.policy import Do, See, may
from engage.rules.refusals import Incomplete, NotAllowed
from engage.services import engagements, starting, submissions, visibility
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.forms import Day, Form, Once, text
from engage.web.requests import finding_queries, queries
from engage.web.requests.room import bp
from engage.web.uploads import upload


class BlankForm(Once, Form):
    """What every request begins with."""

    title = text("Title", 200, validators=[InputRequired("Give it a title, so that you find it again.")],
                 description="As it should stand on the board's docket.")  # fmt: skip
    direction = SelectField(
        "Who comes to whom?",
        choices=[
            SelectChoice(Direction.OUTBOUND.value, "Outbound: we travel to them"),
            SelectChoice(Direction.INBOUND.value, "Inbound: they come to us"),
            SelectChoice(Direction.VIRTUAL.value, "Virtual: nobody travels"),
        ],
    )


class InvitationForm(Once, Form):
    """An invitation as a calendar file."""

    file = upload("Calendar file", "The .ics attachment of the invitation.")


class EventForm(Once, Form):
    """An event of the register."""

    event = SelectField("Event", choices=[], validate_choice=False)


class CopyForm(Once, Form):
    """When the copy begins."""

    first_on = Day("First day", [InputRequired("Give the first day.")], description="Every stay moves with it.")


@bp.route("/engagements/start", methods=["GET", "POST"])
def start() -> ResponseReturnValue:
    """Ways to begin a request."""
    if not may(access.me(), Do.DRAFT):
        raise NotAllowed("You may look at engagements, but not ask for one.")
    how = request.form.get("how", "")
    forms: dict[str, Any] = {
        name: made(request.form if how == name else None)
        for name, made in (("blank", BlankForm), ("invitation", InvitationForm), ("event", EventForm))
    }
    for name, form in forms.items():
        for field in form:
            field.id = field.label.field_id = f"{name}-{field.short_name}"
    known = finding_queries.event_ids(access.today())
    forms["event"].event.choices = [SelectChoice("", ""), *(SelectChoice(str(n), said) for n, said in known)]
    if how in forms and forms[how].accepted():
        try:
            return _begin(how, forms[how])
        except Incomplete as refusal:
            forms[how].refuse(refusal.at)
    past = queries.mine(access.me().id, day=access.today())[0]
    page = render_template(
        "requests/start.html", forms=forms, past=[row for row in past if row.kind is ItemKind.ENGAGEMENT][:8]
    )
    return page, 422 if request.method == "POST" else 200


def _begin(how: str, form: Any) -> ResponseReturnValue:
    me, now = access.me(), access.clock()
    with transaction():
        answered = submissions.claim(form.once.data or "", by=me, now=now)
        if answered is not None:
            return redirect(answered, 303)
        said = "Begun. Take the steps in any order."
        if how == "invitation":
            if form.file.data is None:
                raise Incomplete({"file": "Choose the calendar file."})
            made, left = starting.from_invitation(form.file.data, by=me, now=now)
            if left:
                said = f"Begun from the invitation, which is attached. Look at: {' '.join(left)}"
        elif how == "event":
            chosen = form.event.data or ""
            made = starting.from_event(int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else 0,
                                       by=me, now=now)  # fmt: skip
        else:
            content = Content(title=form.title.data or "", direction=Direction(form.direction.data))
            made = engagements.draft(content, by=me, now=now)
        url = f"/engagements/{made.id}/ask"
        submissions.answer(form.once.data or "", url, by=me)
    return safety.say(said, url)


@bp.route("/engagements/<int:item_id>/copy", methods=["GET", "POST"])
def copy(item_id: int) -> ResponseReturnValue:
    """Begin another request that says what this one said."""
    me, now = access.me(), access.clock()
    item, subject = access.or_404(visibility.find(item_id, by=me, kind=ItemKind.ENGAGEMENT))
    if not may(me, Do.DRAFT) or not may(me, See.CONTENT, subject):
        raise NotAllowed("You may look at engagements, but not ask for one.")
    form = CopyForm(request.form or None)
    if form.accepted():
        try:
            with transaction():
                answered = submissions.claim(form.once.data or "", by=me, now=now)
                if answered is not None:
                    return redirect(answered, 303)
                made = starting.copied(item_id, form.first_on.data, by=me, now=now)
                url = f"/engagements/{made.id}/ask"
                submissions.answer(form.once.data or "", url, by=me)
            return safety.say("Copied. Look at each step: what was true then may not be now.", url)
        except Incomplete as refusal:
            form.refuse(refusal.at)
    page = render_template("requests/copy.html", form=form, item=item)
    return page, 422 if request.method == "POST" else 200
