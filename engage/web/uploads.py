"""The only place where a form takes a file: read up to the limit, and checked for what it really is."""

from typing import Any

import wtforms
from flask import request
from wtforms import ValidationError

from engage.importing.attachments import ACCEPTED, ACCEPTED_WORDS, LARGEST_BYTES, Checked, check
from engage.importing.sheet import Unreadable


class UploadField(wtforms.FileField):
    """A file, whose `data` is what services.files.keep takes; None when nothing was chosen.

    It reads the request by itself, so the form is made of `request.form` like any other.
    """

    data: Checked | None

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Take the file sent under this field's name, if any."""
        self.process_errors = []
        self.data, self.raw_data = None, []
        sent = request.files.get(self.name) if formdata is not None else None
        if sent is None or not sent.filename:
            return
        self.raw_data = [sent.filename]
        try:
            self.data = check(sent.filename, sent.stream.read(LARGEST_BYTES + 1))
        except Unreadable as refusal:
            self.process_errors = [str(refusal)]

    def pre_validate(self, form: Any) -> None:
        """A file that was refused is a fault also where none is required."""
        if self.process_errors:
            raise ValidationError(self.process_errors[0])


class SheetField(wtforms.FileField):
    """A file that is read once and not kept, such as an export to import; `data` is its bytes, None when none came."""

    data: bytes | None

    def __init__(self, label: str, most_bytes: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.most_bytes = most_bytes

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Take the file sent under this field's name, if any."""
        self.process_errors, self.data, self.raw_data = [], None, []
        sent = request.files.get(self.name) if formdata is not None else None
        if sent is None or not sent.filename:
            return
        self.raw_data = [sent.filename]
        self.data = sent.stream.read(self.most_bytes + 1)
        if len(self.data) > self.most_bytes:
            self.process_errors = [f"The file is larger than {self.most_bytes // 1024:,} kB."]

    def pre_validate(self, form: Any) -> None:
        """Nothing beyond the limit is read."""
        if self.process_errors:
            raise ValidationError(self.process_errors[0])


def upload(label: str, description: str = "", **kwargs: Any) -> UploadField:
    """A field for one file; add validators=[InputRequired(…)] where it must be there."""
    said = f"{description} {ACCEPTED_WORDS}, at most {LARGEST_BYTES // 1024**2} MB.".strip()
    return UploadField(label, description=said, render_kw={"accept": ACCEPTED}, **kwargs)
