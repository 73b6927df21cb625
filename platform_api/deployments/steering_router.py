"""What is asked of the release that a deployment has under way."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from cygni.releases.release import Wish
from platform_api.access.caller import Transaction
from platform_api.audit.service import Audit
from platform_api.deployments.router import PREFIX, Creating, desk, locked, subject
from platform_api.deployments.schemas import DeploymentDetail, Promotion
from platform_api.idempotency.service import DoneOnce

router = APIRouter(prefix=f"{PREFIX}/{{deployment}}", tags=["deployments"])


class Steering:
    """A dependency: the deployment of the path, for somebody who may deploy."""

    def __init__(
        self,
        request: Request,
        session: Transaction,
        creating: Creating,
        audit: Audit,
        once: DoneOnce,
        environment: str,
        deployment: uuid.UUID,
    ) -> None:
        self._request, self._session, self._creating = request, session, creating
        self._audit, self._once = audit, once
        self._environment, self._deployment = environment, deployment

    async def ask(self, wish: Wish) -> Response:
        """Raises WrongState where no release is under way."""
        if (before := await self._once.answered()) is not None:
            return before
        there, found = await locked(self._session, self._creating, self._environment, self._deployment)
        await desk(self._request, self._session, self._creating).steer(found, wish)
        await self._audit.record(f"deployment.{wish.value}", subject(self._creating, there, found))
        return self._once.keep(DeploymentDetail.model_validate(found), 202)


Asked = Annotated[Steering, Depends()]


@router.post("/promote", status_code=202, response_model=DeploymentDetail)
async def promote_release(asked: Asked, wanted: Promotion) -> Response:
    """Lets the release that waits go on to its next step."""
    return await asked.ask(Wish.PROMOTE_FULL if wanted.full else Wish.PROMOTE)


@router.post("/pause", status_code=202, response_model=DeploymentDetail)
async def pause_release(asked: Asked) -> Response:
    """Holds the release where it is."""
    return await asked.ask(Wish.PAUSE)


@router.post("/resume", status_code=202, response_model=DeploymentDetail)
async def resume_release(asked: Asked) -> Response:
    """Lets a release go on that was paused."""
    return await asked.ask(Wish.RESUME)


@router.post("/abort", status_code=202, response_model=DeploymentDetail)
async def abort_release(asked: Asked) -> Response:
    """Brings back what ran before the release."""
    return await asked.ask(Wish.ABORT)
