"""A key may no more than its maker may by now, and ends with the key that made it."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"

# As before, with who made the key, where they are a member still, and what a role allows that the organization made.
_FIND = """
CREATE FUNCTION cygni_find_by_key(public_id text, organization_slug text, project_slug text)
RETURNS TABLE (key api_keys, organization organizations, project projects, maker organization_members, allowed text[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('cygni.organization', '', true), set_config('cygni.user', '', true),
        set_config('cygni.credential', $1, true);
    SELECT * INTO key FROM api_keys WHERE api_keys.public_id = $1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('cygni.organization', key.organization_id::text, true), set_config('cygni.credential', '', true);
    SELECT * INTO organization FROM organizations WHERE id = key.organization_id AND slug = coalesce($2, slug);
    SELECT * INTO project FROM projects WHERE organization_id = key.organization_id AND slug = $3;
    SELECT organization_members.* INTO maker FROM organization_members JOIN users ON users.id = user_id
        WHERE organization_id = key.organization_id AND user_id = key.created_by AND disabled_at IS NULL;
    SELECT permissions INTO allowed FROM roles WHERE organization_id = key.organization_id AND name = maker.role;
    RETURN NEXT;
END
$$
"""
_FIND_BEFORE = """
CREATE FUNCTION cygni_find_by_key(public_id text, organization_slug text, project_slug text)
RETURNS TABLE (key api_keys, organization organizations, project projects) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('cygni.organization', '', true), set_config('cygni.user', '', true),
        set_config('cygni.credential', $1, true);
    SELECT * INTO key FROM api_keys WHERE api_keys.public_id = $1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('cygni.organization', key.organization_id::text, true), set_config('cygni.credential', '', true);
    SELECT * INTO organization FROM organizations WHERE id = key.organization_id AND slug = coalesce($2, slug);
    SELECT * INTO project FROM projects WHERE organization_id = key.organization_id AND slug = $3;
    RETURN NEXT;
END
$$
"""


def upgrade() -> None:
    op.execute("""
        ALTER TABLE api_keys
            ADD created_by_key uuid,
            ADD CONSTRAINT api_keys_tenant UNIQUE (organization_id, id),
            ADD CONSTRAINT api_keys_created_by_key_fkey FOREIGN KEY (organization_id, created_by_key)
                REFERENCES api_keys (organization_id, id) ON DELETE CASCADE
    """)
    op.execute("CREATE INDEX api_keys_made ON api_keys (created_by_key) WHERE created_by_key IS NOT NULL")
    op.execute("DROP FUNCTION cygni_find_by_key")
    op.execute(_FIND)


def downgrade() -> None:
    op.execute("DROP FUNCTION cygni_find_by_key")
    op.execute("ALTER TABLE api_keys DROP created_by_key, DROP CONSTRAINT api_keys_tenant")
    op.execute(_FIND_BEFORE)
