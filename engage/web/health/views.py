"""The health room: whether database, job runner and mail queue are well, for a machine that asks. No sign-in."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from engage.extensions import db
from engage.services import outbox, runners
from engage.services.transaction import begin_reading
from engage.web import access

bp = Blueprint("health", __name__)

LATEST_TICK = timedelta(minutes=3)  # an older one means that no job runner is alive
MOST_COUNTED = 1000  # waiting messages; beyond it the number says no more


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 when well; 503 when the database cannot be reached, or no job runner has ticked for three minutes."""
    try:
        begin_reading()
        runner, mail = _runner(), _mail()
    except SQLAlchemyError:
        current_app.logger.exception("healthz cannot reach the database")
        db.session.remove()
        return jsonify(status="failing", database={"status": "unreachable"}), 503
    answer = jsonify(status=runner["status"], database={"status": "ok"}, job_runner=runner, mail=mail)
    return answer, 503 if runner["status"] == "failing" else 200


def _runner() -> dict[str, Any]:
    ticked_at = runners.last_tick()
    if ticked_at is None:  # a demonstration's first tick comes after its first page
        return {"status": "starting" if access.settings().demonstration else "failing", "last_tick_seconds_ago": None}
    age = access.clock() - ticked_at
    status = "ok" if age <= LATEST_TICK else "failing"
    return {"status": status, "last_tick_seconds_ago": max(0, round(age.total_seconds()))}


def _mail() -> dict[str, Any]:
    waiting, oldest = outbox.queue(most=MOST_COUNTED)
    seconds = max(0, round((access.clock() - oldest).total_seconds())) if oldest else None
    configured = access.settings().mail is not None
    return {
        "status": "configured" if configured else "not configured, messages wait in the inbox",
        "waiting": waiting,
        "waiting_is_at_least": waiting == MOST_COUNTED,
        "oldest_waiting_seconds": seconds,
    }
