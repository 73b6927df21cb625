"""`Idempotency-Key`, as draft-ietf-httpapi-idempotency-key-header has it: a request that is sent again gets the answer
of the first time, which is kept in the transaction that did what was asked for."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import LockHeld, UsageError
from platform_api.access.caller import Access, Transaction, access
from platform_api.idempotency.models import IdempotencyKey
from platform_api.wiring import wiring

KEPT = timedelta(hours=24)
"""How long answers are kept at least, as Stripe does."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,255}$",
        description="Any text of your own, such as a UUID. Sent again with it, a request is answered, not done again.",
    ),
]


@dataclass(frozen=True, slots=True)
class Once:
    """For one request; without a key everything is done as often as it is asked for."""

    session: AsyncSession
    organization: uuid.UUID
    actor: uuid.UUID
    key: str | None
    request_hash: bytes
    now: datetime

    async def answered(self) -> JSONResponse | None:
        """The answer of the first time, None where this is the first. Raises LockHeld while that goes on, UsageError
        where it was another request."""
        if self.key is None:
            return None
        lock = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended(:of, 0))")
        of = f"idempotency {self.organization} {self.actor} {self.key}"
        if not await self.session.scalar(lock, {"of": of}):
            raise LockHeld("this request is being done at this moment", hint="Send it again a little later.")
        found = await self.session.get(IdempotencyKey, (self.organization, self.actor, self.key))
        if found is None:
            return None
        if found.request_hash != self.request_hash:
            raise UsageError(
                "this Idempotency-Key was sent with another request", hint="Make a new key for each request."
            )
        return JSONResponse(found.response, found.status)

    def keep(self, answer: BaseModel, status: int) -> JSONResponse:
        """The answer, which is what the same request gets from now on."""
        body = answer.model_dump(mode="json")
        if self.key is not None:
            self.session.add(
                IdempotencyKey(
                    organization_id=self.organization,
                    actor_id=self.actor,
                    key=self.key,
                    request_hash=self.request_hash,
                    status=status,
                    response=body,
                    created_at=self.now,
                )
            )
        return JSONResponse(body, status)


async def once(
    request: Request, session: Transaction, found: Annotated[Access, Depends(access)], key: Key = None
) -> Once:
    caller = found.caller
    actor = caller.user or caller.api_key
    assert actor is not None  # a caller is one of the two
    asked = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return Once(
        session,
        found.organization.id,
        actor,
        key,
        hashlib.sha256(asked).digest(),
        wiring(request).clock.now(),
    )


DoneOnce = Annotated[Once, Depends(once)]
