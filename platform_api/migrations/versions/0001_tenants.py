"""Accounts, organisations, projects, environments, keys and the audit log."""

from __future__ import annotations

from alembic import context, op

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    public_id text NOT NULL UNIQUE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    refresh_hash bytea NOT NULL,
    generation integer NOT NULL,
    created_at timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_for text
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE setup (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    done_at timestamptz NOT NULL,
    user_id uuid REFERENCES users ON DELETE SET NULL
);

CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE organization_members (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_members_user ON organization_members (user_id);

CREATE TABLE projects (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id uuid PRIMARY KEY,
    slug text NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (organization_id, slug),
    UNIQUE (organization_id, id)
);

CREATE TABLE project_members (
    organization_id uuid NOT NULL,
    project_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (project_id, user_id),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES organization_members ON DELETE CASCADE
);

CREATE TABLE invitations (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id uuid PRIMARY KEY,
    public_id text NOT NULL UNIQUE,
    secret_hash bytea NOT NULL,
    email text NOT NULL,
    role text,
    invited_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz
);
CREATE INDEX invitations_organization ON invitations (organization_id, id);

CREATE TABLE environments (
    organization_id uuid NOT NULL,
    id uuid PRIMARY KEY,
    project_id uuid NOT NULL,
    name text NOT NULL,
    needs_approval boolean NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (organization_id, project_id, name),
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE api_keys (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    id uuid PRIMARY KEY,
    public_id text NOT NULL UNIQUE,
    secret_hash bytea NOT NULL,
    last4 text NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    project_id uuid,
    created_by uuid REFERENCES users ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE audit_entries (
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    actor jsonb NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    outcome text NOT NULL,
    request_id text NOT NULL,
    before jsonb,
    after jsonb,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (organization_id, number)
);
"""

# A setting that is not there, or empty after a transaction that had it, is nobody.
_FUNCTIONS = """
CREATE FUNCTION cygni_setting(name text) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('cygni.' || name, true), '')::uuid;
"""

_TENANT = "organization_id = cygni_setting('organization')"
_POLICIES = {
    "organizations": (
        "id = cygni_setting('organization')",
        "id IN (SELECT organization_id FROM organization_members WHERE user_id = cygni_setting('user'))",
    ),
    "organization_members": (_TENANT, "user_id = cygni_setting('user')"),
    "projects": (_TENANT, None),
    "project_members": (_TENANT, None),
    "environments": (_TENANT, None),
    "invitations": (_TENANT, "public_id = nullif(current_setting('cygni.credential', true), '')"),
    "api_keys": (_TENANT, "public_id = nullif(current_setting('cygni.credential', true), '')"),
    "audit_entries": (_TENANT, None),
}
"""For each table of tenants: what may be read and written, and what more may be read before the tenant is known."""

_OPEN = ("users", "sessions", "setup")


def upgrade() -> None:
    application = context.config.attributes["roles"].application
    op.execute(_TABLES)
    op.execute(_FUNCTIONS)
    for table, (tenant, reading) in _POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant ON {table} USING ({tenant}) WITH CHECK ({tenant})")
        if reading:
            op.execute(f"CREATE POLICY known_to_the_caller ON {table} FOR SELECT USING ({reading})")
    op.execute(f'GRANT USAGE ON SCHEMA public TO "{application}"')
    for table in (*_POLICIES, *_OPEN):
        verbs = "SELECT, INSERT" if table == "audit_entries" else "SELECT, INSERT, UPDATE, DELETE"
        op.execute(f'GRANT {verbs} ON {table} TO "{application}"')


def downgrade() -> None:
    op.execute("DROP POLICY known_to_the_caller ON organizations")  # it reads another table
    for table in (*reversed(_POLICIES), "setup", "sessions", "users"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION cygni_setting")
    application = context.config.attributes["roles"].application
    op.execute(f'REVOKE ALL ON SCHEMA public FROM "{application}"')
