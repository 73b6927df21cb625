"""`/v1/organizations/{organization}/audit`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.chain import Chain
from platform_api.audit.models import AuditEntry
from platform_api.audit.names import Named
from platform_api.audit.repository import AuditLog
from platform_api.cursors import LARGEST_PAGE
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/audit", tags=["audit"])

Reading = Annotated[Access, Depends(Allowed(Permission.AUDIT_READ))]


class AuditEntryPublic(BaseModel):
    """`actor_name` and `subject_name` tell the people and API keys that it has by their ids, also those who have left
    and those that are revoked: addresses of people, names of keys. Null where there is none."""

    number: int
    at: datetime
    actor: dict[str, str]
    actor_name: str | None
    action: str
    subject: str
    subject_name: str | None
    outcome: str
    request_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditEntryList(BaseModel):
    items: list[AuditEntryPublic]
    next: str | None


class Verified(BaseModel):
    """`entries` were looked at; `broken_at` is the number of the first that is not as it was written, or null.

    `last_hash`, kept elsewhere, proves later that nothing was cut off the end.
    """

    entries: int
    broken_at: int | None
    last_hash: str


@router.get("")
async def list_audit_entries(
    request: Request,
    session: Transaction,
    reading: Reading,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> AuditEntryList:
    """The newest first."""
    cursors = wiring(request).cursors
    listing = f"audit {reading.organization.id}"
    before = int(cursors.read(listing, cursor)) if cursor else None
    found = await AuditLog(session, reading.organization.id).before(before, limit + 1)
    page, more = cursors.cut(listing, found, limit, lambda one: one.number)
    named = await Named.by(session, reading.organization.id, page)
    return AuditEntryList(items=[_public(one, named) for one in page], next=more)


@router.get("/verification")
async def verify_audit_entries(session: Transaction, reading: Reading) -> Verified:
    chain = Chain()
    async for entry in AuditLog(session, reading.organization.id).in_order():
        if not chain.holds(entry):
            break
    return Verified(entries=chain.count, broken_at=chain.broken_at, last_hash=chain.last.hex())


def _public(entry: AuditEntry, named: Named) -> AuditEntryPublic:
    names = {"actor_name": named.actor(entry), "subject_name": named.subject(entry)}
    return AuditEntryPublic.model_validate({**entry.model_dump(), **names})
