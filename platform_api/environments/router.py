"""`/v1/organizations/{organization}/projects/{project}/environments`."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError

from cygni.errors import AlreadyExists
from cygni.spec import check_environment
from platform_api.access.allowed import AllowedInProject
from platform_api.access.caller import ProjectAccess, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.deployments.occupancy import require_idle
from platform_api.environments.models import Environment
from platform_api.environments.repository import Environments
from platform_api.etags import IfMatch, etag, require_match
from platform_api.text import Slug
from platform_api.wiring import wiring

router = APIRouter(
    prefix="/v1/organizations/{organization}/projects/{project}/environments", tags=["environments"]
)

Reading = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.ENVIRONMENT_READ))]
Managing = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.ENVIRONMENT_MANAGE))]


class EnvironmentCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[Slug, Field(examples=["production"])]
    needs_approval: bool = False


class EnvironmentUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    needs_approval: bool


class EnvironmentPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: Annotated[str, Field(examples=["production"])]
    needs_approval: bool
    version: int
    created_at: datetime


class EnvironmentList(BaseModel):
    items: list[EnvironmentPublic]


@router.get("")
async def list_environments(session: Transaction, reading: Reading) -> EnvironmentList:
    found = await Environments(session, reading.project).all()
    return EnvironmentList(items=[EnvironmentPublic.model_validate(one) for one in found])


@router.post("", status_code=201)
async def create_environment(
    request: Request,
    response: Response,
    session: Transaction,
    managing: Managing,
    audit: Audit,
    wanted: EnvironmentCreate,
) -> EnvironmentPublic:
    """Its name is local, staging, production or preview-NAME: cygni.yaml is for no other."""
    check_environment(wanted.name)
    made = Environment(
        organization_id=managing.organization.id,
        project_id=managing.project.id,
        name=wanted.name,
        needs_approval=wanted.needs_approval,
        created_at=wiring(request).clock.now(),
    )
    Environments(session, managing.project).add(made)
    try:
        await session.flush()
    except IntegrityError as error:
        raise AlreadyExists(f"there is an environment {wanted.name!r} already") from error
    await audit.record("environment.create", _subject(managing, made), after=_told(made))
    response.headers["ETag"] = etag(made.version)
    return EnvironmentPublic.model_validate(made)


@router.get("/{environment}")
async def read_environment(
    response: Response, session: Transaction, reading: Reading, environment: str
) -> EnvironmentPublic:
    found = await Environments(session, reading.project).existing(environment)
    response.headers["ETag"] = etag(found.version)
    return EnvironmentPublic.model_validate(found)


@router.patch("/{environment}")
async def update_environment(
    response: Response,
    session: Transaction,
    managing: Managing,
    audit: Audit,
    environment: str,
    wanted: EnvironmentUpdate,
    if_match: IfMatch = None,
) -> EnvironmentPublic:
    found = await Environments(session, managing.project).existing(environment, for_update=True)
    require_match(if_match, found.version)
    before = _told(found)
    found.needs_approval = wanted.needs_approval
    found.version += 1
    await audit.record("environment.update", _subject(managing, found), before=before, after=_told(found))
    response.headers["ETag"] = etag(found.version)
    return EnvironmentPublic.model_validate(found)


@router.delete("/{environment}", status_code=204)
async def delete_environment(
    session: Transaction, managing: Managing, audit: Audit, environment: str, if_match: IfMatch = None
) -> None:
    """With its secrets and deployments, while none of them runs. What they made stays."""
    environments = Environments(session, managing.project)
    found = await environments.existing(environment, for_update=True)
    require_match(if_match, found.version)
    await require_idle(session, managing.organization.id, managing.project.id, found.id)
    await environments.delete(found)
    await audit.record("environment.delete", _subject(managing, found), before=_told(found))


def _subject(managing: ProjectAccess, environment: Environment) -> str:
    return f"{managing.project.slug}/{environment.name}"


def _told(environment: Environment) -> dict[str, bool]:
    return {"needs_approval": environment.needs_approval}
