"""`/v1/organizations/{organization}/projects/{project}/environments/{environment}/inquiries`."""

from __future__ import annotations

import uuid
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from platform_api.access.allowed import AllowedInProject
from platform_api.access.caller import ProjectAccess, Transaction
from platform_api.access.open_streams import EventStreamResponse
from platform_api.access.permissions import Permission
from platform_api.deployments.event_router import LastEventId, Number
from platform_api.deployments.events import NOW, wake_workers
from platform_api.deployments.repository import Deployments
from platform_api.environments.repository import Environments
from platform_api.inquiries.models import Inquiry
from platform_api.inquiries.repository import Inquiries
from platform_api.inquiries.schemas import (
    Asked,
    InquiryPublic,
    LogsAsked,
    OutputsAsked,
    ReleasesAsked,
    StatusAsked,
)
from platform_api.inquiries.stream import told
from platform_api.wiring import wiring

router = APIRouter(
    prefix="/v1/organizations/{organization}/projects/{project}/environments/{environment}/inquiries",
    tags=["inquiries"],
)
Reading = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.DEPLOYMENT_READ))]


class Asking:
    """A dependency: what puts a question about the environment of the path."""

    def __init__(self, session: Transaction, reading: Reading, environment: str) -> None:
        self._session, self._reading, self._environment = session, reading, environment

    async def ask(self, kind: str, wanted: Asked) -> InquiryPublic:
        """Raises NotFound where nothing was deployed."""
        there = await Environments(self._session, self._reading.project).existing(self._environment)
        now = (await self._session.execute(sa.select(NOW))).scalar_one()
        made = Inquiry(
            organization_id=there.organization_id,
            project_id=there.project_id,
            environment_id=there.id,
            source_id=await Deployments(self._session, self._reading.project).folder_of(there),
            kind=kind,
            arguments=wanted.model_dump(exclude={"as_json"}),
            as_json=wanted.as_json,
            actor=self._reading.caller.actor,
            created_at=now,
            heard_at=now,
        )
        await Inquiries(self._session, there).add(made)
        await wake_workers(self._session)
        return InquiryPublic.model_validate(made)


Asks = Annotated[Asking, Depends()]


@router.post("/status", status_code=202)
async def ask_status(asks: Asks, wanted: StatusAsked) -> InquiryPublic:
    """What is deployed, what runs of it now, and what it costs."""
    return await asks.ask("status", wanted)


@router.post("/releases", status_code=202)
async def ask_releases(asks: Asks, wanted: ReleasesAsked) -> InquiryPublic:
    """What was released, when, by whom, and how it went."""
    return await asks.ask("releases", wanted)


@router.post("/outputs", status_code=202)
async def ask_outputs(asks: Asks, wanted: OutputsAsked) -> InquiryPublic:
    """Addresses, names and identifiers of the stacks."""
    return await asks.ask("outputs", wanted)


@router.post("/logs", status_code=202)
async def ask_logs(asks: Asks, wanted: LogsAsked) -> InquiryPublic:
    """What services and jobs wrote. One that follows ends an hour later, or a minute after nobody listens any more."""
    return await asks.ask("logs", wanted)


@router.get(
    "/{inquiry}/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream_answer(
    request: Request,
    session: Transaction,
    reading: Reading,
    environment: str,
    inquiry: uuid.UUID,
    after: Number = 0,
    last_event_id: LastEventId = None,
) -> EventStreamResponse:
    """The answer line by line: each event's `id` is its number, its `event` is `wrote`, `said` or, of the last one,
    `ended`, and its `data` a JSON object. Then comes `event: over`."""
    there = await Environments(session, reading.project).existing(environment)
    found = await Inquiries(session, there).existing(inquiry)
    known = after if last_event_id is None else last_event_id
    streams = wiring(request).streams
    lines = told(wiring(request).database, streams, found, known)
    who, organization = reading.caller.actor["id"], reading.organization.id
    return EventStreamResponse(lines, streams, who, organization)
