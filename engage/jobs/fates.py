"""The only place that notes what became of each message, one by one, beside the talk with the mail server."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import Row
from sqlalchemy.exc import InterfaceError, OperationalError

from engage.models.outbox import Delivery
from engage.services import outbox
from engage.services.transaction import statements_alone

log = logging.getLogger("engage.mail")

DATABASE_PAUSE_SECONDS = 0.5  # between attempts to note a fate while the database is away


class Fates:
    """Notes each fate by itself, in its order, on a thread and a connection of its own; `noted()` waits for the last.

    So the next message may be announced to the mail server meanwhile, and is handed over only when the last is
    noted. A database that went away is asked again until the claim lapses: what the server took must not go twice
    because we could not write it down.
    """

    def __init__(self, holder: str, clock: Callable[[], datetime], lease: timedelta) -> None:
        self._holder, self._clock, self._lapses = holder, clock, time.monotonic() + lease.total_seconds()
        self._hand = ThreadPoolExecutor(1, "fates")
        self._here = copy_context()  # the application, for the thread
        self._last: Future[None] | None = None
        self._alone: Any = None
        self._execute: Callable[..., Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        try:
            self.noted()
        finally:
            self._hand.submit(self._here.run, self._let_go)
            self._hand.shutdown()

    def __call__(self, message: Row, delivery: Delivery, why: str = "", **more: Any) -> None:
        """Begin to note a fate, once the one before is noted. Raises what kept that one from being noted."""
        self.noted()
        self._last = self._hand.submit(self._here.run, self._note, message, delivery, why, self._clock(), more)

    def noted(self) -> None:
        """Wait until every fate told so far is noted. Raises what kept the last from it."""
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def _note(self, message: Row, delivery: Delivery, why: str, now: datetime, more: dict[str, Any]) -> None:
        while True:
            try:
                if self._execute is None:
                    self._alone = statements_alone()
                    self._execute = self._alone.__enter__()
                kept = outbox.settle(
                    message.id, holder=self._holder, delivery=delivery, now=now, why=why, execute=self._execute, **more
                )
                break
            except (InterfaceError, OperationalError):
                self._let_go()
                if time.monotonic() >= self._lapses:
                    raise
                log.warning("message %s: the database is away; its fate is noted when it is back", message.id)
                time.sleep(DATABASE_PAUSE_SECONDS)
        if not kept:
            log.warning("message %s was claimed by another meanwhile", message.id)

    def _let_go(self) -> None:
        alone, self._alone, self._execute = self._alone, None, None
        if alone is not None:
            try:
                alone.__exit__(None, None, None)
            except (InterfaceError, OperationalError):
                log.warning("a connection to the database was lost")
