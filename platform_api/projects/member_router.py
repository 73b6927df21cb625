"""`/v1/organizations/{organization}/projects/{project}/members`: who may more in one project."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from cygni.errors import NotFound
from platform_api.access.allowed import AllowedInProject
from platform_api.access.caller import ProjectAccess, Transaction
from platform_api.access.permissions import Permission, require_giving
from platform_api.audit.service import Audit
from platform_api.organizations.repository import Organizations
from platform_api.projects.models import ProjectMember
from platform_api.projects.repository import Projects
from platform_api.roles.repository import Roles
from platform_api.text import Slug
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/projects/{project}/members", tags=["members"])

Reading = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.MEMBER_READ))]
Managing = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.MEMBER_MANAGE))]


class ProjectRole(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Slug


class ProjectMemberPublic(ProjectRole):
    user: uuid.UUID
    email: str


class ProjectMemberList(BaseModel):
    items: list[ProjectMemberPublic]


@router.get("")
async def list_project_members(session: Transaction, reading: Reading) -> ProjectMemberList:
    """Those of this project; members of the organisation with a role there are not repeated."""
    found = await Projects(session, reading.organization.id).members(reading.project.id)
    return ProjectMemberList(
        items=[ProjectMemberPublic(user=one.user_id, email=email, role=one.role) for one, email in found]
    )


@router.put("/{user}", status_code=204)
async def put_project_member(
    request: Request,
    session: Transaction,
    managing: Managing,
    audit: Audit,
    user: uuid.UUID,
    wanted: ProjectRole,
) -> None:
    """For members of the organisation."""
    if await Organizations(session).membership(managing.organization.id, user) is None:
        raise NotFound("there is no such member in the organization")
    roles = Roles(session, managing.organization.id)
    require_giving(managing.permissions, await roles.given(wanted.role), wanted.role)
    projects = Projects(session, managing.organization.id)
    member = await projects.locked_member(managing.project.id, user)
    before = member.role if member else None
    if member is None:
        member = ProjectMember(
            organization_id=managing.organization.id,
            project_id=managing.project.id,
            user_id=user,
            role=wanted.role,
            created_at=wiring(request).clock.now(),
        )
        projects.add(member)
    else:
        require_giving(managing.permissions, await roles.allowed_by(member.role), member.role)
        member.role = wanted.role
    subject = f"{managing.project.slug}/{user}"
    await audit.record("project_member.put", subject, before={"role": before}, after={"role": wanted.role})


@router.delete("/{user}", status_code=204)
async def delete_project_member(
    session: Transaction, managing: Managing, audit: Audit, user: uuid.UUID
) -> None:
    projects = Projects(session, managing.organization.id)
    member = await projects.locked_member(managing.project.id, user)
    if member is None:
        raise NotFound("there is no such member in this project")
    allowed = await Roles(session, managing.organization.id).allowed_by(member.role)
    require_giving(managing.permissions, allowed, member.role)
    await projects.delete(member)
    await audit.record(
        "project_member.delete", f"{managing.project.slug}/{user}", before={"role": member.role}
    )
