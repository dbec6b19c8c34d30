"""The only place that carries messages from the outbox to the mail server: each one claimed, sent, settled alone.

A message is claimed and that is committed before anything is sent, so that no two runners send it; its fate is
committed before the next one goes. So each goes at least once, and twice only when a runner dies, or the
server's answer is lost, between the server's taking it and our noting it; both then carry one Message-ID.
"""

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from engage.config import Settings
from engage.documents import letters
from engage.jobs.smtp import Line, Refused, ServerUnwell, TryLater, house, letter
from engage.models.outbox import Delivery
from engage.services import outbox, reminders
from engage.services.transaction import begin_reading, transaction

log = logging.getLogger("engage.mail")

BATCH = 50  # messages claimed together and sent over one connection
LEASE = timedelta(minutes=5)  # how long a claim holds; what is not sent well before its end is handed back
MARGIN = 0.3  # of the lease: no message is begun in its last part, for one may take several time-outs
FIRST_PAUSE = timedelta(minutes=1)  # before a second attempt; each further pause is four times the last
LONGEST_PAUSE = timedelta(hours=12)  # with 8 attempts: a message is given up after about a day and a half
SERVER_PAUSE = timedelta(minutes=1)  # while the server is unwell, and it counts against nobody


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

    def deliver(self) -> int:
        """Send what is due until nothing is, or the server is unwell; gives how many the server took.

        Without a mail server nothing happens: messages wait in the inbox.
        """
        sent = 0
        while self.settings.mail is not None and not self.stopping():
            began = self.clock()
            with transaction():
                claimed = outbox.claim(self.holder, now=began, limit=self.batch, lease=self.lease)
            if not claimed:
                break
            taken, well = self._send(claimed, until=began + self.lease * (1 - MARGIN))
            sent += taken
            if not well:
                break
        return sent

    def _send(self, claimed: list[Row], *, until: datetime) -> tuple[int, bool]:
        """How many of these the server took, and whether it is well."""
        assert self.settings.mail is not None  # noqa: S101  deliver() asked
        taken, problem = 0, ""
        with Line(self.settings.mail, house(self.settings.url)) as line:
            for message in self._still_wanted(claimed):
                if problem:
                    self._hand_back(message, problem, self.clock() + self._about(SERVER_PAUSE))
                elif self.stopping() or self.clock() > until:
                    self._hand_back(message, "", self.clock())
                else:
                    try:
                        taken += self._one(line, message)
                    except ServerUnwell as unwell:
                        problem = str(unwell)
                        log.warning("%s", problem)
                        self._hand_back(message, problem, self.clock() + self._about(SERVER_PAUSE))
        return taken, not problem

    def _still_wanted(self, claimed: list[Row]) -> Iterator[Row]:
        """Those still worth sending; a reminder of what was done meanwhile is not, nor one to somebody who left."""
        begin_reading()
        closed = reminders.closed(claimed, now=self.clock())
        for message in claimed:
            if message.disabled_at is not None:
                self._settle(message, Delivery.SUPPRESSED, "The person's account is disabled.")
            elif message.id in closed:
                self._settle(message, Delivery.SUPPRESSED, "It was done, or its day moved, before this was sent.")
            else:
                yield message

    def _one(self, line: Line, message: Row) -> bool:
        """Send one message and commit its fate; gives whether the server took it. Raises ServerUnwell."""
        try:
            line.send(self._letter(message))
        except (Refused, letters.CannotBeWritten) as refusal:
            log.warning("message %s is refused: %s", message.id, refusal)
            self._settle(message, Delivery.REFUSED, str(refusal))
        except ServerUnwell:
            raise
        except TryLater as trouble:
            self._try_later(message, str(trouble))
        except Exception as unforeseen:  # a poisoned message stops nobody behind it
            log.exception("message %s cannot be sent", message.id)
            self._try_later(message, f"{type(unforeseen).__name__}: {unforeseen}")
        else:
            self._settle(message, Delivery.SENT)
            return True
        return False

    def _letter(self, message: Row) -> Any:
        leads_to = letters.path(message.facts, message.about_kind, message.about_id)
        return letter(
            key=message.key,
            to=(message.name, message.email),
            subject=message.subject,
            text=letters.text(message.template, message.facts, person_name=message.name, leads_to=leads_to),
            posted_at=message.posted_at,
            url=self.settings.url,
        )

    def _try_later(self, message: Row, why: str) -> None:
        if message.attempts >= outbox.MOST_ATTEMPTS:
            log.warning("message %s is given up: %s", message.id, why)
            self._settle(message, Delivery.PARKED, f"Given up after {message.attempts} attempts. {why}")
            return
        pause = min(FIRST_PAUSE * 4 ** (message.attempts - 1), LONGEST_PAUSE)
        self._settle(message, Delivery.QUEUED, why, due=self.clock() + self._about(pause))

    def _hand_back(self, message: Row, why: str, due: datetime) -> None:
        self._settle(message, Delivery.QUEUED, why, due=due, counted=False)

    def _settle(self, message: Row, delivery: Delivery, why: str = "", **more: Any) -> None:
        with transaction():
            kept = outbox.settle(
                message.id, holder=self.holder, delivery=delivery, now=self.clock(), why=why, **more
            )
        if not kept:
            log.warning("message %s was claimed by another meanwhile", message.id)

    def _about(self, pause: timedelta) -> timedelta:
        """`pause`, give or take a quarter, so that what failed together does not come back together."""
        return pause * self.chance.uniform(0.75, 1.25)
