"""The only writer of matters for advice and of the annual statement of priorities."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.matters import Matter, Priorities
from engage.rules.asking import Asks
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.search_words import Kind
from engage.rules.workflow import APPROVED, EDITABLE
from engage.services import audit, search_index, states

LINE, LONGEST = 200, 20_000  # characters

_I, _Y = Item.__table__.c, Priorities.__table__.c
_OF_YEAR = (
    select(_I.id, _I.title, _I.decided_at, _Y.year, _Y.text)
    .select_from(Item.__table__.join(Priorities.__table__, _Y.id == _I.id))
    .where(_Y.year == bindparam("year"), _I.state.in_(sorted(APPROVED)))
    .order_by(_I.decided_at.desc(), _I.id.desc())
    .limit(1)
)


def priorities_of(year: int) -> Any:
    """The year's statement (id, title, year, text, decided_at): of those approved, the last; None before there is one.

    Whoever puts it on a page asks for it: an approved statement is everybody's to read.
    """
    return db.session.execute(_OF_YEAR, {"year": year}).one_or_none()


def raise_matter(title: str, text: str, question: str, *, by: Actor, now: datetime) -> Matter:
    """Draft a matter on which the board is asked for advice. Raises NotAllowed, or Incomplete."""
    _must_raise(by)
    _must_fit(title, text=text, question=question)
    matter = Matter(title=title, asks=Asks.ADVICE, requester_id=by.id, text=text, question=question)
    states.begin(matter, by=by, now=now, kind=matter.kind, title=title)
    search_index.note(Kind.MATTER, [matter.id])
    return matter


def draft_priorities(title: str, year: int, text: str, *, by: Actor, now: datetime) -> Priorities:
    """Draft the statement of priorities of a year. Raises NotAllowed, or Incomplete."""
    _must_raise(by)
    _must_fit(title, text=text)
    _must_be_a_year(year)
    made = Priorities(title=title, asks=Asks.DECISION, requester_id=by.id, year=year, text=text)
    states.begin(made, by=by, now=now, kind=made.kind, title=title, year=year)
    search_index.note(Kind.MATTER, [made.id])
    return made


def revise(
    item: Matter | Priorities, subject: Subject, version: int, *, by: Actor, now: datetime, **said: Any
) -> None:
    """Write over a draft, or what was returned: `title` and `text`, and a matter's `question` or a statement's `year`.

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
    search_index.note(Kind.MATTER, [item.id])
    audit.record("revise", about=("item", item.id), by=by, now=now, changed=changed, version=item.version)


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
