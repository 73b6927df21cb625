"""Who reads invoices: members who may manage billing, and operators of the server."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from platform_api.access.allowed import require
from platform_api.access.caller import Access, Known, Transaction, access
from platform_api.access.permissions import Permission
from platform_api.operators.access import is_operator, operated


async def _reading(organization: str, request: Request, session: Transaction, known: Known) -> Access:
    """Raises NotFound and PermissionDenied."""
    if await is_operator(session, known):
        return await operated(organization, request, session, known)
    found = await access(organization, request, session, known)
    require(request, found, Permission.BILLING_MANAGE)
    return found


Reading = Annotated[Access, Depends(_reading)]
