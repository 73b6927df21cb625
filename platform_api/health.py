"""`/health`: the process answers. `/ready`: it can serve."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from platform_api.wiring import wiring

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str


@router.get("/health")
async def health() -> Health:
    return Health(status="ok")


@router.get("/ready")
async def ready(request: Request) -> Health:
    """503 while the database does not answer."""
    await wiring(request).database.answers()
    return Health(status="ok")
