"""A search has an index of its own, alike on both databases; `engage search rebuild` fills it with what was there."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

KINDS = ("engagement", "matter", "decision", "person", "partner", "forum", "guide")


def upgrade() -> None:
    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=True, length=40),
                  nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_search_entry_item_id_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("kind", "record_id", name=op.f("uq_search_entry_kind_record_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_search_entry_item_id"), "search_entry", ["item_id"])
    word = sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql")
    op.create_table(
        "search_word",
        sa.Column("word", word, nullable=False),
        sa.Column("weight", sa.SmallInteger(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["search_entry.id"], name=op.f("fk_search_word_entry_id_search_entry")),
        sa.PrimaryKeyConstraint("word", "weight", "entry_id", name=op.f("pk_search_word")),
    )
    op.create_index(op.f("ix_search_word_entry_id_word"), "search_word", ["entry_id", "word"])


def downgrade() -> None:
    op.drop_table("search_word")
    op.drop_table("search_entry")
