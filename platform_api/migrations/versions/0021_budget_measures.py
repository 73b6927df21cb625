"""What is done to environments where a limit is used up or an invoice is not paid, and what people were told before."""

from __future__ import annotations

from alembic import context, op

revision = "0021"
down_revision = "0020"

_TABLES = """
CREATE TABLE budget_measures (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id uuid PRIMARY KEY,
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    step text NOT NULL CHECK (step IN ('pause', 'floor')),
    because text NOT NULL,
    before jsonb NOT NULL,
    counts jsonb NOT NULL,
    deployment_id uuid NOT NULL,
    began_at timestamptz NOT NULL,
    undone_at timestamptz
);
-- Each environment is held once, however many workers look at the same moment.
CREATE UNIQUE INDEX budget_measures_one_at_a_time ON budget_measures (environment_id) WHERE undone_at IS NULL;

CREATE TABLE payment_notices (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    invoice_id uuid NOT NULL,
    notice text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (invoice_id, notice)
);
"""

_TENANT = "organization_id = cygni_setting('organization')"
_TABLES_AND_VERBS = {
    # table: what the application may, and what workers, who alone write them
    "budget_measures": ("SELECT", "SELECT, INSERT, UPDATE"),
    "payment_notices": ("SELECT", "SELECT, INSERT"),
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
    # What is done is a deployment as any other, which nobody asked for.
    op.execute(f'GRANT INSERT ON deployments TO "{roles.worker}"')


def downgrade() -> None:
    op.execute(f'REVOKE INSERT ON deployments FROM "{context.config.attributes["roles"].worker}"')
    op.execute("DROP TABLE payment_notices")
    op.execute("DROP TABLE budget_measures")
