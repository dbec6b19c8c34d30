"""A passport in hand is recorded beside the other clearances: that it is there and until when, never its number."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BEFORE = "kind IN ('country', 'theater', 'visa', 'medical')"
AFTER = "kind IN ('country', 'theater', 'visa', 'medical', 'passport')"


def _allow(kinds: str) -> None:
    with op.batch_alter_table("clearance") as table:
        table.drop_constraint(op.f("ck_clearance_clearancekind"), type_="check")
        table.create_check_constraint("clearancekind", kinds)


def upgrade() -> None:
    _allow(AFTER)


def downgrade() -> None:
    kept = op.get_bind().execute(sa.text("SELECT count(*) FROM clearance WHERE kind = 'passport'")).scalar()
    if kept:
        raise RuntimeError(f"{kept} passports are on record, which the version before cannot keep. Note them elsewhere.")
    _allow(BEFORE)
