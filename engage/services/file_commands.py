"""The only place for the commands of the folder of files: proved, and swept."""

import click
from flask import current_app
from flask.cli import AppGroup

from engage.services import files

file_commands = AppGroup("files", help="The uploaded files, kept outside the database.")


@file_commands.command("verify")
def verify() -> None:
    """Read every kept file and compare its digest; exits with 1 and names each that is missing or changed."""
    if found := files.damaged():
        for sentence in found:
            click.echo(sentence, err=True)
        raise SystemExit(1)
    click.echo("Every kept file is there and unchanged.")


@file_commands.command("sweep")
def sweep() -> None:
    """Delete what no record needs any more: removed files, and what a failed upload left behind."""
    gone = files.sweep(now=current_app.config["CLOCK"]())
    click.echo(f"{gone} file{'' if gone == 1 else 's'} deleted.")


COMMANDS = (file_commands,)
