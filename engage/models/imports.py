"""The only place for files on their way in: what was staged, how far it was taken, and which columns mean what."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, prose, sha256, word


class Stage(StrEnum):
    """How far a file has come."""

    STAGED = "staged"
    TAKING = "taking"
    TAKEN = "taken"
    STOPPED = "stopped"


class ImportBatch(Base):
    """A file that somebody sent to be imported. `rows` is its table as JSON, emptied once it is taken.

    `report` is what a preview found, None while nobody has looked; `lease_until` says until when a runner works on it.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint("done >= 0 AND done <= total", name="done_within_total"),
        Index(None, "person_id", "id"),
        Index(None, "stage", "id"),
    )

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[word]
    file_name: Mapped[line]
    sha256: Mapped[sha256]
    rows: Mapped[str] = mapped_column(Text)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)  # our column -> theirs
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # question's key -> answer
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    stage: Mapped[Stage] = mapped_column(default=Stage.STAGED)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    message: Mapped[prose] = mapped_column(default="")
    created_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]


class ColumnMapping(Base):
    """How one person's files of one kind name our columns, remembered for the next file."""

    __tablename__ = "column_mapping"
    __table_args__ = (UniqueConstraint("person_id", "kind"),)

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[word]
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
