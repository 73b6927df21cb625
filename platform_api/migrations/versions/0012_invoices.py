"""Invoices, what was billed by them, and credit notes. What is final never changes."""

from __future__ import annotations

from alembic import context, op

revision = "0012"
down_revision = "0011"

_TABLES = """
CREATE TABLE invoices (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    subscription_id uuid NOT NULL,
    period_number integer NOT NULL,
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    currency text NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'grace', 'final', 'paid', 'overdue', 'void')),
    step_at timestamptz,
    number text UNIQUE,
    subtotal numeric,
    carried numeric,
    total numeric,
    document jsonb,
    content bytea,
    digest text,
    created_at timestamptz NOT NULL,
    finalized_at timestamptz,
    due_at timestamptz,
    paid_at timestamptz,
    voided_at timestamptz,
    version integer NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, subscription_id) REFERENCES subscriptions (organization_id, id),
    CHECK ((state IN ('draft', 'grace')) = (number IS NULL)),
    CHECK (num_nulls(number, subtotal, carried, total, document, content, digest, finalized_at, due_at) IN (0, 9)),
    CHECK ((state = 'paid') = (paid_at IS NOT NULL)),
    CHECK ((state = 'void') = (voided_at IS NOT NULL))
);
CREATE UNIQUE INDEX invoices_period ON invoices (subscription_id, period_number) WHERE state <> 'void';
CREATE INDEX invoices_listed ON invoices (organization_id, id);
CREATE INDEX invoices_due ON invoices (step_at) WHERE step_at IS NOT NULL;

CREATE TABLE billed_periods (
    organization_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    period_number integer NOT NULL,
    seen text NOT NULL,
    PRIMARY KEY (invoice_id, period_number),
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id)
);

CREATE TABLE billed_amounts (
    organization_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    period_number integer NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    amount numeric NOT NULL,
    PRIMARY KEY (invoice_id, period_number, key),
    FOREIGN KEY (invoice_id, period_number) REFERENCES billed_periods
);

CREATE TABLE credit_uses (
    organization_id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    amount numeric NOT NULL CHECK (amount > 0),
    PRIMARY KEY (invoice_id, grant_id),
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id),
    FOREIGN KEY (organization_id, grant_id) REFERENCES credit_grants (organization_id, id)
);
CREATE INDEX credit_uses_grant ON credit_uses (grant_id);

CREATE TABLE credit_notes (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    invoice_id uuid NOT NULL,
    number text NOT NULL UNIQUE,
    amount numeric NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices (organization_id, id)
);
CREATE INDEX credit_notes_invoice ON credit_notes (invoice_id);

CREATE TABLE invoice_numbers (
    series text PRIMARY KEY,
    last bigint NOT NULL
);

CREATE FUNCTION cygni_final_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL AND (TG_OP = 'DELETE' OR ROW(
        NEW.organization_id, NEW.id, NEW.subscription_id, NEW.period_number, NEW.period_start, NEW.period_end,
        NEW.currency, NEW.number, NEW.subtotal, NEW.carried, NEW.total, NEW.document, NEW.content, NEW.digest,
        NEW.created_at, NEW.finalized_at, NEW.due_at
    ) IS DISTINCT FROM ROW(
        OLD.organization_id, OLD.id, OLD.subscription_id, OLD.period_number, OLD.period_start, OLD.period_end,
        OLD.currency, OLD.number, OLD.subtotal, OLD.carried, OLD.total, OLD.document, OLD.content, OLD.digest,
        OLD.created_at, OLD.finalized_at, OLD.due_at
    )) THEN
        RAISE EXCEPTION 'an invoice that is final never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER final_invoice BEFORE UPDATE OR DELETE ON invoices
    FOR EACH ROW EXECUTE FUNCTION cygni_final_invoice();

CREATE FUNCTION cygni_billed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was billed never changes' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER billed BEFORE UPDATE OR DELETE ON billed_periods FOR EACH ROW EXECUTE FUNCTION cygni_billed();
CREATE TRIGGER billed BEFORE UPDATE OR DELETE ON billed_amounts FOR EACH ROW EXECUTE FUNCTION cygni_billed();
CREATE TRIGGER billed BEFORE UPDATE OR DELETE ON credit_uses FOR EACH ROW EXECUTE FUNCTION cygni_billed();
CREATE TRIGGER billed BEFORE UPDATE OR DELETE ON credit_notes FOR EACH ROW EXECUTE FUNCTION cygni_billed();
"""

_TENANT = "organization_id = cygni_setting('organization')"
_TABLES_AND_VERBS = {
    # table: what requests may, and what a bill run may
    "invoices": ("SELECT, UPDATE (state, step_at, paid_at, voided_at, version)", "SELECT, INSERT, UPDATE"),
    "billed_periods": ("SELECT", "SELECT, INSERT"),
    "billed_amounts": ("SELECT", "SELECT, INSERT"),
    "credit_uses": ("SELECT", "SELECT, INSERT"),
    "credit_notes": ("SELECT, INSERT", "SELECT"),
}
_READ_BY_BILL_RUNS = ("usage_events", "usage_hours", "meters")


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table, (application, worker) in _TABLES_AND_VERBS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
        op.execute(f'GRANT {application} ON {table} TO "{roles.application}"')
        op.execute(f'GRANT {worker} ON {table} TO "{roles.worker}"')
    # Who a member is belongs to requests alone: workers read the organisation whose name they take.
    op.execute(f'ALTER POLICY known_to_the_caller ON organizations TO "{roles.application}"')
    # A bill run looks in all tenants for what is due; of one at a time, whose name it takes then, it sees the rest.
    op.execute(f'CREATE POLICY billing ON invoices FOR SELECT TO "{roles.worker}" USING (true)')
    op.execute(f'GRANT SELECT, INSERT, UPDATE ON invoice_numbers TO "{roles.application}", "{roles.worker}"')
    for table in _READ_BY_BILL_RUNS:
        op.execute(f'GRANT SELECT ON {table} TO "{roles.worker}"')


def downgrade() -> None:
    op.execute("ALTER POLICY known_to_the_caller ON organizations TO PUBLIC")
    worker = context.config.attributes["roles"].worker
    for table in _READ_BY_BILL_RUNS:
        op.execute(f'REVOKE ALL ON {table} FROM "{worker}"')
    for table in (
        "invoice_numbers",
        "credit_notes",
        "credit_uses",
        "billed_amounts",
        "billed_periods",
        "invoices",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION cygni_final_invoice")
    op.execute("DROP FUNCTION cygni_billed")
