"""A name is that of one project of the whole control plane."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    # Stacks and resources are named after the project: two of one name would deploy over each other.
    op.execute("CREATE UNIQUE INDEX projects_slug ON projects (slug)")


def downgrade() -> None:
    op.execute("DROP INDEX projects_slug")
