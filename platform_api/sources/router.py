"""`/v1/organizations/{organization}/projects/{project}/sources`."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from platform_api.access.allowed import AllowedInProject
from platform_api.access.caller import ProjectAccess, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.sources.archive import demand_archive
from platform_api.sources.models import Source
from platform_api.sources.repository import Sources
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/projects/{project}/sources", tags=["sources"])

Creating = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.DEPLOYMENT_CREATE))]


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
async def send_source(
    request: Request, session: Transaction, creating: Creating, audit: Audit
) -> SourcePublic:
    """The folder with cygni.yaml, as `tar -cz .` makes it there. Sent twice, it is kept once."""
    archive = await request.body()
    demand_archive(archive)
    digest = hashlib.sha256(archive).hexdigest()
    sources = Sources(session, creating.project)
    found = await sources.with_digest(digest)
    if found is None:
        found = Source(
            organization_id=creating.organization.id,
            project_id=creating.project.id,
            digest=digest,
            archive=archive,
            created_at=wiring(request).clock.now(),
            created_by=creating.caller.actor,
        )
        sources.add(found)
        await audit.record("source.create", creating.project.slug, after={"digest": digest})
    return SourcePublic.model_validate(found)
