"""What the plan of an organisation lets it have, held to where things are made."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.entitlements import SOURCE_MEBIBYTES_ALLOWED, Limit
from cygni.errors import LimitReached
from platform_api.organizations.models import Organization
from platform_api.plans.models import PlanVersionRow
from platform_api.subscriptions.models import SubscriptionPhase, SubscriptionRow

KNOWN_FOR = timedelta(seconds=30)
"""How long a process goes by what it has read: so late it notices that a plan allows more requests, or fewer."""
MOST_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Entitled:
    """By `plan`, None where the server's own limits hold. What `limits` does not name has none."""

    plan: str | None
    limits: Mapping[str, int]

    def require(self, limit: Limit, taken: int) -> None:
        """Raises LimitReached where one more than `taken` is too many."""
        allowed = self.limits.get(limit)
        if allowed is None or taken < allowed:
            return
        whose = f"the plan {self.plan!r}" if self.plan else "the server"
        raise LimitReached(
            f"{whose} allows {allowed} {limit}, and the organization has {taken}",
            hint="Remove one, or ask an operator of the server for a plan with more: cx plans list",
            details={"limit": limit.value, "allowed": allowed, "plan": self.plan},
        )

    def require_room(self, kept: int, more: int) -> None:
        """For `more` MiB of sources beside those that are `kept`. Raises LimitReached."""
        limit = Limit.SOURCE_MEBIBYTES
        allowed = self.limits.get(limit, SOURCE_MEBIBYTES_ALLOWED)
        if kept + more <= allowed:
            return
        raise LimitReached(
            f"the folders that were sent may have {allowed} MiB in all; {kept} are kept, and this one has {more}",
            hint="Leave out what is built, delete projects that are not needed, or ask an operator of the server "
            "for more.",
            details={"limit": limit.value, "allowed": allowed, "plan": self.plan},
        )


class Entitlements:
    """Of one organisation; `defaults` are for those without a subscription."""

    def __init__(
        self, session: AsyncSession, organization: uuid.UUID, now: datetime, defaults: Mapping[str, int]
    ) -> None:
        self._session = session
        self._organization = organization
        self._now = now
        self._defaults = defaults

    async def holding(self) -> Entitled:
        """Those that hold now."""
        query = (
            select(PlanVersionRow)
            .join(
                SubscriptionPhase,
                sa.and_(
                    col(SubscriptionPhase.plan_key) == col(PlanVersionRow.plan_key),
                    col(SubscriptionPhase.plan_version) == col(PlanVersionRow.version),
                ),
            )
            .join(SubscriptionRow, col(SubscriptionRow.id) == col(SubscriptionPhase.subscription_id))
            .where(
                col(SubscriptionRow.organization_id) == self._organization,
                sa.or_(col(SubscriptionRow.end_at).is_(None), col(SubscriptionRow.end_at) > self._now),
                col(SubscriptionPhase.start_at) <= self._now,
            )
            .order_by(col(SubscriptionPhase.start_at).desc())
            .limit(1)
        )
        found = await self._session.scalar(query)
        if found is None:
            return Entitled(None, self._defaults)
        return Entitled(found.plan_key, found.terms["limits"])

    async def require_place(self, limit: Limit, taken: Callable[[], Awaitable[int]]) -> None:
        """For one more of what `taken` counts. Where there is a limit, others who make one wait until this transaction
        ends: two do not both take the last place. Raises LimitReached."""
        if limit not in (await self.holding()).limits:
            return
        await self.lock()
        (await self.holding()).require(limit, await taken())

    async def lock(self) -> None:
        """Others of the organisation who do so wait until this transaction ends."""
        row = select(Organization.id).where(col(Organization.id) == self._organization)
        await self._session.execute(row.with_for_update(key_share=True))


class RequestQuotas:
    """Requests a minute that plans let organisations make, as one process has read them."""

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._most_kept = most_kept
        self._known: dict[uuid.UUID, tuple[int | None, datetime]] = {}

    async def of(self, entitlements: Entitlements, organization: uuid.UUID, now: datetime) -> int | None:
        """None where there is no limit."""
        known = self._known.get(organization)
        if known is None or now >= known[1]:
            limits = (await entitlements.holding()).limits
            if len(self._known) >= self._most_kept:
                self._known.clear()
            known = self._known[organization] = limits.get(Limit.REQUESTS_PER_MINUTE), now + KNOWN_FOR
        return known[0]
