"""The long trials of `make soak`: what only many rounds, kills and clients can show."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' own helpers are imported as the tests import them
