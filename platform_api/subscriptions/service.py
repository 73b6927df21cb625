"""Setting what an organisation is subscribed to, one change at a time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from cygni.billing.plans import PlanVersion
from cygni.billing.subscriptions import Subscription
from cygni.errors import NotFound, UsageError, WrongState
from platform_api.etags import require_match
from platform_api.plans.repository import Plans, plan_version
from platform_api.subscriptions.changes import Wanted, begun, cancelled, changed
from platform_api.subscriptions.models import SubscriptionRow
from platform_api.subscriptions.repository import Subscribed, Subscriptions, subscribed
from platform_api.usage.meters import Meters


def living(held: Sequence[Subscribed], now: datetime) -> Subscribed | None:
    """The one that has not ended, if any: it may not have begun."""
    found = [one for one in held if one.subscription.end is None or now < one.subscription.end]
    return found[-1] if found else None


class Subscribing:
    """In the transaction of `session`, which is on behalf of `organization`."""

    def __init__(self, session: AsyncSession, organization: uuid.UUID, now: datetime) -> None:
        self._session = session
        self._organization = organization
        self._now = now
        self._subscriptions = Subscriptions(session, organization)

    async def existing(self) -> tuple[SubscriptionRow, Subscribed]:
        """The one that has not ended. Raises NotFound."""
        found = living(await self._subscriptions.domain(), self._now)
        if found is None:
            raise NotFound(
                "the organization has no subscription",
                hint="An operator subscribes it: cx subscription set PLAN",
            )
        return await self._row(found.id), found

    async def plan(self, key: str, version: int | None) -> PlanVersion:
        """For somebody who is about to get it. Raises NotFound, WrongState for an archived one, and UsageError for
        meters that the organisation does not have."""
        plans = Plans(self._session)
        found = await plans.existing(key)
        if found.archived_at is not None:
            raise WrongState(
                f"the plan {key!r} is archived", hint=f"Take it back: cx plans archive {key} --undo"
            )
        wanted = plan_version(await plans.version(key, version))
        meters = await Meters(self._session, self._organization).keys()
        if missing := sorted(wanted.meters - meters):
            raise UsageError(
                f"the plan {key!r} charges for {missing[0]!r}, which the organization does not measure",
                hint="It makes meters of its own: POST /v1/organizations/ORG/meters",
            )
        return wanted

    async def set(
        self, wanted: Wanted, if_match: str | None
    ) -> tuple[SubscriptionRow, Subscribed | None, Subscribed]:
        """The row, and what was subscribed before and is now. Raises PreconditionFailed, and what `begun` and `changed`
        do."""
        await self._subscriptions.hold()
        all_held = await self._subscriptions.domain()
        before = living(all_held, self._now)
        if before is None:
            held = begun(wanted, all_held, self._now)
            row = self._new_row(held, wanted.tax_rate or Decimal(0))
        else:
            row = await self._row(before.id)
            require_match(if_match, row.version)
            held = changed(before.subscription, wanted, self._now)
            row.tax_rate = row.tax_rate if wanted.tax_rate is None else wanted.tax_rate
            row.version += (held, row.tax_rate) != (before.subscription, before.tax_rate)
        await self._subscriptions.keep(row, held)
        return row, before, subscribed(row, held.phases)

    async def cancel(self, if_match: str | None) -> tuple[SubscriptionRow, Subscribed, Subscribed]:
        """As `set`: until the end of the period that goes on. Raises NotFound."""
        await self._subscriptions.hold()
        row, before = await self.existing()
        require_match(if_match, row.version)
        if before.subscription.end is not None:
            return row, before, before
        held = cancelled(before.subscription, self._now)
        row.version += 1
        await self._subscriptions.keep(row, held)
        return row, before, subscribed(row, held.phases)

    def _new_row(self, held: Subscription, tax_rate: Decimal) -> SubscriptionRow:
        cycle = held.cycle
        return SubscriptionRow(
            organization_id=self._organization, currency=held.currency, anchor=cycle.anchor, zone=cycle.zone,
            months=cycle.months, tax_rate=tax_rate, created_at=self._now,
        )  # fmt: skip

    async def _row(self, identifier: uuid.UUID) -> SubscriptionRow:
        return next(row for row in await self._subscriptions.rows() if row.id == identifier)
