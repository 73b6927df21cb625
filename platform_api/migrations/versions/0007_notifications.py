"""Notifications for people, and what is to be delivered by them."""

from __future__ import annotations

from alembic import context, op

revision = "0007"
down_revision = "0004"

_TABLES = """
CREATE TABLE notifications (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id uuid PRIMARY KEY,
    project_id uuid,
    kind text NOT NULL CHECK (kind IN ('email', 'slack')),
    addresses text[] NOT NULL,
    occasions text[] NOT NULL,
    description text NOT NULL,
    disabled_at timestamptz,
    disabled_because text,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE notification_urls (
    organization_id uuid NOT NULL,
    notification_id uuid PRIMARY KEY,
    key_encryption_key_id uuid NOT NULL REFERENCES key_encryption_keys,
    wrapped_key bytea NOT NULL,
    ciphertext bytea NOT NULL,
    FOREIGN KEY (organization_id, notification_id) REFERENCES notifications (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX notification_urls_key ON notification_urls (key_encryption_key_id);

CREATE TABLE notification_deliveries (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    notification_id uuid NOT NULL,
    occasion text NOT NULL,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    due_at timestamptz,
    claimed_until timestamptz,
    delivered_at timestamptz,
    last_status integer,
    last_error text,
    FOREIGN KEY (organization_id, notification_id) REFERENCES notifications (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX notification_deliveries_due ON notification_deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notification_deliveries_listed ON notification_deliveries (organization_id, notification_id, id);
"""

_TENANT = "organization_id = cygni_setting('organization')"
_TABLES_AND_VERBS = {
    # table: what the application may, and what workers, who deliver for all tenants and rotate keys
    "notifications": ("SELECT, INSERT, UPDATE, DELETE", "SELECT, UPDATE"),
    "notification_urls": ("SELECT, INSERT", "SELECT, UPDATE"),
    "notification_deliveries": ("SELECT, INSERT", "SELECT, INSERT, UPDATE"),
}


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table, (application, worker) in _TABLES_AND_VERBS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
        op.execute(f'CREATE POLICY delivering ON {table} TO "{roles.worker}" USING (true) WITH CHECK (true)')
        op.execute(f'GRANT {application} ON {table} TO "{roles.application}"')
        op.execute(f'GRANT {worker} ON {table} TO "{roles.worker}"')


def downgrade() -> None:
    op.execute("DROP TABLE notification_deliveries")
    op.execute("DROP TABLE notification_urls")
    op.execute("DROP TABLE notifications")
