"""The only place that says what each act of the story is: a call of the service that a click would call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.board import Condition, Motion
from engage.models.engagements import Engagement, Item
from engage.models.trips import Trip
from engage.rules.asking import Content
from engage.rules.away import Device
from engage.rules.policy import Actor, Subject
from engage.rules.recusal import Position
from engage.rules.reviews import Finding
from engage.rules.trip_facts import ClearanceKind, ClearanceStatus
from engage.rules.voting import Choice, Outcome
from engage.rules.workflow import Action
from engage.seed.demonstration.stage import Stage
from engage.services import (
    acknowledgements,
    board,
    check_ins,
    clash_reasons,
    clashes,
    completeness,
    conditions,
    contents,
    emergency_contacts,
    engagements,
    items,
    loans,
    recommendations,
    recusals,
    reviews,
    sessions,
    states,
    trips,
    visibility,
)  # fmt: skip
from engage.services.recommendations import Option


@dataclass
class Thread:
    """One engagement's part of the story: what it says, who owns it, and what it has become so far."""

    stage: Stage
    owner: str
    content: Content
    item_id: int = 0

    @property
    def item(self) -> Engagement:
        """The engagement."""
        return db.session.get_one(Engagement, self.item_id)

    @property
    def subject(self) -> Subject:
        """The engagement as the policy sees it."""
        found = visibility.subject(self.item_id)
        assert found is not None  # noqa: S101  the story drafts before it does anything else
        return found

    @property
    def motion(self) -> Motion:
        """The motion put last."""
        return db.session.scalars(
            select(Motion).where(Motion.item_id == self.item_id).order_by(Motion.round.desc()).limit(1)
        ).one()


Step = Mapping[str, Any]


def draft(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """Begin it."""
    thread.item_id = engagements.draft(thread.content, by=by, now=now).id


def revise(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """Add a line of `notes`."""
    thread.content = replace(thread.content, notes=f"{step['notes']}\n{thread.content.notes}")
    engagements.revise(thread.item, thread.subject, thread.content, thread.item.version, by=by, now=now)


def place(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """Recommend it to the board, and place it on the docket."""
    reason = "It serves the objectives it names, the party is small, and the dates leave time for outside clearances."
    options = [
        Option("Send the lead alone", "It costs less; what the others would bring is sent in writing"),
        Option("Meet by video", "Nobody travels; what can only be seen on site is put off"),
    ]
    recommendations.recommend(
        thread.item_id, Outcome.APPROVE, reason=step.get("recommends", reason), options=options, by=by, now=now
    )
    reviewed(thread.stage, thread.item, now)
    move(Action.PLACE)(thread, step, by, now)


def submit(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """Submit it; where something is in its way, with the reason for which it is asked for all the same."""
    content, day = contents.asked_by(contents.content_of(thread.item_id)), states.office_day(now)
    if not completeness.judge(content, today=day)[0]:
        found = clashes.owed(content, item_id=thread.item_id, day=day)
        reasons = {clash.key: "Other counterparts and other questions; both offices know." for clash in found.open}
        clash_reasons.accept(thread.item, thread.subject, reasons, by=by, now=now)
    move(Action.SUBMIT)(thread, step, by, now)


def reviewed(stage: Stage, item: Item, now: datetime) -> None:
    """The reviewer has looked at it by then, wherever a rule asks for that."""
    by, today = stage.actor("reviewer", now), states.office_day(now)
    for row in reviews.of_item(item.id):
        if row.done_at is None:
            subject = visibility.subject(item.id)
            assert subject is not None  # noqa: S101  it is before the secretariat
            note = "In order, with the paperwork that the request announces."
            finding = Finding.CLEAR_WITH_REMARKS
            reviews.give(item, reviews.find(row.id), subject, finding, note, by=by, now=now, today=today)


def move(action: Action) -> Callable[[Thread, Step, Actor, datetime], None]:
    """A step of the workflow, with its `reason` where it wants one."""

    def taken(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
        items.act(thread.item, thread.subject, action, by=by, now=now, reason=step.get("reason", ""))

    return taken


def motion(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """Put `outcome` to the vote, with `reason`, `conditions`, and `defer_in` days from the day of loading."""
    until = thread.stage.today + timedelta(days=step["defer_in"]) if "defer_in" in step else None
    board.put_motion(
        thread.item, thread.subject, Outcome(step["outcome"]), reason=step.get("reason", ""),
        conditions="\n".join(step.get("conditions", ())), defer_until=until, by=by, now=now,
    )  # fmt: skip


def vote(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """Ballots: a list of those who say `yes`, reasons by name for `no` and `abstain`."""
    for choice in Choice:
        cast = step.get(choice, {})
        reasons = cast if isinstance(cast, dict) else dict.fromkeys(cast, "")
        for name, reason in reasons.items():
            member = thread.stage.actor(name, now)
            _answer(thread, member, now)
            board.cast(thread.motion, choice, reason=reason, by=member, now=now)


def _answer(thread: Thread, member: Actor, now: datetime) -> None:
    """Whoever something ties to the item says first why they can judge it."""
    subject = visibility.subject(thread.item_id)
    if subject and recusals.stand(thread.item_id, subject, by=member, day=now.date()).position is Position.ASKED:
        recusals.take_part(
            thread.item_id, reason="We share an office. I had no part in preparing it.", by=member, now=now
        )


def close(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """Close the vote."""
    board.close(thread.motion, by=by, now=now)


def recuse(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """Step aside, with a `reason`."""
    board.recuse(thread.item_id, reason=step["reason"], by=by, now=now)


def meet_condition(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """Condition `number` is met; `evidence` shows it."""
    asked = select(Condition).where(Condition.item_id == thread.item_id).order_by(Condition.id)
    condition = db.session.scalars(asked.offset(step["number"] - 1).limit(1)).one()
    conditions.verify(condition, evidence=step["evidence"], by=by, now=now)


def acknowledge(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """The traveller reads every guide the trip asks for, and answers its questions."""
    (trip,) = _trips(thread, by.id)
    for version in acknowledgements.owed(trip):
        acknowledgements.acknowledge(
            trip, version.id, version.sha256, ticked=range(len(version.content["must_know"])),
            answers={place: check["answer"] for place, check in enumerate(version.content["check"])}, by=by, now=now,
        )  # fmt: skip


def clearance(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """An outside answer for everybody of the party, or for `by` alone when it is a traveller's own trip."""
    status = ClearanceStatus(step["status"])
    answer = trips.Recorded(
        kind=ClearanceKind.COUNTRY, country_code=step["country"], status=status, reference=step.get("reference", ""),
        decided_on=None if status is ClearanceStatus.REQUESTED else sessions.office_day(now, str(thread.stage.zone)),
        restriction=step.get("restriction", ""),
    )  # fmt: skip
    for trip in _trips(thread, by.id) or _trips(thread):
        trips.record_clearance(trip, answer, by=by, now=now)


def check_in(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """A traveller's word from the way: well, or in need of help, with a `note` perhaps."""
    (trip,) = _trips(thread, by.id)
    check_ins.check_in(trip, well=not step.get("help", False), note=step.get("note", ""), by=by, now=now)


def contact(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """Whom to call for the traveller: `name`, `phone`, `relation`."""
    (trip,) = _trips(thread, by.id)
    emergency_contacts.keep(
        trip, name=step["name"], phone=step["phone"], relation=step["relation"], by=by, now=now, today=_day(thread, now)
    )


def borrow(thread: Thread, step: Step, by: Actor, now: datetime) -> None:
    """The traveller asks for a `device`; with a `tag` the `reviewer` hands it out at once."""
    (trip,) = _trips(thread, by.id)
    today = _day(thread, now)
    loan = loans.ask(trip, Device(step["device"]), by=by, now=now, today=today)
    if "tag" in step:
        loans.issue(loan.id, step["tag"], by=thread.stage.actor(step["reviewer"], now), now=now, today=today)


def _day(thread: Thread, now: datetime) -> date:
    return sessions.office_day(now, str(thread.stage.zone))


def _trips(thread: Thread, person_id: int | None = None) -> list[Trip]:
    found = select(Trip).where(Trip.engagement_id == thread.item_id).order_by(Trip.id)
    return list(db.session.scalars(found if person_id is None else found.where(Trip.person_id == person_id)))


ACTS: Mapping[str, Callable[[Thread, Step, Actor, datetime], None]] = MappingProxyType({
    "draft": draft,
    "revise": revise,
    "submit": submit,
    "return": move(Action.RETURN),
    "place": place,
    "withdraw": move(Action.WITHDRAW),
    "motion": motion,
    "vote": vote,
    "close": close,
    "recuse": recuse,
    "meet_condition": meet_condition,
    "acknowledge": acknowledge,
    "clearance": clearance,
    "check_in": check_in,
    "contact": contact,
    "borrow": borrow,
})
