"""A real mail server on a free port of this machine, which a test can make unwell."""

import asyncio
import email
import email.policy
import re
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)
DROP = "drop"  # close the line instead of answering
HANG = "hang"  # never answer


class PostOffice:
    """Takes every mail, unless told to answer otherwise: to the sender, to a recipient at RCPT or after DATA.

    It has methods and no properties: aiosmtpd asks its handler for every attribute at every connection.
    """

    def __init__(self) -> None:
        self.contents: list[bytes] = []
        self.lines = 0  # connections that said hello
        self.at_sender: str | None = None
        self.at_rcpt: dict[str, str] = {}
        self.after_data: dict[str, str] = {}
        self.when_taken: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def taken(self) -> list[EmailMessage]:
        """Every mail that was taken, in its order."""
        with self._lock:
            return [email.message_from_bytes(it, policy=email.policy.default) for it in self.contents]  # type: ignore[misc]

    def subjects(self) -> Counter[str]:
        """How often each subject arrived."""
        return Counter(mail["Subject"] for mail in self.taken())

    def ids(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        with self._lock:
            return Counter(MESSAGE_ID.search(it)[1].decode() for it in self.contents)  # type: ignore[index]

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, said: list[str]
    ) -> list[str]:
        self.lines += 1
        session.host_name = name
        return said

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if self.at_sender:
            return self.at_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if address in self.at_rcpt:
            return self.at_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.after_data.get(envelope.rcpt_tos[0], "250 taken")
        if answer == DROP:
            server.transport.abort()
            return "250 nobody hears this"
        if answer == HANG:
            await asyncio.Event().wait()
        if answer.startswith("250"):
            with self._lock:
                self.contents.append(envelope.content)  # read later: the server keeps up with its clients
            self.when_taken()
        return answer


@contextmanager
def open_office(
    tls: ssl.SSLContext | None = None, office: PostOffice | None = None, **options: Any
) -> Iterator[tuple[PostOffice, int]]:
    """A mail server and its port; it closes at the end. `tls`: from the first byte; `options` are aiosmtpd's."""
    office = office or PostOffice()
    loop = asyncio.new_event_loop()

    async def start() -> asyncio.Server:
        def answer() -> SMTP:
            return SMTP(office, hostname="localhost", loop=loop, **options)

        return await loop.create_server(answer, "127.0.0.1", 0, ssl=tls)

    async def end(server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield office, server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
