"""The only place for the registers of forums, partners and events, and for what binds a partner to us."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engage.models.base import Base, address, intpk, line, prose, word
from engage.rules.marking import Marking
from engage.rules.partners import AgreementKind


class Forum(Base):
    """A body or series in which several partners meet."""

    __tablename__ = "forum"
    __table_args__ = (UniqueConstraint("code"), Index(None, "name", "id"))

    id: Mapped[intpk]
    code: Mapped[word]
    name: Mapped[line]
    kind: Mapped[word]
    secretariat_country: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    member_count: Mapped[int | None]
    cadence: Mapped[line] = mapped_column(default="")
    url: Mapped[address] = mapped_column(default="")
    source_url: Mapped[address] = mapped_column(default="")


class Partner(Base):
    """A foreign or multilateral organisation.

    `merged_into_id` is the partner that it turned out to be: then it is only another name of that one, which all
    that pointed here points at. It never names one that is merged itself.
    """

    __tablename__ = "partner"
    __table_args__ = (UniqueConstraint("name", "country_code"), Index(None, "name", "id"))

    id: Mapped[intpk]
    name: Mapped[line]
    short_name: Mapped[line] = mapped_column(default="")
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"), index=True)
    kind: Mapped[word]
    first_member: Mapped[word] = mapped_column(default="unknown")
    url: Mapped[address] = mapped_column(default="")
    source_url: Mapped[address] = mapped_column(default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


# The forums a partner belongs to. Of FIRST its own list says it, in `first_member`, and no row here repeats that.
partner_forum = Table(
    "partner_forum",
    Base.metadata,
    Column("partner_id", ForeignKey("partner.id"), primary_key=True),
    Column("forum_id", ForeignKey("forum.id"), primary_key=True),
    Index(None, "forum_id", "partner_id"),
)


class Agreement(Base):
    """What was agreed with a partner in writing, until `expires_on`, that day included; None: it does not expire.

    `owner_id` looks after it and is told before it expires. `marking` says who sees it, as of an approved
    engagement of its owner. `ended_on` is the day from which it is no longer looked after, and `ended_why` why.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("title <> ''", name="has_a_title"),
        CheckConstraint("expires_on IS NULL OR expires_on >= signed_on", name="expires_after_signature"),
        CheckConstraint("(ended_on IS NULL) = (ended_why = '')", name="ended_for_a_reason"),
        Index(None, "partner_id", "expires_on"),
        Index(
            "ix_agreement_runs_out",
            "expires_on",
            "id",
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    id: Mapped[intpk]
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    kind: Mapped[AgreementKind]
    title: Mapped[line]
    reference: Mapped[line] = mapped_column(default="")
    marking: Mapped[Marking] = mapped_column(default=Marking.GREEN)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    signed_on: Mapped[date]
    expires_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    ended_why: Mapped[line] = mapped_column(default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class PartnerContact(Base):
    """Somebody at a partner: name, role and work address alone, for a purpose, until `delete_on`.

    On that day the row is deleted, and nothing of it is kept elsewhere.
    """

    __tablename__ = "partner_contact"
    __table_args__ = (
        CheckConstraint("purpose <> ''", name="kept_for_a_purpose"),
        Index(None, "partner_id", "id"),
        Index(None, "delete_on", "id"),
    )

    id: Mapped[intpk]
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    name: Mapped[line]
    role: Mapped[line]
    work_address: Mapped[line] = mapped_column(default="")
    purpose: Mapped[line]
    delete_on: Mapped[date]
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kept_at: Mapped[datetime]


class PartnerMerge(Base):
    """That one partner was found to be another. `moved` has, by table, the rows that pointed at it, for taking back."""

    __tablename__ = "partner_merge"
    __table_args__ = (
        CheckConstraint("gone_id <> kept_id", name="two_partners"),
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_by_someone"),
        Index(None, "kept_id", "id"),
        Index(
            "uq_partner_merge_one_standing",
            "gone_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    gone_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    kept_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    reason: Mapped[prose]
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)
    merged_at: Mapped[datetime]
    merged_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Event(Base):
    """One edition of a conference, exercise or meeting somebody else holds."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("name", "starts_on"), Index(None, "starts_on", "id"))

    id: Mapped[intpk]
    name: Mapped[line]
    series: Mapped[line] = mapped_column(default="")
    organiser: Mapped[line] = mapped_column(default="")
    city: Mapped[line] = mapped_column(default="")
    country_code: Mapped[str | None] = mapped_column(String(2), ForeignKey("country.code"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    kind: Mapped[word]
    url: Mapped[address] = mapped_column(default="")
    source_url: Mapped[address] = mapped_column(default="")
