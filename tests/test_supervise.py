"""Programs that are started together stop together."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from engage.config import Settings
from engage.supervise import cannot_listen, nearby, words_of_welcome

LIVES = r"""
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
os.write(1, b"up\n")  # in one piece, whatever the other writes
signal.pause()
"""
FAILS = "import sys; sys.exit(3)"
SUPERVISOR = """
import sys
from engage.supervise import supervise
programs = {name: (sys.executable, "-c", code) for name, code in zip(("first", "second"), sys.argv[1:])}
sys.exit(supervise(programs, ready=lambda: True, welcome="welcome"))
"""


def supervisor(*programs: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", SUPERVISOR, *programs], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_both_stop_when_it_is_told_to(number):
    running = supervisor(LIVES, LIVES)
    assert running.stdout
    assert sorted(running.stdout.readline() for _ in range(3)) == ["up\n", "up\n", "welcome\n"]

    running.send_signal(number)
    _, complaints = running.communicate(timeout=10)

    assert (running.returncode, complaints) == (0, "")
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


def test_when_one_fails_the_other_is_stopped_and_the_failure_told():
    running = supervisor(LIVES, FAILS)

    _, complaints = running.communicate(timeout=10)

    assert running.returncode == 1
    assert complaints == "The second ended with status 3; stopping the rest.\n"
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


def test_a_port_in_use_is_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        problem = cannot_listen(Settings.for_tests("sqlite:////tmp/t.db", port=port))

    assert problem == (
        f"Engage cannot listen on 127.0.0.1:{port} (Address already in use). "
        "Another program may be there already: stop it, or choose another port with PORT=…"
    )


@pytest.mark.parametrize(("host", "door"), [
    ("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("localhost", "localhost"),
])
def test_it_knocks_where_this_machine_reaches_the_server(host, door):
    assert nearby(Settings.for_tests("sqlite:////tmp/t.db", host=host, port=8001)) == (door, 8001)


def test_a_real_site_is_told_its_address_and_nothing_more():
    settings = Settings.for_tests("sqlite:////tmp/t.db", url="https://engage.agency.test")

    assert words_of_welcome(settings, {}).splitlines() == [
        "", "Engage is at https://engage.agency.test", "",
        "SMTP_URL is not set: messages wait in the in-app inbox.", "",
        "Ctrl-C stops it.",
    ]


def test_the_supervisor_starts_the_engage_command(tmp_path):
    environ = os.environ | {"ENGAGE_MODE": "demonstration", "ENGAGE_DATA": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "engage", "--help"], env=environ, cwd=tmp_path, check=True,
                          capture_output=True, text=True)

    assert {"serve", "run-jobs", "migrate", "seed", "start"} - set(done.stdout.split()) == set()
