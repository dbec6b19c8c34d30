"""`python -m engage` is the `engage` command; the supervisor starts its programs this way."""

from engage.cli import main

main()
