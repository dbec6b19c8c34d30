"""What leaves the house: the wheel carries all that the program reads, and no lock names an address."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "engage/static/vendor"
BESIDE = {"templates": "engage/templates", "migrations": "engage/migrations", "wsgi.py": "wsgi.py"}

INSTALLED_ELSEWHERE = """
import os, sys
from flask_migrate import upgrade
import engage
from engage.config import Settings
from engage.seed import load_shipped
from engage.services.transaction import transaction
from datetime import datetime, UTC
from pathlib import Path
here = Path(engage.__file__).parent
app = engage.create_app(Settings.from_environment(os.environ))
with app.app_context():
    upgrade()
    with transaction():
        taken = load_shipped(home_country="US", now=datetime(2026, 3, 2, tzinfo=UTC))
client = app.test_client()
print(here.parent)
print(sorted(table for table, rows in taken.items() if not rows))
paths = ("/static/vendor/uswds/css/uswds.min.css", "/sign-in", "/nowhere")
print([client.get(path).status_code for path in paths])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    environ = os.environ | ({"ENGAGE_ASSETS": "skip"} if VENDOR.is_dir() else {})
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
                   cwd=ROOT, env=environ, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def shipped_files() -> set[str]:
    """Every file that the program reads, named as the wheel names it."""
    found = {f"engage/{path.relative_to(ROOT / 'engage').as_posix()}" for path in (ROOT / "engage").rglob("*")
             if path.is_file()}
    for source, inside in BESIDE.items():
        for path in [ROOT / source, *(ROOT / source).rglob("*")]:
            if path.is_file():
                found.add(inside + path.as_posix().removeprefix((ROOT / source).as_posix()))
    return {name for name in found if "__pycache__" not in name and not name.endswith(".pyc")}


def test_the_wheel_carries_all_that_the_program_reads_and_nothing_else(wheel):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert inside == shipped_files()


def test_the_wheel_carries_every_kind_of_file(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())

    assert {
        "engage/static/vendor/uswds/css/uswds.min.css",
        "engage/static/vendor/uswds/js/uswds.min.js",
        "engage/static/vendor/uswds/img/sprite.svg",
        "engage/static/vendor/uswds/LICENSE.md",
        "engage/static/vendor/htmx/LICENSE",
        "engage/templates/base.html",
        "engage/migrations/env.py",
        "engage/migrations/script.py.mako",
        "engage/seed/goals.yaml",
        "engage/documents/typst/house.typ",
        "wsgi.py",
    } - inside == set()
    assert [name for name in inside if name.startswith("engage/seed/real/") and name.endswith(".csv")] != []


def test_every_file_that_the_style_sheet_names_is_there():
    sheet = VENDOR / "uswds/css/uswds.min.css"
    named = {part.split(")")[0].strip("\"'") for part in sheet.read_text().split("url(")[1:]}
    files = {name for name in named if name and not name.startswith("data:")}

    assert len(files) > 40
    assert [name for name in files if not (sheet.parent / name).is_file()] == []


def test_a_wheel_installed_elsewhere_migrates_seeds_and_serves(wheel, tmp_path):
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    here = {"PYTHONPATH": str(site), "ENGAGE_MODE": "demonstration", "ENGAGE_DATA": str(tmp_path)}

    done = subprocess.run([sys.executable, "-c", INSTALLED_ELSEWHERE], cwd=tmp_path, env=os.environ | here,
                          check=False, capture_output=True, text=True)

    assert done.stdout.splitlines() == [str(site), "[]", "[200, 200, 404]"], done.stderr


@pytest.mark.parametrize("path", [
    *sorted((ROOT / "requirements").glob("*.txt")), ROOT / "package-lock.json", ROOT / ".npmrc"
], ids=lambda path: path.name)
def test_no_lock_names_an_address(path):
    assert [line for line in path.read_text().splitlines() if "://" in line] == []


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_every_requirement_is_pinned_and_hashed(path):
    entries = [entry for entry in path.read_text().replace("\\\n", "").splitlines() if entry[:1].isalnum()]

    assert entries != []
    assert [entry.split()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_what_runs_and_what_is_tested_are_the_same_versions():
    def versions(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        return {line.split()[0] for line in lines if line[:1].isalnum()}

    assert versions("run.txt") - versions("dev.txt") == set()


def test_every_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked = (ROOT / "requirements/dev.txt").read_text()
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = [entry.split(">=")[0].split("[")[0] for entry in wanted]

    assert [name for name in names if f"\n{name}==" not in locked] == []
