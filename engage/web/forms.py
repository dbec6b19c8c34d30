"""The only place for what every form shares: its token, its one-time id, and text made clean."""

import re
import secrets
import unicodedata
from datetime import date
from typing import Any

import wtforms
from flask import request
from wtforms import DateField, HiddenField, ValidationError
from wtforms.csrf.core import CSRF
from wtforms.validators import Length

from engage.rules.forbidden import forbidden
from engage.web import access

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEARS = range(2000, 2101)  # outside them, a day is a slip of the hand


class _Token(CSRF):
    """The token is checked once for every unsafe request, in access; here it is only written into the form."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return access.csrf_token()

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        return None


def clean(text: str | None) -> str:
    """Text in NFC with plain line ends and no space around it; a field that was not sent is empty."""
    if text is None:
        return ""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def sound(form: wtforms.Form, field: wtforms.Field) -> None:
    """Refuse what no keyboard types: NUL, control characters, lone surrogates, text-direction overrides."""
    for character in field.data or "":
        if character in "\n\t":
            continue
        if unicodedata.category(character) in ("Cc", "Cs") or character in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068":
            raise ValidationError("This holds a character that cannot be kept. Type the text again by hand.")


def keepable(form: wtforms.Form, field: wtforms.Field) -> None:
    """Refuse what carries a classification marking, or holds what looks like a passport number."""
    if why := forbidden(field.data or ""):
        raise ValidationError(why)


class Form(wtforms.Form):
    """A form as every room uses it. `accepted()` is the only question a view asks."""

    class Meta:
        csrf = True
        csrf_class = _Token
        csrf_field_name = "csrf_token"

        def bind_field(self, form: Any, unbound: Any, options: Any) -> Any:
            if issubclass(unbound.field_class, wtforms.StringField) and not issubclass(
                unbound.field_class, wtforms.PasswordField
            ):
                options["filters"] = [*unbound.kwargs.get("filters", ()), clean]
            return unbound.bind(form=form, **options)

    def accepted(self) -> bool:
        """True when this is a POST and every field is sound; shape only, the rest is the rules' to say."""
        return request.method == "POST" and self.validate()

    def refuse(self, at: dict[str, str]) -> None:
        """Put a rule's sentences at their fields; what has no field of its own stands at the top."""
        for name, sentence in at.items():
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, sentence]
            else:
                self.form_errors.append(sentence)


def kind(field: wtforms.Field) -> str:
    """What a field is to the page that draws it: "list", "form", "select", "radio-group", "textarea", "text" …"""
    if hasattr(field, "entries"):
        return "list"
    if hasattr(field, "form"):
        return "form"
    options = getattr(field, "option_widget", None)
    if options is not None:
        return f"{options.input_type}-group" if hasattr(options, "input_type") else "select"
    return getattr(field.widget, "input_type", "textarea")


class Once:
    """Mixin: a one-time id, so that a double click makes one record."""

    once = HiddenField(default=lambda: secrets.token_hex(16), validators=[Length(min=1, max=64)])


class Day(DateField):
    """A calendar day; None when nothing was typed."""

    data: Any  # a required day is there once the form is accepted
    raw_data: list[Any] | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what a date input sends, and nothing else."""
        self.data = None
        text = "".join(valuelist[:1]).strip()
        if not text:
            self.raw_data = []  # blanks are no input: a required day is missing
            return
        try:
            if not DAY.fullmatch(text):
                raise ValueError
            day = date.fromisoformat(text)
        except ValueError:
            raise ValueError("Write the day as year, month and day: 2026-05-04.") from None
        if day.year not in YEARS:
            raise ValueError(f"Give a year from {YEARS[0]} to {YEARS[-1]}.")
        self.data = day


def _at_most(most: int) -> Length:
    return Length(max=most, message=f"Use at most {most:,} characters.")


def text(label: str, most: int = 200, **kwargs: Any) -> wtforms.StringField:
    """One line of text of at most `most` characters."""
    validators = [*kwargs.pop("validators", ()), _at_most(most), sound, keepable]
    return wtforms.StringField(label, validators, **kwargs)


def prose(label: str, most: int = 5000, **kwargs: Any) -> wtforms.TextAreaField:
    """Several lines of text of at most `most` characters."""
    validators = [*kwargs.pop("validators", ()), _at_most(most), sound, keepable]
    return wtforms.TextAreaField(label, validators, **kwargs)
