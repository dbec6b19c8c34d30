"""The only place that carries messages from the outbox to the mail server: each one claimed, sent, settled alone.

A message is claimed and that is committed before anything is sent, so that no two runners send it; its fate is
committed before the next one goes. So each goes at least once, and twice only when a runner dies, or the
server's answer is lost, between the server's taking it and our noting it; both then carry one Message-ID.
"""

import logging
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Protocol

from sqlalchemy import Row
from sqlalchemy.exc import InterfaceError, OperationalError

from engage.config import Settings
from engage.documents import letters, mails
from engage.documents.mime import Posted, Unaddressable
from engage.extensions import db
from engage.jobs.fates import Fates
from engage.jobs.smtp import Line, Refused, ServerUnwell, TryLater
from engage.models.outbox import Delivery
from engage.services import digests, norms, outbox, reminders
from engage.services.sessions import office_day
from engage.services.transaction import begin_reading, transaction

log = logging.getLogger("engage.mail")

BATCH = 100  # messages claimed together and sent over one connection
LEASE = timedelta(minutes=5)  # how long a claim holds; what is not sent well before its end is handed back
MARGIN = 0.3  # of the lease: no message is begun in its last part, for one may take several time-outs
FIRST_PAUSE = timedelta(minutes=1)  # before a second attempt; each further pause is four times the last
LONGEST_PAUSE = timedelta(hours=12)  # with 8 attempts: a message is given up after about a day and a half
SERVER_PAUSE = timedelta(minutes=1)  # while the server is unwell, and it counts against nobody


class Way(Protocol):
    """How a mail leaves: a line to the mail server, or what a measurement puts in its place."""

    def __enter__(self) -> "Way": ...
    def __exit__(self, *problem: object) -> None: ...
    def send(self, write: Callable[[], Posted], before: Callable[[], None], meanwhile: Callable[[], None]) -> None:
        """Hand over the mail that `write` gives: `before` it goes is called, and `meanwhile` while it is taken.

        Raises ServerUnwell, TryLater or Refused.
        """


@dataclass
class Carrier:
    """One runner's way of sending. `clock` gives aware UTC; once `stopping` says so, no further message is begun."""

    settings: Settings
    holder: str
    clock: Callable[[], datetime]
    stopping: Callable[[], bool] = lambda: False
    batch: int = BATCH
    lease: timedelta = LEASE
    chance: random.Random = field(default_factory=random.SystemRandom)
    way: Callable[[], Way] | None = None  # None: a line to the mail server of the settings
    most_attempts: int = outbox.MOST_ATTEMPTS

    def deliver(self) -> int:
        """Send what is due until nothing is, or the server is unwell; gives how many the server took.

        Without a mail server nothing happens: messages wait in the inbox.
        """
        sent = 0
        if self.settings.mail is None and self.way is None:
            return sent
        today = office_day(self.clock(), self.settings.home_zone)
        self.most_attempts = max(1, norms.on(today, {"mail_attempts": outbox.MOST_ATTEMPTS})["mail_attempts"])
        db.session.rollback()
        while not self.stopping():
            began = self.clock()
            with transaction():
                claimed = outbox.claim(
                    self.holder, now=began, limit=self.batch, lease=self.lease, most_attempts=self.most_attempts
                )
            if not claimed:
                break
            taken, well = self._send(claimed, until=began + self.lease * (1 - MARGIN))
            sent += taken
            if not well:
                break
        return sent

    def _send(self, claimed: list[Row], *, until: datetime) -> tuple[int, bool]:
        """How many of these the server took, and whether it is well."""
        taken, problem = 0, ""
        with self._way() as way, Fates(self.holder, self.clock, self.lease) as settle:
            pens = [_Pen(message, facts) for message, facts in self._still_wanted(claimed, settle)]
            for pen, after in zip_longest(pens, pens[1:]):
                message = pen.message
                if problem:
                    self._hand_back(settle, message, problem, self.clock() + self._about(SERVER_PAUSE))
                elif self.stopping() or self.clock() > until:
                    self._hand_back(settle, message, "", self.clock())
                else:
                    try:
                        taken += self._one(way, settle, pen, after)
                    except ServerUnwell as unwell:
                        problem = str(unwell)
                        log.warning("%s", problem)
                        self._hand_back(settle, message, problem, self.clock() + self._about(SERVER_PAUSE))
        return taken, not problem

    def _way(self) -> Way:
        if self.way is not None:
            return self.way()
        assert self.settings.mail is not None  # noqa: S101  deliver() asked
        return Line(self.settings.mail, self.settings.house)

    def _still_wanted(self, claimed: list[Row], settle: Fates) -> Iterator[tuple[Row, dict[str, Any]]]:
        """Those still worth sending, with what they say; a reminder of what was done meanwhile is not, nor a digest
        of such, nor anything to somebody who left.
        """
        begin_reading()
        now = self.clock()
        closed = reminders.closed(claimed, now=now)
        said = digests.contents([message.id for message in claimed if message.template == digests.TEMPLATE], now=now)
        db.session.rollback()  # nothing is held while mail goes
        for message in claimed:
            if message.disabled_at is not None:
                settle(message, Delivery.SUPPRESSED, "The person's account is disabled.")
            elif message.id in closed or said.get(message.id) == []:
                settle(message, Delivery.SUPPRESSED, "It was done, or its day moved, before this was sent.")
            else:
                yield message, {"carried": said[message.id]} if message.id in said else message.facts

    def _one(self, way: Way, settle: Fates, pen: "_Pen", after: "_Pen | None") -> bool:
        """Send one message and tell its fate; gives whether the server took it. Raises ServerUnwell.

        The one before is noted before this one is handed over, and the one `after` written while the server
        takes this one.
        """
        message = pen.message
        try:
            way.send(pen.write, settle.noted, after.ahead if after else _nothing)
        except (Refused, Unaddressable, letters.CannotBeWritten) as refusal:
            log.warning("message %s is refused: %s", message.id, refusal)
            settle(message, Delivery.REFUSED, str(refusal))
        except (ServerUnwell, InterfaceError, OperationalError):  # no fault of this message
            raise
        except TryLater as trouble:
            self._try_later(settle, message, str(trouble))
        except Exception as unforeseen:  # a poisoned message stops nobody behind it
            log.exception("message %s cannot be sent", message.id)
            self._try_later(settle, message, f"{type(unforeseen).__name__}: {unforeseen}")
        else:
            settle(message, Delivery.SENT)
            return True
        return False

    def _try_later(self, settle: Fates, message: Row, why: str) -> None:
        if message.attempts >= self.most_attempts:
            log.warning("message %s is given up: %s", message.id, why)
            settle(message, Delivery.PARKED, f"Given up after {message.attempts} attempts. {why}")
            return
        pause = min(FIRST_PAUSE * 4 ** min(message.attempts - 1, 9), LONGEST_PAUSE)
        settle(message, Delivery.QUEUED, why, due=self.clock() + self._about(pause))

    def _hand_back(self, settle: Fates, message: Row, why: str, due: datetime) -> None:
        settle(message, Delivery.QUEUED, why, due=due, counted=False)

    def _about(self, pause: timedelta) -> timedelta:
        """`pause`, give or take a quarter, so that what failed together does not come back together."""
        return pause * self.chance.uniform(0.75, 1.25)


class _Pen:
    """Writes one mail, ahead of its turn where there is time for it; what goes wrong is said when its turn comes."""

    def __init__(self, message: Row, facts: dict[str, Any]) -> None:
        self.message, self._facts = message, facts
        self._written: Posted | None = None

    def write(self) -> Posted:
        """The mail as the server takes it. Raises letters.CannotBeWritten or Unaddressable."""
        if self._written is None:
            self._written = mails.mail(self.message, self._facts).posted()
        return self._written

    def ahead(self) -> None:
        """Write it now; a failure is met again, and told, in its turn."""
        with suppress(Exception):
            self.write()


def _nothing() -> None:
    """The last mail has none after it."""
