"""The only place for response headers, error pages, and the trace a refusal leaves."""

import logging

from flask import Flask, Response, current_app, flash, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from engage.extensions import db
from engage.rules.refusals import Incomplete, NotAllowed, Refusal, Stale
from engage.services import audit
from engage.services.transaction import transaction
from engage.web import access

log = logging.getLogger("engage.web")

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
PAGES = frozenset({400, 403, 404, 409, 413, 422, 429, 500})
LIKE = {405: 404, 401: 403, 431: 413}  # statuses that say the same to a person
BUSY = frozenset({"40001", "40P01", "55P03"})  # PostgreSQL: serialization, deadlock, lock not available


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # a file that is handed out brings a stricter policy of its own
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    if access.settings().secure_cookies:
        response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return response


def page(status: int, **said: object) -> ResponseReturnValue:
    """The error page for `status`; what has no page of its own is told as a bad request, or as our fault."""
    name = LIKE.get(status, status)
    if name not in PAGES:
        name = 400 if 400 <= status < 500 else 500
    reference = g.get("request_id", "")
    if name == 500:  # past the context processors: they ask the database, which may be what failed
        return current_app.jinja_env.get_template("errors/500.html").render(request_id=reference), status
    return render_template(f"errors/{name}.html", request_id=reference, **said), status


def end_visit() -> None:
    """Take back what this request changed and noted."""
    audit.forget()
    db.session.rollback()


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error  # a redirect
    end_visit()
    if error.code == 403:
        _trace("enter", ("room", None), request.blueprint or request.path[:80])
    answer = make_response(page(error.code))
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or []))
    return answer


def _refused(refusal: Refusal) -> ResponseReturnValue:
    """A rule said no: 403 when the person may not, 422 for something wrong, else 409.

    The act is rolled back; a denial leaves its own line.
    """
    end_visit()
    status = 403 if isinstance(refusal, NotAllowed) else 422 if isinstance(refusal, Incomplete) else 409
    if status == 403:
        _trace(request.endpoint or "", (request.blueprint or "", None), request.path[:80])
    return page(status, message=str(refusal), closed=not isinstance(refusal, Stale))


def _raced(error: Exception) -> ResponseReturnValue:
    """Somebody else wrote first: nothing of ours was saved."""
    end_visit()
    log.info("lost a race: %s", type(error).__name__)
    return page(409)


def _unfit(error: Exception) -> ResponseReturnValue:
    """A value that no column can hold, such as NUL in a text or an id of a hundred digits, came past the forms."""
    end_visit()
    log.warning("request %s holds an unfit value", g.get("request_id"), exc_info=error)
    return page(400)


def _busy(error: OperationalError) -> ResponseReturnValue:
    """The database gave up waiting for another writer, or does not work."""
    if getattr(error.orig, "sqlstate", None) in BUSY or "locked" in str(error.orig):
        return _raced(error)
    return _failed(error)


def _failed(error: Exception) -> ResponseReturnValue:
    end_visit()
    log.exception("request %s failed", g.get("request_id"))
    return page(500)


def _trace(action: str, about: tuple[str, int | None], path: str) -> None:
    who = access.me()
    if who.id is None or audit.denials_are_many(who, access.clock()):
        return
    kind, record = about
    with transaction():
        audit.record(
            action[:40], about=(kind[:40], record), by=who, now=access.clock(), outcome=audit.Verdict.DENIED, path=path
        )


def say(text: str, url: str, kind: str = "success") -> ResponseReturnValue:
    """Tell the person what was done, and go on to `url` (303, so a reload repeats nothing)."""
    flash(text, kind)
    return redirect(url, 303)


def install(app: Flask) -> None:
    """Put headers on every answer, and a page behind every error."""
    app.after_request(_headers)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(StaleDataError, _raced)
    app.register_error_handler(IntegrityError, _raced)
    app.register_error_handler(OperationalError, _busy)
    for unfit in (DataError, OverflowError, UnicodeError):
        app.register_error_handler(unfit, _unfit)
    app.register_error_handler(Exception, _failed)
