"""The only place for the commands that guard the house: the trail proved, a way in for somebody locked out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from engage.importing import cells
from engage.models.people import Person
from engage.rules.policy import ReviewKind, Role
from engage.rules.refusals import Refusal
from engage.services import audit, grants, people, sessions
from engage.services.people import COMMAND_LINE
from engage.services.transaction import transaction

audit_commands = AppGroup("audit", help="The trail of who did what.")
people_commands = AppGroup("people", help="Let somebody in who has no other way.")


class _HeadType(click.ParamType[audit.Head]):
    name = "LINE:CODE"

    def convert(self, value: str | audit.Head, param: click.Parameter | None, ctx: click.Context | None) -> audit.Head:
        if isinstance(value, audit.Head):
            return value
        line, _, link = value.partition(":")
        if not (line.isdecimal() and len(line) < 19 and len(link) == 64):
            self.fail("Give what `engage audit head` printed.", param, ctx)
        return audit.Head(int(line), link)


@audit_commands.command("verify")
@click.option("--head", "noted", type=_HeadType(), help="What `engage audit head` printed earlier: it must still hold.")
def verify(noted: audit.Head | None) -> None:
    """Recompute the chain of the trail; exits with 1 and names the first line that does not hold."""
    found = audit.verify(noted=noted)
    if found.first_bad_id is not None:
        click.echo(f"The trail does not hold: {found.why}. The first bad line is {found.first_bad_id}.", err=True)
        raise SystemExit(1)
    click.echo(f"The trail is whole: {found.lines:,} line{'' if found.lines == 1 else 's'}.")


@audit_commands.command("head")
def head() -> None:
    """Print where the trail ends now. Keep it elsewhere: `verify --head` proves later that nothing was cut."""
    click.echo(str(audit.head()))


@people_commands.command("reset")
@click.argument("email")
def reset(email: str) -> None:
    """Take somebody's password away, and print a link by which they set a new one."""
    with _told(), transaction():
        path = people.reset(_known(email), by=COMMAND_LINE, now=_now())
    click.echo(current_app.config["SETTINGS"].url + path)


@people_commands.command("grant")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--kind", type=click.Choice([kind.value for kind in ReviewKind]), help="What a reviewer looks at.")
def grant(email: str, role: str, kind: str | None) -> None:
    """Give somebody a role from today until it is revoked: the first administrator, for one."""
    today = _today()
    with _told(), transaction():
        grants.grant(
            _known(email), Role(role), kind=ReviewKind(kind) if kind else None, starts_on=today, by=COMMAND_LINE,
            now=_now(),
        )  # fmt: skip
    click.echo(f"{email} is {Role(role).label.lower()} from {today}.")


@people_commands.command("create-administrator")
@click.argument("email")
@click.argument("name")
def create_administrator(email: str, name: str) -> None:
    """Make the first administrator, and print the link by which they set their password."""
    settings, now, today = current_app.config["SETTINGS"], _now(), _today()
    if people.is_demonstration(email.lower()) and not settings.demonstration:
        raise click.ClickException("Addresses at example.gov belong to demonstrations.")
    try:
        address, name = cells.email(email.strip()), " ".join(name.split())[:200]
    except ValueError as fault:
        raise click.ClickException(str(fault)) from None
    with _told(), transaction():
        person = people.add(
            email=address, name=name, zone=settings.home_zone, by=COMMAND_LINE, now=now, today=today
        )
        grants.grant(person, Role.ADMINISTRATOR, starts_on=today, by=COMMAND_LINE, now=now)
        path = people.invite(person, by=COMMAND_LINE, now=now)
    click.echo(settings.url + path)


@contextmanager
def _told() -> Iterator[None]:
    """A rule's refusal becomes the command's own sentence."""
    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from None


def _known(email: str) -> Person:
    person = people.by_email(email)
    if person is None:
        raise click.ClickException(f"Nobody is known by the address {email}.")
    return person


def _today() -> date:
    return sessions.office_day(_now(), current_app.config["SETTINGS"].home_zone)


def _now() -> datetime:
    return current_app.config["CLOCK"]()  # type: ignore[no-any-return]


COMMANDS = (audit_commands, people_commands)
