"""The only place that lists the commands; each does its work on the floors below."""

import os
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from engage.config import Settings
from engage.import_commands import import_files
from engage.jobs import commands as jobs
from engage.services import charter_commands, file_commands, readiness_commands, search_commands
from engage.services import commands as guards


@click.command("start")
def start() -> None:
    """Prepare the database, then run web server and job runner until told to stop."""
    from engage import supervise

    settings = Settings.from_environment(os.environ)
    raise SystemExit(supervise.start(settings, now=datetime.now(UTC)))


@click.command("serve")
def serve() -> None:
    """Serve pages until told to stop."""
    from engage import server

    server.serve(Settings.from_environment(os.environ))


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest shape."""
    from flask_migrate import upgrade

    upgrade()


@click.command("seed")
@click.option("--demonstration", is_flag=True, help="Also the demonstration's people and story, when nobody is here.")
@with_appcontext
def seed(demonstration: bool) -> None:
    """Load the data that ships and is not there yet."""
    from engage import seed as seeding
    from engage.services.transaction import transaction

    settings, now = current_app.config["SETTINGS"], current_app.config["CLOCK"]()
    if demonstration and not settings.demonstration:
        raise click.ClickException("Demonstration people have no place where people are real (ENGAGE_MODE).")
    with transaction():
        taken = seeding.load_shipped(home_country=settings.home_country, now=now)
        told = demonstration and seeding.load_story(now=now)
    for table, rows in taken.items():
        click.echo(f"{table.replace('_', ' ')}: {rows} new")
    if demonstration:
        click.echo("The story was told." if told else "There are people already, so no story was told.")


COMMANDS: tuple[click.Command, ...] = (
    start, serve, migrate, seed, import_files, *jobs.COMMANDS, *guards.COMMANDS, *file_commands.COMMANDS,
    *readiness_commands.COMMANDS, *charter_commands.COMMANDS, *search_commands.COMMANDS,
)  # fmt: skip
