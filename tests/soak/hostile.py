"""The only place for bad input: every field of every form that a page shows, filled with what nobody means well."""

import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from factories import NOON
from flask.testing import FlaskClient
from journeys.test_every_page import kind, next_links
from pages import Page, Visitor

from engage import seed
from engage.extensions import db
from engage.models.people import Person
from engage.seed.demonstration import sign_ins
from engage.services.transaction import transaction
from tests.soak.races import told
from tests.soak.stage import Finding, Stage

SLOWEST = 5.0  # seconds that an answer may take
VALUES = (
    "", " \t\r\n ", "\0", "a\0b", "\x1b[31m", "\ud800", "\u202egnirts", "\u200b", "e\u0301", "👩‍👩‍👧‍👦" * 30,
    "ﷺ" * 500, "A" * 100_000, "9" * 400, "-1", "0", "-0", "1e309", "NaN", "Infinity", "2147483648",
    "9223372036854775808", "٣", "²", "1_000", "0x10", "2026-02-30", "0000-00-00", "99999-01-01", "' OR 1=1 --",
    "<script>alert(1)</script>", "{{7*7}}", "%s%n%x", "../../../etc/passwd", "//evil.example", "javascript:alert(1)",
    "http://[::1", "a@b.example\r\nBcc: c@d.example",
)
LEFT_OUT, MANY_TIMES = object(), object()
MORE_ROOM = "add"  # the button that only asks for another row: with it, nothing else would be judged
EXAMPLES = {"date": "2026-06-01", "email": "robin@example.gov", "number": "1", "datetime-local": "2026-06-01T09:00"}


class FormPage(Page):
    """A page whose forms also know every name they can send, with a sound value for it where none stands there."""

    def _field(self, tag: str, a: dict[str, str]) -> None:
        super()._field(tag, a)
        if name := a.get("name"):
            sound = a.get("value") or EXAMPLES.get(a.get("type", ""), "" if tag == "select" else "Said plainly.")
            names = self.forms[-1].setdefault("names", {})
            names[name] = names.get(name) or sound

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        value = dict(attrs).get("value")
        if tag == "option" and value and self._option and self.forms:
            names = self.forms[-1].setdefault("names", {})
            names[self._option[-1]] = names.get(self._option[-1]) or value


@dataclass
class Target:
    """A form: who met it, where it goes, and what it would send if it were filled in well."""

    client: FlaskClient = field(repr=False)
    method: str
    path: str
    names: list[str]
    fields: dict[str, Any]

    def send(self, name: str, value: Any) -> tuple[int, float]:
        """Send it with `value` in the field `name`; gives the status and the seconds."""
        fields = {**self.fields, **({"once": token_hex(16)} if "once" in self.fields and name != "once" else {})}
        if value is LEFT_OUT:
            fields.pop(name, None)
        else:
            fields[name] = ["1"] * 500 if value is MANY_TIMES else value
        body = urlencode(fields, doseq=True, errors="surrogatepass")
        began = time.monotonic()
        if self.method == "post":
            answer = self.client.post(self.path, data=body, content_type="application/x-www-form-urlencoded")
        else:
            answer = self.client.get(f"{self.path.split('?')[0]}?{body[:8_000]}")
        answer.close()
        return answer.status_code, time.monotonic() - began


def run(stage: Stage, number: int) -> Iterator[Finding]:
    """Crawl the demonstration as each of its people, then send `number` hostile forms, chosen by lot from all."""
    folder = stage.folder / "hostile"  # its databases are its own: they begin with the story
    folder.mkdir()
    stage = Stage(stage.kind, folder, "hostile")
    with stage.hurried(), stage.anew(lambda: NOON):
        with transaction():
            seed.load_story(now=NOON)
        targets = crawl(stage)
        stage.keep()
        everything = [
            (target, name, value)
            for target in targets for name in target.names for value in (*VALUES, LEFT_OUT, MANY_TIMES)
        ]  # fmt: skip
        chosen = random.Random(20260302).sample(everything, min(number, len(everything)))
        said: Counter[int] = Counter()
        wrong, slowest = [], 0.0
        for target, name, value in chosen:
            status, seconds = target.send(name, value)
            said[status] += 1
            slowest = max(slowest, seconds)
            if status >= 500:
                wrong.append(f"{target.method} {target.path} {name}={value!r:.40}: {status}")
            if status < 400 and target.method == "post":  # it was taken: the next one meets what this one met
                stage.leave()
                stage.fresh()
        fields = sum(len(target.names) for target in targets)
    stage.close()
    yield Finding(
        "bad input: hostile values in every field of every form",
        "100,000 calls, 37 values in every field: zero 5xx, nothing over 5 s",
        f"{len(chosen):,} of {len(everything):,}: {len(targets)} forms, {fields} fields, {len(VALUES) + 2} values",
        f"{told(said)}; slowest {slowest:.1f} s" + "".join(f"; {one}" for one in wrong[:5]),
        not wrong and slowest < SLOWEST,
    )  # fmt: skip


def crawl(stage: Stage) -> list[Target]:
    """Every form that links lead to, once, as whoever meets it first; those before sign-in too."""
    people = {person.email: person for person in db.session.scalars(sa.select(Person)).all()}
    found: dict[tuple[str, ...], Target] = {}
    for email in (*sign_ins(), None):
        visitor, seen = Visitor(stage.app), set()
        if email:
            visitor.sign_in(people[email])
        ahead = ["/"] if email else ["/sign-in"]
        while ahead:
            path = ahead.pop(0)
            if kind(path) in seen:
                continue
            seen.add(kind(path))
            answer = visitor.client.get(path)
            db.session.rollback()
            if answer.mimetype != "text/html":
                continue
            page = FormPage(answer.get_data(as_text=True))
            ahead += next_links(page.links, seen)
            for form in page.forms:
                fields = {**form.get("names", {}), **{name: value for name, value in form["fields"].items() if value}}
                names, target = sorted(fields), form["action"] or re.sub(r"#.*", "", path)
                fields.pop(MORE_ROOM, None)
                found.setdefault((form["method"], kind(target), *names), Target(
                    visitor.client, form["method"], target, names, fields))  # fmt: skip
    return list(found.values())
