"""The only place that takes files of real input: first a plan that a person reads, then all of it or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from flask import current_app
from sqlalchemy import select

from engage.extensions import db
from engage.importing.completions import parse_completions
from engage.importing.invitations import parse_invitation
from engage.importing.parsed import Parsed
from engage.importing.people import parse_people
from engage.importing.registers import parse_events, parse_forums, parse_partners
from engage.importing.requests import parse_requests
from engage.importing.sheet import Source
from engage.models.people import Person
from engage.rules import search_words
from engage.rules.policy import PROGRAM, Ability, Actor, Do, may
from engage.rules.refusals import NotAllowed
from engage.services import audit, sessions
from engage.services.imports import completions, drafts, guides, people, registers
from engage.services.imports.plan import Entry, Plan, Unsound

__all__ = ["KINDS", "Entry", "Kind", "Plan", "Unsound", "preview", "requester", "take"]

NO_ANSWERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Context:
    """What a writer must know besides the plan. `requester_id` None: drafts are nobody's yet."""

    by: Actor
    now: datetime
    requester_id: int | None = None

    @property
    def home_zone(self) -> str:
        """The office's time zone."""
        return str(current_app.config["SETTINGS"].home_zone)

    @property
    def today(self) -> date:
        """The office's day."""
        return sessions.office_day(self.now, self.home_zone)


MakeReady = Callable[[Plan, Context], Callable[[], list[int]]]


@dataclass(frozen=True)
class Kind:
    """One kind of file: how it is read, compared with what is here, and written; and who may.

    `ready` makes a large file ready before the transaction that takes it whole: what it gives writes all and gives
    the numbers of what is to be found, as `found_as`, afterwards. None: a large file is taken in sets.
    """

    ability: Ability
    parse: Callable[..., Parsed[Any]]
    compare: Callable[[Parsed[Any], Context], Plan]
    write: Callable[[Plan, Context], None]
    asks: bool = field(default=False)  # whether its reader puts questions and takes answers
    ready: MakeReady | None = None
    found_as: search_words.Kind | None = None


def _register(register: registers.Register, parse: Callable[..., Parsed[Any]]) -> Kind:
    return Kind(
        Do.EDIT_REGISTER,
        parse,
        lambda parsed, _: registers.compare(register, parsed),
        lambda plan, context: registers.write(register, plan, by=context.by, now=context.now),
        ready=lambda plan, context: partial(registers.put, register, plan, by=context.by, now=context.now),
        found_as=register.found_as,
    )


def _drafts(parse: Callable[..., Parsed[Any]], compare: Callable[[Parsed[Any]], Plan]) -> Kind:
    return Kind(
        Do.IMPORT,
        parse,
        lambda parsed, _: compare(parsed),
        lambda plan, context: drafts.write(
            plan, requester_id=context.requester_id, by=context.by, now=context.now
        ),
        asks=True,
        ready=lambda plan, context: drafts.ready(
            plan, requester_id=context.requester_id, by=context.by, now=context.now
        ),
        found_as=search_words.Kind.ENGAGEMENT,
    )


KINDS: Mapping[str, Kind] = MappingProxyType({
    "forums": _register(registers.FORUMS, parse_forums),
    "partners": _register(registers.PARTNERS, parse_partners),
    "events": _register(registers.EVENTS, parse_events),
    "requests": _drafts(parse_requests, drafts.compare_requests),
    "invitation": _drafts(parse_invitation, drafts.compare_invitations),
    "people": Kind(
        Do.MANAGE_PEOPLE,
        parse_people,
        lambda parsed, context: people.compare(parsed, today=context.today, home_zone=context.home_zone),
        lambda plan, context: people.write(plan, today=context.today, by=context.by, now=context.now),
    ),
    "completions": Kind(
        Do.VERIFY_COMPLETION,
        parse_completions,
        lambda parsed, context: completions.compare(parsed, by=context.by, today=context.today),
        lambda plan, context: completions.write(plan, by=context.by, now=context.now),
    ),
    "guides": Kind(
        Do.PUBLISH_GUIDE,
        guides.parse_guides,
        lambda parsed, _: guides.compare(parsed),
        lambda plan, context: guides.write(plan, now=context.now),
    ),
})  # fmt: skip


def preview(
    kind: str, source: Source, *, now: datetime, answers: Mapping[str, str] = NO_ANSWERS, by: Actor = PROGRAM
) -> Plan:
    """What `by` taking the file would do now; nothing is written. `answers` settle questions of an earlier preview."""
    return _plan(KINDS[kind], source, answers, Context(by, now))


def take(
    kind: str, source: Source, *, by: Actor, now: datetime, answers: Mapping[str, str] = NO_ANSWERS,
    requester_id: int | None = None, only_new: bool = False, unasked: bool = False, name: str = "",
) -> Plan:  # fmt: skip
    """Take the file whole, in the caller's transaction, and give what was done. Twice is the same as once.

    What the file brings is compared afresh, so that a preview may be old. `only_new` leaves what is here as it
    is. An `unasked` import that brings nothing leaves no line in the trail. `name` is the file's, without its
    folders: they may name a person. Raises NotAllowed; Unsound with every problem, and then nothing was written.
    """
    if by is not PROGRAM and not may(by, KINDS[kind].ability):
        raise NotAllowed("You may not import this.")
    context = Context(by, now, requester_id)
    plan = _plan(KINDS[kind], source, answers, context)
    if not plan.sound:
        raise Unsound(plan)
    if only_new:
        plan = plan.only_new()
    if plan.idle and unasked:
        return plan
    KINDS[kind].write(plan, context)
    audit.record(
        "import", about=(kind, None), by=by, now=now, new=len(plan.new), changed=len(plan.changed),
        same=len(plan.same), file=name, sha256=sha256(source).hexdigest() if isinstance(source, bytes) else None,
    )  # fmt: skip
    return plan


def _plan(kind: Kind, source: Source, answers: Mapping[str, str], context: Context) -> Plan:
    parsed = kind.parse(source, answers=answers) if kind.asks else kind.parse(source)
    return kind.compare(parsed, context)


def requester(email: str) -> int:
    """The id of the person for whom drafts are imported. KeyError when nobody enabled has this address."""
    found = db.session.scalar(
        select(Person.id).where(Person.email == email.strip().lower(), Person.disabled_at.is_(None))
    )
    if found is None:
        raise KeyError(email)
    return found
