"""What is told of a deployment: in pages, and as server-sent events that go on where a lost connection ended."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from platform_api.access.allowed import AllowedInProject
from platform_api.access.caller import ProjectAccess, Transaction
from platform_api.access.open_streams import EventStreamResponse, OpenStreams
from platform_api.access.permissions import Permission
from platform_api.cursors import LARGEST_PAGE
from platform_api.database.transactions import AWAY, Database, Scope
from platform_api.deployments.lifecycle import OVER
from platform_api.deployments.models import Deployment, DeploymentEvent
from platform_api.deployments.repository import DeploymentEvents, Deployments
from platform_api.deployments.router import PREFIX
from platform_api.deployments.schemas import EventList, EventPublic
from platform_api.environments.repository import Environments
from platform_api.wiring import wiring

logger = structlog.get_logger()
router = APIRouter(prefix=f"{PREFIX}/{{deployment}}/events", tags=["deployments"])

LOOK_SECONDS = 0.5
MOST = 500
"""Events that a stream takes at a time."""
ALIVE_SECONDS = 15.0
"""After so long a silence a comment is sent, so that nothing in between takes the connection for dead."""
STREAM_SECONDS = 300.0
"""Then the client comes again with `Last-Event-ID`, and is asked again who it is."""

Reading = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.DEPLOYMENT_READ))]
Number = Annotated[int, Query(ge=0, le=2**63 - 1, description="The number of the last event that is known.")]
LastEventId = Annotated[
    int | None, Header(alias="Last-Event-ID", ge=0, le=2**63 - 1, description="As browsers send it.")
]


@router.get("")
async def list_events(
    session: Transaction,
    reading: Reading,
    environment: str,
    deployment: uuid.UUID,
    after: Number = 0,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = LARGEST_PAGE,
) -> EventList:
    """In their order, from the one after `after`."""
    found = await _existing(session, reading, environment, deployment)
    events = await DeploymentEvents(session, found).after(after, limit)
    over = _is_over(found, events[-1].number if events else after)
    return EventList(items=[EventPublic.model_validate(one) for one in events], over=over)


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream_events(
    request: Request,
    session: Transaction,
    reading: Reading,
    environment: str,
    deployment: uuid.UUID,
    after: Number = 0,
    last_event_id: LastEventId = None,
) -> EventStreamResponse:
    """Each event's `id` is its number, its `event` its kind and its `data` a JSON object. After the last one of a
    deployment that is over comes `event: over`."""
    found = await _existing(session, reading, environment, deployment)
    known = after if last_event_id is None else last_event_id
    streams = wiring(request).streams
    told = _told(wiring(request).database, streams, found, known)
    who, organization = reading.caller.actor["id"], reading.organization.id
    return EventStreamResponse(told, streams, who, organization)


async def _existing(
    session: Transaction, reading: ProjectAccess, environment: str, deployment: uuid.UUID
) -> Deployment:
    there = await Environments(session, reading.project).existing(environment)
    return await Deployments(session, reading.project).existing(there, deployment)


def _is_over(deployment: Deployment, known: int) -> bool:
    return deployment.status in OVER and known >= deployment.last_event


async def _told(
    database: Database, streams: OpenStreams, deployment: Deployment, known: int
) -> AsyncIterator[str]:
    """Looks again and again, each time in a transaction of its own: nothing is held while a client listens."""
    scope = Scope(organization=deployment.organization_id)
    clock = asyncio.get_running_loop().time
    ends, spoken = clock() + STREAM_SECONDS, clock()
    while clock() < ends and not streams.ended:
        try:
            async with database.transaction(scope) as session:
                now = await session.get(Deployment, deployment.id)
                events = await DeploymentEvents(session, deployment).after(known, MOST)
        except AWAY as error:
            logger.warning("a stream waits for the database", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)
            continue
        if events:
            yield "".join(map(_as_sent, events))
            known, spoken = events[-1].number, clock()
        if now is None or _is_over(now, known):
            yield "event: over\ndata: {}\n\n"
            return
        if len(events) == MOST:
            continue
        if clock() - spoken >= ALIVE_SECONDS:
            yield ":\n\n"
            spoken = clock()
        await asyncio.sleep(LOOK_SECONDS)


def _as_sent(event: DeploymentEvent) -> str:
    data = json.dumps({"at": event.at.isoformat(), **event.data})
    return f"id: {event.number}\nevent: {event.kind}\ndata: {data}\n\n"
