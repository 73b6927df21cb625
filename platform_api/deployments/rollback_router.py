"""Going back: to a release of an environment, or to what one of its deployments made live."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response

from cygni.errors import WrongState
from platform_api.access.caller import Transaction
from platform_api.audit.service import Audit
from platform_api.deployments.repository import Deployments
from platform_api.deployments.router import Creating, desk, locked, subject
from platform_api.deployments.schemas import DeploymentDetail, Rollback
from platform_api.environments.repository import Environments
from platform_api.idempotency.service import DoneOnce

router = APIRouter(
    prefix="/v1/organizations/{organization}/projects/{project}/environments/{environment}",
    tags=["deployments"],
)


@router.post("/rollback", status_code=202, response_model=DeploymentDetail)
async def roll_back_environment(
    request: Request,
    session: Transaction,
    creating: Creating,
    audit: Audit,
    once: DoneOnce,
    environment: str,
    wanted: Rollback,
) -> Response:
    """Begins a deployment that brings an earlier release back."""
    if (before := await once.answered()) is not None:
        return before
    there = await Environments(session, creating.project).existing(environment)
    source = await Deployments(session, creating.project).source_of(there, wanted.release)
    if source is None:
        raise WrongState("nothing is released here yet", hint="Deploy with: cx deploy")
    made = await desk(request, session, creating).roll_back(there, source, wanted.release)
    await audit.record(
        "deployment.rollback", subject(creating, there, made), after={"release": wanted.release}
    )
    return once.keep(DeploymentDetail.model_validate(made), 202)


@router.post("/deployments/{deployment}/rollback", status_code=202, response_model=DeploymentDetail)
async def roll_back_to_deployment(
    request: Request,
    session: Transaction,
    creating: Creating,
    audit: Audit,
    once: DoneOnce,
    environment: str,
    deployment: uuid.UUID,
) -> Response:
    """Begins a deployment that brings back the release which this one made live."""
    if (before := await once.answered()) is not None:
        return before
    there, found = await locked(session, creating, environment, deployment)
    source = await Deployments(session, creating.project).source_of(there, found.release)
    made = await desk(request, session, creating).roll_back_to(there, found, source)
    await audit.record("deployment.rollback", subject(creating, there, made), after={"release": made.release})
    return once.keep(DeploymentDetail.model_validate(made), 202)
