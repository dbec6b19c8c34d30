"""The only place where a visitor becomes an Actor, and where a room's door is kept."""

import hmac
import secrets
import uuid
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from flask import Flask, Request, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import BadRequest, Unauthorized
from werkzeug.routing import IntegerConverter

from engage.config import Settings
from engage.extensions import login_manager
from engage.rules.policy import NOBODY, Actor, may_enter
from engage.services import sessions
from engage.services.transaction import begin_reading, begin_writing, transaction

T = TypeVar("T")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Answered without asking who it is, or the database.
OPEN_TO_ALL = frozenset({"static", "health.healthz", "health.metrics"})
SIGNED = frozenset({"entrance.unsubscribe"})  # a POST by mail programs: the address itself carries our signature
PHOTOGRAPHED = frozenset({"reports.gift_new", "reports.gift_photograph"})  # take more than MAX_CONTENT_LENGTH
LARGEST_WITH_A_PHOTOGRAPH = 11 * 1024 * 1024  # bytes of a request: ten of the picture, and what is written about it
LARGEST_ID = 2**31 - 1  # of an integer column; a number beyond it names nothing
LONGEST_PATH = 2000  # characters of a path that we lead on to


class Expired(BadRequest):
    """A POST without the token we gave: the page had stood open too long, or was never ours."""


class _Id(IntegerConverter):
    """`<int:…>` in a route: a number that a record may have."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_ID, **kwargs})


def settings() -> Settings:
    """The settings the program was started with."""
    return current_app.config["SETTINGS"]  # type: ignore[no-any-return]


def clock() -> datetime:
    """The moment of this request, aware UTC: read once, the same for everything the request does."""
    if "now" not in g:
        g.now = current_app.config["CLOCK"]()
    return g.now  # type: ignore[no-any-return]


def today() -> date:
    """The office's calendar day of this request."""
    return sessions.office_day(clock(), settings().home_zone)


def me() -> Actor:
    """Whoever sent this request."""
    return current_user._get_current_object()  # type: ignore[no-any-return]


def address() -> str:
    """The network address this request came from."""
    return "".join(letter for letter in request.remote_addr or "" if letter.isprintable())[:40]


def csrf_token() -> str:
    """The token forms carry: the sign-in session's own, or, before sign-in, one in the visitor's signed cookie."""
    if me().is_authenticated:
        return g.csrf_token  # type: ignore[no-any-return]
    if "csrf" not in session:
        session["csrf"] = secrets.token_hex(32)
    return session["csrf"]  # type: ignore[no-any-return]


def csrf_matches() -> bool:
    """Whether this request carries the token we gave."""
    return hmac.compare_digest(request.form.get("csrf_token", "").encode(), csrf_token().encode())


def or_404(found: T | None) -> T:
    """What was found; a record that is not there, or not for this reader, is a 404 alike."""
    if found is None:
        abort(404)
    return found


def own_path(path: str | None) -> str | None:
    """`path` when it is a path of this site to go on to, else None: the one helper for `next`."""
    if not path or len(path) > LONGEST_PATH or not path.startswith("/") or path.startswith("//"):
        return None
    return path if path.isprintable() and "\\" not in path else None


def _open_visit() -> None:
    """First of all: start reading, or take the writer's place before anything is read.

    Nothing is remembered from an earlier visit, also where one application context outlives several (tests).
    """
    for name in tuple(g):
        g.pop(name)
    g.request_id = uuid.uuid4().hex[:16]
    if request.endpoint in OPEN_TO_ALL:
        return
    if request.endpoint in PHOTOGRAPHED:
        request.max_content_length = LARGEST_WITH_A_PHOTOGRAPH
    (begin_reading if request.method in SAFE else begin_writing)()


def _load_actor(visit: Request) -> Actor:
    token = visit.cookies.get(settings().cookie_name, "")
    if not 20 <= len(token) <= 100 or not token.isascii():
        return NOBODY
    actor, g.csrf_token, due = sessions.recognise(
        token, address=address(), request_id=g.request_id, now=clock(), today=today()
    )
    g.seen_due = due
    return actor


def become(token: str) -> None:
    """Go on with this request as whoever `token` stands for: they have just signed in."""
    actor, g.csrf_token, _ = sessions.recognise(
        token, address=address(), request_id=g.request_id, now=clock(), today=today()
    )
    g._login_user = actor  # where Flask-Login keeps it


def _keep_the_door() -> ResponseReturnValue | None:
    """Ask DOORS whether this visitor may enter the room; then whether an unsafe request carries the token."""
    if request.endpoint is None or request.endpoint in OPEN_TO_ALL:
        return None
    room = request.blueprint or ""
    who = me()
    if not may_enter(who, room):
        if not who.is_authenticated:
            return _ask_to_sign_in()
        abort(403)
    if request.method not in SAFE and request.endpoint not in SIGNED and not csrf_matches():
        raise Expired
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.method in SAFE:
        return redirect(url_for("entrance.sign_in", next=request.full_path.rstrip("?")))
    raise Unauthorized


def _note_seen(response: Any) -> Any:
    """Write last-seen, at most once a minute, after the page is made and its reads are over."""
    if g.pop("seen_due", False) and me().session_id and response.status_code < 500:
        with transaction():
            sessions.seen(me().session_id, now=clock())  # type: ignore[arg-type]
    return response


def install(app: Flask) -> None:
    """Put the locks on the application."""
    app.config.setdefault("CLOCK", lambda: datetime.now(UTC))
    app.url_map.converters["int"] = _Id
    app.before_request(_open_visit)
    app.before_request(_keep_the_door)
    app.after_request(_note_seen)
    login_manager.init_app(app)
    login_manager.anonymous_user = lambda: NOBODY
    login_manager.request_loader(_load_actor)
    login_manager.session_protection = None

