"""What the environment may say, and what the program refuses to start with."""

import stat
import threading
from pathlib import Path

import pytest

from engage.config import Mode, Settings, UnsafeSettings, kept_key
from engage.environment import MailServer

SECRET = "f3b1c7d9e5a2460897bd13c5f7e9a1b2"
AUDIT_KEY = "0c9d8e7f6a5b4c3d2e1f00112233445566"
PRODUCTION = {
    "ENGAGE_SECRET": SECRET,
    "ENGAGE_AUDIT_KEY": AUDIT_KEY,
    "ENGAGE_HOSTS": "engage.agency.test",
    "ENGAGE_URL": "https://engage.agency.test/",
    "DATABASE_URL": "postgresql://engage@db.agency.test/engage",
}


def demonstration(folder: Path, **environ: str) -> Settings:
    return Settings.from_environment({"ENGAGE_MODE": "demonstration", "ENGAGE_DATA": str(folder), **environ})


def production(**changes: str) -> Settings:
    return Settings.from_environment(PRODUCTION | changes)


def refused(environ: dict[str, str]) -> list[str]:
    with pytest.raises(UnsafeSettings) as caught:
        Settings.from_environment(environ)
    return caught.value.problems


def test_an_empty_environment_is_production_and_is_refused_with_every_problem_named():
    assert [problem.split()[0] for problem in refused({})] == [
        "ENGAGE_SECRET", "ENGAGE_AUDIT_KEY", "ENGAGE_HOSTS", "ENGAGE_URL"]


def test_a_demonstration_needs_nothing(tmp_path):
    settings = demonstration(tmp_path)

    assert settings.demonstration
    assert (settings.bind, settings.url) == ("127.0.0.1:8000", "http://127.0.0.1:8000")
    assert settings.hosts == ("localhost", "127.0.0.1", "[::1]")
    assert settings.database_url == f"sqlite:///{tmp_path}/engage.db"
    assert (settings.home_zone, settings.home_country, settings.workers) == ("America/New_York", "US", 2)
    assert (settings.mail, settings.official_banner, settings.debug) == (None, False, False)
    assert (settings.cookie_name, settings.secure_cookies) == ("engage", False)


def test_a_demonstration_keeps_its_keys_for_its_owner_only(tmp_path):
    first, second = demonstration(tmp_path), demonstration(tmp_path)

    assert (first.secret, first.audit_key) == (second.secret, second.audit_key)
    assert first.secret != first.audit_key
    assert len(first.secret) == 64
    assert sorted(path.name for path in tmp_path.iterdir()) == ["audit-key", "secret"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_many_first_starts_at_once_agree_on_one_key(tmp_path):
    keys: list[str] = []
    starts = [threading.Thread(target=lambda: keys.append(kept_key(tmp_path / "key"))) for _ in range(16)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()

    assert keys == [keys[0]] * 16


def test_a_demonstration_answers_to_the_name_in_its_address(tmp_path):
    settings = demonstration(tmp_path, ENGAGE_URL="http://demo.agency.test:9000/")

    assert settings.url == "http://demo.agency.test:9000"
    assert settings.hosts == ("localhost", "127.0.0.1", "[::1]", "demo.agency.test")


@pytest.mark.parametrize(("host", "bind", "url"), [
    ("0.0.0.0", "0.0.0.0:8080", "http://127.0.0.1:8080"),
    ("::1", "[::1]:8080", "http://[::1]:8080"),
    ("localhost", "localhost:8080", "http://localhost:8080"),
])
def test_the_address_follows_host_and_port(tmp_path, host, bind, url):
    settings = demonstration(tmp_path, HOST=host, PORT="8080")

    assert (settings.bind, settings.url) == (bind, url)


def test_production_takes_what_is_safe():
    settings = production()

    assert not settings.demonstration
    assert settings.url == "https://engage.agency.test"
    assert settings.hosts == ("engage.agency.test",)
    assert settings.database_url == "postgresql+psycopg://engage@db.agency.test/engage"
    assert (settings.cookie_name, settings.secure_cookies) == ("__Host-engage", True)


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"ENGAGE_SECRET": ""}, "ENGAGE_SECRET is missing"),
    ({"ENGAGE_SECRET": SECRET[:31]}, "ENGAGE_SECRET is shorter than 32 characters"),
    ({"ENGAGE_SECRET": "changeme" * 6}, "ENGAGE_SECRET is a default or easily guessed"),
    ({"ENGAGE_SECRET": "a" * 64}, "ENGAGE_SECRET is a default or easily guessed"),
    ({"ENGAGE_AUDIT_KEY": ""}, "ENGAGE_AUDIT_KEY is missing"),
    ({"ENGAGE_AUDIT_KEY": "0123"}, "ENGAGE_AUDIT_KEY is shorter than 32 characters"),
    ({"ENGAGE_AUDIT_KEY": SECRET}, "ENGAGE_SECRET and ENGAGE_AUDIT_KEY must differ"),
    ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG must be off"),
    ({"ENGAGE_HOSTS": ""}, "ENGAGE_HOSTS must list the host names"),
    ({"ENGAGE_HOSTS": "engage.agency.test, *"}, "ENGAGE_HOSTS must list the host names"),
    ({"ENGAGE_HOSTS": "*.agency.test"}, "ENGAGE_HOSTS must list the host names"),
    ({"ENGAGE_HOSTS": "."}, "ENGAGE_HOSTS must list the host names"),
    ({"ENGAGE_URL": ""}, "ENGAGE_URL must be the address that people use"),
    ({"ENGAGE_URL": "http://engage.agency.test"}, "ENGAGE_URL must be the address that people use"),
    ({"ENGAGE_URL": "http://127.0.0.1:8000"}, "ENGAGE_URL must be the address that people use"),
    ({"ENGAGE_URL": "https://"}, "ENGAGE_URL must be the address that people use"),
    ({"SMTP_URL": "smtp://mail.agency.test"}, "SMTP_URL must use TLS to another machine"),
    ({"SMTP_URL": "ftp://mail.agency.test"}, "SMTP_URL must be smtp://"),
    ({"SMTP_URL": "smtp://mail.agency.test:x"}, "SMTP_URL is not a readable address"),
    ({"SMTP_URL": "smtp://127.0.0.1?timeout=1"}, "SMTP_URL must be smtp://"),
    ({"DATABASE_URL": "mysql://db/engage"}, "DATABASE_URL must be sqlite:///PATH"),
    ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL must be sqlite:///PATH"),
    ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL must be sqlite:///PATH"),
    ({"PORT": "http"}, "PORT must be a whole number from 1 to 65535"),
    ({"PORT": "0"}, "PORT must be a whole number from 1 to 65535"),
    ({"PORT": "9" * 40}, "PORT must be a whole number from 1 to 65535"),
    ({"ENGAGE_WORKERS": "-1"}, "ENGAGE_WORKERS must be a whole number from 1 to 64"),
    ({"ENGAGE_MODE": "testing"}, "ENGAGE_MODE must be demonstration or production"),
    ({"ENGAGE_HOME_ZONE": "Mars/Olympus"}, "ENGAGE_HOME_ZONE must be a time zone"),
    ({"ENGAGE_HOME_COUNTRY": "usa"}, "ENGAGE_HOME_COUNTRY must be a country code"),
    ({"ENGAGE_OFFICIAL_BANNER": "perhaps"}, "ENGAGE_OFFICIAL_BANNER must be 1 or 0"),
])
def test_production_refuses_and_says_why(changes, sentence):
    problems = refused(PRODUCTION | changes)

    assert len(problems) == 1
    assert problems[0].startswith(sentence)


def test_settings_made_by_hand_are_checked_as_well():
    with pytest.raises(UnsafeSettings) as caught:
        Settings.for_tests("sqlite:////tmp/t.db", mode=Mode.PRODUCTION, hosts=("*",), debug=True).check()

    assert [problem.split()[0] for problem in caught.value.problems] == ["FLASK_DEBUG", "ENGAGE_HOSTS"]


@pytest.mark.parametrize("mode", list(Mode))
def test_what_the_tests_run_on_may_start(mode):
    Settings.for_tests("sqlite:////tmp/t.db", mode=mode).check()


@pytest.mark.parametrize(("url", "server"), [
    ("smtp://127.0.0.1", MailServer("127.0.0.1", 25)),
    ("smtp://localhost:2525", MailServer("localhost", 2525)),
    ("smtp://[::1]:2525", MailServer("::1", 2525)),
    ("smtps://desk:p%40ss@localhost", MailServer("localhost", 465, "desk", "p@ss", tls=True)),
    ("smtp://desk:pw@localhost:587?starttls=1", MailServer("localhost", 587, "desk", "pw", starttls=True)),
])
def test_a_mail_server_is_taken_apart(tmp_path, url, server):
    assert demonstration(tmp_path, SMTP_URL=url).mail == server


@pytest.mark.parametrize("url", ["smtp://mail.agency.test", "smtps://10.0.0.5", "smtp://127.0.0.1.agency.test"])
def test_a_demonstration_writes_to_nobody_outside_this_machine(tmp_path, url):
    assert [p.split()[0] for p in refused(
        {"ENGAGE_MODE": "demonstration", "ENGAGE_DATA": str(tmp_path), "SMTP_URL": url})] == ["SMTP_URL"]


@pytest.mark.parametrize("url", ["smtps://mail.agency.test", "smtp://mail.agency.test:587?starttls=1", "smtp://127.0.0.1"])
def test_production_writes_to_the_world_over_tls_only(url):
    assert production(SMTP_URL=url).mail is not None


def test_a_relative_database_path_is_read_from_the_folder_of_the_caller(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert demonstration(tmp_path, DATABASE_URL="sqlite:///own.db").database_url == f"sqlite:///{tmp_path}/own.db"


def test_a_refusal_makes_no_keys(tmp_path):
    refused({"ENGAGE_MODE": "demonstration", "ENGAGE_DATA": str(tmp_path), "PORT": "none"})

    assert list(tmp_path.iterdir()) == []


def test_the_data_folder_is_made_for_its_owner_only(tmp_path):
    demonstration(tmp_path / "new" / "data")

    assert stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    problems = refused({"ENGAGE_MODE": "demonstration", "ENGAGE_DATA": str(tmp_path / "file" / "data")})
    assert [problem.split(":")[0] for problem in problems] == [
        "ENGAGE_DATA must be a folder that Engage may write to"]


def test_no_key_and_no_password_is_ever_printed():
    settings = production(SMTP_URL="smtps://desk:hunter22@mail.agency.test")

    shown = f"{settings!r} {settings} {settings.mail!r}"
    assert [word for word in (SECRET, AUDIT_KEY, "hunter22") if word in shown] == []
