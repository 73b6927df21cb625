"""`/v1/usage/events`: programs tell what was used, in the organisation of their API key."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import pydantic_core
from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import PermissionDenied, UsageError
from platform_api.access.allowed import require
from platform_api.access.caller import Access, Known, Transaction
from platform_api.access.permissions import Permission
from platform_api.projects.models import Project
from platform_api.usage.cloud_events import CloudEvent, Reported, Unfit, read_all
from platform_api.usage.meters import Meters
from platform_api.usage.schemas import EventResults, EventStatus
from platform_api.usage.store import PostgresMeterStore, Recorded
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


async def telling(request: Request, known: Known) -> Access:
    """The access of a program in the organisation of its key. Raises PermissionDenied for people."""
    if known.found is None or known.found.organization is None:
        raise PermissionDenied(
            "usage is told by programs", hint="Make an API key with the scope usage:write: cx token create"
        )
    found = Access(known, known.found.organization, known.scopes)
    require(request, found, Permission.USAGE_WRITE)
    return found


@router.post("", response_model=EventResults, openapi_extra={"requestBody": _body()})
async def record_events(
    request: Request, session: Transaction, telling: Annotated[Access, Depends(telling)]
) -> Response:
    """Counts CloudEvents, up to 500 in a list, each once however often it is sent, and tells what became of each."""
    events = _events(await request.body())
    now = wiring(request).clock.now()
    meters = await Meters(session, telling.organization.id).keys()
    only = await _project_of(session, telling)
    found = [_kept_to(one, only) for one in read_all(events, meters, now)]
    reported = [one for one in found if isinstance(one, Reported)]
    recorded = iter(await PostgresMeterStore(session, telling.organization.id).record(reported, now))
    results = [_result(one, next(recorded)) if isinstance(one, Reported) else _refused(one) for one in found]
    return Response(pydantic_core.to_json(_summed_up(results)), media_type="application/json")


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


def _result(event: Reported, recorded: Recorded) -> dict[str, str | None]:
    """An `EventResult`, as a dictionary: models of 500 take longer than reading the events does."""
    found = {"source": event.source, "id": event.id, "status": recorded.value, "code": None, "detail": None}
    if recorded is Recorded.CONFLICT:
        return {
            **found,
            "code": "conflict",
            "detail": "another event was told under this source and id (409)",
        }
    return found


def _refused(event: Unfit) -> dict[str, str | None]:
    return {
        "source": event.source,
        "id": event.id,
        "status": EventStatus.REFUSED.value,
        "code": event.code,
        "detail": event.detail,
    }


def _summed_up(results: list[dict[str, str | None]]) -> dict[str, Any]:
    """`EventResults`."""
    count = Counter(result["status"] for result in results)
    return {
        "counted": count[EventStatus.COUNTED],
        "duplicates": count[EventStatus.DUPLICATE],
        "refused": count[EventStatus.CONFLICT] + count[EventStatus.REFUSED],
        "results": results,
    }
