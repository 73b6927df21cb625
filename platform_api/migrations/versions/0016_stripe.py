"""Who organisations are in Stripe, the outbox of meter events, and what Stripe has told."""

from __future__ import annotations

from alembic import context, op

revision = "0016"
down_revision = "0015"

_TABLES = """
CREATE TABLE stripe_customers (
    organization_id uuid PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    customer text NOT NULL UNIQUE,
    payment_method text,
    checked_out_at timestamptz,
    created_at timestamptz NOT NULL
);

CREATE TABLE stripe_exports (
    organization_id uuid PRIMARY KEY REFERENCES organizations ON DELETE CASCADE,
    revision bigint NOT NULL,
    read_at timestamptz NOT NULL,
    next_revision bigint NOT NULL,
    next_read_at timestamptz NOT NULL
);

CREATE TABLE stripe_meter_hours (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    meter text NOT NULL,
    hour timestamptz NOT NULL,
    counted bigint NOT NULL,
    seq integer NOT NULL,
    PRIMARY KEY (organization_id, meter, hour)
);

CREATE TABLE stripe_meter_debts (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    meter text NOT NULL,
    owed bigint NOT NULL CHECK (owed >= 0),
    PRIMARY KEY (organization_id, meter)
);

CREATE TABLE stripe_usage (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    meter text NOT NULL,
    hour timestamptz NOT NULL,
    seq integer NOT NULL,
    identifier text NOT NULL UNIQUE,
    value bigint NOT NULL CHECK (value > 0),
    state text NOT NULL CHECK (state IN ('waiting', 'unknown', 'sent', 'replaced', 'refused', 'too_late', 'disputed')),
    attempts integer NOT NULL,
    created_at timestamptz NOT NULL,
    first_sent_at timestamptz,
    due_at timestamptz,
    claimed_until timestamptz,
    last_error text,
    PRIMARY KEY (organization_id, meter, hour, seq),
    CHECK (state IN ('waiting', 'unknown') = (due_at IS NOT NULL)),
    CHECK (state <> 'unknown' OR first_sent_at IS NOT NULL)
);
CREATE INDEX stripe_usage_due ON stripe_usage (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE stripe_events (
    id text PRIMARY KEY,
    type text NOT NULL,
    object text NOT NULL,
    received_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    due_at timestamptz,
    claimed_until timestamptz,
    last_error text
);
CREATE INDEX stripe_events_due ON stripe_events (due_at) WHERE due_at IS NOT NULL;
"""

_TENANT = "organization_id = cygni_setting('organization')"
_TENANTS = {
    "stripe_customers": "SELECT, INSERT",
    "stripe_exports": "SELECT",
    "stripe_meter_hours": "SELECT",
    "stripe_meter_debts": "SELECT",
    "stripe_usage": "SELECT",
}
"""For each table of tenants, what requests may do with the rows of theirs."""


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table, verbs in _TENANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
        op.execute(f'GRANT {verbs} ON {table} TO "{roles.application}"')
        op.execute(f'GRANT SELECT, INSERT, UPDATE ON {table} TO "{roles.worker}"')
    # Workers send for all tenants, and learn from Stripe whose customer an object is of.
    for table in ("stripe_customers", "stripe_usage"):
        op.execute(f'CREATE POLICY collecting ON {table} TO "{roles.worker}" USING (true) WITH CHECK (true)')
    op.execute(f'CREATE POLICY exporting ON organizations FOR SELECT TO "{roles.worker}" USING (true)')
    op.execute(f'GRANT SELECT ON SEQUENCE usage_revisions TO "{roles.worker}"')
    # Of no tenant: requests write down what was told, and workers ask Stripe whom it is about.
    op.execute(f'GRANT INSERT ON stripe_events TO "{roles.application}"')
    op.execute(f'GRANT SELECT, UPDATE, DELETE ON stripe_events TO "{roles.worker}"')


def downgrade() -> None:
    worker = context.config.attributes["roles"].worker
    op.execute("DROP TABLE stripe_events")
    for table in reversed(_TENANTS):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP POLICY exporting ON organizations")
    op.execute(f'REVOKE SELECT ON SEQUENCE usage_revisions FROM "{worker}"')  # noqa: S608  # no query
