"""The only writer of guide versions put before the board; approved, they are published by services.guidance."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engage.extensions import db
from engage.models.engagements import Item
from engage.models.matters import GuideProposal
from engage.rules.asking import Asks
from engage.rules.guide_changes import Mark
from engage.rules.policy import Actor, Do, Subject, may
from engage.rules.refusals import Incomplete, NotAllowed, NotOpen, Stale
from engage.rules.workflow import EDITABLE
from engage.services import audit, guidance, states


def propose(
    guide_id: int, heading: str, content: Mapping[str, Any], *, based_on: int, material: bool = True,
    marks: Mapping[str, Mark] | None = None, note: str, by: Actor, now: datetime,
) -> GuideProposal:  # fmt: skip
    """Draft a new version of a guide for the board. What it must say is what publishing asks (guidance.publish).

    `based_on` is the id of the version whose text was edited. Raises NotAllowed, Stale or Incomplete.
    """
    if not may(by, Do.PROPOSE_GUIDE):
        raise NotAllowed("Only content owners put guides before the board.")
    newest, material, marks = guidance.sound(
        guide_id, heading, content, based_on=based_on, material=material, marks=marks, note=note
    )
    made = GuideProposal(
        title=f"Guide: {heading}"[:200], asks=Asks.DECISION, requester_id=by.id, guide_id=guide_id,
        based_on_id=newest.id, heading=heading, content=dict(content), material=material, marks=_plain(marks),
        note=note,
    )  # fmt: skip
    states.begin(made, by=by, now=now, kind=made.kind, guide=guide_id, based_on=newest.number)
    return made


def revise(
    proposal: GuideProposal, subject: Subject, version: int, heading: str, content: Mapping[str, Any], *, based_on: int,
    material: bool = True, marks: Mapping[str, Mark] | None = None, note: str, by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Write over a draft, or what was returned. `version` is the one that was read.

    Raises NotAllowed, NotOpen, Stale or Incomplete.
    """
    if not may(by, Do.EDIT, subject):
        raise NotAllowed("Only whoever proposed it may change what it says.")
    states.hold(proposal)
    if proposal.state not in EDITABLE:
        raise NotOpen(f"This cannot be changed now: it is {proposal.state.label.lower()}.")
    if proposal.version != version:
        raise Stale("Somebody saved this while you were writing, so your text was not saved.")
    newest, material, marks = guidance.sound(
        proposal.guide_id, heading, content, based_on=based_on, material=material, marks=marks, note=note
    )
    proposal.title, proposal.heading, proposal.content = f"Guide: {heading}"[:200], heading, dict(content)
    proposal.based_on_id, proposal.material, proposal.marks, proposal.note = newest.id, material, _plain(marks), note
    db.session.flush()
    audit.record("revise", about=("item", proposal.id), by=by, now=now, version=proposal.version)


def judge(content: dict[str, Any], today: date) -> tuple[dict[str, str], dict[str, Any]]:
    """What keeps a guide version from being submitted: another was published since it was written."""
    newest = guidance.current(content["guide"]["id"])
    if newest is None or newest.number != content["guide"]["version"]:
        return {"heading": "The guide was published anew meanwhile: change yours to build on that version."}, {}
    return {}, {}


def publish(item: Item, *, by: Actor, now: datetime) -> None:
    """Publish what the board approved. Raises Stale when the guide was published anew since it was proposed."""
    proposal = db.session.get_one(GuideProposal, item.id)
    try:
        version = guidance.publish_approved(
            proposal.guide_id, proposal.heading, proposal.content, based_on=proposal.based_on_id,
            material=proposal.material, marks=_marks(proposal.marks), note=proposal.note, by=by, now=now,
        )  # fmt: skip
    except (Stale, Incomplete) as refusal:
        raise Stale(
            "The guide was published anew since this version was written, so it cannot take its place. "
            "Return it to its owner."
        ) from refusal
    proposal.published_id = version.id
    db.session.flush()


def _plain(marks: Mapping[str, Mark] | None) -> dict[str, str] | None:
    return None if marks is None else {part: mark.value for part, mark in marks.items()}


def _marks(plain: Mapping[str, str] | None) -> dict[str, Mark] | None:
    return None if plain is None else {part: Mark(mark) for part, mark in plain.items()}
