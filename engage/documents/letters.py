"""The only place where a message of the outbox becomes the words a person reads, in the mail and in the inbox."""

import re
from collections.abc import Mapping
from typing import Any

from flask import current_app
from jinja2 import TemplateError, TemplateNotFound, UndefinedError

SITE = "Engage"

# What a message is about -> where it leads, unless its facts name a `path`.
PATHS = {
    "item": "/engagements/{}",
    "trip": "/trips/{}",
    "completion": "/training",
    "session": "/training/sessions/{}",
}


class CannotBeWritten(Exception):
    """The message has no text; `str()` of this says why, for whoever mends it."""


def path(facts: Mapping[str, Any], about_kind: str, about_id: int | None) -> str:
    """Where on this site a message leads; "" when nowhere."""
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
