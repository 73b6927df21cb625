"""The environment of a domain is one of its own project. The column list of SET NULL is of PostgreSQL 15."""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    _refer(
        "organization_id, project_id, environment_id",
        "environments (organization_id, project_id, id) ON DELETE SET NULL (environment_id)",
    )


def downgrade() -> None:
    _refer("environment_id", "environments ON DELETE SET NULL")


def _refer(columns: str, to: str) -> None:
    op.execute(
        "ALTER TABLE domains DROP CONSTRAINT domains_environment_id_fkey, "
        f"ADD CONSTRAINT domains_environment_id_fkey FOREIGN KEY ({columns}) REFERENCES {to}"
    )
