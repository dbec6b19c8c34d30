"""The only place for what is known of uploaded files; their bytes lie outside the database, by their SHA-256."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, sha256, word


class StoredFile(Base):
    """A file somebody gave, about one record. `sha256` and `size_bytes` are of what is kept, after checking.

    `keep_until` is the last day it must be kept (None: as long as its record); `removed_at` says when its bytes
    went, while this row stays.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("size_bytes > 0", name="not_empty"),
        Index(None, "about_kind", "about_id"),
        Index(None, "sha256"),
        Index(None, "uploaded_by_id", "uploaded_at"),
    )

    id: Mapped[intpk]
    name: Mapped[line]  # as given, cleaned: shown and offered for saving, never used as a path
    media_type: Mapped[line]  # what the bytes are, not what the browser said
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[sha256]
    about_kind: Mapped[word]
    about_id: Mapped[int]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]
    scanned_by: Mapped[word] = mapped_column(default="")  # the scanner that found nothing; empty: none is set up
    keep_until: Mapped[date | None]
    removed_at: Mapped[datetime | None]
