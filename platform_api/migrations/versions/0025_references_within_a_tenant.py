"""What a row refers to is of the same organization: a foreign key looks past row-level security."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"

_TENANT = "organization_id, id"
_PLACE = "organization_id, project_id, environment_id"
_PERIOD = "organization_id, invoice_id, period_number"

_UNIQUE = {
    "environments_tenant": ("environments", _TENANT),
    "environments_place": ("environments", "organization_id, project_id, id"),
    "sources_tenant": ("sources", _TENANT),
    "secrets_tenant": ("secrets", _TENANT),
    "deployments_tenant": ("deployments", _TENANT),
    "inquiries_tenant": ("inquiries", _TENANT),
    "billed_periods_tenant": ("billed_periods", _PERIOD),
}
"""What the references below are to: a table and its columns."""

_OF_ENVIRONMENTS = ("secrets", "deployments", "budgets", "inquiries")
"""Tables whose rows are of an environment, and of its project."""
_OTHERS = (
    # table, the columns that name the row there, the table there, what is done when that row goes
    ("secret_versions", "secret_id", "secrets", "ON DELETE CASCADE"),
    ("deployments", "source_id", "sources", ""),
    ("deployment_events", "deployment_id", "deployments", "ON DELETE CASCADE"),
    ("budget_reservations", "deployment_id", "deployments", "ON DELETE CASCADE"),
    ("budget_measures", "environment_id", "environments", "ON DELETE CASCADE"),
    ("inquiries", "source_id", "sources", "ON DELETE CASCADE"),
    ("inquiry_lines", "inquiry_id", "inquiries", "ON DELETE CASCADE"),
)


def upgrade() -> None:
    for name, (table, columns) in _UNIQUE.items():
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE ({columns})")
    for table in _OF_ENVIRONMENTS:
        to = "environments (organization_id, project_id, id) ON DELETE CASCADE"
        _refer(table, "environment_id", _PLACE, to)
    for table, column, there, gone in _OTHERS:
        _refer(table, column, f"organization_id, {column}", f"{there} ({_TENANT}) {gone}")
    _refer("billed_amounts", "invoice_id_period_number", _PERIOD, f"billed_periods ({_PERIOD})")
    op.execute(
        "ALTER TABLE payment_notices ADD CONSTRAINT payment_notices_invoice_id_fkey "
        f"FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices ({_TENANT}) ON DELETE CASCADE"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE payment_notices DROP CONSTRAINT payment_notices_invoice_id_fkey")
    _refer("billed_amounts", "invoice_id_period_number", "invoice_id, period_number", "billed_periods")
    for table, column, there, gone in _OTHERS:
        _refer(table, column, column, f"{there} {gone}")
    for table in _OF_ENVIRONMENTS:
        _refer(table, "environment_id", "environment_id", "environments ON DELETE CASCADE")
    for name, (table, _) in _UNIQUE.items():
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def _refer(table: str, name: str, columns: str, to: str) -> None:
    """In place of the constraint that PostgreSQL named so."""
    name = f"{table}_{name}_fkey"
    op.execute(
        f"ALTER TABLE {table} DROP CONSTRAINT {name}, "
        f"ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {to}"
    )
