"""`/v1/organizations/{organization}/projects/{project}/domains`."""

from __future__ import annotations

import secrets
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import UsageError, WrongState
from platform_api.access.allowed import AllowedInProject
from platform_api.access.caller import ProjectAccess, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.domains.models import Domain
from platform_api.domains.repository import Domains
from platform_api.domains.schemas import DomainCreate, DomainList, DomainPublic, DomainUpdate, shown
from platform_api.domains.steps import Status
from platform_api.environments.models import Environment
from platform_api.environments.repository import Environments
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/projects/{project}/domains", tags=["domains"])

Reading = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.DOMAIN_READ))]
Managing = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.DOMAIN_MANAGE))]
MOST = 50
"""Of an organisation: each is looked for in the DNS again and again."""


@router.get("")
async def list_domains(session: Transaction, reading: Reading) -> DomainList:
    found = await Domains(session, reading.project).all()
    environments: dict[uuid.UUID | None, Environment] = {
        one.id: one for one in await Environments(session, reading.project).all()
    }
    return DomainList(items=[shown(one, environments.get(one.environment_id)) for one in found])


@router.post("", status_code=201)
async def add_domain(
    request: Request, session: Transaction, managing: Managing, audit: Audit, wanted: DomainCreate
) -> DomainPublic:
    """It is looked for in the DNS at once, and for three days."""
    now = wiring(request).clock.now()
    environment = await Environments(session, managing.project).existing(wanted.environment, for_update=True)
    made = Domain(
        organization_id=managing.project.organization_id,
        project_id=managing.project.id,
        environment_id=environment.id,
        name=wanted.name,
        token=secrets.token_hex(16),
        region=wanted.region,
        status_since=now,
        due_at=now,
        created_at=now,
    )
    domains = Domains(session, managing.project)
    if await domains.of_the_organization() >= MOST:
        raise UsageError(f"an organization has {MOST} domains at most", hint="Remove one first.")
    await domains.add(made)
    told = {"project": managing.project.slug, "environment": environment.name}
    await audit.record("domain.add", made.name, after=told)
    return shown(made, environment)


@router.get("/{domain}")
async def read_domain(session: Transaction, reading: Reading, domain: uuid.UUID) -> DomainPublic:
    return await _shown(session, reading, await Domains(session, reading.project).existing(domain))


@router.patch("/{domain}")
async def move_domain(
    session: Transaction, managing: Managing, audit: Audit, domain: uuid.UUID, wanted: DomainUpdate
) -> DomainPublic:
    """To another environment of the project. What its load balancer serves changes with the next deploys of both."""
    found = await Domains(session, managing.project).existing(domain)
    if found.status == Status.REMOVING:
        raise WrongState(f"{found.name} is being removed", hint="Add it again when it is gone.")
    before = (await _shown(session, managing, found)).environment
    environment = await Environments(session, managing.project).existing(wanted.environment, for_update=True)
    if found.environment_id != environment.id:
        found.environment_id, found.served = environment.id, False
    await audit.record(
        "domain.move", found.name, before={"environment": before}, after={"environment": environment.name}
    )
    return shown(found, environment)


@router.post("/{domain}/check", status_code=202)
async def check_domain(
    request: Request, session: Transaction, managing: Managing, audit: Audit, domain: uuid.UUID
) -> DomainPublic:
    """Has it looked at now. One that failed begins where it was."""
    now = wiring(request).clock.now()
    found = await Domains(session, managing.project).existing(domain)
    if found.status == Status.FAILED:
        found.status = Status.PENDING if found.verified_at is None else Status.PROVISIONING
        found.status_since, found.certificate, found.validation = now, None, []
        found.reason = None
    found.checks, found.due_at, found.claimed_until = 0, now, None
    await audit.record("domain.check", found.name)
    return await _shown(session, managing, found)


@router.delete(
    "/{domain}",
    status_code=202,
    response_model=DomainPublic,
    responses={204: {"description": "It is gone", "model": None}},
)
async def remove_domain(
    request: Request, session: Transaction, managing: Managing, audit: Audit, domain: uuid.UUID
) -> Response | DomainPublic:
    """At once where it was never verified (204). Else a worker deletes its certificate first (202), which it does once
    a deployment of its environment has taken it off the load balancer; then others may have the name."""
    domains = Domains(session, managing.project)
    found = await domains.existing(domain)
    if found.verified_at is None:
        await domains.delete(found)
        await audit.record("domain.remove", found.name)
        return Response(status_code=204)
    if found.status != Status.REMOVING:
        now = wiring(request).clock.now()
        found.status, found.status_since, found.reason = Status.REMOVING, now, None
        found.checks, found.due_at = 0, now
        await audit.record("domain.remove", found.name, before={"certificate": found.certificate})
    return await _shown(session, managing, found)


async def _shown(session: AsyncSession, access: ProjectAccess, domain: Domain) -> DomainPublic:
    return shown(domain, await Environments(session, access.project).of_id(domain.environment_id))
