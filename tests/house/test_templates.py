"""Every template compiles, and none does what the content policy or the escaping rules forbid."""

import re
from pathlib import Path

import pytest

from engage import create_app, shipped
from engage.config import Settings

TEMPLATES = sorted(path.relative_to(shipped("templates")).as_posix()
                   for path in shipped("templates").rglob("*") if path.is_file())
FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "an inline style": re.compile(r"<style|\sstyle=", re.IGNORECASE),
    "an inline handler": re.compile(r"\son[a-z]+=[\"']", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
    "an address elsewhere": re.compile(r"(?:src|action|<link[^>]*\shref)=[\"'](?:https?:)?//", re.IGNORECASE),
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory):
    """The program's own template environment."""
    nowhere = tmp_path_factory.mktemp("templates") / "unused.db"
    return create_app(Settings.for_tests(f"sqlite:///{nowhere}")).jinja_env


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_compiles(environment, name):
    environment.get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_keeps_to_the_rules_of_pages(name):
    source = Path(shipped("templates"), name).read_text(encoding="utf-8")
    without_comments = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)

    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(without_comments)] == []


def test_a_misspelt_name_fails_instead_of_printing_nothing(environment):
    assert environment.undefined.__name__ == "StrictUndefined"
