"""How many streams of events somebody has open: each looks into the database twice a second, for as long as it lasts.

Counted in the memory of one process, as requests are.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from platform_api.access.rate_limits import Decision, RateLimited

RETRY_SECONDS: Final = 5
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """Streams of one `caller`, and of all callers about one `organization`, at a time."""

    caller: int = 20
    organization: int = 200


@dataclass(frozen=True, slots=True)
class NoPlace(Decision):
    """Places come free when streams end, and nobody knows when."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class OpenStreams:
    """Those of one process. Once they are `ended`, each ends as soon as it has looked; clients come again, elsewhere or
    later."""

    def __init__(self, limits: StreamLimits) -> None:
        self.ended = False
        self._limits = limits
        self._callers: Counter[str] = Counter()
        self._organizations: Counter[uuid.UUID] = Counter()

    @contextmanager
    def one_more(self, caller: str, organization: uuid.UUID) -> Iterator[None]:
        """Open while the block runs. Raises RateLimited where it would be one too many."""
        self._require(self._callers[caller], self._limits.caller, "of this caller")
        self._require(self._organizations[organization], self._limits.organization, "of this organization")
        self._callers[caller] += 1
        self._organizations[organization] += 1
        try:
            yield
        finally:
            _one_less(self._callers, caller)
            _one_less(self._organizations, organization)

    def _require(self, open_ones: int, most: int, whose: str) -> None:
        if open_ones >= most:
            none = NoPlace(False, most, RETRY_SECONDS, 0, RETRY_SECONDS, RETRY_SECONDS)
            raise RateLimited(none, f"{most} streams {whose} are open already")


def _one_less(counted: Counter[Key], key: Key) -> None:
    """Of whom none is left, nothing is kept."""
    counted[key] -= 1
    if not counted[key]:
        del counted[key]


class EventStreamResponse(StreamingResponse):
    """Server-sent events, counted from before the first byte until the last one is sent, or nobody is there to take it.
    Raises RateLimited, before anything is sent."""

    def __init__(
        self, told: AsyncIterator[str], streams: OpenStreams, caller: str, organization: uuid.UUID
    ) -> None:
        super().__init__(told, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        self._place = streams.one_more(caller, organization)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._place:
            await super().__call__(scope, receive, send)
