"""The only writer of OutboxMessage: posted with the change it tells of, sent later, once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite

from engage.extensions import db
from engage.models.outbox import Delivery, OutboxMessage

_TABLE = OutboxMessage.__table__
# `ON CONFLICT DO NOTHING` is written per dialect; it lives here alone.
_POST: dict[str, Insert] = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(index_elements=["key"]),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(index_elements=["key"]),
}


def message(
    key: str, *, to: int, template: str, subject: str, about: tuple[str, int | None], now: datetime,
    due: datetime | None = None, **facts: Any,
) -> dict[str, Any]:  # fmt: skip
    """One message as a row for `post`. `facts` are plain JSON values for the template; CR and LF leave the subject."""
    return {
        "key": key,
        "person_id": to,
        "template": template,
        "about_kind": about[0],
        "about_id": about[1],
        "facts": facts,
        "subject": " ".join(subject.split())[:200],
        "posted_at": now,
        "due_at": due or now,
        "delivery": Delivery.QUEUED,
        "attempts": 0,
        "last_error": "",
    }


def post(*messages: dict[str, Any]) -> None:
    """Put messages in the outbox in the caller's transaction; one whose key is there already is quietly left out."""
    if messages:
        db.session.execute(_POST[db.engine.dialect.name], list(messages))
