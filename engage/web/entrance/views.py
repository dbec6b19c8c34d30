"""The entrance: the public room, with the sign-in page and the notices."""

from datetime import timedelta

from flask import Blueprint, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from engage.extensions import db
from engage.services import passwords, sessions, sign_in as entry
from engage.services.transaction import transaction
from engage.web import access
from engage.web.entrance.forms import SignInForm

bp = Blueprint("entrance", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """E-mail and password in, a session out. Unknown, disabled and mistaken are answered alike."""
    form = SignInForm(request.form, next=request.args.get("next", ""))
    if request.method == "GET":
        return render_template("entrance/sign_in.html", form=form)
    if not form.accepted():
        return render_template("entrance/sign_in.html", form=form), 422
    email, address, now = form.email.data.lower(), request.remote_addr or "", access.clock()
    if (pause := entry.wait(email, address, now=now)) > timedelta(0):
        form.form_errors.append(f"Too many tries. Wait {int(pause.total_seconds()) + 1} seconds, then try again.")
        return render_template("entrance/sign_in.html", form=form), 429
    found = entry.find(email)
    db.session.rollback()  # hashing takes a tenth of a second: nobody waits for us meanwhile
    right = passwords.matches(form.password.data, found[1] if found and found[2] else None)
    with transaction():
        if not right or found is None:
            entry.failed(email, person_id=found[0] if found else None, address=address, request_id=g.request_id, now=now)
            token = ""
        else:
            token = entry.succeeded(
                found[0], address=address, browser=request.user_agent.string, request_id=g.request_id, now=now
            )
    if not token:
        form.form_errors.append("That address and password do not go together. Check both, and try again.")
        return render_template("entrance/sign_in.html", form=form), 422
    answer = redirect(access.own_path(form.next.data) or "/", 303)
    settings = access.settings()
    answer.set_cookie(
        settings.cookie_name, token, max_age=int(sessions.LIFE.total_seconds()), path="/", httponly=True,
        secure=settings.secure_cookies, samesite="Lax",
    )  # fmt: skip
    return answer


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    """The privacy notice."""
    return render_template("entrance/privacy.html")


@bp.get("/system-use")
def system_use() -> ResponseReturnValue:
    """The system-use notice."""
    return render_template("entrance/system_use.html")
