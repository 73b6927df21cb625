"""What was used, event by event, and tallies of hours."""

from __future__ import annotations

from alembic import context, op

revision = "0005"
down_revision = "0004"

# One table and no partitions: the key that makes an event count once could not hold across them.
_TABLES = """
CREATE SEQUENCE usage_revisions;

CREATE TABLE usage_events (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    source text NOT NULL,
    id text NOT NULL,
    meter text NOT NULL,
    at timestamptz NOT NULL,
    quantity numeric NOT NULL,
    subject text NOT NULL,
    project text NOT NULL,
    environment text NOT NULL,
    digest bytea NOT NULL,
    number bigint NOT NULL DEFAULT nextval('usage_revisions'),
    received_at timestamptz NOT NULL,
    corrects_source text,
    corrects_id text,
    void_at timestamptz,
    PRIMARY KEY (organization_id, source, id)
);
CREATE INDEX usage_events_counted ON usage_events (organization_id, meter, at);

CREATE TABLE usage_hours (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    meter text NOT NULL,
    hour timestamptz NOT NULL,
    project text NOT NULL,
    environment text NOT NULL,
    count bigint NOT NULL,
    total numeric NOT NULL,
    largest numeric,
    revision bigint NOT NULL,
    PRIMARY KEY (organization_id, meter, hour, project, environment)
);

CREATE TABLE meters (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    key text NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    aggregation text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, key)
);
"""

_TENANT = "organization_id = cygni_setting('organization')"
_VERBS = {
    "usage_events": "SELECT, INSERT, UPDATE (void_at)",
    "usage_hours": "SELECT, INSERT, UPDATE",
    "meters": "SELECT, INSERT",
}


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table, verbs in _VERBS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
        op.execute(f'GRANT {verbs} ON {table} TO "{roles.application}"')
    op.execute(f'GRANT USAGE ON SEQUENCE usage_revisions TO "{roles.application}"')


def downgrade() -> None:
    for table in _VERBS:
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP SEQUENCE usage_revisions")
