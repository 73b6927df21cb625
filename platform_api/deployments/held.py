"""A deployment as the worker that has its lease writes it.

Each lease has a fence, a number that is higher than any before it: whoever was taken over cannot write any more,
however late it wakes up.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cygni.errors import LeaseLost
from platform_api.budgets.reservations import reserve_cost
from platform_api.database.transactions import AWAY, Database, Scope, enter
from platform_api.deployments.columns import FREE, entering
from platform_api.deployments.events import NOW, Told, add_events, wake_workers
from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import RUNNING, By, Status, handed_back, require
from platform_api.deployments.models import Deployment
from platform_api.domains.serving import Serving, note_serving

PATIENCE_SECONDS = 8.0
"""How long a worker tries to write while the database is away; then its lease is as good as lost."""
_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Claim:
    """A deployment whose lease somebody got with the number `fence`; `approved_plan` where a person approved one. The
    rest is as in its row; `waits` says that its plan is not applied before somebody has looked at it."""

    organization: uuid.UUID
    deployment: uuid.UUID
    project: uuid.UUID
    environment: uuid.UUID
    source: uuid.UUID
    kind: Kind
    actor: Mapping[str, str]
    arguments: Mapping[str, Any]
    release: int | None
    allow_destroy: tuple[str, ...]
    refresh: bool
    max_cost_increase: str | None
    plan_only: bool
    waits: bool
    approved_plan: Mapping[str, Any] | None
    status: Status
    attempt: int
    fence: int


class _NotWritten(Exception):
    """The database went away before it was asked to commit, so trying again writes nothing twice."""


class _Unwanted(Exception):
    """Somebody has asked to cancel it meanwhile."""


_AFTER_PLAN = frozenset({Status.AWAITING_APPROVAL, Status.APPLYING})


class Held:
    """Each write asks for the lease, and raises LeaseLost without it."""

    def __init__(self, database: Database, claim: Claim, patience: float = PATIENCE_SECONDS) -> None:
        self._database = database
        self._claim = claim
        self._patience = patience

    @property
    def status(self) -> Status:
        return self._claim.status

    async def tell(self, events: Sequence[Told], **values: Any) -> None:
        """With other `values` of the row, in the same breath."""
        if events:
            await self._write(events, values)

    async def move(
        self,
        after: Status,
        *,
        told: Mapping[str, Any] | None = None,
        reserve: Decimal | None = None,
        serving: Serving | None = None,
        **values: Any,
    ) -> None:
        """Goes on to another status, with other `values` of the row; `told` is more for the event of it. Where nobody
        works on it then, the lease is given back. `reserve` is what it costs more from then on, in USD a month: raises
        BudgetExceeded where a budget has too little left. `serving` is what it left at the load balancer.

        What is planned and was to be cancelled until then is `CANCELLED`, whatever was to come after."""
        require(self.status, after, By.WORKER)
        freed = {} if after in RUNNING else FREE
        event = Told("status", {"status": after.value, **(told or {})})
        try:
            await self._write([event], {**entering(after, self.status), **values, **freed}, reserve, serving)
        except _Unwanted:
            await self.move(Status.CANCELLED, **values)
            return
        self._claim = replace(self._claim, status=after)

    async def hand_back(self) -> None:
        """For another worker to go on with; that this one had it does not count as an attempt."""
        after = handed_back(self.status)
        counted: dict[str, Any] = {} if after is Status.WATCHING else {"attempt": Deployment.attempt - 1}
        await self.move(after, told={"handed_back": True}, **FREE, **counted)

    async def passed_on(self, number: int) -> None:
        """Forgets what was asked of the release by the event with this number, unless something was since."""
        other = sa.case((col(Deployment.wish_number) <= number, None), else_=col(Deployment.wish))
        await self._write([], {"wish": other})

    async def _write(
        self,
        events: Sequence[Told],
        values: Mapping[str, Any],
        reserve: Decimal | None = None,
        serving: Serving | None = None,
    ) -> None:
        """Again and again while the database is away; not where it went while it committed: nobody knows then whether
        it has."""
        ends = time.monotonic() + self._patience
        while True:
            try:
                async with self._database.transaction(Scope()) as session:
                    await self._write_in(session, events, values, reserve, serving)
                return
            except _NotWritten as error:
                if time.monotonic() > ends:
                    raise LeaseLost("the database is away for longer than the lease lasts") from error
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _write_in(
        self,
        session: AsyncSession,
        events: Sequence[Told],
        values: Mapping[str, Any],
        reserve: Decimal | None,
        serving: Serving | None,
    ) -> None:
        claim = self._claim
        held = sa.update(Deployment).where(
            col(Deployment.id) == claim.deployment,
            col(Deployment.fence) == claim.fence,
            col(Deployment.lease_expires_at) > NOW,
        )
        changed = held.values(**values, last_event=Deployment.last_event + len(events))
        counted = changed.returning(col(Deployment.last_event), col(Deployment.cancel_requested_at))
        try:
            await enter(session, Scope(organization=claim.organization))
            found = (await session.execute(counted.execution_options(synchronize_session=False))).first()
            if found is None:
                raise LeaseLost("another worker has taken over this deployment")
            last, cancelled = found
            if cancelled is not None and values.get("status") in _AFTER_PLAN:
                raise _Unwanted
            if reserve is not None:
                await reserve_cost(session, await session.get_one(Deployment, claim.deployment), reserve)
            if serving is not None:
                await note_serving(session, claim.organization, claim.environment, serving, NOW)
            if events:
                first = last - len(events) + 1
                await add_events(session, claim.organization, claim.deployment, first, events)
            if values.get("worker", claim) is None or values.get("status") == Status.WATCHING:
                await wake_workers(session)  # the environment is free
        except AWAY as error:
            raise _NotWritten from error
