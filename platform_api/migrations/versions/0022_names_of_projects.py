"""The name of a project stays with the organization that had it first, since what it deployed may be there still."""

from __future__ import annotations

from alembic import context, op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE project_names (
            organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
            slug text PRIMARY KEY
        );
        INSERT INTO project_names SELECT organization_id, slug FROM projects;
        ALTER TABLE project_names ENABLE ROW LEVEL SECURITY;
        ALTER TABLE project_names FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON project_names USING (organization_id = cygni_setting('organization'))
            WITH CHECK (organization_id = cygni_setting('organization'))
    """)
    application = context.config.attributes["roles"].application
    op.execute(f'GRANT SELECT, INSERT ON project_names TO "{application}"')


def downgrade() -> None:
    op.execute("DROP TABLE project_names")
