"""The only place for who people are: their office, roles with dates, absences, sessions and sign-in attempts."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.models.base import Base, intpk, line, sha256, word
from engage.rules.policy import ReviewKind, Role


class Office(Base):
    """A part of the agency that people belong to."""

    __tablename__ = "office"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[intpk]
    name: Mapped[line]


class Person(Base):
    """Somebody who works with the program. `email` is kept in lower case; `password_hash` is None until set."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("email"), Index(None, "supervisor_id"), Index(None, "name", "id"))

    id: Mapped[intpk]
    email: Mapped[line]
    name: Mapped[line]
    office_id: Mapped[int | None] = mapped_column(ForeignKey("office.id"))
    supervisor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    senior: Mapped[bool] = mapped_column(default=False)  # a senior official: their journeys are routed with more care
    home_zone: Mapped[word] = mapped_column(default="America/New_York")
    password_hash: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    office: Mapped[Office | None] = relationship(lazy="raise")
    supervisor: Mapped["Person | None"] = relationship(remote_side="Person.id", lazy="raise")
    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="person", lazy="raise", foreign_keys="RoleGrant.person_id"
    )

    __mapper_args__ = {"version_id_col": version}


class RoleGrant(Base):
    """A role held from `starts_on` through `ends_on` (None: until revoked), by office days."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("(role = 'reviewer') = (review_kind IS NOT NULL)", name="reviewers_have_a_kind"),
        Index(None, "person_id", "role"),
        Index(None, "role"),
    )

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    review_kind: Mapped[ReviewKind | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(back_populates="grants", lazy="raise", foreign_keys=[person_id])


class Absence(Base):
    """Days on which a person cannot act, both included."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        Index(None, "person_id", "starts_on"),
    )

    id: Mapped[intpk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    note: Mapped[line] = mapped_column(default="")


class SignInSession(Base):
    """One signed-in browser. The cookie holds a random token; only its SHA-256 is kept here."""

    __tablename__ = "sign_in_session"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "person_id"))

    id: Mapped[intpk]
    token_hash: Mapped[sha256]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    csrf_token: Mapped[sha256]
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[word] = mapped_column(default="")
    browser: Mapped[line] = mapped_column(default="")


class SignInAttempt(Base):
    """A failed sign-in, counted by hashed account and hashed address; nothing that was typed is kept."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "key_hash", "at"),)

    id: Mapped[intpk]
    key_hash: Mapped[sha256]
    at: Mapped[datetime]


class EntryToken(Base):
    """A one-time link by which an invited or reset person sets a password. Only the token's SHA-256 is kept."""

    __tablename__ = "entry_token"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "person_id"))

    id: Mapped[intpk]
    token_hash: Mapped[sha256]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Submission(Base):
    """A form's one-time id: a double click finds its first answer here."""

    __tablename__ = "submission"

    key: Mapped[sha256] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    answer: Mapped[line]
