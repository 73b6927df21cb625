"""`/v1/organizations/{organization}/projects/{project}/environments/{environment}/deployments`."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.access.allowed import AllowedInProject, require
from platform_api.access.caller import ProjectAccess, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.cursors import LARGEST_PAGE
from platform_api.deployments.kinds import Kind
from platform_api.deployments.models import Deployment
from platform_api.deployments.repository import Deployments
from platform_api.deployments.schemas import (
    Approval,
    DeploymentCreate,
    DeploymentDetail,
    DeploymentList,
    DeploymentPublic,
)
from platform_api.deployments.service import DeploymentDesk
from platform_api.environments.models import Environment
from platform_api.environments.repository import Environments
from platform_api.idempotency.service import DoneOnce
from platform_api.sources.repository import Sources
from platform_api.wiring import wiring

PREFIX = "/v1/organizations/{organization}/projects/{project}/environments/{environment}/deployments"
router = APIRouter(prefix=PREFIX, tags=["deployments"])

REFUSED_BY_A_BUDGET: Final[dict[int | str, dict[str, Any]]] = {
    402: {"description": "A budget has too little left."}
}

Reading = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.DEPLOYMENT_READ))]
Creating = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.DEPLOYMENT_CREATE))]
Approving = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.DEPLOYMENT_APPROVE))]


@router.get("")
async def list_deployments(
    request: Request,
    session: Transaction,
    reading: Reading,
    environment: str,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> DeploymentList:
    """The newest first, without their plans."""
    there = await Environments(session, reading.project).existing(environment)
    cursors, listing = wiring(request).cursors, f"deployments {there.id}"
    last = uuid.UUID(cursors.read(listing, cursor)) if cursor else None
    found = await Deployments(session, reading.project).before(there, last, limit + 1)
    page, more = cursors.cut(listing, found, limit, lambda one: one.id)
    return DeploymentList(items=[DeploymentPublic.model_validate(one) for one in page], next=more)


@router.post("", status_code=202, response_model=DeploymentDetail, responses=REFUSED_BY_A_BUDGET)
async def create_deployment(
    request: Request,
    session: Transaction,
    creating: Creating,
    audit: Audit,
    once: DoneOnce,
    environment: str,
    wanted: DeploymentCreate,
) -> Response:
    """Begins one, which is planned as soon as a worker is free and no other of the environment is under way."""
    if (before := await once.answered()) is not None:
        return before
    there = await Environments(session, creating.project).existing(environment)
    source = await Sources(session, creating.project).existing(wanted.source)
    made = await desk(request, session, creating).begin(there, wanted)
    after = {"source": source.digest, "allow_destroy": made.allow_destroy, "plan_only": made.plan_only}
    await audit.record("deployment.create", subject(creating, there, made), after=after)
    return once.keep(DeploymentDetail.model_validate(made), 202)


@router.get("/{deployment}")
async def read_deployment(
    session: Transaction, reading: Reading, environment: str, deployment: uuid.UUID
) -> DeploymentDetail:
    there = await Environments(session, reading.project).existing(environment)
    found = await Deployments(session, reading.project).existing(there, deployment)
    told = DeploymentDetail.model_validate(found)
    yours = reading.caller.actor.items() <= found.actor.items()
    return told.model_copy(update={"may_accept": _may_accept(reading, found), "yours": yours})


@router.post("/{deployment}/approve", response_model=DeploymentDetail, responses=REFUSED_BY_A_BUDGET)
async def approve_deployment(
    request: Request,
    session: Transaction,
    approving: Approving,
    audit: Audit,
    once: DoneOnce,
    environment: str,
    deployment: uuid.UUID,
    wanted: Approval,
) -> Response:
    """Lets the plan be applied that was looked at, and no other; or what has no plan be done."""
    if (before := await once.answered()) is not None:
        return before
    there, found = await locked(session, approving, environment, deployment)
    await desk(request, session, approving).approve(found, wanted.plan)
    after = {"plan": wanted.plan, "monthly_delta": str(found.monthly_delta)}
    await audit.record("deployment.approve", subject(approving, there, found), after=after)
    return once.keep(DeploymentDetail.model_validate(found), 200)


@router.post("/{deployment}/apply", response_model=DeploymentDetail, responses=REFUSED_BY_A_BUDGET)
async def apply_deployment(
    request: Request,
    session: Transaction,
    creating: Creating,
    audit: Audit,
    once: DoneOnce,
    environment: str,
    deployment: uuid.UUID,
    wanted: Approval,
) -> Response:
    """Lets the plan be applied that was looked at, where the environment asks for no approval."""
    if (before := await once.answered()) is not None:
        return before
    there, found = await locked(session, creating, environment, deployment)
    if found.kind == Kind.DESTROY:
        require(request, creating, Permission.ENVIRONMENT_MANAGE)
    await desk(request, session, creating).confirm(found, wanted.plan)
    after = {"plan": wanted.plan, "monthly_delta": str(found.monthly_delta)}
    await audit.record("deployment.apply", subject(creating, there, found), after=after)
    return once.keep(DeploymentDetail.model_validate(found), 200)


@router.post("/{deployment}/cancel", status_code=202, response_model=DeploymentDetail)
async def cancel_deployment(
    request: Request,
    session: Transaction,
    creating: Creating,
    audit: Audit,
    once: DoneOnce,
    environment: str,
    deployment: uuid.UUID,
) -> Response:
    """At once where it waits; else what is in flight comes to its end, and nothing more is begun."""
    if (before := await once.answered()) is not None:
        return before
    there, found = await locked(session, creating, environment, deployment)
    status = found.status
    await desk(request, session, creating).cancel(found)
    await audit.record("deployment.cancel", subject(creating, there, found), before={"status": status})
    return once.keep(DeploymentDetail.model_validate(found), 202)


def _may_accept(access: ProjectAccess, found: Deployment) -> bool:
    """Approvals are given by people alone."""
    if found.needs_approval:
        return access.caller.user is not None and Permission.DEPLOYMENT_APPROVE in access.permissions
    needed = {Permission.DEPLOYMENT_CREATE}
    if found.kind == Kind.DESTROY:
        needed.add(Permission.ENVIRONMENT_MANAGE)
    return needed <= access.permissions


def desk(request: Request, session: AsyncSession, access: ProjectAccess) -> DeploymentDesk:
    """What this request does things with."""
    parts = wiring(request)
    return DeploymentDesk(session, access.caller, parts.clock.now(), parts.payment_grace)


async def locked(
    session: AsyncSession, access: ProjectAccess, environment: str, deployment: uuid.UUID
) -> tuple[Environment, Deployment]:
    """Until the transaction ends. Raises NotFound."""
    there = await Environments(session, access.project).existing(environment)
    return there, await Deployments(session, access.project).existing(there, deployment, for_update=True)


def subject(access: ProjectAccess, environment: Environment, deployment: Deployment) -> str:
    """As the audit log names it."""
    return f"{access.project.slug}/{environment.name}/{deployment.id}"
