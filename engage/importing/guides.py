"""The only place that reads an etiquette guide from YAML."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from engage.importing.cells import ADDRESS_LIMIT, LINE_LIMIT, address, day, single_line
from engage.importing.parsed import Parsed, Problem
from engage.importing.sheet import Unreadable, file_text, has_control_characters
from engage.reference.countries import country
from engage.rules import guide_text

FILE_LIMIT_BYTES = 64 * 1024
SECTION_LIMIT_CHARACTERS = 4_000
LIST_LIMIT = 20
DEPTH_LIMIT = 6

SECTIONS = tuple(guide_text.SECTIONS)
FIELDS = ("country", "title", "summary", "sections", "must_know", "check", "sources", "reviewed", "status")
READER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the same reader in C, ten times as quick, where it is built
STATUSES = ("starter", "reviewed")


@dataclass(frozen=True)
class CheckQuestion:
    """One question on a guide. `answer` is the place of the right option, counted from 0."""

    section: str
    question: str
    options: tuple[str, ...]
    answer: int
    why: str


@dataclass(frozen=True)
class GuideText:
    """The text of a guide. `scope` is general or country; `sections` holds all twelve in their order."""

    scope: str
    country_code: str | None
    title: str
    summary: str
    sections: Mapping[str, str]
    must_know: tuple[str, ...]
    check: tuple[CheckQuestion, ...]
    sources: tuple[str, ...]
    reviewed: date
    status: str

    def content(self) -> dict[str, Any]:
        """What a version of the guide stores beside its title, in plain lists and dictionaries."""
        return {
            "summary": self.summary,
            "sections": dict(self.sections),
            "must_know": list(self.must_know),
            "check": [asdict(question) | {"options": list(question.options)} for question in self.check],
            "sources": list(self.sources),
        }


def parse_guide(source: bytes | Path) -> Parsed[GuideText]:
    """The guide of a file, one row, or the problems that keep it out. Never raises for what it holds."""
    problems: list[Problem] = []
    try:
        root = _root(file_text(source, FILE_LIMIT_BYTES))
        problems += _repeats(root)
        found = yaml.BaseLoader("").construct_document(root)
    except Unreadable as refusal:
        return Parsed.refused([Problem(0, "", str(refusal))])
    except yaml.YAMLError as error:
        return Parsed.refused([_fault(error)])
    lines = {key.value: key.start_mark.line + 1 for key, _ in root.value}
    guide = _Guide(found, lines, problems).read()
    if problems or not guide:
        return Parsed.refused(problems)
    return Parsed((guide,))


def _root(text: str) -> yaml.MappingNode:
    """The document's tree, without aliases and not too deep. Raises Unreadable or YAMLError.

    The base loader makes text, lists and dictionaries alone: no tag builds an object, and NO stays Norway.
    """
    if has_control_characters(text):
        raise Unreadable("The file holds a control character.")
    depth = 0
    for event in yaml.parse(text, Loader=READER):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable("The file uses YAML anchors or aliases (& and *); write the text out.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_LIMIT:
            raise Unreadable(f"The file is nested more than {DEPTH_LIMIT} deep.")
    root = yaml.compose(text, Loader=READER)
    if not isinstance(root, yaml.MappingNode):
        raise Unreadable("The file is not a list of named fields, such as title and summary.")
    return root


def _repeats(node: yaml.Node) -> Iterator[Problem]:
    """A name written twice: YAML would quietly keep the last."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Unreadable(f"Line {key.start_mark.line + 1}: a field's name must be plain text.")
            if key.value in seen:
                yield Problem(key.start_mark.line + 1, key.value[:40], "This is there twice.")
            seen.add(key.value)
            yield from _repeats(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeats(value)


def _fault(error: Exception) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or "a value cannot be read"
    return Problem(mark.line + 1 if mark else 0, "", f"The file is not sound YAML: {str(what)[:200]}.")


class _Guide:
    """Reads the fields of one guide, noting each fault at the line of its field."""

    def __init__(self, found: dict[Any, Any], lines: dict[str, int], problems: list[Problem]) -> None:
        self.found, self.lines, self.problems = found, lines, problems

    def read(self) -> GuideText | None:
        """The guide; None, or full of holes, when problems were noted."""
        for name in self.found:
            if name not in FIELDS:
                self.refuse(str(name)[:40], "This field is not known here.")
        code = self.country()
        title = self.text("title", LINE_LIMIT)
        summary = self.text("summary", SECTION_LIMIT_CHARACTERS)
        sections = self.sections()
        must_know = self.strings("must_know", SECTION_LIMIT_CHARACTERS)
        check = self.check()
        sources = self.strings("sources", ADDRESS_LIMIT)
        for source in sources:
            try:
                address(source)
            except ValueError as fault:
                self.refuse("sources", f"“{source[:60]}”: {fault}")
        reviewed = self.reviewed()
        status = self.text("status", LINE_LIMIT)
        if status and status not in STATUSES:
            self.refuse("status", f"“{status[:40]}” is none of {', '.join(STATUSES)}.")
        if not reviewed:
            return None
        return GuideText(
            "country" if code else "general",
            code,
            title,
            summary,
            MappingProxyType(sections),
            must_know,
            check,
            sources,
            reviewed,
            status,
        )

    def refuse(self, field: str, reason: str) -> None:
        """Note a fault of a field."""
        self.problems.append(Problem(self.lines.get(field.partition(".")[0], 0), field, reason))

    def country(self) -> str | None:
        """The country's code; None for the general guide, which has no such field."""
        if "country" not in self.found:
            return None
        value = self.found["country"]
        known = country(value.upper()) if isinstance(value, str) and len(value) == 2 else None
        if not known:
            self.refuse("country", "This is no country code; write two letters of ISO 3166-1, such as EE.")
            return None
        return known.code

    def text(self, field: str, limit: int) -> str:
        """A text that must be there."""
        return self.string(field, self.found.get(field), limit)

    def string(self, field: str, value: Any, limit: int) -> str:
        """`value` as one run of text, noting when it is none, empty or too long."""
        text = single_line(value) if isinstance(value, str) else ""
        if value is not None and not isinstance(value, str):
            self.refuse(field, "This must be text.")
        elif not text:
            self.refuse(field, "This is missing.")
        elif len(text) > limit:
            self.refuse(field, f"This is longer than {limit:,} characters.")
        return text

    def sections(self) -> dict[str, str]:
        """The twelve sections, in their order."""
        value = self.found.get("sections")
        if not isinstance(value, dict):
            self.refuse("sections", "The twelve sections are missing.")
            return {}
        for name in value:
            if name not in SECTIONS:
                self.refuse(f"sections.{str(name)[:40]}", "This section is not known here.")
        limit = SECTION_LIMIT_CHARACTERS
        return {name: self.string(f"sections.{name}", value.get(name), limit) for name in SECTIONS}

    def strings(self, field: str, limit: int) -> tuple[str, ...]:
        """A list of texts, at least one."""
        value = self.found.get(field)
        if not isinstance(value, list) or not 1 <= len(value) <= LIST_LIMIT:
            self.refuse(field, f"This must be a list of 1 to {LIST_LIMIT} texts.")
            return ()
        return tuple(self.string(field, item, limit) for item in value)

    def check(self) -> tuple[CheckQuestion, ...]:
        """The questions, each about a section, with an answer among its options."""
        value = self.found.get("check")
        if not isinstance(value, list) or not 1 <= len(value) <= LIST_LIMIT:
            self.refuse("check", f"This must be a list of 1 to {LIST_LIMIT} questions.")
            return ()
        return tuple(self.question(f"check.{number}", item) for number, item in enumerate(value, start=1))

    def question(self, field: str, value: Any) -> CheckQuestion:
        """One question."""
        if not isinstance(value, dict) or set(value) != {"section", "question", "options", "answer", "why"}:
            self.refuse(field, "A question has section, question, options, answer and why, and nothing else.")
            return CheckQuestion("", "", (), 0, "")
        section = value["section"]
        if section not in SECTIONS:
            self.refuse(field, "It is not about one of the twelve sections.")
        options = value["options"]
        if not isinstance(options, list) or not 2 <= len(options) <= 6:
            self.refuse(field, "A question has two to six options.")
            options = []
        texts = tuple(self.string(field, option, LINE_LIMIT) for option in options)
        if len(set(texts)) != len(texts):
            self.refuse(field, "Two options are the same.")
        answer = value["answer"]
        if not (isinstance(answer, str) and answer in map(str, range(len(options)))):
            last = max(len(options) - 1, 0)
            self.refuse(field, f"The answer is the number of an option, counted from 0 to {last}.")
            answer = "0"
        question = self.string(field, value["question"], LINE_LIMIT * 2)
        why = self.string(field, value["why"], LINE_LIMIT * 2)
        return CheckQuestion(str(section), question, texts, int(answer), why)

    def reviewed(self) -> date | None:
        """The day on which somebody last read the guide through."""
        value = self.found.get("reviewed")
        try:
            return day(value if isinstance(value, str) else "")
        except ValueError:
            self.refuse("reviewed", "Write the day of the last review, such as 2026-11-22.")
            return None
