"""Plans, subscriptions to them, credits, and who runs the server."""

from __future__ import annotations

from alembic import context, op

revision = "0011"
down_revision = "0010"

_TABLES = """
ALTER TABLE users ADD COLUMN operator boolean NOT NULL DEFAULT false;
UPDATE users SET operator = true WHERE id IN (SELECT user_id FROM setup);

CREATE TABLE operator_entries (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor jsonb NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    request_id text NOT NULL,
    before jsonb,
    after jsonb
);

CREATE TABLE plans (
    key text PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL,
    archived_at timestamptz,
    created_at timestamptz NOT NULL
);

CREATE TABLE plan_versions (
    plan_key text NOT NULL REFERENCES plans,
    version integer NOT NULL CHECK (version > 0),
    currency text NOT NULL,
    terms jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (plan_key, version)
);

CREATE TABLE subscriptions (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id uuid PRIMARY KEY,
    currency text NOT NULL,
    anchor date NOT NULL,
    zone text NOT NULL,
    months integer NOT NULL CHECK (months > 0),
    trial_end timestamptz,
    end_at timestamptz,
    tax_rate numeric NOT NULL CHECK (tax_rate >= 0),
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (organization_id, id)
);
CREATE UNIQUE INDEX subscriptions_one_without_end ON subscriptions (organization_id) WHERE end_at IS NULL;

CREATE TABLE subscription_phases (
    organization_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    start_at timestamptz NOT NULL,
    plan_key text NOT NULL,
    plan_version integer NOT NULL,
    PRIMARY KEY (subscription_id, start_at),
    FOREIGN KEY (organization_id, subscription_id) REFERENCES subscriptions (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (plan_key, plan_version) REFERENCES plan_versions
);

CREATE TABLE credit_grants (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id uuid PRIMARY KEY,
    amount numeric NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    start_at timestamptz NOT NULL,
    end_at timestamptz CHECK (end_at > start_at),
    priority integer NOT NULL,
    prepaid boolean NOT NULL,
    reason text NOT NULL,
    voided_at timestamptz,
    created_at timestamptz NOT NULL,
    UNIQUE (organization_id, id)
);
CREATE INDEX credit_grants_organization ON credit_grants (organization_id, id);
"""

_TENANT = "organization_id = cygni_setting('organization')"
_OF_TENANTS = {
    "subscriptions": "SELECT, INSERT, UPDATE",
    "subscription_phases": "SELECT, INSERT, DELETE",
    "credit_grants": "SELECT, INSERT, UPDATE (voided_at)",
}
_OF_THE_SERVER = {
    "plans": "SELECT, INSERT, UPDATE",
    "plan_versions": "SELECT, INSERT",
    "operator_entries": "SELECT, INSERT",
}
"""For each table, what requests may do. Versions of plans never change, nor does what was said of operators."""

# Whoever runs the server bills organisations that they are in no way a member of.
_OPERATES = """
EXISTS (SELECT FROM users WHERE id = cygni_setting('user') AND operator AND disabled_at IS NULL)
"""


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table, verbs in _OF_TENANTS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
        # Bills are made for all tenants, by workers.
        op.execute(f'CREATE POLICY billing ON {table} FOR SELECT TO "{roles.worker}" USING (true)')
        op.execute(f'GRANT {verbs} ON {table} TO "{roles.application}"')
        op.execute(f'GRANT SELECT ON {table} TO "{roles.worker}"')
    for table, verbs in _OF_THE_SERVER.items():
        op.execute(f'GRANT {verbs} ON {table} TO "{roles.application}"')
    op.execute(f'GRANT SELECT ON plans, plan_versions TO "{roles.worker}"')
    op.execute(
        f'CREATE POLICY operators ON organizations FOR SELECT TO "{roles.application}" USING ({_OPERATES})'
    )


def downgrade() -> None:
    op.execute("DROP POLICY operators ON organizations")
    for table in (*reversed(_OF_TENANTS), "plan_versions", "plans", "operator_entries"):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE users DROP COLUMN operator")
