"""The only place that turns measurements into the tables that are printed and kept, with pass or fail per target."""

import os
import platform
import statistics
import subprocess
from datetime import UTC, datetime
from typing import Any

PAGE_TARGET, ACT_TARGET, GROWTH_TARGET = 2.0, 2.5, 1.2  # times the plain stack's page, its transition, our own at 1,000
NAMES = {"sqlite": "SQLite", "pg": "PostgreSQL"}
# operation -> (adapter's end, its page there, what it is compared with, the target)
OPERATIONS = {
    "list": ("pages", "list", PAGE_TARGET),
    "deep list page": ("pages", "list_deep", PAGE_TARGET),
    "detail": ("pages", "detail", PAGE_TARGET),
    "submit": ("submit", "transition", ACT_TARGET),
    "vote": ("vote", "transition", ACT_TARGET),
    "acknowledge": ("acknowledge", "transition", ACT_TARGET),
}


class Results:
    """Measurements by target, page and size; each holds its rounds."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.by: dict[tuple[str, str, int], dict[int, dict[str, Any]]] = {}
        for row in rows:
            self.by.setdefault((row["target"], row["page"], row["n"]), {})[row["round"]] = row

    def median(self, target: str, page: str, n: int, what: str = "cpu_ms_per_req") -> float:
        """The median over the rounds; not a number where nothing was measured."""
        return _median(row[what] for row in self.by.get((target, page, n), {}).values() if row.get("ok"))

    def ratio(self, target: str, base: str, page: str, n: int, base_n: int | None = None) -> float:
        """The median of the ratios taken inside each round."""
        ours, theirs = self.by.get((target, page, n), {}), self.by.get((base, page, base_n or n), {})
        rounds = [k for k in ours if k in theirs and ours[k].get("ok") and theirs[k].get("ok")]
        return _median(ours[k]["cpu_ms_per_req"] / theirs[k]["cpu_ms_per_req"] for k in rounds)

    def wrong(self) -> list[str]:
        """Requests that failed, and acts whose rows are not there."""
        found = []
        for (target, page, n), rounds in self.by.items():
            for number, row in rounds.items():
                here = f"{target} {page} at {n:,}, round {number + 1}"
                if row.get("errors") or not row.get("ok"):
                    found.append(f"{here}: {row.get('errors')} errors, {row.get('first_error', '')[:300]}")
                elif row.get("rows_written") is not None and row["rows_written"] != row.get("sent"):
                    found.append(f"{here}: {row['sent']} sent, {row['rows_written']} rows")
        return found


def _median(values: Any) -> float:
    found = list(values)
    return statistics.median(found) if found else float("nan")


def render(rows: list[dict[str, Any]], sizes: tuple[int, ...], *, minutes: float, rounds: int) -> str:
    """The whole report as Markdown."""
    results = Results(rows)
    parts = [*_head(minutes, rounds), *_costs(results, sizes), *_growth(results, sizes), *_wrong(results)]
    return "\n".join(parts) + "\n"


INTRODUCTION = """\
# Measured

`make bench` on {day} at commit {commit}: Python {python}, {cores} cores, rounds: {rounds}, {minutes:.0f} minutes.
One client; our server, the floor and the plain stack each run 2 processes with 4 threads.

*CPU ms* is the processor time of the server's processes, and of PostgreSQL, per request. Ratios are taken inside one
round and the median over the rounds is shown: the machine is shared, so the milliseconds drift, and the ratios much
less. *Floor* is the raw driver with string formatting, *stack* bare Flask, SQLAlchemy and Jinja2. Their pages are
smaller: the sizes stand beside. Our list is the register as the secretariat sees it: filters, and 50 engagements being
decided, with every place, state and leader; our detail is all that one says, with its history and decision. Acts are
compared with their one transition, which writes two rows; ours ask the policy, lock, and write what was done, its
audit line and its messages: a submission is checked for completeness, frozen as a version and told to the secretariat.
On SQLite ours wait until the disk has each act (synchronous=FULL); the references do not.
"""


def _head(minutes: float, rounds: int) -> list[str]:
    commit = _git("rev-parse", "--short", "HEAD") or "unknown"
    if _git("status", "--porcelain", "--untracked-files=no", "engage", "templates"):
        commit += ", with changes on top"
    return [
        INTRODUCTION.format(
            day=f"{datetime.now(UTC):%Y-%m-%d}", commit=commit, python=platform.python_version(), cores=os.cpu_count(),
            rounds=rounds, minutes=minutes,
        )
    ]  # fmt: skip


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()


def _costs(results: Results, sizes: tuple[int, ...]) -> list[str]:
    lines = []
    for kind, name in NAMES.items():
        lines += [
            f"## {name}", "",
            "| operation | engagements | floor ms | stack ms | our ms | x floor | x stack | target | | our kB | its |",
            "|---|--:|--:|--:|--:|--:|--:|--:|---|--:|--:|",
        ]  # fmt: skip
        for operation, (end, page, target) in OPERATIONS.items():
            for n in sizes:
                ours = f"engage_{kind}_{end}"
                times = results.ratio(ours, f"stack_{kind}", page, n)
                cells = [results.median(t, page, n) for t in (f"floor_{kind}", f"stack_{kind}", ours)]
                cells += [results.ratio(ours, f"floor_{kind}", page, n), times]
                size = [results.median(t, page, n, "bytes") / 1000 for t in (ours, f"stack_{kind}")]
                lines.append(
                    f"| {operation} | {n:,} | {' | '.join(f'{cell:.2f}' for cell in cells)} | {target:.1f} "
                    f"| {_said(times, target)} | {size[0]:.1f} | {size[1]:.1f} |"
                )
        lines.append("")
    return lines


def _growth(results: Results, sizes: tuple[int, ...]) -> list[str]:
    first, last = sizes[0], sizes[-1]
    lines = [
        f"## Growth from {first:,} to {last:,} engagements", "",
        "| operation | " + " | ".join(f"{name}, times | " for name in NAMES.values()) + " |",
        "|---|" + "--:|---|" * len(NAMES),
    ]  # fmt: skip
    for operation, (end, page, _) in OPERATIONS.items():
        times = [results.ratio(f"engage_{kind}_{end}", f"engage_{kind}_{end}", page, last, first) for kind in NAMES]
        lines.append(f"| {operation} | " + " | ".join(f"{t:.2f} | {_said(t, GROWTH_TARGET)}" for t in times) + " |")
    return [*lines, "", f"Target: at most {GROWTH_TARGET} times.", ""]


def _said(value: float, target: float) -> str:
    return "pass" if value <= target else "**above**"


def _wrong(results: Results) -> list[str]:
    wrong = results.wrong()
    if not wrong:
        return ["Every request was answered well, and every act left its row."]
    return ["**Failed requests**", "", *(f"- {line}" for line in wrong)]
