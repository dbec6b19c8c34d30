"""The floors hold: every arrow points down, each fact has one writer, and the clock is read at the edge."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGAGE = ROOT / "engage"
FILES = sorted(path.relative_to(ROOT).as_posix() for path in ENGAGE.rglob("*.py"))
TREES = {name: ast.parse((ROOT / name).read_text(encoding="utf-8")) for name in FILES}
LONGEST = 300  # lines of a file
ROOMS = {path.name for path in (ENGAGE / "web").iterdir() if (path / "__init__.py").is_file()}

BELOW_THE_EDGE = {"documents", "services", "models", "rules", "extensions", "reference", "importing", "config"}
# Which of our own packages each floor stands on, itself included.
MAY_IMPORT = {
    "rules": {"rules"},
    "reference": {"reference", "rules"},
    "importing": {"importing", "reference", "rules"},
    "models": {"models", "rules"},
    "services": {"services", "models", "rules", "extensions", "reference", "importing"},
    "documents": {"documents", "services", "models", "rules", "extensions", "reference", "importing"},
    "web": {"web"} | BELOW_THE_EDGE,
    "jobs": {"jobs", "environment"} | BELOW_THE_EDGE,
}
# The clock is read here and nowhere else; all the rest is told.
CLOCK_READERS = re.compile(r"engage/(web/access|jobs/\w+|(\w+/)*\w*commands|supervise|cli)\.py")


def for_types_only(tree: ast.AST) -> set[ast.AST]:
    """What stands under `if TYPE_CHECKING:`: words for the reader, nothing that runs."""
    return {leaf for node in ast.walk(tree) if isinstance(node, ast.If)
            and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            for branch in node.body for leaf in ast.walk(branch)}


def imports(name: str) -> Iterator[str]:
    """Every module a file imports when it runs, in full: engage.models.people and the like."""
    unreal = for_types_only(TREES[name])
    for node in ast.walk(TREES[name]):
        if node in unreal:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""
            if node.module == "engage" or (node.module or "").startswith("engage."):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor(name: str) -> str:
    """The package a file lies in."""
    parts = name.split("/")
    return parts[1] if len(parts) > 2 else ""


def own(module: str) -> str:
    """Which of our packages, or top modules, an import names; empty for others'."""
    parts = module.split(".")
    return parts[1] if parts[0] == "engage" and len(parts) > 1 else ""


@pytest.mark.parametrize("name", [name for name in FILES if floor(name) in MAY_IMPORT])
def test_every_import_points_down(name):
    allowed = MAY_IMPORT[floor(name)]

    assert {module for module in imports(name) if own(module) and own(module) not in allowed} == set()


@pytest.mark.parametrize("name", [name for name in FILES if floor(name) == "rules"])
def test_rules_stand_on_the_standard_library_alone(name):
    import sys

    foreign = {module for module in imports(name) if module.split(".")[0] not in {*sys.stdlib_module_names, "engage"}}

    assert foreign == set()


@pytest.mark.parametrize("name", [name for name in FILES if floor(name) == "models"])
def test_models_know_nothing_of_the_web(name):
    edge = {"flask", "flask_sqlalchemy", "werkzeug"}

    assert {module for module in imports(name) if module.split(".")[0] in edge} == set()


@pytest.mark.parametrize("name", [name for name in FILES if floor(name) == "services"])
def test_services_know_nothing_of_a_request(name):
    tree = TREES[name]
    taken = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "flask"
             for alias in node.names}

    assert taken & {"request", "session", "g", "flash", "render_template", "redirect", "abort", "url_for"} == set()


def test_rooms_never_import_rooms():
    found = []
    for name in FILES:
        parts = name.split("/")
        if len(parts) < 4 or parts[1] != "web":
            continue
        for module in imports(name):
            other = module.split(".")
            if other[:2] == ["engage", "web"] and len(other) > 2 and other[2] in ROOMS - {parts[2]}:
                found.append(f"{name} imports {module}")

    assert found == []


def test_the_furniture_never_imports_a_room():
    found = [f"{name} imports {module}" for name in FILES
             if name.startswith("engage/web/") and name.count("/") == 2 and name != "engage/web/__init__.py"
             for module in imports(name)
             if module.startswith("engage.web.") and module.split(".")[2] in ROOMS]

    assert found == []


def test_in_the_web_only_queries_import_models():
    found = {f"{name} imports {module}" for name in FILES
             if floor(name) == "web" and not re.search(r"queries\.py$", name)
             for module in imports(name) if module.startswith("engage.models")}

    assert found == set()


def assigned(tree: ast.AST, attribute: str) -> list[int]:
    """Lines that assign to `something.attribute`."""
    found = []
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else (
            [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else [])
        for target in targets:
            found += [leaf.lineno for leaf in ast.walk(target)
                      if isinstance(leaf, ast.Attribute) and leaf.attr == attribute and isinstance(leaf.ctx, ast.Store)]
    return found


def test_only_one_service_moves_an_item():
    assert {name for name in FILES if assigned(TREES[name], "state")} == {"engage/services/states.py"}


def test_only_one_service_writes_the_trail():
    def writes(tree: ast.AST) -> bool:
        return any(isinstance(node, ast.Call) and (
            (isinstance(node.func, ast.Name) and node.func.id == "AuditEvent")
            or (isinstance(node.func, ast.Name) and node.func.id in ("insert", "update", "delete")
                and any(isinstance(named, ast.Name) and named.id in ("AuditEvent", "AuditHead")
                        for argument in node.args for named in ast.walk(argument))))
            for node in ast.walk(tree))

    assert {name for name in FILES if writes(TREES[name])} == {"engage/services/audit.py"}


def test_only_one_place_commits():
    def commits(tree: ast.AST) -> bool:
        return any(isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
                   for node in ast.walk(tree))

    assert {name for name in FILES if commits(TREES[name])} == {"engage/services/transaction.py"}


def test_the_clock_is_read_at_the_edge():
    def reads(tree: ast.AST) -> bool:
        return any(isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                   and node.func.attr in ("now", "utcnow", "today")
                   and isinstance(node.func.value, ast.Name) and node.func.value.id in ("datetime", "date")
                   for node in ast.walk(tree))

    assert [name for name in FILES if reads(TREES[name]) and not CLOCK_READERS.fullmatch(name)] == []


@pytest.mark.parametrize("name", FILES)
def test_a_file_can_be_held_in_one_hand(name):
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("name", FILES)
def test_every_module_says_what_it_is_for(name):
    assert name.endswith("__main__.py") or ast.get_docstring(TREES[name])


def test_nothing_is_called_utils():
    vague = {"util", "utils", "helper", "helpers", "manager", "misc", "common"}

    assert [name for name in FILES if set(Path(name).with_suffix("").parts) & vague] == []
