"""How a deployment is asked for, what is asked of it while it runs, and what it answered."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE deployments
            ADD refresh boolean NOT NULL DEFAULT false,
            ADD max_cost_increase text,
            ADD plan_only boolean NOT NULL DEFAULT false,
            ADD confirm boolean NOT NULL DEFAULT false,
            ADD wish text CHECK (wish IN ('promote', 'promote_full', 'pause', 'resume', 'abort')),
            ADD result jsonb
    """)


def downgrade() -> None:
    op.execute("""
        ALTER TABLE deployments DROP refresh, DROP max_cost_increase, DROP plan_only, DROP confirm, DROP wish,
            DROP result
    """)
