"""The only place for views of what is planned that people keep by name."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line


class SavedView(Base):
    """One person's name for an address of this site, its filters included."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[line]
    path: Mapped[str] = mapped_column(String(500))
    saved_at: Mapped[datetime]
