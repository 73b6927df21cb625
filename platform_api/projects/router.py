"""`/v1/organizations/{organization}/projects`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.exc import IntegrityError

from cygni.errors import AlreadyExists, NotFound
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.cursors import LARGEST_PAGE
from platform_api.etags import IfMatch, etag, require_match
from platform_api.projects.models import Project
from platform_api.projects.repository import Projects
from platform_api.projects.schemas import ProjectCreate, ProjectList, ProjectPublic, ProjectUpdate
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/projects", tags=["projects"])

Reading = Annotated[Access, Depends(Allowed(Permission.PROJECT_READ))]
Creating = Annotated[Access, Depends(Allowed(Permission.PROJECT_CREATE))]
Updating = Annotated[Access, Depends(Allowed(Permission.PROJECT_UPDATE))]
Deleting = Annotated[Access, Depends(Allowed(Permission.PROJECT_DELETE))]


@router.get("")
async def list_projects(
    request: Request,
    session: Transaction,
    access: Reading,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> ProjectList:
    cursors = wiring(request).cursors
    listing = f"projects {access.organization.id}"
    after = cursors.read(listing, cursor) if cursor else None
    found = await Projects(session, access.organization.id).page(after, limit + 1)
    more = cursors.after(listing, found[limit - 1].slug) if len(found) > limit else None
    return ProjectList(items=[ProjectPublic.model_validate(one) for one in found[:limit]], next=more)


@router.post("", status_code=201)
async def create_project(
    request: Request,
    response: Response,
    session: Transaction,
    access: Creating,
    audit: Audit,
    wanted: ProjectCreate,
) -> ProjectPublic:
    made = Project(
        organization_id=access.organization.id,
        slug=wanted.slug,
        name=wanted.name or wanted.slug,
        created_at=wiring(request).clock.now(),
    )
    Projects(session, access.organization.id).add(made)
    try:
        await session.flush()
    except IntegrityError as error:
        raise AlreadyExists(f"there is a project {wanted.slug!r} already") from error
    await audit.record("project.create", made.slug, after={"name": made.name})
    response.headers["ETag"] = etag(made.version)
    return ProjectPublic.model_validate(made)


@router.get("/{project}")
async def read_project(
    response: Response, session: Transaction, access: Reading, project: str
) -> ProjectPublic:
    found = await _project(session, access, project)
    response.headers["ETag"] = etag(found.version)
    return ProjectPublic.model_validate(found)


@router.patch("/{project}")
async def update_project(
    response: Response,
    session: Transaction,
    access: Updating,
    audit: Audit,
    project: str,
    wanted: ProjectUpdate,
    if_match: IfMatch = None,
) -> ProjectPublic:
    found = await _project(session, access, project, for_update=True)
    require_match(if_match, found.version)
    before = {"name": found.name}
    found.name = wanted.name
    found.version += 1
    await audit.record("project.update", found.slug, before=before, after={"name": found.name})
    response.headers["ETag"] = etag(found.version)
    return ProjectPublic.model_validate(found)


@router.delete("/{project}", status_code=204)
async def delete_project(
    session: Transaction, access: Deleting, audit: Audit, project: str, if_match: IfMatch = None
) -> None:
    found = await _project(session, access, project, for_update=True)
    require_match(if_match, found.version)
    await Projects(session, access.organization.id).delete(found)
    await audit.record("project.delete", found.slug, before={"name": found.name})


async def _project(session: Transaction, access: Access, slug: str, *, for_update: bool = False) -> Project:
    found = await Projects(session, access.organization.id).named(slug, for_update=for_update)
    if found is None:
        raise NotFound(f"there is no project {slug!r} in {access.organization.slug!r}")
    return found
