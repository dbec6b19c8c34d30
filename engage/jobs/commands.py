"""The only place for the commands of the clock: run-jobs, remind, deliver."""

import logging
import signal
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext

from engage.services import forecast, reminder_rules, reminders
from engage.services.transaction import begin_reading, transaction


class _Days(click.ParamType[int]):
    name = "DAYS"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).removesuffix("d")
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:5]) <= 400):
            self.fail(f"“{value}” is no number of days from 1 to 400, such as 90d.", param, ctx)
        return int(text)


DAYS = _Days()


@click.command("run-jobs")
@with_appcontext
def run_jobs() -> None:
    """Sweep for reminders and send messages until told to stop."""
    from engage.jobs.runner import JobRunner

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    runner = JobRunner(current_app._get_current_object())  # type: ignore[attr-defined]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, runner.stop)
    runner.run()


@click.command("remind")
@click.option("--at", metavar="TIME", help="A day or a moment, such as 2026-03-06 or 2026-03-06T09:00; else now.")
@click.option("--dry-run", is_flag=True, help="Only print what would go.")
@click.option("--for", "days", type=DAYS, help="Print what would go in so many days from then, such as 90d.")
@click.option("--skip-past", is_flag=True, help="After a restore: let nothing that was owed until now go any more.")
@with_appcontext
def remind(at: str | None, dry_run: bool, days: int | None, skip_past: bool) -> None:
    """Post the reminders owed at a time, or print them with --dry-run or --for. A day alone means all of that day."""
    zone = ZoneInfo(current_app.config["SETTINGS"].home_zone)
    now: datetime = current_app.config["CLOCK"]()
    then = _moment(at, zone) if at else now
    if skip_past:
        owed = reminders.preview(now)
        with transaction():
            reminder_rules.skip_past(now)
        click.echo(f"{len(owed)} would have gone now and will not. What comes from now on goes as ever.")
        return
    if days is not None:
        begin_reading()
        start = _beginning(at, zone) if at else now
        _foretell(forecast.foresee(start, start + timedelta(days=days)), days, zone)
        return
    if dry_run:
        begin_reading()
        _print(reminders.preview(then), then, zone)
        return
    if then > now:
        raise click.UsageError("Reminders of the future can only be printed: add --dry-run.")
    with transaction():
        posted = reminders.sweep(then)
    click.echo(f"{posted} posted.")


@click.command("deliver")
@with_appcontext
def deliver() -> None:
    """Send every message that is due, once through."""
    from engage.jobs.mail import Carrier
    from engage.jobs.runner import holder_name

    settings = current_app.config["SETTINGS"]
    if settings.mail is None:
        click.echo("No mail server is set (SMTP_URL): messages wait in the inbox.")
        return
    sent = Carrier(settings, holder_name(), current_app.config["CLOCK"]).deliver()
    click.echo(f"{sent} sent.")


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """The moment a person typed, aware UTC; without an offset in the office's time, a bare day to its last second."""
    try:
        if len(text) == len("2026-03-06"):
            last = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), zone)
            return last.astimezone(UTC) - timedelta(seconds=1)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        raise click.BadParameter(
            f"“{text}” is no day or moment such as 2026-03-06 or 2026-03-06T09:00.", param_hint="--at"
        ) from wrong


def _beginning(text: str, zone: ZoneInfo) -> datetime:
    """The moment a person typed; a bare day from its first second."""
    moment = _moment(text, zone)
    if len(text) == len("2026-03-06"):
        return datetime.combine(date.fromisoformat(text), time(), zone).astimezone(UTC)
    return moment


def _foretell(going: list[Any], days: int, zone: ZoneInfo) -> None:
    for reminder in going:
        leaves = reminder.leaves_at.astimezone(zone)
        click.echo(f"{leaves:%Y-%m-%d %H:%M %Z}  {reminder.to_name}  {reminder.message['subject']}")
        click.echo(f"{'':22}because of: {reminder.why}")
    click.echo(f"{len(going)} would go in {days} days if nobody did anything. Nothing was written.")


def _print(owed: list[Any], at: datetime, zone: ZoneInfo) -> None:
    for reminder in owed:
        when = reminder.reached_at.astimezone(zone)
        click.echo(f"{when:%Y-%m-%d %H:%M %Z}  {reminder.to_name}  {reminder.message['subject']}")
        click.echo(f"{'':22}because of: {reminder.why}")
    click.echo(f"{len(owed)} would go by {at.astimezone(zone):%Y-%m-%d %H:%M %Z}. Nothing was written.")


COMMANDS = (run_jobs, remind, deliver)
