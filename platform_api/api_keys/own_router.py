"""`/v1/api-key`: the key that asks, which may always know what it may."""

from __future__ import annotations

from fastapi import APIRouter

from cygni.errors import PermissionDenied
from platform_api.access.caller import Known, Transaction
from platform_api.api_keys.repository import ApiKeys
from platform_api.api_keys.router import ApiKeyPublic

router = APIRouter(prefix="/v1", tags=["API keys"])


@router.get("/api-key")
async def read_own_api_key(session: Transaction, known: Known) -> ApiKeyPublic:
    """With the scopes that it has at the moment."""
    found = await ApiKeys(session).with_id(known.api_key) if known.api_key else None
    if found is None:
        raise PermissionDenied("a person is no API key", hint="Ask for the user: GET /v1/user")
    return ApiKeyPublic.model_validate(found).model_copy(update={"scopes": sorted(known.scopes)})
