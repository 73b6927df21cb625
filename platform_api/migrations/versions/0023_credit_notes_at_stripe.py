"""Which version of our invoices was compared with what Stripe has: a credit note makes another."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("ALTER TABLE stripe_invoices ADD COLUMN version integer")


def downgrade() -> None:
    op.execute("ALTER TABLE stripe_invoices DROP COLUMN version")
