"""What was refused, for the audit log: written when the transaction of the request is rolled back."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.exc import IntegrityError

from platform_api.audit.service import REFUSED, Auditing
from platform_api.database.transactions import Scope
from platform_api.wiring import wiring


@dataclass(frozen=True, slots=True)
class Refusal:
    organization: uuid.UUID
    actor: Mapping[str, str]
    permission: str


def remember(request: Request, refusal: Refusal) -> None:
    request.state.refusal = refusal


async def note(request: Request) -> None:
    """Writes what was refused to this request, if anything was."""
    refusal = getattr(request.state, "refusal", None)
    if not isinstance(refusal, Refusal):
        return
    parts = wiring(request)
    with contextlib.suppress(IntegrityError):  # the organisation is gone meanwhile, and its log with it
        async with parts.database.transaction(Scope(organization=refusal.organization)) as session:
            log = Auditing(
                session, refusal.organization, refusal.actor, request.state.request_id, parts.clock.now()
            )
            await log.record(refusal.permission, request.url.path, outcome=REFUSED)
