"""The entrance: the public room, with sign-in and sign-out, one-time links, and the notices."""

from datetime import timedelta

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response
from werkzeug.exceptions import Unauthorized

from engage.documents.feeds import calendar
from engage.extensions import db
from engage.rules.messages import TOPICS
from engage.rules.refusals import Incomplete
from engage.services import feeds, links, passwords, people, preferences, sessions
from engage.services import sign_in as entry
from engage.services.transaction import transaction
from engage.web import access, safety
from engage.web.entrance import kept
from engage.web.entrance.forms import EnterForm, SignInForm

bp = Blueprint("entrance", __name__)


def _ask(form: SignInForm, status: int, carry: kept.Kept | None, lost: bool = False) -> ResponseReturnValue:
    return render_template("entrance/sign_in.html", form=form, kept=carry, lost=lost), status


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """E-mail and password in, a session out. Unknown, disabled and mistaken are answered alike."""
    if request.method == "GET":
        onward = access.own_path(request.args.get("next"))
        if access.me().is_authenticated:
            return redirect(onward or "/", 303)
        return _ask(SignInForm(next=onward or ""), 200, None)
    form, carry = SignInForm(request.form), kept.carried()
    if not form.accepted():
        return _ask(form, 422, carry)
    email, address, now, settings = form.email.data.lower(), access.address(), access.clock(), access.settings()
    with transaction():
        pause, tries = entry.attempt(email, address, now=now)
    if pause > timedelta(0):
        form.form_errors.append(f"Too many tries. Wait {int(pause.total_seconds()) + 1} seconds, then try again.")
        return _ask(form, 429, carry)
    found = entry.find(email, demonstration=settings.demonstration)
    db.session.rollback()  # hashing takes a tenth of a second: nobody waits for us meanwhile
    right = passwords.matches(form.password.data, found[1] if found else None)
    with transaction():
        if not right or found is None:
            entry.failed(person_id=found[0] if found else None, address=address, request_id=g.request_id, now=now)
            token = ""
        else:
            if before := access.me().session_id:
                sessions.end(before, by=access.me(), now=now)
            token = entry.succeeded(
                found[0], tries, address=address, browser=request.user_agent.string, request_id=g.request_id, now=now
            )
    if not token:
        form.form_errors.append("That address and password do not go together. Check both, and try again.")
        return _ask(form, 422, carry)
    return _welcome(token, access.own_path(form.next.data) or "/", carry)


def _welcome(token: str, onward: str, carry: kept.Kept | None) -> Response:
    settings = access.settings()
    session.clear()
    if carry is None:
        answer = redirect(onward, 303)
    else:
        access.become(token)
        answer = Response(render_template("entrance/send_again.html", kept=carry, expired=False), mimetype="text/html")
    answer.set_cookie(
        settings.cookie_name, token, max_age=int(sessions.LIFE.total_seconds()), path="/", httponly=True,
        secure=settings.secure_cookies, samesite="Lax",
    )  # fmt: skip
    return answer


@bp.app_errorhandler(Unauthorized)
def session_ended(error: Unauthorized) -> ResponseReturnValue:
    """A POST met no live session: ask to sign in, and keep what was typed."""
    safety.end_visit()
    return _ask(SignInForm(None), 401, kept.of_request(), lost=True)


@bp.app_errorhandler(access.Expired)
def page_expired(error: access.Expired) -> ResponseReturnValue:
    """A POST without our token: nothing was done; when it came from a page of ours, it may be sent again."""
    safety.end_visit()
    if request.endpoint == "entrance.sign_out" and not access.me().is_authenticated:
        return redirect(url_for(".sign_in"), 303)  # the session had ended already
    carry = kept.of_request()
    if carry is None:
        return safety.page(400)
    return render_template("entrance/send_again.html", kept=carry, expired=True), 400


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session; its cookie is worthless from now on."""
    who, settings = access.me(), access.settings()
    if who.session_id:
        with transaction():
            sessions.end(who.session_id, by=who, now=access.clock())
    session.clear()
    answer = safety.say("You are signed out.", url_for(".sign_in"))
    answer.delete_cookie(  # type: ignore[union-attr]
        settings.cookie_name, path="/", secure=settings.secure_cookies, httponly=True, samesite="Lax"
    )
    return answer


@bp.route("/enter/<token>", methods=["GET", "POST"])
def enter(token: str) -> ResponseReturnValue:
    """Set a password from a one-time link. Unknown, used, old and disabled are answered alike."""
    now, form = access.clock(), EnterForm(request.form)
    person = links.holder(token, now=now)
    if person is None or (people.is_demonstration(person.email) and not access.settings().demonstration):
        return render_template("entrance/link_gone.html"), 404
    email, name = person.email, person.name
    if not form.accepted() or not form.agree():
        return render_template("entrance/enter.html", form=form, email=email), 200 if request.method == "GET" else 422
    try:
        passwords.judge(form.password.data, email=email, name=name)
    except Incomplete as refusal:
        form.refuse(refusal.at)
        return render_template("entrance/enter.html", form=form, email=email), 422
    db.session.rollback()  # hashing takes a tenth of a second: nobody waits for us meanwhile
    password_hash = passwords.hashed(form.password.data)
    with transaction():
        done = links.enter(token, password_hash, address=access.address(), request_id=g.request_id, now=now)
    if not done:
        return render_template("entrance/link_gone.html"), 404
    return safety.say("Your password is set. Sign in with it.", url_for(".sign_in"))


@bp.route("/unsubscribe/<token>", methods=["GET", "POST"])
def unsubscribe(token: str) -> ResponseReturnValue:
    """Stop mails of one kind without signing in, as RFC 8058 has it: looking changes nothing, only a POST does."""
    way = preferences.read(token)
    if way is None:
        return render_template("entrance/unsubscribe.html", topic=None, done=False, old=False), 404
    topic = TOPICS[way.topic]
    if preferences.outlived(way, access.today()):
        return render_template("entrance/unsubscribe.html", topic=topic, done=False, old=True), 410
    if request.method == "POST":
        with transaction():
            preferences.stop(way, address=access.address(), request_id=g.request_id, now=access.clock())
    done = request.method == "POST"
    return render_template("entrance/unsubscribe.html", topic=topic, done=done, old=False)


@bp.get("/feeds/<token>.ics")
def feed(token: str) -> ResponseReturnValue:
    """A calendar subscription as it is now, for whoever has its address; a wrong, old or ended one is not there."""
    found = feeds.read(token, now=access.clock(), today=access.today())
    if found is None:
        abort(404)
    return Response(calendar(*found, site=access.settings().url), content_type="text/calendar; charset=utf-8")


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    """The privacy notice."""
    return render_template("entrance/privacy.html")


@bp.get("/system-use")
def system_use() -> ResponseReturnValue:
    """The system-use notice."""
    return render_template("entrance/system_use.html")
