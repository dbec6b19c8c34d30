"""The only place for the long version of what holds of reminders: the same properties, over many more cases."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

from tests.soak.stage import ROOT, Finding, Stage

PROPERTIES = (
    "tests/services/test_reminders_always.py", "tests/rules/test_schedule.py", "tests/rules/test_working_time.py",
)  # fmt: skip
PASSED = re.compile(r"^(\d+) passed", re.MULTILINE)


def run(stage: Stage, examples: int) -> Iterator[Finding]:
    """Try each property over so many cases; one that fails is told with its smallest case in the log."""
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *PROPERTIES],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "ENGAGE_EXAMPLES": str(examples), "ENGAGE_TEST_DATABASES": stage.kind},
    )  # fmt: skip
    passed = PASSED.search(told.stdout)
    if told.returncode:
        (stage.folder / "properties.log").write_text(told.stdout + told.stderr)
        print(told.stdout, file=sys.stderr)
    yield Finding(
        "reminders: properties over random facts, rules, clocks and outages",
        "running twice is once; any runs end as the last alone; each occurrence once for each reader; none after it",
        f"{examples} cases each",
        f"{passed[1] if passed else 0} tests passed",
        told.returncode == 0,
    )
