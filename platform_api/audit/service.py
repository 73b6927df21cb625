"""Writing the audit log: what is done with it in one transaction, what is refused in one of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.access.caller import Access, Transaction, access
from platform_api.audit.chain import BEGINNING, hash_of
from platform_api.audit.models import AuditEntry
from platform_api.audit.repository import AuditLog
from platform_api.wiring import wiring

DONE, REFUSED = "done", "refused"


@dataclass(frozen=True, slots=True)
class Auditing:
    """For one request in one organisation."""

    session: AsyncSession
    organization: uuid.UUID
    actor: Mapping[str, str]
    request_id: str
    now: datetime

    async def record(
        self,
        action: str,
        subject: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        outcome: str = DONE,
    ) -> None:
        """Adds an entry to the end. Call it last: until the transaction ends, others of the organisation wait."""
        await self.session.flush()
        log = AuditLog(self.session, self.organization)
        last = await log.last()
        entry = AuditEntry(
            organization_id=self.organization,
            number=last.number + 1 if last else 1,
            at=self.now,
            actor=dict(self.actor),
            action=action,
            subject=subject,
            outcome=outcome,
            request_id=self.request_id,
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
            previous_hash=last.hash if last else BEGINNING,
            hash=b"",
        )
        entry.hash = hash_of(entry)
        log.add(entry)


async def auditing(
    request: Request, session: Transaction, found: Annotated[Access, Depends(access)]
) -> Auditing:
    return Auditing(
        session,
        found.organization.id,
        found.caller.actor,
        request.state.request_id,
        wiring(request).clock.now(),
    )


Audit = Annotated[Auditing, Depends(auditing)]
