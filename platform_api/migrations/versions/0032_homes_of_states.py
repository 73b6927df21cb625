"""Which worker's folder has the state of an environment, where states are in files."""

from __future__ import annotations

from alembic import context, op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.execute("ALTER TABLE environments ADD COLUMN state_home text")
    op.execute(f'GRANT UPDATE (state_home) ON environments TO "{context.config.attributes["roles"].worker}"')


def downgrade() -> None:
    op.execute("ALTER TABLE environments DROP COLUMN state_home")
