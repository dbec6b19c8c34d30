"""The only place that starts and stops our programs together: what `make run` runs."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from queue import SimpleQueue

import click

from engage.config import Settings

ENGAGE = (sys.executable, "-m", "engage")
PROGRAMS = {"web server": (*ENGAGE, "serve"), "job runner": (*ENGAGE, "run-jobs")}
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
FAREWELL_SECONDS = 15  # then a program that was told to stop is killed
POLL_SECONDS = 0.1
LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where to knock when it listens everywhere


def start(settings: Settings, *, now: datetime) -> int:
    """Prepare the database, then run web server and job runner until told to stop; gives the exit status."""
    if problem := cannot_listen(settings):
        click.echo(problem, err=True)
        return 1
    words = prepare(settings, now=now)
    return supervise(PROGRAMS, ready=lambda: answers(settings), welcome=words)


def prepare(settings: Settings, *, now: datetime) -> str:
    """Migrate, load what ships and, the first time, a demonstration's story; gives the words of welcome."""
    from flask_migrate import upgrade

    from engage import create_app
    from engage.extensions import db
    from engage.seed import load, sign_ins
    from engage.services.transaction import transaction

    click.echo("Preparing the database …")
    with create_app(settings).app_context():
        upgrade()
        with transaction():
            load(settings, now=now)
        db.engine.dispose()
    return words_of_welcome(settings, sign_ins() if settings.demonstration else {})


def words_of_welcome(settings: Settings, sign_ins: Mapping[str, str]) -> str:
    """What a person reads once the pages answer: the address and, in a demonstration, who may sign in."""
    lines = ["", f"Engage is at {settings.url}", ""]
    if sign_ins:
        from engage.seed import DEMONSTRATION_PASSWORD

        width = max(len(email) for email in sign_ins)
        lines += [f"  {email:<{width}}  {role}" for email, role in sign_ins.items()]
        lines += ["", f"The password of each is: {DEMONSTRATION_PASSWORD}", ""]
    if not settings.mail:
        lines += ["SMTP_URL is not set: messages wait in the in-app inbox.", ""]
    return "\n".join([*lines, "Ctrl-C stops it."])


def supervise(programs: Mapping[str, Sequence[str]], *, ready: Callable[[], bool], welcome: str) -> int:
    """Run `programs` until one ends or we are told to stop, then stop them all.

    Says `welcome` once `ready`. Gives 0 when told to stop, 1 when a program ended by itself.
    """
    ended: SimpleQueue[str | None] = SimpleQueue()  # a program's name, or None: we were told to stop
    over = threading.Event()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: ended.put(None))
    running = {
        name: subprocess.Popen(command, stdin=subprocess.DEVNULL) for name, command in programs.items()
    }

    def watch(name: str) -> None:
        running[name].wait()
        ended.put(name)

    def greet() -> None:
        while not ready():
            if over.wait(POLL_SECONDS):
                return
        click.echo(welcome)

    for name in running:
        threading.Thread(target=watch, args=(name,), daemon=True).start()
    threading.Thread(target=greet, daemon=True).start()
    first = ended.get()
    over.set()
    if first:
        click.echo(f"The {first} ended with status {running[first].wait()}; stopping the rest.", err=True)
    for program in running.values():
        stop(program)
    return 1 if first else 0


def stop(program: "subprocess.Popen[bytes]") -> None:
    """End a program: politely, then not."""
    program.terminate()  # does nothing to one that has ended
    try:
        program.wait(FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def nearby(settings: Settings) -> tuple[str, int]:
    """Where this machine itself reaches the web server."""
    return (LOOPBACK_OF.get(settings.host, settings.host), settings.port)


def cannot_listen(settings: Settings) -> str | None:
    """Why no server can listen on HOST and PORT, as a sentence; None when one can."""
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
            probe.bind((settings.host, settings.port))
    except OSError as error:
        return (f"Engage cannot listen on {settings.bind} ({error.strerror or error}). "
                "Another program may be there already: stop it, or choose another port with PORT=…")
    return None


def answers(settings: Settings) -> bool:
    """True once the web server answers at all, whatever it says."""
    connection = http.client.HTTPConnection(*nearby(settings), timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()
