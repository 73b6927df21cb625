"""A domain belongs to one environment of its project; those from before have none until somebody says which."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE domains ADD COLUMN environment_id uuid REFERENCES environments ON DELETE SET NULL"
    )
    op.execute("CREATE INDEX domains_environment ON domains (environment_id)")


def downgrade() -> None:
    op.execute("ALTER TABLE domains DROP COLUMN environment_id")
