from __future__ import annotations

from pydantic import BaseModel

from platform_api.subscriptions.schemas import PeriodPublic


class ProjectMargin(BaseModel):
    """Of a project, null for what belongs to none. `margin` is `billed` less `cost`, `percent` what that is of
    `billed`; both are null where they cannot be told: for another currency than that of the estimates, and without a
    bill."""

    project: str | None
    billed: str
    cost: str
    margin: str | None
    percent: str | None


class MarginPublic(BaseModel):
    """Amounts are decimals: what is billed in `currency`, without tax and before credits; what it costs in
    `cost_currency`, as it was estimated when it was deployed. Both are of the period until now."""

    period: PeriodPublic
    currency: str
    cost_currency: str
    projects: list[ProjectMargin]
    total: ProjectMargin
