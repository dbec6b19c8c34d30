"""The only place for the trail's trials: random tamperings, and how fast a long one is verified."""

import random
import time
from collections.abc import Iterator
from datetime import timedelta

import factories as make
import sqlalchemy as sa

from engage.extensions import db
from engage.models.audit import AuditEvent, AuditHead
from engage.rules.policy import Actor
from engage.services import audit
from engage.services.transaction import transaction
from tests.services.test_audit import TABLE, acts, any_tampering, first_line, restore, tamper
from tests.soak.stage import Finding, Stage

AT_ONCE = 10_000  # lines of one transaction


def run(stage: Stage, tamperings: int, lines: int) -> Iterator[Finding]:
    """Tamper, verify and put back; then walk along a long trail."""
    with stage.anew():
        yield tampered(tamperings)
    with stage.anew():
        yield walked(lines)


def tampered(times: int) -> Finding:
    """How many tamperings are seen, and named at the first line that they spoilt."""
    acts()
    first, dice, missed = first_line(), random.Random(20260302), []
    kept = [dict(row) for row in db.session.execute(sa.select(TABLE)).mappings()]
    head = dict(db.session.execute(sa.select(AuditHead.__table__)).mappings().one())
    for _ in range(times):
        name, deed, bad = any_tampering(dice, first)
        tamper(deed)
        if audit.verify(batch=dice.choice([3, 5000])).first_bad_id != bad:
            missed.append(name)
        tamper(lambda connection: restore(connection, kept, head))
    whole = audit.verify().first_bad_id is None
    return Finding(
        "trail: random tamperings", "1,000 done, 1,000 seen, first bad line named", f"{times}",
        f"{times - len(missed)} seen and named" + "".join(f"; missed: {name}" for name in missed[:3]),
        not missed and whole,
    )  # fmt: skip


def walked(lines: int) -> Finding:
    """The rate at which a trail of `lines` is verified."""
    for begin in range(0, lines, AT_ONCE):
        with transaction():
            for number in range(begin, min(begin + AT_ONCE, lines)):
                now = make.NOON + timedelta(seconds=number)
                audit.record("draft", about=("item", number), by=Actor(), now=now, before="", after="draft", reason="")
    db.session.expire_all()
    began = time.monotonic()
    found = audit.verify()
    rate = found.lines / (time.monotonic() - began)
    there = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent))
    return Finding(
        "trail: verify", "20,000 lines/s, of 1,000,000", f"{lines:,} lines", f"{rate:,.0f} lines/s",
        found.first_bad_id is None and found.lines == there == lines and rate >= 20_000,
    )  # fmt: skip
