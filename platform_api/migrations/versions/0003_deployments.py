"""Deployments, what is told of them, the folders they begin with, and requests that are done once."""

from __future__ import annotations

from alembic import context, op

revision = "0003"
down_revision = "0002"

_TABLES = """
CREATE TABLE sources (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    digest text NOT NULL,
    archive bytea NOT NULL,
    created_at timestamptz NOT NULL,
    created_by jsonb NOT NULL,
    UNIQUE (organization_id, project_id, digest),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
ALTER TABLE sources ALTER archive SET STORAGE EXTERNAL;

CREATE SEQUENCE deployment_fences;

CREATE TABLE deployments (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    source_id uuid NOT NULL REFERENCES sources,
    kind text NOT NULL CHECK (kind IN ('deploy', 'rollback')),
    release integer,
    allow_destroy text[] NOT NULL,
    needs_approval boolean NOT NULL,
    actor jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'planning', 'awaiting_approval', 'approved', 'applying',
        'releasing', 'recovering', 'succeeded', 'failed', 'cancelled', 'needs_attention')),
    phase_deadline timestamptz,
    attempt integer NOT NULL,
    plan jsonb,
    monthly_delta numeric,
    approved_plan jsonb,
    approved_by jsonb,
    approved_at timestamptz,
    cancel_requested_at timestamptz,
    error jsonb,
    claimed_at timestamptz,
    finished_at timestamptz,
    fence bigint NOT NULL DEFAULT 0,
    worker text,
    lease_expires_at timestamptz,
    last_event bigint NOT NULL DEFAULT 0,
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    CHECK ((worker IS NULL) = (lease_expires_at IS NULL)),
    CHECK (status IN ('planning', 'applying', 'releasing') = (worker IS NOT NULL))
);
CREATE INDEX deployments_project ON deployments (organization_id, project_id, id);
CREATE INDEX deployments_served ON deployments (organization_id, claimed_at);
CREATE INDEX deployments_waiting ON deployments (environment_id, id)
    WHERE status IN ('queued', 'awaiting_approval', 'approved', 'recovering');
CREATE UNIQUE INDEX deployments_one_at_a_time ON deployments (environment_id)
    WHERE status IN ('planning', 'applying', 'releasing', 'recovering');

CREATE TABLE deployment_events (
    organization_id uuid NOT NULL,
    deployment_id uuid NOT NULL REFERENCES deployments ON DELETE CASCADE,
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (deployment_id, number)
);

CREATE TABLE idempotency_keys (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    actor_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status integer NOT NULL,
    response jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, actor_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
"""

_TENANT = "organization_id = cygni_setting('organization')"
_VERBS = {
    "sources": "SELECT, INSERT",
    "deployments": "SELECT, INSERT, UPDATE",
    "deployment_events": "SELECT, INSERT",
    "idempotency_keys": "SELECT, INSERT",
}
"""For each table, what requests may do with the rows of their tenant."""

_READ_BY_WORKERS = ("organizations", "projects", "environments", "secrets", "sources")
"""Of the tenant whose deployment is carried out."""


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table, verbs in _VERBS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
        op.execute(f'GRANT {verbs} ON {table} TO "{roles.application}"')
    # Workers look for work among the deployments of all tenants, and for requests that are forgotten by now.
    op.execute(f'CREATE POLICY work ON deployments TO "{roles.worker}" USING (true) WITH CHECK (true)')
    op.execute(f'CREATE POLICY forget ON idempotency_keys TO "{roles.worker}" USING (true)')
    op.execute(f'GRANT SELECT, UPDATE ON deployments TO "{roles.worker}"')
    op.execute(f'GRANT USAGE ON SEQUENCE deployment_fences TO "{roles.worker}"')
    op.execute(f'GRANT SELECT, INSERT ON deployment_events TO "{roles.worker}"')
    op.execute(f'GRANT SELECT (created_at), DELETE ON idempotency_keys TO "{roles.worker}"')
    for table in _READ_BY_WORKERS:
        op.execute(f'GRANT SELECT ON {table} TO "{roles.worker}"')


def downgrade() -> None:
    roles = context.config.attributes["roles"]
    for table in ("idempotency_keys", "deployment_events", "deployments", "sources"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP SEQUENCE deployment_fences")
    read = ", ".join(_READ_BY_WORKERS[:-1])
    op.execute(f'REVOKE ALL ON {read} FROM "{roles.worker}"')
