"""Webhooks, and what is to be delivered to them."""

from __future__ import annotations

from alembic import context, op

revision = "0004"
down_revision = "0003"

_TABLES = """
CREATE TABLE webhooks (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id uuid PRIMARY KEY,
    url text NOT NULL,
    description text NOT NULL,
    events text[] NOT NULL,
    generation integer NOT NULL,
    previous_until timestamptz,
    disabled_at timestamptz,
    disabled_because text,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (organization_id, id)
);

CREATE TABLE webhook_deliveries (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    webhook_id uuid NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    due_at timestamptz,
    claimed_until timestamptz,
    delivered_at timestamptz,
    last_status integer,
    last_error text,
    FOREIGN KEY (organization_id, webhook_id) REFERENCES webhooks (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (organization_id, webhook_id, id);
"""

_TENANT = "organization_id = cygni_setting('organization')"
_VERBS = {"webhooks": "SELECT, INSERT, UPDATE, DELETE", "webhook_deliveries": "SELECT, INSERT, UPDATE"}


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table, verbs in _VERBS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
        op.execute(f'GRANT {verbs} ON {table} TO "{roles.application}"')
        # Workers deliver for all tenants, and write down what their deployments come to.
        op.execute(f'CREATE POLICY delivering ON {table} TO "{roles.worker}" USING (true) WITH CHECK (true)')
    op.execute(f'GRANT SELECT, UPDATE ON webhooks TO "{roles.worker}"')
    op.execute(f'GRANT SELECT, INSERT, UPDATE ON webhook_deliveries TO "{roles.worker}"')


def downgrade() -> None:
    op.execute("DROP TABLE webhook_deliveries")
    op.execute("DROP TABLE webhooks")
