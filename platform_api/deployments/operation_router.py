"""What is done with an environment as it was deployed last: other numbers of tasks, new tasks, a job, and its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from platform_api.access.allowed import AllowedInProject
from platform_api.access.caller import ProjectAccess, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.deployments.kinds import Kind
from platform_api.deployments.models import Deployment
from platform_api.deployments.repository import Deployments
from platform_api.deployments.router import Creating, desk, subject
from platform_api.deployments.schemas import DeploymentDetail, Destruction, JobRun, Restart, Scaling
from platform_api.deployments.service import DeploymentDesk
from platform_api.environments.models import Environment
from platform_api.environments.repository import Environments
from platform_api.idempotency.service import DoneOnce

router = APIRouter(
    prefix="/v1/organizations/{organization}/projects/{project}/environments/{environment}",
    tags=["deployments"],
)
Ending = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.ENVIRONMENT_MANAGE))]
Begin = Callable[[DeploymentDesk, Environment], Awaitable[Deployment]]


class Beginning:
    """A dependency: what begins a deployment of the environment of the path, once for each key."""

    def __init__(
        self, request: Request, session: Transaction, audit: Audit, once: DoneOnce, environment: str
    ) -> None:
        self._request, self._session, self._audit, self._once = request, session, audit, once
        self._environment = environment

    async def outright(self, access: ProjectAccess, kind: Kind, arguments: Mapping[str, Any]) -> Response:
        """Raises NotFound where nothing was deployed."""

        async def begin(desk: DeploymentDesk, there: Environment) -> Deployment:
            source = await Deployments(self._session, access.project).folder_of(there)
            return await desk.operate(there, source, kind, arguments)

        return await self._begun(access, kind, arguments, begin)

    async def end(self, access: ProjectAccess, wanted: Destruction) -> Response:
        """Raises NotFound where nothing was deployed."""

        async def begin(desk: DeploymentDesk, there: Environment) -> Deployment:
            source = await Deployments(self._session, access.project).folder_of(there)
            return await desk.destroy(there, source, wanted)

        return await self._begun(access, Kind.DESTROY, {"allow_destroy": wanted.allow_destroy}, begin)

    async def _begun(
        self, access: ProjectAccess, kind: Kind, told: Mapping[str, Any], begin: Begin
    ) -> Response:
        if (before := await self._once.answered()) is not None:
            return before
        there = await Environments(self._session, access.project).existing(self._environment)
        made = await begin(desk(self._request, self._session, access), there)
        await self._audit.record(f"deployment.{kind.value}", subject(access, there, made), after=told)
        return self._once.keep(DeploymentDetail.model_validate(made), 202)


Begins = Annotated[Beginning, Depends()]


@router.post("/scale", status_code=202, response_model=DeploymentDetail)
async def scale_environment(creating: Creating, begins: Begins, wanted: Scaling) -> Response:
    """Begins a deployment that runs other numbers of tasks, until the next deploy."""
    return await begins.outright(creating, Kind.SCALE, wanted.model_dump())


@router.post("/restart", status_code=202, response_model=DeploymentDetail)
async def restart_environment(creating: Creating, begins: Begins, wanted: Restart) -> Response:
    """Begins a deployment that replaces tasks by new ones of the same release."""
    return await begins.outright(creating, Kind.RESTART, wanted.model_dump())


@router.post("/run", status_code=202, response_model=DeploymentDetail)
async def run_job(creating: Creating, begins: Begins, wanted: JobRun) -> Response:
    """Begins a deployment that starts a job."""
    return await begins.outright(creating, Kind.RUN, wanted.model_dump())


@router.post("/destroy", status_code=202, response_model=DeploymentDetail)
async def destroy_environment(ending: Ending, begins: Begins, wanted: Destruction) -> Response:
    """Begins a deployment that deletes all that the environment has in the cloud, after its plan. The environment
    itself stays, with its secrets and records."""
    return await begins.end(ending, wanted)
