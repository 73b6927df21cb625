"""Roles that organisations make of permissions."""

from __future__ import annotations

from alembic import context, op

revision = "0008"
down_revision = "0007"

_TABLES = """
CREATE TABLE roles (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    name text NOT NULL CHECK (name NOT IN ('viewer', 'developer', 'admin', 'owner')),
    permissions text[] NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, name)
);
"""
_TENANT = "organization_id = cygni_setting('organization')"


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    op.execute("ALTER TABLE roles ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE roles FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON roles USING ({_TENANT}) WITH CHECK ({_TENANT})")
    # An update is never made; without the right to one, no row can be locked.
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON roles TO "{roles.application}"')


def downgrade() -> None:
    op.execute("DROP TABLE roles")
