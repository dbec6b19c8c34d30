"""The only place that lists the commands; each does its work on the floors below."""

import click
from flask.cli import with_appcontext

from engage.jobs import commands as jobs


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest shape."""
    from flask_migrate import upgrade

    upgrade()


COMMANDS: tuple[click.Command, ...] = (migrate, *jobs.COMMANDS)
