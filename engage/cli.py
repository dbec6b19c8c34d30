"""The only place for the commands a person types: `engage …`, the same as `flask --app wsgi …`."""

import os
from typing import Any

from flask import Flask
from flask.cli import FlaskGroup


def register(app: Flask) -> None:
    """Give the application its commands."""
    from engage import commands

    for command in commands.COMMANDS:
        app.cli.add_command(command)


def main() -> Any:
    """The `engage` command."""
    from engage import create_app
    from engage.config import Settings, UnsafeSettings

    try:
        settings = Settings.from_environment(os.environ)
        group = FlaskGroup(create_app=lambda: create_app(settings), add_version_option=False)
        group.main(prog_name="engage")
    except UnsafeSettings as unsafe:
        raise SystemExit(f"engage will not start: {unsafe}") from None

