"""The part of the story about partners: agreements, one of them about to expire, contacts, two that may be one."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from engage.extensions import db
from engage.models.partners import Partner
from engage.rules.follows import Followed
from engage.rules.marking import Marking
from engage.rules.partners import AgreementKind
from engage.seed.demonstration.stage import Stage
from engage.services import agreements, follows, partner_contacts, partners
from engage.services.agreements import Said

Scene = tuple[datetime, Callable[[datetime], Any]]
PARTNER = "SK-CERT"


def scenes(stage: Stage) -> Iterator[Scene]:
    """What the secretariat wrote down of one partner; and a second entry of it that somebody made by mistake."""
    yield stage.moment(120, 5), partial(_agreements, stage)
    yield stage.moment(60, 5), partial(_contacts, stage)
    yield stage.moment(12, 6), partial(_double, stage)
    yield stage.moment(11, 6), partial(_follow, stage)


def _partner() -> Partner:
    return db.session.scalars(select(Partner).where(Partner.short_name == PARTNER).order_by(Partner.id)).all()[0]


def _agreements(stage: Stage, now: datetime) -> None:
    by, partner_id, owner = stage.actor("secretariat", now), _partner().id, stage.people["requester"]
    year = timedelta(days=365)
    for kind, title, reference, marking, signed_on, expires_on in (
        (AgreementKind.MEMORANDUM, "Memorandum on joint exercises", "MOU-114", Marking.GREEN,
         stage.today - 3 * year, stage.today + timedelta(days=41)),
        (AgreementKind.SHARING, "Exchange of indicators", "ARR-31", Marking.AMBER,
         stage.today - 2 * year, stage.today + 2 * year),
        (AgreementKind.CONFIDENTIALITY, "Handling of what is shared", "ARR-32", Marking.GREEN,
         stage.today - 2 * year, None),
    ):  # fmt: skip
        said = Said(kind, title, reference, marking, owner, signed_on, expires_on)
        agreements.write_down(partner_id, said, by=by, now=now)


def _contacts(stage: Stage, now: datetime) -> None:
    by, partner_id, day = stage.actor("secretariat", now), _partner().id, stage.day(60)
    for name, role, address, purpose, days in (
        ("Jana Novotná", "International relations", "international@sk-cert.example", "Visits and exercises", 300),
        ("Duty desk", "Round-the-clock desk", "+421 2 0000 0000", "Urgent exchange", 180),
    ):
        partner_contacts.keep(
            partner_id, name=name, role=role, work_address=address, purpose=purpose,
            delete_on=day + timedelta(days=days), by=by, now=now, today=day,
        )  # fmt: skip


def _double(stage: Stage, now: datetime) -> None:
    """Somebody did not find it, and wrote it down again, with whom they had met."""
    known, by, day = _partner(), stage.actor("secretariat", now), stage.day(12)
    again = partners.add(
        partners.Said(
            "National Cyber Security Centre SK-CERT of Slovakia", PARTNER, known.country_code, known.kind, "unknown",
            known.url, "",
        ),
        by=by, now=now,
    )  # fmt: skip
    partner_contacts.keep(
        again.id, name="Peter Hruška", role="Exercises", work_address="exercises@sk-cert.example",
        purpose="The visit in spring", delete_on=day + timedelta(days=120), by=by, now=now, today=day,
    )  # fmt: skip
    said = Said(
        AgreementKind.OTHER, "Letter on the visit in spring", "", Marking.GREEN, stage.people["requester"], day,
        day + timedelta(days=200),
    )  # fmt: skip
    agreements.write_down(again.id, said, by=by, now=now)


def _follow(stage: Stage, now: datetime) -> None:
    for name, kind, key in (
        ("leadership", Followed.PARTNER, _partner().id), ("requester", Followed.COUNTRY, "EE"),
    ):  # fmt: skip
        follows.follow(kind, key, by=stage.actor(name, now), now=now)
