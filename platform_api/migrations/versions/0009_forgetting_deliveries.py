"""Workers delete deliveries that are over."""

from __future__ import annotations

from alembic import context, op

revision = "0009"
down_revision = "0008"

_TABLES = ("webhook_deliveries", "notification_deliveries")


def upgrade() -> None:
    worker = context.config.attributes["roles"].worker
    for table in _TABLES:
        op.execute(f"CREATE INDEX {table}_over ON {table} (created_at) WHERE due_at IS NULL")
        op.execute(f'GRANT DELETE ON {table} TO "{worker}"')


def downgrade() -> None:
    worker = context.config.attributes["roles"].worker
    for table in _TABLES:
        op.execute(f'REVOKE DELETE ON {table} FROM "{worker}"')
        op.execute(f"DROP INDEX {table}_over")
