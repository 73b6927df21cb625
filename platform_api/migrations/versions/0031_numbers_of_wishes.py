"""Two wishes for the same thing are told apart by the numbers of their events."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.execute("ALTER TABLE deployments ADD wish_number bigint NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("ALTER TABLE deployments DROP wish_number")
