"""The only writer of matters for advice and of the annual statement of priorities."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select
from sqlalchemy.orm.attributes import flag_modified

from engage.extensions import db
from engage.models.engagements import Item, StateSpan
from engage.models.matters import Matter, Priorities, PriorityAim
from engage.rules.asking import Asks
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.priorities import Aim, AimKind
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.search_words import Kind
from engage.rules.workflow import APPROVED, EDITABLE
from engage.services import audit, search_index, states

LINE, LONGEST = 200, 20_000  # characters

_I, _Y, _S = Item.__table__.c, Priorities.__table__.c, StateSpan.__table__.c
_AIM: Any = PriorityAim.__table__
_CLEAR = delete(_AIM).where(_AIM.c.priorities_id == bindparam("item"))
_COLUMNS = {
    AimKind.GOAL: "goal_id", AimKind.OBJECTIVE: "objective_id", AimKind.COUNTRY: "country_code",
    AimKind.PARTNER: "partner_id",
}  # fmt: skip
_OF_YEAR = (
    select(_I.id, _I.title, _I.decided_at, _Y.year, _Y.text)
    .select_from(Item.__table__.join(Priorities.__table__, _Y.id == _I.id))
    .where(_Y.year == bindparam("year"), _I.state.in_(sorted(APPROVED)))
    .order_by(_I.decided_at.desc(), _I.id.desc())
    .limit(1)
)


_AS_OF = (
    select(_I.id, _I.title, _S.started_at.label("decided_at"), _Y.year, _Y.text)
    .select_from(
        Item.__table__.join(Priorities.__table__, _Y.id == _I.id).join(StateSpan.__table__, _S.item_id == _I.id)
    )
    .where(
        _Y.year == bindparam("year"), _S.state.in_(sorted(APPROVED)), _S.started_at < bindparam("at"),
        or_(_S.ended_at.is_(None), _S.ended_at >= bindparam("at")),
    )
    .order_by(_S.started_at.desc(), _I.id.desc())
    .limit(1)
)  # fmt: skip


def priorities_of(year: int, at: datetime | None = None) -> Any:
    """The year's statement (id, title, year, text, decided_at): of those approved, the last; None before there is one.

    With `at` (aware UTC) the one that was in force before that moment. Whoever puts it on a page asks for it: an
    approved statement is everybody's to read.
    """
    if at is not None:
        return db.session.execute(_AS_OF, {"year": year, "at": at}).one_or_none()
    return db.session.execute(_OF_YEAR, {"year": year}).one_or_none()


def raise_matter(title: str, text: str, question: str, *, by: Actor, now: datetime) -> Matter:
    """Draft a matter on which the board is asked for advice. Raises NotAllowed, or Incomplete."""
    _must_raise(by)
    _must_fit(title, text=text, question=question)
    matter = Matter(title=title, asks=Asks.ADVICE, requester_id=by.id, text=text, question=question)
    states.begin(matter, by=by, now=now, kind=matter.kind, title=title)
    search_index.note(Kind.MATTER, [matter.id])
    return matter


def draft_priorities(
    title: str, year: int, text: str, *, aims: Sequence[Aim] = (), by: Actor, now: datetime
) -> Priorities:
    """Draft the statement of priorities of a year, and what it names. Raises NotAllowed, or Incomplete."""
    _must_raise(by)
    _must_fit(title, text=text)
    _must_be_a_year(year)
    made = Priorities(title=title, asks=Asks.DECISION, requester_id=by.id, year=year, text=text)
    states.begin(made, by=by, now=now, kind=made.kind, title=title, year=year)
    _write_aims(made.id, aims)
    search_index.note(Kind.MATTER, [made.id])
    return made


def revise(
    item: Matter | Priorities, subject: Subject, version: int, *, aims: Sequence[Aim] | None = None, by: Actor,
    now: datetime, **said: Any,
) -> None:  # fmt: skip
    """Write over a draft, or what was returned: `title` and `text`, and a matter's `question` or a statement's `year`.

    A statement's `aims` take the place of those before; None leaves them.
    `version` is the one that was read. Raises NotAllowed, NotOpen, Stale or Incomplete.
    """
    states.hold(item)
    must_be_writable(item, subject, by=by)
    if item.version != version:
        raise Stale("Somebody saved this while you were writing, so your text was not saved.")
    _must_fit(said["title"], **{name: said[name] for name in ("text", "question") if name in said})
    if isinstance(item, Priorities):
        _must_be_a_year(said["year"])
    changed = [name for name in said if getattr(item, name) != said[name]]
    for name in changed:
        setattr(item, name, said[name])
    if aims is not None and isinstance(item, Priorities):
        _write_aims(item.id, aims)
        flag_modified(item, "title")  # also when only the aims differ, the version goes up
        db.session.flush()
        changed.append("aims")
    search_index.note(Kind.MATTER, [item.id])
    audit.record("revise", about=("item", item.id), by=by, now=now, changed=changed, version=item.version)


def _write_aims(priorities_id: int, aims: Sequence[Aim]) -> None:
    db.session.execute(_CLEAR, {"item": priorities_id})
    rows = [
        {"priorities_id": priorities_id, "position": n, "planned": aim.planned, **dict.fromkeys(_COLUMNS.values()),
         _COLUMNS[aim.kind]: aim.of}
        for n, aim in enumerate({(aim.kind, aim.of): aim for aim in aims}.values())
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(_AIM), rows)


def must_be_writable(item: Item, subject: Subject, *, by: Actor) -> None:
    """Raises NotAllowed for anybody but who raised it, and NotOpen once it left their hands."""
    if not may(by, Do.EDIT, subject):
        raise NotAllowed("Only whoever raised it may change what it says.")
    if item.state not in EDITABLE:
        raise NotOpen(f"This cannot be changed now: it is {item.state.label.lower()}.")


def judge_matter(content: dict[str, Any], today: date) -> tuple[dict[str, str], dict[str, Any]]:
    """What keeps a matter from being submitted; nothing more is frozen with it."""
    wrong = {} if content["text"] else {"text": "Say what the matter is."}
    return wrong | ({} if content["question"] else {"question": "Ask the board a question."}), {}


def judge_priorities(content: dict[str, Any], today: date) -> tuple[dict[str, str], dict[str, Any]]:
    """What keeps a statement of priorities from being submitted on `today`."""
    wrong = {} if content["text"] else {"text": "Write the statement."}
    if content["year"] < today.year:
        wrong["year"] = "This year is past."
    return wrong, {}


def _must_raise(by: Actor) -> None:
    if not may(by, Do.RAISE_MATTER):
        raise NotAllowed("Only the secretariat and leadership put such matters before the board.")


def _must_fit(title: str, **texts: str) -> None:
    wrong = {} if title else {"title": "Give it a title."}
    if len(title) > LINE:
        wrong["title"] = f"Use at most {LINE} characters."
    wrong |= {name: f"Use at most {LONGEST:,} characters." for name, text in texts.items() if len(text) > LONGEST}
    if wrong:
        raise Incomplete(wrong)


def _must_be_a_year(year: int) -> None:
    if not 2000 <= year <= 2100:
        raise Incomplete({"year": "Give a year from 2000 to 2100."})
