"""The only place for the settings, their defaults and units: read once at start, checked, handed on."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from engage.environment import MailServer, Reader, is_loopback

SHORTEST_SECRET = 32  # characters; 128 bits in hexadecimal
FEWEST_DIFFERENT = 8  # a secret of fewer different characters was typed, not generated
WELL_KNOWN = ("changeme", "change-me", "change_me", "secret", "password", "default", "example", "engage")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  what HOST may say, not what we bind by default


class Mode(StrEnum):
    """How the program runs: a demonstration on plain http with fictional people, or for real."""

    DEMONSTRATION = "demonstration"
    PRODUCTION = "production"


class UnsafeSettings(Exception):
    """The settings are wrong or unsafe; `problems` holds a sentence for each thing to mend."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("these settings are wrong or unsafe:\n" + "\n".join(f"- {p}" for p in problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """Everything that the environment decides. Read once, at the entrance, and passed on."""

    mode: Mode
    data: Path  # ENGAGE_DATA: the folder for the SQLite database, uploaded files and a demonstration's keys
    database_url: str  # as SQLAlchemy wants it: absolute path for SQLite, +psycopg for PostgreSQL
    secret: str  # ENGAGE_SECRET: signs forms and hashes session tokens
    audit_key: str  # ENGAGE_AUDIT_KEY: chains the trail; never in the database
    url: str  # ENGAGE_URL: how readers of our mail reach us, without a slash at the end
    hosts: tuple[str, ...]  # ENGAGE_HOSTS: the Host headers that we answer to
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2  # ENGAGE_WORKERS: web server processes
    proxies: int = 0  # ENGAGE_PROXIES: how many of our own proxies stand before us; more headers are a visitor's own
    mail: MailServer | None = None  # None: messages wait in the inbox
    mail_from: tuple[str, str] | None = None  # ENGAGE_MAIL_FROM: (name, address); None: engage at the URL's host
    metrics_token: str = ""  # ENGAGE_METRICS_TOKEN: who shows it may read /metrics; empty: nobody
    scanner: str = ""  # ENGAGE_SCANNER: a command that is given an uploaded file's path; 0 is clean, 1 is not
    home_zone: str = "America/New_York"
    home_country: str = "US"
    official_banner: bool = False  # "An official website of the United States government"
    debug: bool = False  # FLASK_DEBUG

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read, check and complete the settings. Raises UnsafeSettings naming every problem at once.

        Makes the folder of an SQLite database; a demonstration makes and keeps the keys it lacks.
        """
        read = Reader(environ)
        mode = read.choice("ENGAGE_MODE", Mode, Mode.PRODUCTION)
        data = Path(read.text("ENGAGE_DATA", "var")).expanduser().resolve()
        host, port = read.text("HOST", cls.host), read.number("PORT", cls.port, 1, 65_535)
        url = read.text("ENGAGE_URL", local_url(host, port) if mode is Mode.DEMONSTRATION else "").rstrip("/")
        hosts = tuple(h.strip() for h in read.text("ENGAGE_HOSTS", "").split(",") if h.strip())
        if mode is Mode.DEMONSTRATION and not hosts:
            hosts = tuple(dict.fromkeys([*LOOPBACK, *host_header(url)]))
        settings = cls(
            mode=mode,
            data=data,
            database_url=read.database("DATABASE_URL", data),
            secret=environ.get("ENGAGE_SECRET", ""),
            audit_key=environ.get("ENGAGE_AUDIT_KEY", ""),
            url=url,
            hosts=hosts,
            host=host,
            port=port,
            workers=read.number("ENGAGE_WORKERS", cls.workers, 1, 64),
            proxies=read.number("ENGAGE_PROXIES", cls.proxies, 0, 9),
            mail=read.mail("SMTP_URL"),
            mail_from=read.sender("ENGAGE_MAIL_FROM"),
            metrics_token=read.text("ENGAGE_METRICS_TOKEN", ""),
            scanner=read.text("ENGAGE_SCANNER", ""),
            home_zone=read.zone("ENGAGE_HOME_ZONE", cls.home_zone),
            home_country=read.country("ENGAGE_HOME_COUNTRY", cls.home_country),
            official_banner=read.switch("ENGAGE_OFFICIAL_BANNER"),
            debug=read.switch("FLASK_DEBUG"),
        )
        if problems := read.problems + settings.problems():
            raise UnsafeSettings(problems)
        try:
            return settings.settled()
        except OSError as error:
            problem = f"ENGAGE_DATA must be a folder that Engage may write to: {error}."
            raise UnsafeSettings([problem]) from None

    @classmethod
    def for_tests(cls, database_url: str, **changes: Any) -> Self:
        """A safe demonstration on its own database, with fixed keys; `changes` replace any field.

        With `mode=Mode.PRODUCTION` its address is https, so that it starts as well.
        """
        production = changes.get("mode") is Mode.PRODUCTION
        fields: dict[str, Any] = {
            "mode": Mode.DEMONSTRATION,
            "data": Path(tempfile.gettempdir()) / "engage-tests",
            "database_url": database_url,
            "secret": "only-the-tests-sign-with-this-0123456789",
            "audit_key": "only-the-tests-chain-with-this-0123456789",
            "url": "https://localhost" if production else "http://localhost",
            "hosts": LOOPBACK,
        }
        return cls(**fields | changes)

    def settled(self) -> Self:
        """These settings, with what they need on disk: a folder, a demonstration's keys. Raises OSError."""
        if self.database_url.startswith("sqlite:///"):
            private_folder(Path(self.database_url.removeprefix("sqlite:///")).parent)
        if not self.demonstration:
            return self
        return replace(
            self,
            secret=self.secret or kept_key(self.data / "secret"),
            audit_key=self.audit_key or kept_key(self.data / "audit-key"),
        )

    def problems(self) -> list[str]:
        """A sentence for each thing that is unsafe in this mode; empty when the program may start."""
        return in_demonstration(self) if self.demonstration else in_production(self)

    def check(self) -> None:
        """Raise UnsafeSettings, naming every problem, when the program must not start like this."""
        if problems := self.problems():
            raise UnsafeSettings(problems)

    @property
    def demonstration(self) -> bool:
        """True on plain http with fictional people."""
        return self.mode is Mode.DEMONSTRATION

    @property
    def secure_cookies(self) -> bool:
        """True when cookies may only travel over https."""
        return not self.demonstration

    @property
    def cookie_name(self) -> str:
        """The session cookie: browsers hold the `__Host-` prefix to https, this host and the whole site."""
        return "__Host-engage" if self.secure_cookies else "engage"

    @property
    def house(self) -> str:
        """The name we give in the mail: the host that people know this site by."""
        host = urlsplit(self.url).hostname or ""
        return "localhost" if not host or is_loopback(host) else host

    @property
    def bind(self) -> str:
        """HOST and PORT as servers write them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"Settings({self.mode}, {self.bind})"  # never a key: this may reach a log


def in_demonstration(settings: Settings) -> list[str]:
    """What a demonstration may not do: write to strangers."""
    problems = []
    if not settings.url.startswith(("http://", "https://")) or not host_header(settings.url):
        problems.append("ENGAGE_URL must be the address that people use, such as http://127.0.0.1:8000.")
    if settings.mail and not settings.mail.loopback:
        problems.append("SMTP_URL must name this machine: a demonstration writes to nobody outside it.")
    return problems


def in_production(settings: Settings) -> list[str]:
    """What must not happen where the people are real, one sentence for each."""
    problems = [*weak("ENGAGE_SECRET", settings.secret), *weak("ENGAGE_AUDIT_KEY", settings.audit_key)]
    if settings.secret and settings.secret == settings.audit_key:
        problems.append("ENGAGE_SECRET and ENGAGE_AUDIT_KEY must differ.")
    if settings.debug:
        problems.append("FLASK_DEBUG must be off: it shows the program's inside to every visitor.")
    if not settings.hosts or any("*" in host or host.strip(".") == "" for host in settings.hosts):
        problems.append("ENGAGE_HOSTS must list the host names that Engage answers to, never all of them.")
    if not settings.url.startswith("https://") or not host_header(settings.url):
        problems.append("ENGAGE_URL must be the address that people use, and begin with https://.")
    if settings.metrics_token:
        problems += weak("ENGAGE_METRICS_TOKEN", settings.metrics_token)
    if settings.mail and not settings.mail.loopback and not (settings.mail.tls or settings.mail.starttls):
        problems.append("SMTP_URL must use TLS to another machine: smtps://… or ?starttls=1.")
    return problems


def weak(name: str, secret: str) -> list[str]:
    """Why `secret` cannot be trusted, or nothing."""
    advice = 'make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
    if not secret:
        return [f"{name} is missing; {advice}."]
    if len(secret) < SHORTEST_SECRET:
        return [f"{name} is shorter than {SHORTEST_SECRET} characters; {advice}."]
    if len(set(secret)) < FEWEST_DIFFERENT or any(word in secret.lower() for word in WELL_KNOWN):
        return [f"{name} is a default or easily guessed; {advice}."]
    return []


def kept_key(path: Path) -> str:
    """The key in `path`, made on first use, for its owner's eyes only. Two first users get the same one."""
    if not path.exists():
        private_folder(path.parent)
        handle, fresh = tempfile.mkstemp(dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
            with suppress(FileExistsError):
                os.link(fresh, path)  # whole or not at all, and never over another's
        finally:
            Path(fresh).unlink()
    return path.read_text()


def private_folder(path: Path) -> None:
    """Make the folder, when it is not there, for its owner's eyes only."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def local_url(host: str, port: int) -> str:
    """How a browser on this machine reaches HOST and PORT."""
    name = "127.0.0.1" if host in ANY_ADDRESS else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def host_header(url: str) -> tuple[str, ...]:
    """The host name in `url` as a Host header has it, without its port; empty when there is none."""
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return ()
    return (f"[{name}]" if ":" in name else name,) if name else ()
