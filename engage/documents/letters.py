"""The only place where a message of the outbox becomes the words a person reads, in the mail and in the inbox."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from flask import current_app
from jinja2 import TemplateError, TemplateNotFound, UndefinedError

from engage.services import links

SITE = "Engage"

# What a message is about -> where it leads, unless its facts name a `path`.
PATHS = {
    "item": "/engagements/{}",
    "trip": "/trips/{}",
    "completion": "/training",
    "session": "/training/sessions/{}",
}


# A line of a drawing: what it is of, full and empty squares, and the numbers in words.
_BAR = re.compile("([^:]{1,60}): (■*)(□*) ?([^■□]+)")
SQUARE = 14  # points of a square's width in a mail
_LINK = re.compile(r"https?://[^\s<>\"]+")


class CannotBeWritten(Exception):
    """The message has no text; `str()` of this says why, for whoever mends it."""


def path(facts: Mapping[str, Any], about_kind: str, about_id: int | None) -> str:
    """Where on this site a message leads; "" when nowhere. A one-time link is made here, and kept nowhere."""
    if link := facts.get("link"):
        return links.path(link["id"], link["made"])
    if named := facts.get("path"):
        return str(named)
    known = PATHS.get(about_kind, "")
    return known.format(about_id) if about_id is not None or "{}" not in known else ""


def address(leads_to: str) -> str:
    """The full address of a path of this site, as a letter gives it; the inbox where a message leads nowhere."""
    site: str = current_app.config["SETTINGS"].url
    return site + (leads_to or "/inbox")


def text(template: str, facts: Mapping[str, Any], *, person_name: str, leads_to: str) -> str:
    """The plain text of templates/mail/<template>.txt, told `facts`, `person_name`, `url` and `site`.

    `leads_to` is a path of this site; the letter names it in full. Raises CannotBeWritten when there is no such
    template, or it asks for a fact that the message does not carry.
    """
    try:
        page = current_app.jinja_env.get_template(f"mail/{template}.txt")
        words = page.render(facts=facts, person_name=person_name, url=address(leads_to), site=SITE)
    except TemplateNotFound as missing:
        raise CannotBeWritten(f"There is no text for this message: {missing.name} is missing.") from missing
    except UndefinedError as unknown:
        raise CannotBeWritten(f"mail/{template}.txt asks for what the message does not say: {unknown}.") from unknown
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as broken:
        raise CannotBeWritten(f"mail/{template}.txt cannot be filled in: {broken}.") from broken
    return re.sub(r"\n{3,}", "\n\n", words.strip()) + "\n"  # what was left out leaves no gap


def closing(choose: str, stop: str = "") -> str:
    """How every mail ends: where to choose what is mailed and, of what may be stopped, where to stop it."""
    ways = [f"Choose what is mailed to you, and when:\n{choose}"]
    if stop:
        ways.append(f"Stop mails of this kind:\n{stop}")
    return "\n-- \n" + "\n\n".join(ways) + "\n"


def blocks(text: str) -> Iterator[list[str]]:
    """The letter's paragraphs, each a list of lines without space around them."""
    for part in text.split("\n\n"):
        if lines := [line.rstrip() for line in part.splitlines() if line.strip()]:
            yield lines


def html(text: str, *, title: str) -> str:
    """The same letter as a page for mail programs: paragraphs, lists and links, and nothing else."""
    body = "".join(_block(lines) for lines in blocks(text.replace("\n-- \n", "\n\n-- \n\n")))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>'
        f"{escape(title)}</title></head>\n<body>\n{body}</body></html>\n"
    )


def _block(lines: list[str]) -> str:
    if lines == ["--"]:
        return "<hr>\n"
    drawn = [_BAR.fullmatch(line) for line in lines]
    if all(drawn) and any(one and one[2] + one[3] for one in drawn):
        return "<table>\n" + "".join(_bar(*one.groups()) for one in drawn if one) + "</table>\n"
    if not lines[0].startswith("- "):
        return "<p>" + "<br>\n".join(map(_line, lines)) + "</p>\n"
    entries: list[list[str]] = []
    for line in lines:
        if line.startswith("- ") or not entries:
            entries.append([line.removeprefix("- ")])
        else:
            entries[-1].append(line.strip())
    return "<ul>\n" + "".join(f"<li>{_entry(entry)}</li>\n" for entry in entries) + "</ul>\n"


def _bar(label: str, full: str, empty: str, words: str) -> str:
    """A row of a drawing as mail programs show it without pictures: cells of a width and a colour."""
    cells = "".join(
        f'<td width="{SQUARE * len(squares)}" height="12" bgcolor="{colour}"></td>'
        for squares, colour in ((full, "#005ea2"), (empty, "#97d4ea"))
        if squares
    )
    bar = f'<table role="presentation" cellspacing="0" cellpadding="0"><tr>{cells}</tr></table>' if cells else ""
    return f'<tr><th scope="row" align="left">{escape(label)}</th><td>{bar}</td><td>{escape(words)}</td></tr>\n'


def _entry(lines: list[str]) -> str:
    if len(lines) > 1 and _LINK.fullmatch(lines[-1]):  # what is listed is the link's own text
        return f'<a href="{escape(lines[-1])}">{escape(" ".join(lines[:-1]))}</a>'
    return "<br>\n".join(map(_line, lines))


def _line(line: str) -> str:
    return f'<a href="{escape(line)}">{escape(line)}</a>' if _LINK.fullmatch(line) else escape(line)
