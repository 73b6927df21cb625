"""Workers write what deployments used."""

from __future__ import annotations

from alembic import context, op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    worker = context.config.attributes["roles"].worker
    op.execute(f'GRANT SELECT, INSERT ON usage_events TO "{worker}"')
    op.execute(f'GRANT SELECT, INSERT, UPDATE ON usage_hours TO "{worker}"')
    op.execute(f'GRANT USAGE ON SEQUENCE usage_revisions TO "{worker}"')


def downgrade() -> None:
    worker = context.config.attributes["roles"].worker
    op.execute(f'REVOKE ALL ON SEQUENCE usage_revisions FROM "{worker}"')
    op.execute(f'REVOKE INSERT ON usage_events FROM "{worker}"')
    op.execute(f'REVOKE INSERT, UPDATE ON usage_hours FROM "{worker}"')
