"""The only reader of the search's index: what somebody may see that holds the words they typed, the best first.

Two statements whatever is found. The first says of each word how often it begins a word of the index, counted up to
a limit, and which words those are; the second walks the rarest one in the order of its weight, newest first, asks of
each entry whether it holds the others and may be seen, and stops at the end of the page. So its cost follows the page.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Integer,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.search import SearchEntry, SearchWord
from engage.rules.marking import OPEN_TO_ALL
from engage.rules.policy import Actor, Role
from engage.rules.search_words import REGISTERS, Asked, Kind, Weight
from engage.rules.workflow import APPROVED
from engage.services import stakes
from engage.services.visibility import Scope, scope, visible

PAGE = 20
MOST_COUNTED = 500  # words that begin alike are counted no further: which is rarest need not be known exactly
MOST_FORMS = 6  # of the rarest word: those with which the walk begins
EXACT = 1  # added to twice the weight where the word itself stands, and not a longer one
LAST = (10_000, 2**31 - 1)  # before the first hit
_END = "\U0010ffff"

_E, _W, _I = (t.__table__.c for t in (SearchEntry, SearchWord, Item))
_WORDS: Any = SearchWord.__table__


@dataclass(frozen=True)
class Hit:
    """Something found; `state` and its days are of the item behind it, None where there is none."""

    kind: Kind
    record_id: int
    item_id: int | None
    item_kind: Any
    title: str
    detail: str
    code: str
    state: Any
    marking: Any
    starts_on: Any
    ends_on: Any
    at: tuple[int, int]  # where it stands: the next page begins after it


@cache
def _forms(count: int) -> Any:
    """Of each of `count` words: how many words of the index begin so, and the first few different ones."""
    branches = []
    for i in range(count):
        low: Any = bindparam(f"low{i}", type_=String)
        high: Any = bindparam(f"high{i}", type_=String)
        few = (
            select(literal_column("1").label("one"))
            .select_from(_WORDS)
            .where(_W.word >= low, _W.word < high)
            .limit(MOST_COUNTED)
            .subquery()
        )
        first = select(func.min(_W.word).label("word"), literal(1).label("n")).where(_W.word >= low, _W.word < high)
        seen = first.cte(f"forms{i}", recursive=True)
        after = _WORDS.alias(f"after{i}")
        step = select(func.min(after.c.word)).where(after.c.word > seen.c.word, after.c.word < high)
        seen = seen.union_all(
            select(step.correlate(seen).scalar_subquery(), seen.c.n + 1).where(
                seen.c.word.is_not(None), seen.c.n < MOST_FORMS
            )
        )
        counted = select(func.count()).select_from(few).scalar_subquery()
        branches.append(
            select(literal(i, Integer).label("i"), counted.label("found"), seen.c.word).where(seen.c.word.is_not(None))
        )
    return union_all(*branches)


@cache
def _hits(scope_: Scope, forms: int, others: int, kinds: tuple[Kind, ...]) -> Any:
    """The page after a place: of entries that hold one of `forms` words and each of `others`."""
    me: Any = bindparam("me")
    stands_aside = and_(
        or_(_I.state.not_in(sorted(APPROVED)), _I.marking.not_in(sorted(OPEN_TO_ALL))),
        stakes.stands_aside(me),
    )
    branches = []
    for i in range(forms):
        walk = _WORDS.alias(f"w{i}")
        score = (walk.c.weight * 2 + bindparam(f"exact{i}", type_=Integer)).label("score")
        before = or_(
            walk.c.weight * 2 + bindparam(f"exact{i}", type_=Integer) < bindparam("score"),
            and_(
                walk.c.weight * 2 + bindparam(f"exact{i}", type_=Integer) == bindparam("score"),
                walk.c.entry_id < bindparam("entry"),
            ),
        )
        # An entry that another form weighs more stands where that one puts it, and nowhere else.
        heavier = _WORDS.alias(f"h{i}")
        outdone = exists().select_from(heavier).where(
            heavier.c.entry_id == walk.c.entry_id, heavier.c.word != walk.c.word,
            or_(*(
                and_(
                    heavier.c.word == bindparam(f"form{k}", type_=String),
                    heavier.c.weight * 2 + bindparam(f"exact{k}", type_=Integer)
                    > walk.c.weight * 2 + bindparam(f"exact{i}", type_=Integer),
                )
                for k in range(forms)
            )),
        )  # fmt: skip
        kept = [walk.c.word == bindparam(f"form{i}", type_=String), before]
        kept.append(or_(_E.item_id.is_(None), and_(visible(scope_), or_(walk.c.weight >= Weight.TITLE, ~stands_aside))))
        for j in range(others):
            more = _WORDS.alias(f"m{i}_{j}")
            holds = (
                exists()
                .select_from(more)
                .where(
                    more.c.entry_id == walk.c.entry_id, more.c.word >= bindparam(f"from{j}", type_=String),
                    more.c.word < bindparam(f"to{j}", type_=String),
                    or_(_E.item_id.is_(None), more.c.weight >= Weight.TITLE, ~stands_aside),
                )
            )  # fmt: skip
            kept.append(holds.correlate(walk, SearchEntry.__table__, Item.__table__))
        if forms > 1:
            kept.append(~outdone.correlate(walk))
        if kinds:
            kept.append(_E.kind.in_(kinds))
            only_registers, none = set(kinds) <= REGISTERS, not set(kinds) & REGISTERS
            if only_registers:
                kept.append(walk.c.weight > Weight.OF_REGISTER)
            elif none:
                kept.append(walk.c.weight < Weight.OF_REGISTER)
        ordered = (
            select(score, walk.c.entry_id.label("entry_id"))
            .select_from(
                walk.join(SearchEntry.__table__, _E.id == walk.c.entry_id).outerjoin(
                    Item.__table__, _I.id == _E.item_id
                )
            )
            .where(*kept)
            .order_by(walk.c.weight.desc(), walk.c.entry_id.desc())
            .limit(bindparam("most"))
        )
        branches.append(select(ordered.subquery(f"b{i}")))
    found = union_all(*branches).subquery("found")
    best = (
        select(found.c.entry_id, func.max(found.c.score).label("score")).group_by(found.c.entry_id).subquery("best")
    )
    return (
        select(
            _E.id, _E.kind, _E.record_id, _E.item_id, _I.kind.label("item_kind"), _E.title,
            _E.detail, _E.code, best.c.score,
            _I.state, _I.marking, _I.starts_on, _I.ends_on,
        )
        .select_from(
            best.join(SearchEntry.__table__, _E.id == best.c.entry_id).outerjoin(
                Item.__table__, _I.id == _E.item_id
            )
        )
        .order_by(best.c.score.desc(), _E.id.desc())
        .limit(bindparam("most"))
    )  # fmt: skip


def find(
    asked: tuple[Asked, ...], *, by: Actor, kinds: tuple[Kind, ...] = (), after: tuple[int, int] = LAST,
) -> tuple[list[Hit], tuple[int, int] | None]:  # fmt: skip
    """A page of what `by` may see that holds every word `asked`, the best first, and where the next begins.

    `kinds` empty: of every kind.
    """
    if not asked:
        return [], None
    given: dict[str, Any] = {}
    for i, one in enumerate(asked):
        given |= {f"low{i}": one.word, f"high{i}": _end(one)}
    forms: list[list[str]] = [[] for _ in asked]
    often = [0] * len(asked)
    for i, found, word in db.session.execute(_forms(len(asked)), given):
        forms[i].append(word)
        often[i] = found
    if not all(forms):
        return [], None
    rarest = min(range(len(asked)), key=lambda i: (often[i], i))
    others = [one for i, one in enumerate(asked) if i != rarest]
    names: dict[str, Any] = {"me": by.id, "most": PAGE + 1, "score": after[0], "entry": after[1]}
    for i, word in enumerate(forms[rarest]):
        names |= {f"form{i}": word, f"exact{i}": EXACT if word == asked[rarest].word else 0}
    for j, one in enumerate(others):
        names |= {f"from{j}": one.word, f"to{j}": _end(one)}
    rows = list(db.session.execute(_hits(scope(by), len(forms[rarest]), len(others), kinds), names))
    hits = [
        Hit(
            row.kind, row.record_id, row.item_id, row.item_kind, row.title, row.detail, row.code, row.state,
            row.marking,            row.starts_on, row.ends_on, (row.score, row.id),
        )
        for row in rows[:PAGE]
    ]  # fmt: skip
    return hits, hits[-1].at if len(rows) > PAGE else None


def path(hit: Hit, who: Actor) -> str:
    """Where somebody goes on with what was found."""
    match hit.kind:
        case Kind.ENGAGEMENT:
            return f"/engagements/{hit.record_id}"
        case Kind.MATTER:
            return f"/items/{hit.record_id}"
        case Kind.DECISION:
            board = who.roles & {Role.MEMBER, Role.CHAIR, Role.SECRETARIAT}
            return f"/board/decisions/{hit.record_id}" if board else str(hit.item_kind.path(hit.item_id))
        case Kind.PERSON:
            if Role.ADMINISTRATOR in who.roles:
                return f"/admin/people/{hit.record_id}"
            return ""
        case Kind.GUIDE:
            return f"/guidance/{hit.code}"
        case _:
            return f"/{hit.kind}s/{hit.record_id}"


def _end(one: Asked) -> str:
    """The end of the range of words that `one` stands for, not in it."""
    return one.word + ("!" if one.whole else _END)  # a word's letters all come after "!"
