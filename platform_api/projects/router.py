"""`/v1/organizations/{organization}/projects`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.exc import IntegrityError

from cygni.billing.entitlements import Limit
from cygni.errors import AlreadyExists
from platform_api.access.allowed import Allowed, AllowedInProject
from platform_api.access.caller import Access, ProjectAccess, Transaction, access
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.cursors import LARGEST_PAGE
from platform_api.deployments.occupancy import require_idle
from platform_api.etags import IfMatch, etag, require_match
from platform_api.projects.models import Project
from platform_api.projects.repository import Projects, Visible
from platform_api.projects.schemas import ProjectCreate, ProjectList, ProjectPublic, ProjectUpdate
from platform_api.wiring import entitlements, wiring

router = APIRouter(prefix="/v1/organizations/{organization}/projects", tags=["projects"])

Inside = Annotated[Access, Depends(access)]
Creating = Annotated[Access, Depends(Allowed(Permission.PROJECT_CREATE))]
Reading = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.PROJECT_READ))]
Updating = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.PROJECT_UPDATE))]
Deleting = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.PROJECT_DELETE))]


@router.get("")
async def list_projects(
    request: Request,
    session: Transaction,
    inside: Inside,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> ProjectList:
    """Those that the caller may read, in the order of their slugs."""
    cursors = wiring(request).cursors
    listing = f"projects {inside.organization.id}"
    after = cursors.read(listing, cursor) if cursor else None
    found = await Projects(session, inside.organization.id).page(_visible(inside), after, limit + 1)
    page, more = cursors.cut(listing, found, limit, lambda one: one.slug)
    return ProjectList(items=[ProjectPublic.model_validate(one) for one in page], next=more)


def _visible(inside: Access) -> Visible:
    if Permission.PROJECT_READ in inside.permissions:
        return Visible(everything=True)
    if inside.caller.user is not None:
        return Visible(member=inside.caller.user)
    may = Permission.PROJECT_READ in inside.caller.scopes
    return Visible(only=inside.caller.project if may else None)


@router.post("", status_code=201)
async def create_project(
    request: Request,
    response: Response,
    session: Transaction,
    creating: Creating,
    audit: Audit,
    wanted: ProjectCreate,
) -> ProjectPublic:
    projects = Projects(session, creating.organization.id)
    await entitlements(request, session, creating.organization.id).require_place(
        Limit.PROJECTS, projects.count
    )
    made = Project(
        organization_id=creating.organization.id,
        slug=wanted.slug,
        name=wanted.name or wanted.slug,
        created_at=wiring(request).clock.now(),
    )
    taken = AlreadyExists(
        f"there is a project {wanted.slug!r} already, or another organization had one",
        hint="Names are unique on a control plane: stacks and resources are named after projects.",
    )
    if not await projects.take_name(wanted.slug):
        raise taken
    projects.add(made)
    try:
        await session.flush()
    except IntegrityError as error:
        raise taken from error
    await audit.record("project.create", made.slug, after={"name": made.name})
    response.headers["ETag"] = etag(made.version)
    return ProjectPublic.model_validate(made)


@router.get("/{project}")
async def read_project(response: Response, reading: Reading) -> ProjectPublic:
    response.headers["ETag"] = etag(reading.project.version)
    return ProjectPublic.model_validate(reading.project)


@router.patch("/{project}")
async def update_project(
    response: Response,
    session: Transaction,
    updating: Updating,
    audit: Audit,
    wanted: ProjectUpdate,
    if_match: IfMatch = None,
) -> ProjectPublic:
    found = await Projects(session, updating.organization.id).locked(updating.project)
    require_match(if_match, found.version)
    before = {"name": found.name}
    found.name = wanted.name
    found.version += 1
    await audit.record("project.update", found.slug, before=before, after={"name": found.name})
    response.headers["ETag"] = etag(found.version)
    return ProjectPublic.model_validate(found)


@router.delete("/{project}", status_code=204)
async def delete_project(
    session: Transaction, deleting: Deleting, audit: Audit, if_match: IfMatch = None
) -> None:
    """With all that is kept of it, while no deployment runs. What those made stays."""
    projects = Projects(session, deleting.organization.id)
    found = await projects.locked(deleting.project)
    require_match(if_match, found.version)
    await require_idle(session, deleting.organization.id, found.id)
    await projects.delete(found)
    await audit.record("project.delete", found.slug, before={"name": found.name})
