"""The only place for `engage search`: its index built anew from what is recorded."""

import click
from flask.cli import AppGroup

from engage.services import search_index
from engage.services.transaction import transaction

search_commands = AppGroup("search", help="The index of the search.")


@search_commands.command("rebuild")
def rebuild() -> None:
    """Build the index anew, in one transaction: searches find the old one until it is done."""
    with transaction():
        taken = search_index.rebuild()
    for kind, entries in taken.items():
        click.echo(f"{kind}: {entries:,}")


COMMANDS = (search_commands,)
