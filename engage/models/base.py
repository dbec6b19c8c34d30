"""The only place for what every table shares: types, constraint names, recurring columns. Plain SQLAlchemy."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import Date, DateTime, Dialect, Enum, ForeignKey, MetaData, Numeric, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from sqlalchemy.types import TypeDecorator

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in aware UTC, on both databases. Refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; SQLite keeps it without its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _values(enum: type[StrEnum]) -> list[str]:
    return [member.value for member in enum]


intpk = Annotated[int, mapped_column(primary_key=True)]
word = Annotated[str, mapped_column(String(40))]
line = Annotated[str, mapped_column(String(200))]
address = Annotated[str, mapped_column(String(500))]
prose = Annotated[str, mapped_column(Text)]
money = Annotated[Decimal, mapped_column(Numeric(12, 2))]
sha256 = Annotated[str, mapped_column(String(64))]
country_code = Annotated[str, mapped_column(String(2), ForeignKey("country.code"))]


class Base(DeclarativeBase):
    """What every table shares. Plain SQLAlchemy: models know nothing of Flask."""

    registry = registry(
        metadata=MetaData(naming_convention=CONSTRAINT_NAMES),
        type_annotation_map={
            datetime: UtcDateTime,
            date: Date,
            StrEnum: Enum(
                StrEnum, native_enum=False, create_constraint=True, length=40, values_callable=_values
            ),
        },
    )
