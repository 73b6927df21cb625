"""Notifications for people with what is to be delivered by them, and domains of projects."""

from __future__ import annotations

from alembic import context, op

revision = "0007"
down_revision = "0006"

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

CREATE TABLE domains (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    name text NOT NULL,
    token text NOT NULL,
    region text,
    status text NOT NULL,
    status_since timestamptz NOT NULL,
    reason text,
    certificate text,
    validation jsonb NOT NULL,
    verified_at timestamptz,
    checks integer NOT NULL,
    due_at timestamptz,
    claimed_until timestamptz,
    created_at timestamptz NOT NULL,
    UNIQUE (organization_id, name),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
-- Of all organizations one has a name: a unique index holds for all rows, whatever a role sees.
CREATE UNIQUE INDEX domains_verified ON domains (name) WHERE verified_at IS NOT NULL;
CREATE INDEX domains_due ON domains (due_at) WHERE due_at IS NOT NULL;
"""

_TENANT = "organization_id = cygni_setting('organization')"
_TABLES_AND_VERBS = {
    # table: what the application may, and what workers, who deliver, check and rotate for all tenants
    "notifications": ("SELECT, INSERT, UPDATE, DELETE", "SELECT, UPDATE"),
    "notification_urls": ("SELECT, INSERT", "SELECT, UPDATE"),
    "notification_deliveries": ("SELECT, INSERT", "SELECT, INSERT, UPDATE"),
    "domains": ("SELECT, INSERT, UPDATE, DELETE", "SELECT, UPDATE"),
}


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table, (application, worker) in _TABLES_AND_VERBS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
        op.execute(f'CREATE POLICY working ON {table} TO "{roles.worker}" USING (true) WITH CHECK (true)')
        op.execute(f'GRANT {application} ON {table} TO "{roles.application}"')
        op.execute(f'GRANT {worker} ON {table} TO "{roles.worker}"')


def downgrade() -> None:
    op.execute("DROP TABLE domains")
    op.execute("DROP TABLE notification_deliveries")
    op.execute("DROP TABLE notification_urls")
    op.execute("DROP TABLE notifications")
