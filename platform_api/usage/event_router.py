"""`/v1/usage/events`: programs tell what was used, in the organisation of their API key."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import pydantic_core
from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import PermissionDenied, UsageError
from platform_api.access.allowed import require
from platform_api.access.caller import Access, Known, Transaction
from platform_api.access.permissions import Permission
from platform_api.organizations.repository import Organizations
from platform_api.projects.models import Project
from platform_api.usage.cloud_events import CloudEvent, Reported, Unfit, read
from platform_api.usage.meters import Meters
from platform_api.usage.schemas import EventResult, EventResults, EventStatus
from platform_api.usage.store import PostgresMeterStore
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/usage/events", tags=["usage"])

MOST = 500
"""Events of a request."""
_EXAMPLE = {
    "specversion": "1.0", "id": "7f3c", "source": "/builds", "type": "build_minutes", "time": "2026-03-01T12:00:00Z",
    "subject": "build-17", "data": {"quantity": "1.5", "project": "shop", "environment": "production"},
}  # fmt: skip


def _body() -> dict[str, Any]:
    """What a request holds, for the OpenAPI document: it is read event by event, so FastAPI does not see it."""
    event = CloudEvent.model_json_schema()
    event["properties"]["data"] = event.pop("$defs")["UsageData"]
    schema = {"type": "array", "maxItems": MOST, "items": event}
    return {"required": True, "content": {"application/json": {"schema": schema, "example": [_EXAMPLE]}}}


async def telling(request: Request, session: Transaction, known: Known) -> Access:
    """The access of a program in the organisation of its key. Raises PermissionDenied for people."""
    if known.api_key is None:
        raise PermissionDenied(
            "usage is told by programs", hint="Make an API key with the scope usage:write: cx token create"
        )
    [organization] = await Organizations(session).all_visible()
    found = Access(known, organization, known.scopes)
    require(request, found, Permission.USAGE_WRITE)
    return found


@router.post("", openapi_extra={"requestBody": _body()})
async def record_events(
    request: Request, session: Transaction, telling: Annotated[Access, Depends(telling)]
) -> EventResults:
    """Counts CloudEvents, up to 500 in a list, each once however often it is sent, and tells what became of each."""
    events = _events(await request.body())
    now = wiring(request).clock.now()
    meters = await Meters(session, telling.organization.id).keys()
    only = await _project_of(session, telling)
    found = [_kept_to(read(event, meters, now), only) for event in events]
    reported = [one for one in found if isinstance(one, Reported)]
    recorded = iter(await PostgresMeterStore(session, telling.organization.id).record(reported, now))
    results = [
        EventResult(source=one.source, id=one.id, status=EventStatus(next(recorded)))
        if isinstance(one, Reported)
        else EventResult(
            source=one.source, id=one.id, status=EventStatus.REFUSED, code=one.code, detail=one.detail
        )
        for one in found
    ]
    return _summed_up([_explained(result) for result in results])


def _events(body: bytes) -> list[Any]:
    """Raises UsageError for what is no JSON, and for more than may be sent at once."""
    try:
        found = pydantic_core.from_json(body)
    except ValueError:
        raise UsageError("the body is no JSON", hint="Send a list of CloudEvents.") from None
    events = found if isinstance(found, list) else [found]
    if len(events) > MOST:
        raise UsageError(
            f"{len(events)} events are more than a request may have", hint=f"Send {MOST} at once at most."
        )
    return events


async def _project_of(session: AsyncSession, telling: Access) -> str | None:
    """The only project that the key is for; None where it is for all."""
    if telling.caller.project is None:
        return None
    return (await session.get_one(Project, telling.caller.project)).slug


def _kept_to(event: Reported | Unfit, project: str | None) -> Reported | Unfit:
    if project is None or isinstance(event, Unfit) or event.project == project:
        return event
    return Unfit(event.source, event.id, "other_project", f"the API key is for the project {project!r} alone")


def _explained(result: EventResult) -> EventResult:
    if result.status is EventStatus.CONFLICT:
        result.code, result.detail = "conflict", "another event was told under this source and id (409)"
    return result


def _summed_up(results: list[EventResult]) -> EventResults:
    count = Counter(result.status for result in results)
    refused = count[EventStatus.CONFLICT] + count[EventStatus.REFUSED]
    return EventResults(
        counted=count[EventStatus.COUNTED],
        duplicates=count[EventStatus.DUPLICATE],
        refused=refused,
        results=results,
    )
