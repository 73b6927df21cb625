"""Writing the log of the server: what is done to it in no organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.operators.models import OperatorEntry


@dataclass(frozen=True, slots=True)
class ServerAuditing:
    """For one request, or one command on the server's machine."""

    session: AsyncSession
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
    ) -> None:
        entry = OperatorEntry(
            at=self.now, actor=dict(self.actor), action=action, subject=subject, request_id=self.request_id,
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
        )  # fmt: skip
        self.session.add(entry)
        await self.session.flush()
