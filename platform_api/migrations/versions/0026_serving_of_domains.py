"""What deployments left of domains: the load balancer of an environment, and whose certificates it has. Workers remove
domains once nothing serves with their certificates."""

from __future__ import annotations

from alembic import context, op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    worker = context.config.attributes["roles"].worker
    op.execute("ALTER TABLE environments ADD COLUMN load_balancer text, ADD COLUMN load_balancer_zone text")
    op.execute(
        "ALTER TABLE domains ADD COLUMN served boolean NOT NULL DEFAULT false, ADD COLUMN is_zone boolean"
    )
    op.execute(f'GRANT UPDATE (load_balancer, load_balancer_zone) ON environments TO "{worker}"')
    op.execute(f'GRANT DELETE ON domains TO "{worker}"')


def downgrade() -> None:
    worker = context.config.attributes["roles"].worker
    op.execute(f'REVOKE DELETE ON domains FROM "{worker}"')
    op.execute(f'REVOKE UPDATE (load_balancer, load_balancer_zone) ON environments FROM "{worker}"')
    op.execute("ALTER TABLE domains DROP COLUMN served, DROP COLUMN is_zone")
    op.execute("ALTER TABLE environments DROP COLUMN load_balancer, DROP COLUMN load_balancer_zone")
