"""What a route asks for: a permission in the organisation of its path. A refusal is noted in the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from cygni.errors import PermissionDenied
from platform_api.access.caller import Access, access
from platform_api.access.permissions import Permission
from platform_api.audit.service import REFUSED, Auditing
from platform_api.database.transactions import Scope
from platform_api.wiring import wiring


class Allowed:
    """A dependency: the access of a caller who has `permission`. Raises PermissionDenied."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request, found: Annotated[Access, Depends(access)]) -> Access:
        if self.permission in found.permissions:
            return found
        await self._note(request, found)
        raise PermissionDenied(
            f"this needs the permission {self.permission}", details={"permission": self.permission}
        )

    async def _note(self, request: Request, found: Access) -> None:
        """In a transaction of its own: that of the request is rolled back."""
        parts, organization = wiring(request), found.organization.id
        async with parts.database.transaction(Scope(organization=organization)) as session:
            log = Auditing(
                session, organization, found.caller.actor, request.state.request_id, parts.clock.now()
            )
            await log.record(self.permission, request.url.path, outcome=REFUSED)
