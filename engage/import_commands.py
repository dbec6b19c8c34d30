"""The only place for `engage import`: preview, questions, consent, and then all of it or nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from engage.importing.parsed import Question
from engage.importing.sheet import FILE_LIMIT_BYTES
from engage.rules.policy import Role

SHOWN = 25  # rows of one kind that a preview lists one by one; every problem is listed


@click.group("import")
def import_files() -> None:
    """Take real input: a preview, a question, then all of it or nothing. Twice is the same as once."""


def _command(kind: str, help_: str, *, folder: bool = False, for_whom: bool = False) -> None:
    """Add one subcommand."""

    def run(source: Path, yes: bool, for_: str | None = None) -> None:
        content = source if folder else _content(source)
        _import(kind, content, source.name, yes=yes, for_=for_)

    path = click.Path(exists=True, file_okay=not folder, dir_okay=folder, readable=True, path_type=Path)
    decorate: list[Callable[[Any], Any]] = [
        with_appcontext,
        click.option("--yes", is_flag=True, help="Do not ask. What is not sure is left open, and drafts say so."),
        click.argument("source", metavar="FOLDER" if folder else "FILE", type=path),
    ]
    if for_whom:
        decorate.append(
            click.option("--for", "for_", metavar="EMAIL", help="Whose drafts they are; else the secretariat's.")
        )
    for decorator in decorate:
        run = decorator(run)
    import_files.add_command(click.command(kind, help=help_)(run))


_command("forums", "Bodies and series in which partners meet, from a CSV file.")
_command("partners", "Foreign and multilateral organisations, from a CSV file.")
_command("events", "Meetings that others hold, from a CSV file.")
_command("people", "Accounts without a password, their offices, supervisors and roles, from a CSV file.")
_command("requests", "Requests for engagements, from a CSV file; each becomes a draft.", for_whom=True)
_command("invitation", "An iCalendar invitation (.ics); it becomes a draft.", for_whom=True)
_command("guides", "Etiquette guides (.yaml), from a folder.", folder=True)


def _content(source: Path) -> bytes:
    """The file, read once, so that what was shown is what is taken; one byte past the limit is enough to refuse it."""
    try:
        with source.open("rb") as file:
            return file.read(FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise click.ClickException(f"The file cannot be opened: {error.strerror or error}.") from None


def _import(kind: str, source: bytes | Path, name: str, *, yes: bool, for_: str | None) -> None:
    from engage.services import imports
    from engage.services.people import COMMAND_LINE
    from engage.services.transaction import transaction

    by = replace(COMMAND_LINE, roles=frozenset(Role))  # whoever types commands on the server owns it
    requester_id = _requester(for_)
    now: datetime = current_app.config["CLOCK"]()
    answers: dict[str, str] = {}
    plan = imports.preview(kind, source, now=now)
    while plan.sound and not yes and (asked := [q for q in _each(plan.questions) if q.key not in answers]):
        for question in asked:
            answers[question.key] = _ask(question)
        plan = imports.preview(kind, source, now=now, answers=answers)
    show(plan)
    if not plan.sound:
        raise click.ClickException("The file has problems, so nothing was taken from it.")
    if not plan.idle:
        click.echo(_reach(lambda: imports.take(
            kind, source, by=by, now=now, answers=answers, requester_id=requester_id, name=name
        ), now))  # fmt: skip
    if plan.idle:
        click.echo("Everything in it is here already. Nothing to do.")
    elif not yes and not click.confirm("Take this?"):
        raise click.ClickException("Nothing was taken.")
    try:
        with transaction():
            done = imports.take(
                kind, source, by=by, now=now, answers=answers, requester_id=requester_id, name=name
            )
    except imports.Unsound as unsound:  # somebody changed the registers meanwhile
        show(unsound.plan)
        raise click.ClickException(str(unsound)) from None
    if not plan.idle:
        click.echo(f"Done: {len(done.new)} new, {len(done.changed)} changed, {len(done.same)} the same.")


class _Undone(Exception):
    """What was tried is taken back."""


def _reach(take: Callable[[], object], now: datetime) -> str:
    """Whom the import would have reminded, now and in 30 days: it is tried, looked at, and taken back."""
    from engage.services import forecast, imports
    from engage.services.transaction import begin_reading, transaction

    ahead = now + timedelta(days=30)
    begin_reading()
    before = {one.key for one in forecast.foresee(now, ahead)}
    new = []
    try:
        with transaction():
            take()
            new = [one for one in forecast.foresee(now, ahead) if one.key not in before]
            raise _Undone
    except (_Undone, imports.Unsound):
        pass
    at_once = sum(one.reached_at <= now for one in new)
    return f"Reminders because of it: {at_once} at once, {len(new) - at_once} in the next 30 days."


def _requester(email: str | None) -> int | None:
    from engage.services import imports

    try:
        return imports.requester(email) if email is not None else None
    except KeyError:
        raise click.ClickException(f"Nobody here has the address {email}.") from None


def _each(questions: Iterable[Question]) -> list[Question]:
    """Each question once, though several lines put it."""
    return list({question.key: question for question in questions}.values())


def _ask(question: Question) -> str:
    """The answer of whoever sits there; empty leaves it open, and the draft will say so."""
    click.echo(f"Line {question.line}: {question.about}")
    if not question.options:
        return str(click.prompt("A two-letter country code, or Enter to leave it open", default="", show_default=False))
    for number, option in enumerate(question.options, start=1):
        click.echo(f"  {number}. {option}")
    numbers = click.IntRange(0, len(question.options))
    chosen: int = click.prompt("Its number, or Enter to leave it open", type=numbers, default=0, show_default=False)
    return question.options[chosen - 1] if chosen else ""


def show(plan: Any) -> None:
    """Print what a plan would do; every problem, and the first rows of each kind."""
    for title, entries in (("New", plan.new), ("Changes", plan.changed)):
        if entries:
            click.echo(f"{title}: {len(entries)}")
        for entry in entries[:SHOWN]:
            click.echo(f"  {entry.label}")
            for sentence in entry.says:
                click.echo(f"      {sentence}")
        if len(entries) > SHOWN:
            click.echo(f"  … and {len(entries) - SHOWN} more")
    click.echo(f"The same: {len(plan.same)}")
    for entry in plan.same[:SHOWN]:
        for sentence in entry.says:
            click.echo(f"  {entry.label}: {sentence}")
    open_ = _each(plan.questions)
    if open_:
        click.echo(f"Left open: {len(open_)}")
    for question in open_:
        click.echo(f"  Line {question.line}: {question.about}")
    if plan.problems:
        click.echo(f"Problems: {len(plan.problems)}", err=True)
    for problem in plan.problems:
        click.echo(f"  {problem}", err=True)
