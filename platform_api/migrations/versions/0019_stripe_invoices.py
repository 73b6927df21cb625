"""What Stripe has in place of invoices."""

from __future__ import annotations

from alembic import context, op

revision = "0019"
down_revision = "0018"

_TABLES = """
CREATE TABLE stripe_invoices (
    organization_id uuid NOT NULL,
    invoice_id uuid PRIMARY KEY,
    stripe_invoice text UNIQUE,
    status text,
    failed_at timestamptz,
    attempts integer NOT NULL,
    due_at timestamptz,
    claimed_until timestamptz,
    last_error text,
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX stripe_invoices_due ON stripe_invoices (due_at) WHERE due_at IS NOT NULL;
"""
_TENANT = "organization_id = cygni_setting('organization')"


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    op.execute("ALTER TABLE stripe_invoices ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE stripe_invoices FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON stripe_invoices USING ({_TENANT}) WITH CHECK ({_TENANT})")
    op.execute(f'GRANT SELECT ON stripe_invoices TO "{roles.application}"')
    # Workers have Stripe collect for all tenants.
    op.execute(
        f'CREATE POLICY collecting ON stripe_invoices TO "{roles.worker}" USING (true) WITH CHECK (true)'
    )
    op.execute(f'GRANT SELECT, INSERT, UPDATE ON stripe_invoices TO "{roles.worker}"')


def downgrade() -> None:
    op.execute("DROP TABLE stripe_invoices")
