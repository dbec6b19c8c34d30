"""The only place for meetings: agenda, papers, attendance and the consent list."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, address, intpk, line, prose, sha256, word
from engage.rules.agenda import Attends, Ending, Section
from engage.rules.voting import Choice


class Meeting(Base):
    """A meeting of the board. `starts_at` is a moment; `zone` says on which clock it is announced.

    `sequence` rises with every change that a calendar must learn of (iCalendar SEQUENCE). Papers that come after
    `papers_at`, when the read-ahead was published, are late.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("minutes_long BETWEEN 15 AND 720", name="length_of_a_meeting"),
        CheckConstraint("place <> '' OR link <> ''", name="somewhere"),
        CheckConstraint("ended_at IS NULL OR opened_at IS NOT NULL", name="ended_after_opening"),
        CheckConstraint("cancelled_at IS NULL OR opened_at IS NULL", name="cancelled_before_opening"),
        Index(None, "board_id", "starts_at"),
        Index(
            "uq_meeting_one_open",
            "board_id",
            unique=True,
            sqlite_where=text("opened_at IS NOT NULL AND ended_at IS NULL"),
            postgresql_where=text("opened_at IS NOT NULL AND ended_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    board_id: Mapped[int] = mapped_column(ForeignKey("board.id"))
    title: Mapped[line]
    starts_at: Mapped[datetime]
    minutes_long: Mapped[int]
    zone: Mapped[word]
    place: Mapped[line] = mapped_column(default="")
    link: Mapped[address] = mapped_column(default="")
    sequence: Mapped[int] = mapped_column(default=0)
    scheduled_at: Mapped[datetime]
    scheduled_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    short_notice: Mapped[prose] = mapped_column(default="")  # why it was called with less notice than the charter asks
    changed_at: Mapped[datetime]
    papers_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[prose] = mapped_column(default="")
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class AgendaEntry(Base):
    """One point of an agenda: an item before the board, or a heading. `ended_at` says when it left the agenda.

    An item is on one agenda at a time. `called_at` is when the chair called it, `closed_at` when its discussion
    was over; one entry of a meeting is called at a time.
    """

    __tablename__ = "agenda_entry"
    __table_args__ = (
        CheckConstraint("item_id IS NOT NULL OR heading <> ''", name="about_something"),
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended_in_some_way"),
        CheckConstraint("(pulled_at IS NULL) = (pulled_by_id IS NULL)", name="pulled_by_someone"),
        Index(None, "meeting_id", "section", "position"),
        Index(
            "uq_agenda_entry_one_agenda",
            "item_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_agenda_entry_one_called",
            "meeting_id",
            unique=True,
            sqlite_where=text("called_at IS NOT NULL AND closed_at IS NULL"),
            postgresql_where=text("called_at IS NOT NULL AND closed_at IS NULL"),
        ),
        Index(None, "item_id", "id"),
    )

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    section: Mapped[Section]
    position: Mapped[int]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    heading: Mapped[line] = mapped_column(default="")
    note: Mapped[prose] = mapped_column(default="")
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: by itself
    pulled_at: Mapped[datetime | None]
    pulled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    called_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ending: Mapped[Ending | None]


class PublishedAgenda(Base):
    """An agenda as it was published, word for word, with its digest. Never changed: a new one follows."""

    __tablename__ = "published_agenda"
    __table_args__ = (UniqueConstraint("meeting_id", "number"),)

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[sha256]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class MeetingPaper(Base):
    """A paper for a meeting beside the items' own texts: words, or a file, or both. Never changed once given."""

    __tablename__ = "meeting_paper"
    __table_args__ = (
        CheckConstraint("text <> '' OR file_id IS NOT NULL", name="says_something"),
        Index(None, "meeting_id", "entry_id"),
        Index(None, "file_id"),
    )

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_entry.id"))
    title: Mapped[line]
    text: Mapped[prose] = mapped_column(default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    sha256: Mapped[sha256]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class ReadAheadOpening(Base):
    """That a person opened the papers of a meeting, and when first."""

    __tablename__ = "read_ahead_opening"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]


class Attendance(Base):
    """A stay in a meeting, from `came_at` to `left_at` (None: still there). Whoever sits for no seat is a guest."""

    __tablename__ = "attendance"
    __table_args__ = (
        CheckConstraint("left_at IS NULL OR left_at >= came_at", name="left_after_coming"),
        CheckConstraint("for_id IS NULL OR seat_id IS NOT NULL", name="stands_in_for_a_seat"),
        Index(None, "meeting_id", "came_at"),
        Index(
            "uq_attendance_one_in_a_seat",
            "meeting_id",
            "seat_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
        Index(
            "uq_attendance_one_of_a_person",
            "meeting_id",
            "person_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # whom a stand-in stands in for
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id"))  # under which a stand-in sits there
    attends: Mapped[Attends]
    came_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class ConsentVote(Base):
    """The one motion by which a meeting adopts its consent list; `adopted` lists the items (JSON) once it carried."""

    __tablename__ = "consent_vote"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_by_someone"),
        Index(
            "uq_consent_vote_one_open",
            "meeting_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(None, "meeting_id", "id"),
    )

    id: Mapped[intpk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    moved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    moved_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    carried: Mapped[bool | None]
    adopted: Mapped[str | None] = mapped_column(Text)
    arithmetic: Mapped[str | None] = mapped_column(Text)  # JSON list of sentences


class ConsentBallot(Base):
    """What a seat said to the consent list. A no pulls nothing: any member may pull an item instead."""

    __tablename__ = "consent_ballot"
    __table_args__ = (UniqueConstraint("vote_id", "seat_id"),)

    id: Mapped[intpk]
    vote_id: Mapped[int] = mapped_column(ForeignKey("consent_vote.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    choice: Mapped[Choice]
    cast_at: Mapped[datetime]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
