"""`/v1/organizations/{organization}/projects/{project}/sources`."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from platform_api.access.allowed import require
from platform_api.access.caller import Bearer, ByCookie, ProjectAccess, access, caller, project_access
from platform_api.access.permissions import Permission
from platform_api.audit.service import Auditing
from platform_api.database.transactions import Scope
from platform_api.sources.archive import demand_archive
from platform_api.sources.models import Source
from platform_api.sources.repository import Sources
from platform_api.sources.retention import Retention, whole_mebibytes
from platform_api.wiring import entitlements, wiring

router = APIRouter(prefix="/v1/organizations/{organization}/projects/{project}/sources", tags=["sources"])


async def sending(
    request: Request, organization: str, project: str, bearer: Bearer, by_cookie: ByCookie
) -> ProjectAccess:
    """Of somebody who may deploy; looked up in a transaction of its own, since a folder may come for ten minutes, and
    a connection of the database is not to wait for it. Raises what all dependencies of the kind do."""
    async with wiring(request).database.transaction(Scope()) as session:
        known = await caller(request, session, bearer, by_cookie)
        found = await project_access(project, session, await access(organization, request, session, known))
        require(request, found, Permission.DEPLOYMENT_CREATE)
        return found


Sending = Annotated[ProjectAccess, Depends(sending)]


class SourcePublic(BaseModel):
    """`digest` is the SHA-256 of the archive, in hexadecimal digits."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    digest: str
    created_at: datetime


@router.post(
    "",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/gzip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def send_source(request: Request, sending: Sending) -> SourcePublic:
    """The folder with cygni.yaml, as `tar -cz .` makes it there. Sent twice, it is kept once, for as long as something
    may be done with it."""
    archive = await request.body()
    demand_archive(archive)
    parts, organization = wiring(request), sending.organization.id
    now = parts.clock.now()
    made = Source(
        organization_id=organization,
        project_id=sending.project.id,
        digest=hashlib.sha256(archive).hexdigest(),
        archive=archive,
        created_at=now,
        sent_at=now,
        created_by=sending.caller.actor,
    )
    scope = Scope(organization=organization, user=sending.caller.user)
    async with parts.database.transaction(scope) as session:
        retention, entitled = Retention(session, organization), entitlements(request, session, organization)

        async def room() -> None:
            await entitled.lock()
            await retention.forget_unused(now)
            (await entitled.holding()).require_room(
                await retention.mebibytes(), whole_mebibytes(len(archive))
            )

        found, is_new = await Sources(session, sending.project).kept(made, room)
        if is_new:
            log = Auditing(session, organization, made.created_by, request.state.request_id, made.created_at)
            await log.record("source.create", sending.project.slug, after={"digest": made.digest})
        return SourcePublic.model_validate(found)
