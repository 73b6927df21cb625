"""Queries for the deployments of one project, and for what is told of one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cygni.errors import NotFound
from platform_api.deployments.lifecycle import Status
from platform_api.deployments.models import Deployment, DeploymentEvent
from platform_api.environments.models import Environment
from platform_api.projects.models import FoundProject
from platform_api.sources.models import Source


class Deployments:
    def __init__(self, session: AsyncSession, project: FoundProject) -> None:
        self._session = session
        self._project = project

    async def before(
        self, environment: Environment, last: uuid.UUID | None, size: int
    ) -> Sequence[Deployment]:
        """Those of an environment, the newest first."""
        query = self._mine().where(col(Deployment.environment_id) == environment.id)
        if last is not None:
            query = query.where(col(Deployment.id) < last)
        return (await self._session.scalars(query.order_by(col(Deployment.id).desc()).limit(size))).all()

    async def existing(
        self, environment: Environment, deployment: uuid.UUID, *, for_update: bool = False
    ) -> Deployment:
        """`for_update` locked until the transaction ends. Raises NotFound."""
        query = self._mine().where(
            col(Deployment.environment_id) == environment.id, col(Deployment.id) == deployment
        )
        found = await self._session.scalar(query.with_for_update() if for_update else query)
        if found is None:
            raise NotFound(f"there is no deployment {deployment} in this environment")
        return found

    async def source_of(self, environment: Environment, release: int | None) -> uuid.UUID | None:
        """The folder with which a release was deployed; of one that was deployed from elsewhere, or whose folder is
        forgotten, or without a number, that of the newest deployment that succeeded. None where none has."""
        query = self._folders(environment).where(col(Deployment.status) == Status.SUCCEEDED)
        if release is not None:
            query = query.order_by((col(Deployment.release) == release).desc().nulls_last())
        return await self._session.scalar(query.order_by(col(Deployment.id).desc()).limit(1))

    async def folder_of(self, environment: Environment) -> uuid.UUID:
        """The folder that the environment was last deployed with: that of the newest deployment that succeeded, where
        none has of the newest one that was begun to be applied. What only waits for its word, or never got one, is done
        nothing with. Raises NotFound where there is none."""
        found = await self.source_of(environment, None) or await self._begun(environment)
        if found is None:
            raise NotFound(
                f"nothing of {self._project.slug} was deployed to {environment.name} here",
                hint=f"Deploy with: cx deploy -e {environment.name}",
            )
        return found

    async def _begun(self, environment: Environment) -> uuid.UUID | None:
        """The folder of the newest deployment that a worker has begun to apply."""
        applied = sa.exists().where(
            col(DeploymentEvent.organization_id) == col(Deployment.organization_id),
            col(DeploymentEvent.deployment_id) == col(Deployment.id),
            col(DeploymentEvent.kind) == "status",
            col(DeploymentEvent.data)["status"].astext.in_([Status.APPLYING, Status.RELEASING]),
        )
        query = self._folders(environment).where(applied)
        return await self._session.scalar(query.order_by(col(Deployment.id).desc()).limit(1))

    def _folders(self, environment: Environment) -> SelectOfScalar[uuid.UUID]:
        """Those that are kept, of what was to change the environment."""
        return (
            select(Deployment.source_id)
            .join(Source, col(Source.id) == col(Deployment.source_id))
            .where(
                col(Deployment.organization_id) == self._project.organization_id,
                col(Deployment.environment_id) == environment.id,
                col(Deployment.plan_only).is_(False),
                col(Source.archive).is_not(None),
            )
        )

    def add(self, row: Deployment) -> None:
        self._session.add(row)

    def _mine(self) -> SelectOfScalar[Deployment]:
        return select(Deployment).where(
            col(Deployment.organization_id) == self._project.organization_id,
            col(Deployment.project_id) == self._project.id,
        )


class DeploymentEvents:
    """Of one deployment, whose organisation the transaction is for."""

    def __init__(self, session: AsyncSession, deployment: Deployment) -> None:
        self._session = session
        self._deployment = deployment

    async def after(self, number: int, size: int) -> Sequence[DeploymentEvent]:
        """In the order of their numbers."""
        query = select(DeploymentEvent).where(
            col(DeploymentEvent.organization_id) == self._deployment.organization_id,
            col(DeploymentEvent.deployment_id) == self._deployment.id,
            col(DeploymentEvent.number) > number,
        )
        return (await self._session.scalars(query.order_by(col(DeploymentEvent.number)).limit(size))).all()
