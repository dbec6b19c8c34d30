"""The only place for the commands a person types: `engage …`, the same as `flask --app wsgi …`."""

import os
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo


def register(app: Flask) -> None:
    """Give the application its commands."""
    from engage import commands

    for command in commands.COMMANDS:
        app.cli.add_command(command)


def main() -> Any:
    """The `engage` command. Settings are read when a command needs them, so help is there before they are right."""
    from engage import create_app
    from engage.commands import COMMANDS
    from engage.config import Settings, UnsafeSettings

    group = click.Group("engage", commands=COMMANDS, help="Governance and support of international engagements.")
    info = ScriptInfo(create_app=lambda: create_app(Settings.from_environment(os.environ)))
    try:
        group.main(prog_name="engage", obj=info)
    except UnsafeSettings as unsafe:
        raise SystemExit(f"engage will not start: {unsafe}") from None
