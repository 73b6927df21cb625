"""What else is done with an environment waits in the queue of deployments: scale, restart, run and destroy."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE deployments
            ADD arguments jsonb NOT NULL DEFAULT '{}',
            DROP CONSTRAINT deployments_kind_check,
            ADD CONSTRAINT deployments_kind_check
                CHECK (kind IN ('deploy', 'rollback', 'scale', 'restart', 'run', 'destroy'))
    """)


def downgrade() -> None:
    op.execute("DELETE FROM deployments WHERE kind NOT IN ('deploy', 'rollback')")
    op.execute("""
        ALTER TABLE deployments
            DROP arguments,
            DROP CONSTRAINT deployments_kind_check,
            ADD CONSTRAINT deployments_kind_check CHECK (kind IN ('deploy', 'rollback'))
    """)
