"""Entering a tenant by an API key takes one statement."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

# It has the rights of whoever calls it, so row-level security holds within: each row is read on behalf of the one that
# is set before it. Whether the key's secret is the right one is not decided here.
_FIND = """
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
    op.execute(_FIND)


def downgrade() -> None:
    op.execute("DROP FUNCTION cygni_find_by_key")
