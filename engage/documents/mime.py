"""The only place where a letter becomes the bytes that a mail server takes: headers, text, HTML, what is attached."""

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry
from email.policy import SMTP
from functools import lru_cache

POLICY = SMTP.clone(cte_type="7bit")  # every server takes it
LINE = 76  # characters of a header that needs no folding, its name included
_REGISTRY = HeaderRegistry()
_END = "\r\n"


class Unaddressable(Exception):
    """A header cannot stand: a line break in it, or an address that is none. `str()` says which."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    kind: str  # such as "text/calendar; method=PUBLISH; charset=utf-8"
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything of one mail. `sender` and `to` are (name, address); `headers` have names and values of our own."""

    sender: tuple[str, str]
    to: tuple[str, str]
    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str = ""
    attached: tuple[Attachment, ...] = field(default=())

    def posted(self) -> "Posted":
        """The mail with its envelope, as a mail server takes it. Raises Unaddressable."""
        return Posted(self.sender[1], self.to[1], self.as_bytes())

    def as_bytes(self) -> bytes:
        """The mail with CRLF line ends and nothing beyond seven bits. Raises Unaddressable."""
        head = [
            _addressed("From", *self.sender),
            _addressed("To", *self.to),
            header("Subject", self.subject),
            *(header(name, value) for name, value in self.headers),
            "MIME-Version: 1.0\r\n",
        ]
        body = _part("text/plain", self.text)
        if self.html:
            body = _several("alternative", [body, _part("text/html", self.html)])
        if self.attached:
            body = _several("mixed", [body, *map(_file, self.attached)])
        return ("".join(head) + body).encode("ascii")


@dataclass(frozen=True, slots=True)
class Posted:
    """A written mail and its envelope: the bare addresses of sender and recipient."""

    sender: str
    recipient: str
    content: bytes

    @property
    def stuffed(self) -> bytes:
        """The content as DATA carries it (RFC 5321, 4.5.2): no line is a lone dot but the last."""
        doubled = b"." + self.content if self.content.startswith(b".") else self.content
        return doubled.replace(b"\r\n.", b"\r\n..") + (b".\r\n" if doubled.endswith(b"\r\n") else b"\r\n.\r\n")


def header(name: str, value: str) -> str:
    """One header, folded and encoded where it must be. Raises Unaddressable for a line break, or worse."""
    _whole(name, value)
    if value.isascii() and value.isprintable() and len(name) + len(value) + 2 <= LINE and "=?" not in value:
        return f"{name}: {value}{_END}"
    try:
        return _REGISTRY(name, value).fold(policy=POLICY)
    except (MessageError, ValueError, IndexError, LookupError) as wrong:
        raise Unaddressable(f"The mail's {name} cannot be written: {wrong}") from wrong


def _whole(name: str, value: str) -> None:
    if "\r" in value or "\n" in value or "\0" in value:
        raise Unaddressable(f"The mail's {name} holds a line break.")


@lru_cache(maxsize=4096)
def _addressed(name: str, who: str, address: str) -> str:
    """From or To, with its one address checked by the library that parses mail."""
    _whole(name, who + address)
    try:
        addressed = Address(who, addr_spec=address)
        written = str(addressed)
        if not address.isascii() or not addressed.username or not addressed.domain:
            raise ValueError(f"“{address}” is no address that every mail server takes")
        if written.isascii() and len(name) + len(written) + 2 <= LINE and "=?" not in written:
            return f"{name}: {written}{_END}"
        return _REGISTRY(name, addressed).fold(policy=POLICY)
    except (MessageError, ValueError, IndexError, LookupError, AttributeError) as wrong:
        raise Unaddressable(f"The mail cannot be addressed: {wrong}") from wrong


def _part(kind: str, text: str) -> str:
    """A part of text: as it is where seven bits and short lines allow it, else in base64."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    if text.isascii() and max(map(len, lines)) <= 990 and "\0" not in text:
        body, how = _END.join(lines), "7bit"
    else:
        body, how = _base64("\n".join([*lines, ""]).encode("utf-8", "replace")), "base64"
    return f'Content-Type: {kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {how}\r\n\r\n{body}{_END}'


def _file(attachment: Attachment) -> str:
    return (
        f"Content-Type: {attachment.kind}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{attachment.name}"\r\n\r\n{_base64(attachment.content)}{_END}'
    )


def _base64(content: bytes) -> str:
    if len(content) <= 57:
        return binascii.b2a_base64(content, newline=False).decode("ascii")
    return base64.encodebytes(content).decode("ascii").rstrip("\n").replace("\n", _END)


def _several(kind: str, parts: list[str]) -> str:
    """Parts between boundaries that none of them holds: 128 random bits."""
    boundary = f"={secrets.token_hex(16)}="
    between = f"--{boundary}{_END}"
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'
        + "".join(f"{between}{part}" for part in parts)
        + f"--{boundary}--{_END}"
    )
