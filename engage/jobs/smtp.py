"""The only place that speaks to the mail server."""

import smtplib
import ssl
from collections.abc import Callable
from typing import Self

from engage.documents.mime import Posted
from engage.environment import MailServer

TIMEOUT_SECONDS = 10.0  # of each word from the server


class ServerUnwell(Exception):
    """The server cannot be reached, or takes nothing from us: no fault of any one message."""


class TryLater(Exception):
    """The server did not take this message now, but may later."""


class Refused(Exception):
    """The server will never take this message."""


class Line:
    """One connection to the mail server, opened when first needed, and again after it broke."""

    def __init__(self, server: MailServer, name: str) -> None:
        self.server, self.name = server, name
        self._line: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        if self._line is not None:
            try:
                self._line.quit()
            except (smtplib.SMTPException, OSError):
                self._drop()

    def send(self, write: Callable[[], Posted], before: Callable[[], None], meanwhile: Callable[[], None]) -> None:
        """Hand over one mail. Raises ServerUnwell, TryLater or Refused when the server did not take it.

        `before` is called once the server awaits the mail's words, and `meanwhile` while it takes them.
        """
        mail = write()
        line = self._begin(mail.sender)
        try:
            code, answer = line.rcpt(mail.recipient)
            if code in (250, 251):
                code, answer = line.docmd("DATA")
                if code == 354:
                    self._first(before)
                    line.send(mail.stuffed)
                    meanwhile()
                    code, answer = line.getreply()
        except (smtplib.SMTPException, OSError) as broken:
            self._drop()
            raise TryLater(f"The line broke: {_words(broken)}") from broken
        except ValueError as wrong:
            self._drop()
            raise Refused(f"The mail cannot be written: {wrong}") from wrong
        if code != 250:
            self._start_over()
            raise (Refused if code // 100 == 5 else TryLater)(_said(code, answer))

    def _first(self, before: Callable[[], None]) -> None:
        """Do what must be done before; if it cannot be, the server hears no more of this mail."""
        try:
            before()
        except BaseException:
            self._drop()
            raise

    def _begin(self, sender: str) -> smtplib.SMTP:
        """A line on which the server awaits a mail of ours; one that was open but went dead is opened anew, once."""
        for last in (self._line is None, True):
            line = self._line or self._open()
            try:
                code, answer = line.mail(sender)
                if code == 250:
                    return line
                problem = _said(code, answer)
            except (smtplib.SMTPException, OSError) as broken:
                problem = _words(broken)
            self._drop()
            if last:
                break
        raise ServerUnwell(f"The mail server takes nothing from us: {problem}")

    def _start_over(self) -> None:
        """Make the line ready for the next mail after a refusal."""
        try:
            if self._line is not None:
                self._line.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _open(self) -> smtplib.SMTP:
        server = self.server
        try:
            if server.tls:
                line: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host, server.port, self.name, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
                )
            else:
                line = smtplib.SMTP(server.host, server.port, self.name, timeout=TIMEOUT_SECONDS)
            self._line = line
            if server.starttls:
                line.starttls(context=ssl.create_default_context())
            if server.user:
                line.login(server.user, server.password)
            line.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError) as broken:
            self._drop()
            raise ServerUnwell(f"The mail server cannot be used: {_words(broken)}") from broken
        return line

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _said(code: object, answer: object) -> str:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return f"{code} {words}"


def _words(error: Exception) -> str:
    """What went wrong, never with the password that an exception of `login` might quote."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return str(error) or type(error).__name__
