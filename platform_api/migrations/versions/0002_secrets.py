"""Secrets with versions, and the keys that encrypt their keys."""

from __future__ import annotations

from alembic import context, op

revision = "0002"
down_revision = "0001"

_TABLES = """
CREATE TABLE key_encryption_keys (
    id uuid PRIMARY KEY,
    root text NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE secrets (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    environment_id uuid NOT NULL REFERENCES environments ON DELETE CASCADE,
    name text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (organization_id, environment_id, name),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE secret_versions (
    organization_id uuid NOT NULL,
    secret_id uuid NOT NULL REFERENCES secrets ON DELETE CASCADE,
    version integer NOT NULL,
    key_encryption_key_id uuid NOT NULL REFERENCES key_encryption_keys,
    wrapped_key bytea NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamptz NOT NULL,
    created_by jsonb NOT NULL,
    PRIMARY KEY (secret_id, version)
);
CREATE INDEX secret_versions_key ON secret_versions (key_encryption_key_id);
"""

_TENANT = "organization_id = cygni_setting('organization')"
_TENANTS = ("secrets", "secret_versions")


def upgrade() -> None:
    roles = context.config.attributes["roles"]
    op.execute(_TABLES)
    for table in _TENANTS:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
        op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO "{roles.application}"')
    op.execute(f'GRANT SELECT, INSERT ON key_encryption_keys TO "{roles.application}"')
    # Keys are rotated for all tenants at once: by the worker's role, which reads no secret's name.
    op.execute(
        f'CREATE POLICY rotation ON secret_versions TO "{roles.worker}" USING (true) WITH CHECK (true)'
    )
    op.execute(f'GRANT USAGE ON SCHEMA public TO "{roles.worker}"')
    op.execute(f'GRANT SELECT, UPDATE ON secret_versions TO "{roles.worker}"')
    op.execute(f'GRANT SELECT, INSERT, DELETE ON key_encryption_keys TO "{roles.worker}"')


def downgrade() -> None:
    op.execute("DROP TABLE secret_versions")
    op.execute("DROP TABLE secrets")
    op.execute("DROP TABLE key_encryption_keys")
    op.execute(f'REVOKE ALL ON SCHEMA public FROM "{context.config.attributes["roles"].worker}"')
