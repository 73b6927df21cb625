"""What was refused, for the audit log: written when the transaction of the request is rolled back."""

from __future__ import annotations

import contextlib

from fastapi import Request
from sqlalchemy.exc import IntegrityError

from cygni.errors import PermissionDenied
from platform_api.access.caller import Access, ProjectAccess
from platform_api.audit.service import REFUSED, Auditing
from platform_api.database.transactions import Scope
from platform_api.wiring import wiring


def remember(request: Request, inside: Access | ProjectAccess, asked: str) -> None:
    """What a request needs, before it is looked at: what is refused later, such as to give a role that allows more
    than one's own, is in the log under the same name."""
    request.state.inside, request.state.asked = inside, asked


async def note(request: Request, error: PermissionDenied) -> None:
    """Writes that this request was refused, where it is about an organisation that the caller is in."""
    inside: Access | ProjectAccess | None = getattr(request.state, "inside", None)
    if inside is None:
        return
    asked: str = getattr(request.state, "asked", error.code)
    parts, organization = wiring(request), inside.organization.id
    with contextlib.suppress(IntegrityError):  # the organisation is gone meanwhile, and its log with it
        async with parts.database.transaction(Scope(organization=organization)) as session:
            log = Auditing(
                session, organization, inside.caller.actor, request.state.request_id, parts.clock.now()
            )
            told = {"refused": error.message}
            await log.record(asked, request.url.path, after=told, outcome=REFUSED)
