"""The only place that reads one value of the environment, and says in a sentence what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from zoneinfo import available_timezones

from email_validator import validate_email

YES, NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where messages go: SMTP_URL, taken apart."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False  # TLS from the first byte: smtps://
    starttls: bool = False  # TLS after a greeting in the clear, or no mail at all: ?starttls=1

    @property
    def loopback(self) -> bool:
        """True when the server is on this machine, where a demonstration may write to it."""
        return is_loopback(self.host)

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"  # never the password


class Reader:
    """Takes single values out of the environment, and remembers a sentence for each that is wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str) -> str:
        """The value without outer blanks; an empty one counts as absent."""
        return self.environ.get(name, "").strip() or default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number in a range."""
        text = self.text(name, str(default))
        if text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most:
            return int(text)
        self.problems.append(f"{name} must be a whole number from {least} to {most}, not “{text}”.")
        return default

    def switch(self, name: str) -> bool:
        """Yes or no; absent means no."""
        text = self.text(name, "").lower()
        if text not in YES + NO:
            self.problems.append(f"{name} must be 1 or 0, not “{text}”.")
        return text in YES

    def choice(self, name: str, of: type[Word], default: Word) -> Word:
        """One of a closed vocabulary."""
        text = self.text(name, default)
        if text in list(of):
            return of(text)
        self.problems.append(f"{name} must be {' or '.join(of)}, not “{text}”.")
        return default

    def zone(self, name: str, default: str) -> str:
        """A time zone that the IANA database knows."""
        text = self.text(name, default)
        if text not in available_timezones():
            self.problems.append(f"{name} must be a time zone such as America/New_York, not “{text}”.")
        return text

    def country(self, name: str, default: str) -> str:
        """An ISO 3166 code of two letters."""
        text = self.text(name, default)
        if not (len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()):
            self.problems.append(f"{name} must be a country code of two capital letters, not “{text}”.")
        return text

    def url(self, name: str, text: str) -> tuple[SplitResult, int | None] | None:
        """An address taken apart, with its port; None, and a problem noted, when it is no address at all."""
        try:
            parts = urlsplit(text)
            return parts, parts.port
        except ValueError:
            self.problems.append(f"{name} is not a readable address.")
            return None

    def database(self, name: str, data: Path) -> str:
        """SQLite by absolute path, PostgreSQL through psycopg; SQLite in the data folder when absent."""
        text = self.text(name, f"sqlite:///{data / 'engage.db'}")
        if text.startswith("sqlite:///") and text not in ("sqlite:///", "sqlite:///:memory:"):
            return "sqlite:///" + str(Path(text.removeprefix("sqlite:///")).expanduser().absolute())
        scheme, _, rest = text.partition("://")
        if rest and scheme in ("postgres", "postgresql", "postgresql+psycopg"):
            return "postgresql+psycopg://" + rest
        self.problems.append(f"{name} must be sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME.")
        return text

    def sender(self, name: str) -> tuple[str, str] | None:
        """Whom mail is from, such as “Engage <engage@agency.gov>”, as (name, address)."""
        text = self.text(name, "")
        if not text:
            return None
        try:
            ((who, address),) = getaddresses([text])
            validate_email(address, check_deliverability=False, allow_smtputf8=False, test_environment=True)
            if not text.isprintable():
                raise ValueError
        except ValueError:
            self.problems.append(f"{name} must be one address such as Engage <engage@agency.gov>, not “{text}”.")
            return None
        return who, address

    def mail(self, name: str) -> MailServer | None:
        """The mail server of an address such as smtp://user:password@host:587?starttls=1."""
        text = self.text(name, "")
        if not text or not (found := self.url(name, text)):
            return None
        parts, port = found
        choices = parse_qs(parts.query)
        tls = parts.scheme == "smtps"
        if not (tls or parts.scheme == "smtp") or not parts.hostname or choices.keys() - {"starttls"}:
            self.problems.append(
                f"{name} must be smtp://USER:PASSWORD@HOST:PORT, with ?starttls=1 at its end where the "
                "server upgrades, or smtps://… where TLS comes first."
            )
            return None
        return MailServer(
            host=parts.hostname,
            port=port or (465 if tls else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=tls,
            starttls=choices.get("starttls", ["0"])[-1].lower() in YES,
        )


def is_loopback(host: str) -> bool:
    """True when `host` is this machine, by its name or its address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
