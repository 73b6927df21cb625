"""What Cygni measures by itself: what runs, and what is looked at when."""

from __future__ import annotations

from alembic import context, op

revision = "0018"
down_revision = "0017"

_TABLES = """
CREATE TABLE metered_runs (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    project text NOT NULL,
    environment text NOT NULL,
    id text NOT NULL,
    subject text NOT NULL,
    rates jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (organization_id, project, environment, id)
);
CREATE INDEX metered_runs_over ON metered_runs (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE metered_places (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    project text NOT NULL,
    environment text NOT NULL,
    look text NOT NULL,
    measured_until timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    claimed_until timestamptz,
    failures integer NOT NULL,
    error text,
    known jsonb NOT NULL,
    PRIMARY KEY (organization_id, project, environment, look)
);
CREATE INDEX metered_places_due ON metered_places (due_at);

CREATE INDEX deployments_succeeded ON deployments (environment_id, id)
    WHERE status = 'succeeded' AND kind = 'deploy' AND NOT plan_only;
"""

_TENANT = "organization_id = cygni_setting('organization')"
_MINE = ("metered_runs", "metered_places")
_READ_BY_WORKERS = ("organizations", "organization_members", "projects", "environments")
"""Of all tenants: what is to be measured, and how many seats they have."""
_COUNTING = "SELECT (organization_id)"


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table in _MINE:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
        op.execute(f'CREATE POLICY metering ON {table} TO "{roles.worker}" USING (true) WITH CHECK (true)')
        op.execute(f'GRANT SELECT ON {table} TO "{roles.application}"')
        op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO "{roles.worker}"')
    for table in _READ_BY_WORKERS:
        op.execute(f'CREATE POLICY metering ON {table} FOR SELECT TO "{roles.worker}" USING (true)')
    op.execute(f'GRANT {_COUNTING} ON organization_members TO "{roles.worker}"')


def downgrade() -> None:
    worker = context.config.attributes["roles"].worker
    op.execute(f'REVOKE {_COUNTING} ON organization_members FROM "{worker}"')
    for table in _READ_BY_WORKERS:
        op.execute(f"DROP POLICY metering ON {table}")
    op.execute("DROP INDEX deployments_succeeded")
    for table in _MINE:
        op.execute(f"DROP TABLE {table}")
