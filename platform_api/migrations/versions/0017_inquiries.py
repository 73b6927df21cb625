"""What is asked of environments, and changes nothing."""

from __future__ import annotations

from alembic import context, op

revision = "0017"
down_revision = "0016"

_TABLES = """
CREATE TABLE inquiries (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    source_id uuid NOT NULL REFERENCES sources ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('status', 'releases', 'outputs', 'logs')),
    arguments jsonb NOT NULL,
    as_json boolean NOT NULL,
    actor jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    heard_at timestamptz NOT NULL,
    worker text,
    lease_expires_at timestamptz,
    finished_at timestamptz,
    last_line bigint NOT NULL DEFAULT 0,
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX inquiries_open ON inquiries (id) WHERE finished_at IS NULL;
CREATE INDEX inquiries_age ON inquiries (created_at);
CREATE INDEX inquiries_environment ON inquiries (environment_id);
CREATE INDEX inquiries_source ON inquiries (source_id);

CREATE TABLE inquiry_lines (
    organization_id uuid NOT NULL,
    inquiry_id uuid NOT NULL REFERENCES inquiries ON DELETE CASCADE,
    number bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('wrote', 'said', 'ended')),
    data jsonb NOT NULL,
    PRIMARY KEY (inquiry_id, number)
);
"""
_TENANT = "organization_id = cygni_setting('organization')"


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table in ("inquiries", "inquiry_lines"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
    op.execute(f'GRANT SELECT, INSERT, UPDATE (heard_at) ON inquiries TO "{roles.application}"')
    op.execute(f'GRANT SELECT ON inquiry_lines TO "{roles.application}"')
    # Workers look for questions of all tenants, and forget old ones.
    op.execute(f'CREATE POLICY work ON inquiries TO "{roles.worker}" USING (true) WITH CHECK (true)')
    op.execute(f'GRANT SELECT, UPDATE, DELETE ON inquiries TO "{roles.worker}"')
    op.execute(f'GRANT SELECT, INSERT ON inquiry_lines TO "{roles.worker}"')


def downgrade() -> None:
    op.execute("DROP TABLE inquiry_lines")
    op.execute("DROP TABLE inquiries")
