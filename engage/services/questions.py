"""The only writer of Question: what an item was returned with, and the answers; and the clock that stands meanwhile."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select, update

from engage.extensions import db
from engage.models.asking import Question
from engage.models.engagements import StateSpan
from engage.models.people import Person
from engage.rules.policy import Actor
from engage.rules.refusals import Incomplete
from engage.rules.workflow import State
from engage.services import audit

LONGEST = 5_000  # characters
MOST = 20  # questions of one return; what is beyond stands in the last

_Q, _S = Question.__table__.c, StateSpan.__table__.c
_asker, _answerer = Person.__table__.alias("asker"), Person.__table__.alias("answerer")
_item: Any = bindparam("item")
_THREAD = (
    select(
        _Q.id, _Q.text, _Q.answer, _Q.asked_at, _Q.answered_at, _asker.c.name.label("asked_by"),
        _answerer.c.name.label("answered_by"),
    )
    .select_from(
        Question.__table__.outerjoin(_asker, _asker.c.id == _Q.asked_by_id).outerjoin(
            _answerer, _answerer.c.id == _Q.answered_by_id
        )
    )
    .where(_Q.item_id == _item)
    .order_by(_Q.id)
    .limit(200)
)  # fmt: skip
_OPEN = select(_Q.id).where(_Q.item_id == _item, _Q.answered_at.is_(None)).order_by(_Q.id)
_TABLE: Any = Question.__table__  # as a table: the ORM would read every changed row back
_ANSWER = update(_TABLE).where(_Q.id == bindparam("question"), _Q.answered_at.is_(None))
_FIRST = select(func.min(_S.started_at)).where(_S.item_id == _item, _S.state == State.SUBMITTED)


def ask(item_id: int, text: str, *, by: Actor, now: datetime) -> None:
    """Open a thread: each paragraph of `text` is a question of its own. Called when an item is returned."""
    parts = [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]
    if len(parts) > MOST:
        parts = [*parts[: MOST - 1], "\n\n".join(parts[MOST - 1 :])]
    rows = [
        {"item_id": item_id, "asked_by_id": by.id, "asked_at": now, "text": part, "answer": ""} for part in parts
    ]
    if rows:
        db.session.execute(insert(Question), rows)


def thread(item_id: int) -> list[Row[Any]]:
    """Every question asked of an item with its answer, in the order they were asked. One statement."""
    return list(db.session.execute(_THREAD, {"item": item_id}))


def answer(item_id: int, answers: Mapping[int, str], *, by: Actor, now: datetime) -> None:
    """Answer open questions by their number; whoever calls has asked the policy and submits the item again.

    A question that has an answer keeps it. Raises Incomplete at "answer-N".
    """
    open_ids = list(db.session.scalars(_OPEN, {"item": item_id}))
    wrong = {f"answer-{n}": f"Use at most {LONGEST:,} characters." for n, t in answers.items() if len(t) > LONGEST}
    wrong |= {
        f"answer-{n}": "Answer this question, or say where the request now answers it."
        for n in open_ids if not answers.get(n, "").strip()
    }  # fmt: skip
    if wrong:
        raise Incomplete(wrong)
    for number in open_ids:
        db.session.execute(
            _ANSWER, {"question": number, "answer": answers[number], "answered_by_id": by.id, "answered_at": now}
        )
    audit.record("answer", about=("item", item_id), by=by, now=now, questions=open_ids)


def settle(item_id: int, *, by: Actor, now: datetime) -> None:
    """Close what is still open when an item is submitted again: its text is the answer."""
    for number in db.session.scalars(_OPEN, {"item": item_id}).all():
        db.session.execute(_ANSWER, {"question": number, "answered_by_id": by.id, "answered_at": now})


def first_asked_at(item_id: int) -> datetime | None:
    """When an item was submitted for the first time; None before that. Lateness is counted on that day."""
    found: datetime | None = db.session.scalar(_FIRST, {"item": item_id})
    return found


def counted_on(item_id: int, state: State, office_day: Any) -> date | None:
    """The day that counts as the one of asking for what was returned: `office_day` turns a moment into one.

    None for anything else: then today counts.
    """
    if state is not State.RETURNED:
        return None
    first = first_asked_at(item_id)
    return office_day(first) if first else None
