"""What a person finds and changes of their own: where they belong, what they may do, who is signed in as them."""

from datetime import timedelta

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from engage.extensions import db
from engage.rules.refusals import Incomplete
from engage.services import grants, links, passwords, people, sessions
from engage.services import sign_in as entry
from engage.services.transaction import transaction
from engage.web import access
from engage.web.account.forms import PasswordForm, ZoneForm
from engage.web.account.room import bp
from engage.web.personal import AbsenceForm
from engage.web.safety import say


def _me() -> int:
    """Whose account this is."""
    return access.or_404(access.me().id)


def _page(zone: ZoneForm | None = None, absence: AbsenceForm | None = None) -> str:
    who, today = access.me(), access.today()
    person = access.or_404(people.profile(who.id))
    return render_template(
        "account/profile.html",
        person=person,
        roles=grants.of(person.id, today),
        absences=grants.absences(person.id, today),
        sessions=sessions.live(person.id, now=access.clock()),
        zone=zone or ZoneForm(None, zone=person.home_zone),
        absence=absence or AbsenceForm(None),
    )


@bp.get("/account")
def profile() -> ResponseReturnValue:
    """Everything kept about the reader that is not a record of work."""
    return _page()


@bp.post("/account/zone")
def zone() -> ResponseReturnValue:
    """Set the clock by which moments are shown."""
    form = ZoneForm(request.form)
    if not form.accepted():
        return _page(zone=form), 422
    with transaction():
        person = access.or_404(people.find(_me()))
        people.set_zone(person, form.zone.data, by=access.me(), now=access.clock())
    return say("Your home time zone is set.", "/account")


@bp.post("/account/absences")
def add_absence() -> ResponseReturnValue:
    """Say on which days one cannot act."""
    form = AbsenceForm(request.form)
    if form.accepted():
        try:
            with transaction():
                grants.add_absence(
                    _me(), starts_on=form.starts_on.data, ends_on=form.ends_on.data, note=form.note.data,
                    by=access.me(), now=access.clock(),
                )  # fmt: skip
            return say("Your absence is noted.", "/account")
        except Incomplete as refusal:
            form.refuse(refusal.at)
    return _page(absence=form), 422


@bp.post("/account/absences/<int:absence_id>/remove")
def remove_absence(absence_id: int) -> ResponseReturnValue:
    """Take an absence out."""
    with transaction():
        grants.remove_absence(absence_id, _me(), by=access.me(), now=access.clock())
    return say("That absence is out.", "/account")


@bp.post("/account/sessions/<int:session_id>/end")
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions; one that is another's, or over, is none."""
    with transaction():
        ended = sessions.end(session_id, by=access.me(), now=access.clock())
    access.or_404(ended or None)
    return say("That session is ended.", "/account")


@bp.post("/account/sessions/end-others")
def end_other_sessions() -> ResponseReturnValue:
    """End every session but this one."""
    who = access.me()
    with transaction():
        ended = sessions.end_others(by=who, now=access.clock())
    return say(f"Ended elsewhere: {ended}.", "/account")


@bp.route("/account/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change one's own password; every other session ends. Wrong guesses at the old one are slowed like sign-ins."""
    form, who, now = PasswordForm(request.form), access.me(), access.clock()
    if request.method == "GET":
        return render_template("account/password.html", form=form)
    if not form.accepted():
        return render_template("account/password.html", form=form), 422
    if form.password.data != form.password_again.data:
        form.refuse({"password_again": "The two differ. Type both again."})
        return render_template("account/password.html", form=form), 422
    with transaction():
        pause, tries = entry.attempt(who.email, who.address, now=now)
    if pause > timedelta(0):
        form.form_errors.append(f"Too many tries. Wait {int(pause.total_seconds()) + 1} seconds, then try again.")
        return render_template("account/password.html", form=form), 429
    found = entry.find(who.email, demonstration=access.settings().demonstration)
    db.session.rollback()  # hashing takes a tenth of a second: nobody waits for us meanwhile
    if not passwords.matches(form.password_now.data, found[1] if found else None):
        with transaction():
            entry.failed(person_id=who.id, address=who.address, request_id=g.request_id, now=now)
        form.refuse({"password_now": "This is not the password you sign in with."})
        return render_template("account/password.html", form=form), 422
    try:
        passwords.judge(form.password.data, email=who.email, name=who.name)
    except Incomplete as refusal:
        form.refuse(refusal.at)
        return render_template("account/password.html", form=form), 422
    password_hash = passwords.hashed(form.password.data)
    with transaction():
        entry.right(tries)
        links.change_password(access.or_404(people.find(_me())), password_hash, by=who, now=now)
    return say("Your password is changed. Every other session of yours was ended.", "/account")
