"""Folders that were sent are kept for as long as something may be done with them."""

from __future__ import annotations

from alembic import context, op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    application = context.config.attributes["roles"].application
    op.execute(
        "ALTER TABLE sources ALTER archive DROP NOT NULL, ADD sent_at timestamptz NOT NULL DEFAULT now()"
    )
    op.execute(f'GRANT UPDATE (archive, sent_at) ON sources TO "{application}"')


def downgrade() -> None:
    application = context.config.attributes["roles"].application
    op.execute(f'REVOKE UPDATE (archive, sent_at) ON sources FROM "{application}"')
    op.execute("UPDATE sources SET archive = '' WHERE archive IS NULL")
    op.execute("ALTER TABLE sources ALTER archive SET NOT NULL, DROP sent_at")
