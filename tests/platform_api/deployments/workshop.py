"""Deployments in the database, for tests that need many of them and no requests."""

from __future__ import annotations

import asyncio
import gzip
import io
import tarfile
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from platform_api.database.roles import url_as
from platform_api.database.transactions import Database
from platform_api.deployments.queue import Queue
from platform_api.identifiers import new_id
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.server_key import KEY

Result = TypeVar("Result")
ACTOR = Jsonb({"kind": "user", "id": "somebody"})


def archive(text: str = "project: shop\nregion: us-east-1\n") -> bytes:
    """A folder with this cygni.yaml, as it is sent; the same bytes each time."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        member = tarfile.TarInfo("cygni.yaml")
        member.size = len(text.encode())
        tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


class Workshop:
    """Writes as the owner of the tables, and works as workers do."""

    def __init__(self, plane: ControlPlane) -> None:
        self.owner_url = plane.owner_url
        self.worker_url = url_as(plane.owner_url, plane.roles.worker, KEY)

    def run(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with closing(psycopg.connect(self.owner_url, autocommit=True, row_factory=dict_row)) as owner:
            cursor = owner.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def wait_for_lock(self, seconds: float = 30) -> None:
        """Until some session waits for another one."""
        until = time.monotonic() + seconds
        while not self.run("SELECT pid FROM pg_locks WHERE NOT granted"):
            assert time.monotonic() < until, "nobody waits"
            time.sleep(0.02)

    def organization(self, name: str) -> uuid.UUID:
        identifier = new_id()
        self.run("INSERT INTO organizations VALUES (%s, %s, %s, 1, now())", identifier, name, name)
        return identifier

    def environment(self, organization: uuid.UUID, name: str = "staging") -> uuid.UUID:
        """In a project of its own, whose folder is sent."""
        project, environment = new_id(), new_id()
        self.run(
            "INSERT INTO projects VALUES (%s, %s, %s, 'x', 1, now())",
            organization,
            project,
            f"p{project.hex[-8:]}",
        )
        self.run(
            "INSERT INTO environments VALUES (%s, %s, %s, %s, false, 1, now())",
            organization,
            environment,
            project,
            name,
        )
        self.run(
            "INSERT INTO sources VALUES (%s, %s, %s, %s, %s, now(), %s)",
            *(organization, new_id(), project, uuid.uuid4().hex, archive(), ACTOR),
        )
        return environment

    def deployment(
        self,
        environment: uuid.UUID,
        status: str = "queued",
        kind: str = "deploy",
        *,
        needs_approval: bool = False,
        overdue: bool = False,
    ) -> uuid.UUID:
        identifier = new_id()
        self.run(
            """
            INSERT INTO deployments (organization_id, id, project_id, environment_id, source_id, kind, allow_destroy,
                needs_approval, actor, created_at, status, attempt, phase_deadline, release)
            SELECT environments.organization_id, %s, environments.project_id, environments.id, sources.id, %s, '{}',
                %s, %s, now(), %s, 0, now() + make_interval(hours => %s), CASE WHEN %s = 'rollback' THEN 1 END
            FROM environments JOIN sources USING (project_id) WHERE environments.id = %s
            """,
            *(identifier, kind, needs_approval, ACTOR, status, -1 if overdue else 1, kind, environment),
        )
        return identifier

    def row(self, deployment: uuid.UUID) -> dict[str, Any]:
        [found] = self.run("SELECT * FROM deployments WHERE id = %s", deployment)
        return found

    def status(self, deployment: uuid.UUID) -> str:
        return str(self.row(deployment)["status"])

    def events(self, deployment: uuid.UUID) -> list[dict[str, Any]]:
        return self.run(
            "SELECT * FROM deployment_events WHERE deployment_id = %s ORDER BY number", deployment
        )

    def expire(self, deployment: uuid.UUID) -> None:
        """As if its worker had not renewed its lease for long."""
        self.run(
            "UPDATE deployments SET lease_expires_at = now() - interval '1 second' WHERE id = %s AND worker IS NOT NULL",
            deployment,
        )

    def with_queue(self, work: Callable[[Queue, Database], Awaitable[Result]]) -> Result:
        """What `work` gives, done as the workers' role."""

        async def do() -> Result:
            database = Database(self.worker_url)
            try:
                return await work(Queue(database), database)
            finally:
                await database.close()

        return asyncio.run(do())
