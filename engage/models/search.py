"""The only place for the index of the search: what can be found, and the words by which it is found."""

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, intpk, line, word
from engage.rules.search_words import Kind

_WORD = String(40).with_variant(String(40, collation="C"), "postgresql")  # by bytes, so that a prefix is a range


class SearchEntry(Base):
    """Something that a search finds. `item_id` is the item whose readers may find it; None: everybody may."""

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("kind", "record_id"), Index(None, "item_id"))

    id: Mapped[intpk]
    kind: Mapped[Kind]
    record_id: Mapped[int]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    title: Mapped[line]
    detail: Mapped[line] = mapped_column(default="")  # places, partners, an office: one line below the title
    code: Mapped[word] = mapped_column(default="")  # of a guide: by which its page is addressed


class SearchWord(Base):
    """A word of an entry and its weight (rules.search_words.Weight); the heaviest place of each word counts."""

    __tablename__ = "search_word"
    __table_args__ = (Index(None, "entry_id", "word"),)

    word: Mapped[str] = mapped_column(_WORD, primary_key=True)
    weight: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("search_entry.id"), primary_key=True)
