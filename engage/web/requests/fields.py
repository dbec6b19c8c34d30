"""The fields that only a request for an engagement needs: rows that repeat, and dollars."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from wtforms import Field, FieldList
from wtforms.widgets import TextInput

DOLLARS = re.compile(r"\$? ?([0-9]{1,10}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(\.[0-9]{1,2})?")


class Rows(FieldList):
    """Rows of fields. Blank ones are for typing in, and say nothing."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        """The numbers of the rows that were sent, in digits 0 to 9 and no others."""
        for name in formdata:
            if match := re.match(rf"{re.escape(prefix)}-([0-9]{{1,3}})-", name):
                yield int(match[1])

    def drop_blank(self) -> None:
        """Close the gaps that blank rows leave, so that row numbers are those of the content."""
        for index in reversed(range(len(self.entries))):
            row = self.entries[index].form
            if not any(row[name].raw_data and row[name].raw_data[0].strip() for name in row.TELLING):
                self.pop_entry(index)

    def pad(self, blank: int) -> None:
        """Add blank rows to type in, as far as there may be more."""
        for _ in range(min(blank, (self.max_entries or 0) - len(self.entries))):
            self.append_entry()


class Dollars(Field):
    """An amount in US dollars as a Decimal of at most two places; None when nothing was typed."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:.2f}".removesuffix(".00")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a plain decimal number; commas between thousands are allowed."""
        if not valuelist:
            return
        self.data = None
        text = valuelist[0].strip()
        if not text:
            return
        match = DOLLARS.fullmatch(text)
        if not match:
            raise ValueError("Write a plain amount in dollars, such as 1200 or 1200.50.")
        self.data = Decimal(match[1].replace(",", "") + (match[2] or ""))
