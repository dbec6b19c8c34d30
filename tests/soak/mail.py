"""The only place for the mail's trials: many due, two runners killed again and again, a mail server that is unwell."""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from engage.extensions import db
from engage.models.outbox import Delivery
from tests.jobs.post_office import MESSAGE_ID, PostOffice, open_office
from tests.jobs.test_two_runners import RUNNER, deliveries, owe
from tests.soak.stage import Finding, Stage, wait_for

HURRIED = """
from datetime import timedelta
from engage.jobs import mail
mail.FIRST_PAUSE = mail.SERVER_PAUSE = timedelta(seconds=0.2)
"""
FAULTS = {"": 95, "later": 2, "broken off": 1, "reply lost": 2}  # in a hundred mails
MOST_SECONDS = 300  # for everything to arrive, once the killing is over


class UnwellOffice(PostOffice):
    """Now and then asks to come again, breaks off, or takes the mail and breaks off before it says so."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice
        self.unanswered: Counter[str] = Counter()  # how often each was taken without our hearing of it

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        (fault,) = self.dice.choices(list(FAULTS), list(FAULTS.values()))
        if fault == "later":
            return "451 4.3.0 come again"
        if fault != "broken off":
            answer = await super().handle_DATA(server, session, envelope)
            if fault == "":
                return answer
            self.unanswered[name(envelope)] += 1
        server.transport.abort()
        return "250 nobody hears this"


def name(envelope: Envelope) -> str:
    """The Message-ID of the mail in hand."""
    found = MESSAGE_ID.search(envelope.content)
    return found[1].decode() if found else ""


def run(stage: Stage, number: int, kills: int) -> Iterator[Finding]:
    """Let two runners send, kill one after the other, and count what arrived."""
    office = UnwellOffice(random.Random(20260302))
    with stage.anew(), open_office(office=office) as (_, port):
        owe(db.session, number)
        db.session.remove()
        runners = [start(stage, port), start(stage, port)]
        try:
            for turn in range(kills):
                mark = len(office.contents) + max(1, number // (kills + 1) - 1)
                wait_for(lambda: len(office.contents) >= min(mark, number), 60, "mail to arrive")  # noqa: B023
                runners[turn % 2].kill()
                runners[turn % 2].wait()
                runners[turn % 2] = start(stage, port)
            wait_for(lambda: settled(number), MOST_SECONDS, "everything to arrive")
        finally:
            for runner in runners:
                runner.terminate()
            for runner in runners:
                runner.wait(30)
        found, arrived = deliveries(db.session), office.ids()
    twice = Counter({one: count - 1 for one, count in arrived.items() if count > 1})
    unexplained = (twice - office.unanswered).total()  # handed over by one who was killed before noting it
    yield Finding(
        "mail: two runners, kill -9, SMTP faults",
        "5,000 due, 100 kills: 5,000 delivered, zero lost, twice only where a reply was lost, one Message-ID",
        f"{number} due, {kills} kills",
        f"{len(arrived)} delivered, {number - len(arrived)} lost, {twice.total()} twice: "
        f"{twice.total() - unexplained} after a lost reply, {unexplained} after a kill",
        len(arrived) == number and found == {Delivery.SENT: number} and unexplained <= kills,
    )  # fmt: skip


def start(stage: Stage, port: int) -> "subprocess.Popen[Any]":
    """A job runner of its own process, in a hurry."""
    with (stage.folder / "runner.log").open("a") as log:
        return subprocess.Popen([sys.executable, "-c", HURRIED + RUNNER, stage.url, str(port)], stdout=log, stderr=log)


def settled(number: int) -> bool:
    """Whether every message was posted and has met its fate."""
    found = deliveries(db.session)
    open_ones = found.get(Delivery.QUEUED, 0) + found.get(Delivery.CLAIMED, 0)
    return not open_ones and sum(found.values()) >= number
