"""A job that is waited for leaves its environment to others: a status of its own, in which a worker looks on."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"

_BEFORE = (
    "'queued', 'planning', 'awaiting_approval', 'approved', 'applying', 'releasing', 'recovering', "
    "'succeeded', 'failed', 'cancelled', 'needs_attention'"
)
_WORKED_ON = "status IN ('planning', 'applying', 'releasing') = (worker IS NOT NULL)"

_WAITING = "'queued', 'awaiting_approval', 'approved', 'recovering'"


def upgrade() -> None:
    op.execute(f"""
        ALTER TABLE deployments
            DROP CONSTRAINT deployments_status_check,
            ADD CONSTRAINT deployments_status_check CHECK (status IN ({_BEFORE}, 'watching')),
            DROP CONSTRAINT deployments_check1,
            ADD CONSTRAINT deployments_check1 CHECK (status = 'watching' OR {_WORKED_ON})
    """)
    _index(f"{_WAITING}, 'watching'")


def downgrade() -> None:
    _index(_WAITING)
    op.execute("""
        UPDATE deployments SET status = 'failed', worker = NULL, lease_expires_at = NULL, phase_deadline = NULL,
            finished_at = clock_timestamp() WHERE status = 'watching'
    """)
    op.execute(f"""
        ALTER TABLE deployments
            DROP CONSTRAINT deployments_status_check,
            ADD CONSTRAINT deployments_status_check CHECK (status IN ({_BEFORE})),
            DROP CONSTRAINT deployments_check1,
            ADD CONSTRAINT deployments_check1 CHECK ({_WORKED_ON})
    """)


def _index(statuses: str) -> None:
    """What workers look for, whose condition implies that of the index."""
    op.execute("DROP INDEX deployments_waiting")
    op.execute(
        f"CREATE INDEX deployments_waiting ON deployments (environment_id, id) WHERE status IN ({statuses})"
    )
