"""`/v1/organizations/{organization}/api-keys`."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict

from cygni.errors import NotFound, PermissionDenied, UsageError
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction
from platform_api.access.credentials import API_KEY, hashed, new_credential
from platform_api.access.permissions import Permission, Permissions
from platform_api.api_keys.models import ApiKey
from platform_api.api_keys.repository import ApiKeys
from platform_api.audit.service import Audit
from platform_api.projects.repository import only_project
from platform_api.text import Name, Slug
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/api-keys", tags=["API keys"])

Managing = Annotated[Access, Depends(Allowed(Permission.API_KEY_MANAGE))]

LONGEST: Final = timedelta(days=3653)
"""Ten years. What is near the end of all years would, in another zone, be in one that Python has no name for."""


class ApiKeyCreate(BaseModel):
    """`project` keeps the key to one project. One that a key makes ends when that does, if not before."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    scopes: Permissions
    project: Slug | None = None
    expires_at: AwareDatetime | None = None


class ApiKeyPublic(BaseModel):
    """`created_by` is whose it is: it may no more than they may by now, and nothing once they have left.
    `created_by_key` is the key that made it, and takes it along when it is revoked."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    public_id: str
    last4: str
    name: str
    scopes: list[Permission]
    project_id: uuid.UUID | None
    created_by: uuid.UUID | None
    created_by_key: uuid.UUID | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class ApiKeyListed(ApiKeyPublic):
    """`created_by_email` is the address of whose it is, also when they have left."""

    created_by_email: str | None


class ApiKeyCreated(ApiKeyPublic):
    """`key` is shown this once."""

    key: str


class ApiKeyList(BaseModel):
    items: list[ApiKeyListed]


@router.get("")
async def list_api_keys(session: Transaction, managing: Managing) -> ApiKeyList:
    found = await ApiKeys(session).of(managing.organization.id)
    return ApiKeyList(
        items=[
            ApiKeyListed(**ApiKeyPublic.model_validate(key).model_dump(), created_by_email=email)
            for key, email in found
        ]
    )


@router.post("", status_code=201)
async def create_api_key(
    request: Request, session: Transaction, managing: Managing, audit: Audit, wanted: ApiKeyCreate
) -> ApiKeyCreated:
    parts = wiring(request)
    if missing := set(wanted.scopes) - managing.permissions:
        raise PermissionDenied(f"nobody gives a key more than they may: {', '.join(sorted(missing))}")
    now, keys = parts.clock.now(), ApiKeys(session)
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise UsageError("the key would be over before it begins", hint="Give an `expires_at` in the future.")
    if wanted.expires_at is not None and wanted.expires_at > now + LONGEST:
        raise UsageError("a key lasts ten years at most", hint="Give an earlier `expires_at`, or none.")
    caller = managing.caller
    if caller.api_key is not None and await keys.is_revoked(caller.api_key):
        raise PermissionDenied("the key that makes it was revoked at the same moment")
    maker = caller.found.key if caller.found else None
    key = new_credential(API_KEY)
    made = ApiKey(
        organization_id=managing.organization.id,
        public_id=key.public_id,
        secret_hash=hashed(parts.pepper, key),
        last4=key.last4,
        name=wanted.name,
        scopes=sorted(set(wanted.scopes)),
        project_id=await only_project(session, managing.organization, wanted.project),
        created_by=maker.created_by if maker else caller.user,
        created_by_key=caller.api_key,
        created_at=now,
        expires_at=_end(wanted.expires_at, maker.expires_at if maker else None),
    )
    keys.add(made)
    await audit.record("api_key.create", str(made.id), after={"name": made.name, "scopes": made.scopes})
    return ApiKeyCreated(**ApiKeyPublic.model_validate(made).model_dump(), key=key.text)


def _end(wanted: datetime | None, of_maker: datetime | None) -> datetime | None:
    """Raises PermissionDenied for one after that of the key that makes it."""
    if wanted is not None and of_maker is not None and wanted > of_maker:
        raise PermissionDenied(
            "a key makes none that ends after it does",
            hint="Leave `expires_at` out, or sign in and make it yourself.",
            details={"latest": of_maker.isoformat()},
        )
    return wanted or of_maker


@router.delete("/{key}", status_code=204)
async def revoke_api_key(
    request: Request, session: Transaction, managing: Managing, audit: Audit, key: uuid.UUID
) -> None:
    """At once, with those that it has made; a key that is revoked already stays so."""
    keys = ApiKeys(session)
    found = await keys.locked(managing.organization.id, key)
    if found is None:
        raise NotFound("there is no such API key")
    for one in (found, *await keys.made_by(found)):
        if one.revoked_at is None:
            one.revoked_at = wiring(request).clock.now()
            await audit.record("api_key.revoke", str(one.id), before={"name": one.name})
