"""The answer to an inquiry as server-sent events, which go on where a lost connection ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import sqlalchemy as sa
import structlog
from sqlmodel import col

from cygni.errors import DeadlineExceeded
from platform_api.access.open_streams import OpenStreams
from platform_api.database.transactions import AWAY, Database, Scope
from platform_api.deployments.event_router import ALIVE_SECONDS, STREAM_SECONDS
from platform_api.inquiries.models import Inquiry
from platform_api.inquiries.repository import LARGEST_PAGE, lines_after

logger = structlog.get_logger()

LOOK_SECONDS = 0.25
HEARD_SECONDS = 10.0
"""After so long it is written again that somebody listens."""
UNANSWERED_SECONDS = 60.0
"""So long it may wait for a worker."""
_OVER = "event: over\ndata: {}\n\n"


async def told(database: Database, streams: OpenStreams, inquiry: Inquiry, known: int) -> AsyncIterator[str]:
    """From the line after `known` on. Nothing is held while a client listens."""
    scope = Scope(organization=inquiry.organization_id)
    clock = asyncio.get_running_loop().time
    begun = spoken = clock()
    heard: float | None = None
    while clock() < begun + STREAM_SECONDS and not streams.ended:
        try:
            async with database.transaction(scope) as session:
                if heard is None or clock() - heard >= HEARD_SECONDS:
                    await session.execute(_heard_now(inquiry))
                    heard = clock()
                now = await session.get(Inquiry, inquiry.id)
                lines = await lines_after(session, inquiry, known)
        except AWAY as error:
            logger.warning("an answer waits for the database", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)
            continue
        for line in lines:
            yield _as_sent(line.number, line.kind, line.data)
            known, spoken = line.number, clock()
        if now is None or (now.finished_at is not None and known >= now.last_line):
            yield _OVER
            return
        if now.worker is None and clock() - begun > UNANSWERED_SECONDS:
            yield _as_sent(known + 1, "ended", {"error": _UNANSWERED}) + _OVER
            return
        if len(lines) == LARGEST_PAGE:
            continue
        if clock() - spoken >= ALIVE_SECONDS:
            yield ":\n\n"
            spoken = clock()
        await asyncio.sleep(LOOK_SECONDS)


def _heard_now(inquiry: Inquiry) -> sa.Update:
    one = sa.update(Inquiry).where(col(Inquiry.id) == inquiry.id)
    return one.values(heard_at=sa.func.clock_timestamp()).execution_options(synchronize_session=False)


def _as_sent(number: int, kind: str, data: Mapping[str, Any]) -> str:
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n"


_UNANSWERED = {
    "code": DeadlineExceeded.code,
    "message": "no worker of the control plane has taken up the question",
    "hint": "Does one run? See cx server status on its machine, and its log.",
    "details": {},
}
