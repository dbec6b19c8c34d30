"""The health room: whether the house is well, for a machine that asks. No sign-in, and no sentence about anybody."""

import hmac
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from engage.extensions import db
from engage.services import health
from engage.services.transaction import begin_reading
from engage.web import access

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 when well; 503 when the database cannot be reached, or anything that is looked at is wrong."""
    seen = _look()
    if seen is None:
        return jsonify(status="failing", database={"status": "unreachable"}), 503
    starting = seen.well and seen.tick_seconds is None
    answer = jsonify(
        status="starting" if starting else "ok" if seen.well else "failing",
        database={"status": "ok"},
        job_runner={"status": _word(seen, starting), "last_tick_seconds_ago": seen.tick_seconds},
        mail=_mail(seen),
        checks={check.word: "ok" if check.well else "failing" for check in seen.checks},
    )
    return answer, 200 if seen.well else 503


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """The same as numbers, as Prometheus reads them; for who shows ENGAGE_METRICS_TOKEN, and not there for others."""
    token = access.settings().metrics_token
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode()):
        abort(404)
    seen = _look()
    lines = [_gauge("engage_up", "Whether the database answers.", [("", 0 if seen is None else 1)])]
    if seen is not None:
        checks = [(f'{{check="{check.word}"}}', int(check.well)) for check in seen.checks]
        lines += [
            _gauge("engage_well", "Whether nothing is wrong.", [("", int(seen.well))]),
            _gauge("engage_check", "Whether one thing that is looked at is well.", checks),
            _gauge("engage_mail_waiting", "Messages that wait, at most 1000.", [("", seen.waiting)]),
            _gauge("engage_mail_oldest_seconds", "Since the oldest of them was posted.",
                   [("", seen.oldest_seconds or 0)]),
            _gauge("engage_disk_free_bytes", "What is free where the data is.", [("", seen.free_bytes)]),
        ]  # fmt: skip
        if seen.tick_seconds is not None:
            lines.append(
                _gauge("engage_tick_seconds", "Since a job runner showed that it is alive.", [("", seen.tick_seconds)])
            )
    return Response("".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")


def _look() -> health.Health | None:
    """How the house is; None when the database cannot be reached."""
    try:
        begin_reading()
        return health.look(access.clock())
    except SQLAlchemyError:
        current_app.logger.exception("the database cannot be reached")
        db.session.remove()
        return None


def _word(seen: health.Health, starting: bool) -> str:
    return "starting" if starting else "ok" if seen.of("job_runner").well else "failing"


def _mail(seen: health.Health) -> dict[str, Any]:
    configured = access.settings().mail is not None
    return {
        "status": "configured" if configured else "not configured, messages wait in the inbox",
        "waiting": seen.waiting,
        "waiting_is_at_least": seen.waiting == health.MOST_COUNTED,
        "oldest_waiting_seconds": seen.oldest_seconds,
    }


def _gauge(name: str, tells: str, values: list[tuple[str, int]]) -> str:
    head = f"# HELP {name} {tells}\n# TYPE {name} gauge\n"
    return head + "".join(f"{name}{labels} {value}\n" for labels, value in values)
