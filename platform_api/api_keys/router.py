"""`/v1/organizations/{organization}/api-keys`."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from cygni.errors import NotFound, PermissionDenied, UsageError
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction
from platform_api.access.credentials import API_KEY, hashed, new_credential
from platform_api.access.permissions import Permission
from platform_api.api_keys.models import ApiKey
from platform_api.api_keys.repository import ApiKeys
from platform_api.audit.service import Audit
from platform_api.projects.repository import only_project
from platform_api.text import Name, Slug
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/api-keys", tags=["API keys"])

Managing = Annotated[Access, Depends(Allowed(Permission.API_KEY_MANAGE))]


class ApiKeyCreate(BaseModel):
    """`project` keeps the key to one project."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    scopes: Annotated[set[Permission], Field(min_length=1)]
    project: Slug | None = None
    expires_at: AwareDatetime | None = None


class ApiKeyPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    public_id: str
    last4: str
    name: str
    scopes: list[Permission]
    project_id: uuid.UUID | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class ApiKeyCreated(ApiKeyPublic):
    """`key` is shown this once."""

    key: str


class ApiKeyList(BaseModel):
    items: list[ApiKeyPublic]


@router.get("")
async def list_api_keys(session: Transaction, managing: Managing) -> ApiKeyList:
    found = await ApiKeys(session).of(managing.organization.id)
    return ApiKeyList(items=[ApiKeyPublic.model_validate(one) for one in found])


@router.post("", status_code=201)
async def create_api_key(
    request: Request, session: Transaction, managing: Managing, audit: Audit, wanted: ApiKeyCreate
) -> ApiKeyCreated:
    parts = wiring(request)
    if missing := wanted.scopes - managing.permissions:
        raise PermissionDenied(f"nobody gives a key more than they may: {', '.join(sorted(missing))}")
    now = parts.clock.now()
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise UsageError("the key would be over before it begins", hint="Give an `expires_at` in the future.")
    key = new_credential(API_KEY)
    made = ApiKey(
        organization_id=managing.organization.id,
        public_id=key.public_id,
        secret_hash=hashed(parts.pepper, key),
        last4=key.last4,
        name=wanted.name,
        scopes=sorted(wanted.scopes),
        project_id=await only_project(session, managing.organization, wanted.project),
        created_by=managing.caller.user,
        created_at=now,
        expires_at=wanted.expires_at,
    )
    ApiKeys(session).add(made)
    await audit.record("api_key.create", str(made.id), after={"name": made.name, "scopes": made.scopes})
    return ApiKeyCreated(**ApiKeyPublic.model_validate(made).model_dump(), key=key.text)


@router.delete("/{key}", status_code=204)
async def revoke_api_key(
    request: Request, session: Transaction, managing: Managing, audit: Audit, key: uuid.UUID
) -> None:
    """At once; a key that is revoked already stays so."""
    found = await ApiKeys(session).locked(managing.organization.id, key)
    if found is None:
        raise NotFound("there is no such API key")
    if found.revoked_at is None:
        found.revoked_at = wiring(request).clock.now()
        await audit.record("api_key.revoke", str(found.id), before={"name": found.name})
