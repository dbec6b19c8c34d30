"""The only place for `make soak`: every part on both databases, a line for each figure; 1 if any does not hold.

Sizes may be named: ROUNDS, KILLS, MAILS, MAIL_KILLS, TAMPERINGS, LINES, POSTS, REQUESTS, SECONDS, EXAMPLES. The
figures are those that we hold ourselves to; each line says at what size it was tried. A run that is whole and not
quick goes to docs/measured.md.
"""

import argparse
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.soak import crashes, hostile, load, mail, properties, races, trail
from tests.soak.stage import ROOT, Finding, Stage, folder_and_server

# name: (as a rule, with --quick)
SIZES = {
    "ROUNDS": (200, 4), "KILLS": (150, 8), "MAILS": (5_000, 100), "MAIL_KILLS": (100, 2), "TAMPERINGS": (1_000, 60),
    "LINES": (200_000, 20_000), "POSTS": (4_000, 100), "REQUESTS": (20_000, 1_000), "SECONDS": (90, 6),
    "EXAMPLES": (300, 15),
}  # fmt: skip
MEASURED = ROOT / "docs" / "measured.md"
TITLE = "\n## Long trials\n"
HEAD = "| database | trial | figure | tried with | result | | seconds |\n|---|---|---|---|---|---|--:|"
PARTS: dict[str, tuple[Callable[..., Iterator[Finding]], tuple[str, ...]]] = {
    "races": (races.run, ("ROUNDS",)),
    "crashes": (crashes.run, ("KILLS",)),
    "mail": (mail.run, ("MAILS", "MAIL_KILLS")),
    "properties": (properties.run, ("EXAMPLES",)),
    "trail": (trail.run, ("TAMPERINGS", "LINES")),
    "hostile": (hostile.run, ("POSTS",)),
    "load": (load.run, ("REQUESTS", "SECONDS")),
}


@dataclass(frozen=True)
class Choice:
    """What the command line asks for."""

    quick: bool
    parts: list[str]
    databases: list[str]

    def size(self, name: str) -> int:
        """How much of it."""
        return int(os.environ.get(name, SIZES[name][self.quick]))


def main() -> int:
    """Run what was asked for; gives the exit status."""
    read = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    read.add_argument("--quick", action="store_true", help="small sizes, under two minutes")
    read.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    read.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    asked = read.parse_args()
    choice = Choice(asked.quick, asked.parts, asked.databases)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was begun is cleaned up
    logging.disable(logging.CRITICAL)  # refusals are what is looked for; what matters is in the findings
    began, lines, held = time.monotonic(), [], []
    print(HEAD)
    for kind in choice.databases:
        with folder_and_server(kind) as folder:
            stage = Stage(kind, folder, "soak")
            for part in choice.parts:
                for line, well in show(kind, part, stage, choice):
                    print(line, flush=True)
                    lines.append(line)
                    held.append(well)
            stage.close()
    outcome = f"{sum(held)} of {len(held)} hold, after {(time.monotonic() - began) / 60:.0f} minutes."
    print(f"\n{outcome}")
    if (choice.quick, choice.parts, len(choice.databases)) == (False, list(PARTS), 2):
        keep(lines, outcome)
    return 0 if all(held) else 1


def show(kind: str, part: str, stage: Stage, choice: Choice) -> Iterator[tuple[str, bool]]:
    """Run one part; gives a line for each finding, and whether it held. A part that breaks off did not hold."""
    run, sizes = PARTS[part]
    before = time.monotonic()
    try:
        for finding in run(stage, *map(choice.size, sizes)):
            now = time.monotonic()
            yield f"| {kind} | {finding} | {now - before:.0f} |", finding.held
            before = now
    except Exception as error:
        yield f"| {kind} | {part} | | | {type(error).__name__}: {error} | **FAIL** | |", False


def keep(lines: list[str], outcome: str) -> None:
    """Write the section of its own in the file of what was measured; what the benchmark wrote there stays."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    written = MEASURED.read_text(encoding="utf-8") if MEASURED.exists() else ""
    head = f"`make soak` on {datetime.now(UTC):%Y-%m-%d} at commit {commit}, {os.cpu_count()} cores. {outcome}"
    section = "\n".join([TITLE, head, "", HEAD, *lines, ""])
    MEASURED.write_text(written.partition(TITLE)[0] + section, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
