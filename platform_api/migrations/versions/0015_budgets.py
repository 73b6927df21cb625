"""Budgets, what people were told of them, and what deployments that are under way need of them."""

from __future__ import annotations

from alembic import context, op

revision = "0015"
down_revision = "0014"

_TABLES = """
CREATE TABLE budgets (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id uuid PRIMARY KEY,
    project_id uuid,
    environment_id uuid REFERENCES environments ON DELETE CASCADE,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('units', 'spend', 'cloud_cost')),
    meter text,
    currency text,
    amount numeric NOT NULL CHECK (amount > 0),
    thresholds integer[] NOT NULL,
    forecast boolean NOT NULL,
    hard_limit boolean NOT NULL,
    grace_hours integer NOT NULL CHECK (grace_hours >= 0),
    pause_previews boolean NOT NULL,
    scale_to_floor boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('ok', 'alert', 'soft', 'hard')),
    period_start timestamptz,
    used_up_since timestamptz,
    due_at timestamptz NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (organization_id, name),
    UNIQUE (organization_id, id),
    CHECK (environment_id IS NULL OR project_id IS NOT NULL),
    CHECK ((kind = 'units') = (meter IS NOT NULL)),
    CHECK ((kind = 'units') = (currency IS NULL)),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX budgets_due ON budgets (due_at);

CREATE TABLE budget_alerts (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    budget_id uuid NOT NULL,
    period_start timestamptz NOT NULL,
    threshold text NOT NULL,
    used numeric NOT NULL,
    amount numeric NOT NULL,
    at timestamptz NOT NULL,
    lapsed_at timestamptz,
    FOREIGN KEY (organization_id, budget_id) REFERENCES budgets (organization_id, id) ON DELETE CASCADE
);
-- Each is told once, however many workers look at the same moment.
CREATE UNIQUE INDEX budget_alerts_once ON budget_alerts (budget_id, period_start, threshold)
    WHERE lapsed_at IS NULL;

CREATE TABLE budget_reservations (
    organization_id uuid NOT NULL,
    deployment_id uuid PRIMARY KEY REFERENCES deployments ON DELETE CASCADE,
    project_id uuid NOT NULL,
    environment_id uuid NOT NULL,
    monthly numeric NOT NULL CHECK (monthly >= 0),
    created_at timestamptz NOT NULL
);
CREATE INDEX budget_reservations_counted ON budget_reservations (organization_id, project_id, environment_id);
"""

_TENANT = "organization_id = cygni_setting('organization')"
_TABLES_AND_VERBS = {
    # table: what the application may, and what workers, who look at budgets and end deployments of all tenants
    "budgets": ("SELECT, INSERT, UPDATE, DELETE", "SELECT, UPDATE"),
    "budget_alerts": ("SELECT, UPDATE (lapsed_at)", "SELECT, INSERT"),
    "budget_reservations": ("SELECT, INSERT, UPDATE, DELETE", "SELECT, UPDATE, DELETE"),
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
    # What is done where a budget is used up is done by nobody who asked, and still in the audit log.
    op.execute(f'GRANT SELECT, INSERT ON audit_entries TO "{roles.worker}"')


def downgrade() -> None:
    worker = context.config.attributes["roles"].worker
    op.execute(f'REVOKE ALL ON audit_entries FROM "{worker}"')
    op.execute("DROP TABLE budget_reservations")
    op.execute("DROP TABLE budget_alerts")
    op.execute("DROP TABLE budgets")
