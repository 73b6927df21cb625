"""What deployments need of budgets: reserved before they are begun, and gone when they are over.

The rows of the budgets are locked first, so those who ask at once are answered one after the other. A reservation ends
with its deployment, in the transaction that writes its last status: where it succeeded, the meter or what is deployed
counts it from then on; else it is given back. A worker that is killed leaves the reservation of a deployment that is
not over, and whoever ends that, the reaper too, ends both.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cygni.billing.budgets import PAYMENT_GRACE, BudgetKind, Position, left, may_reserve
from cygni.billing.exact import fraction_text
from cygni.errors import BudgetExceeded
from platform_api.budgets.models import Budget, BudgetReservation
from platform_api.budgets.payment import require_paid
from platform_api.budgets.positions import Positions
from platform_api.budgets.repository import Budgets
from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import OVER
from platform_api.deployments.models import Deployment


async def reserve_deployment(
    session: AsyncSession, deployment: Deployment, payment_grace: timedelta = PAYMENT_GRACE
) -> None:
    """One deployment of every budget over its environment, whose row is written already. Of what is to be deployed
    only a plan tells the cost: see `reserve_cost`. Raises BudgetExceeded, and PaymentOverdue.

    Nothing is reserved for what only looks, and for going back, scaling, restarting and deleting: that makes no new
    infrastructure, and whoever needs it may be in a hurry."""
    if deployment.plan_only or deployment.kind != Kind.DEPLOY:
        return
    await require_paid(session, deployment.organization_id, deployment.created_at, payment_grace)
    positions = Positions(session, deployment.organization_id, deployment.created_at)
    for budget in await _over(session, deployment):
        if budget.kind != BudgetKind.CLOUD_COST:
            _require(budget, await positions.of(budget), await positions.of_one_deployment(budget))
    session.add(
        BudgetReservation(
            organization_id=deployment.organization_id,
            deployment_id=deployment.id,
            project_id=deployment.project_id,
            environment_id=deployment.environment_id,
            created_at=deployment.created_at,
        )
    )
    await session.flush()


async def reserve_cost(session: AsyncSession, deployment: Deployment, monthly: Decimal) -> None:
    """What a plan that is to be applied costs more, in USD a month. One that costs no more is let through whatever the
    budgets say: it may be what brings them down. Raises BudgetExceeded."""
    more = max(monthly, Decimal(0))
    if more:
        positions = Positions(session, deployment.organization_id, deployment.created_at)
        for budget in await _over(session, deployment):
            if budget.kind == BudgetKind.CLOUD_COST:
                _require(budget, await positions.of(budget, but=deployment.id), Fraction(more))
    reserved = sa.update(BudgetReservation).where(*_of(deployment.organization_id, deployment.id))
    await session.execute(reserved.values(monthly=more).execution_options(synchronize_session=False))


async def end_reservation(
    session: AsyncSession, organization: uuid.UUID, deployment: uuid.UUID, status: str
) -> None:
    """Where the deployment is over."""
    if status in OVER:
        ended = sa.delete(BudgetReservation).where(*_of(organization, deployment))
        await session.execute(ended.execution_options(synchronize_session=False))


async def _over(session: AsyncSession, deployment: Deployment) -> list[Budget]:
    budgets = Budgets(session, deployment.organization_id)
    return list(await budgets.locked_over(deployment.project_id, deployment.environment_id))


def _require(budget: Budget, position: Position, need: Fraction) -> None:
    if may_reserve(budget.limits, position, need):
        return
    free, unit = fraction_text(left(budget.limits, position)), budget.currency or budget.meter
    of = f"{free} of {budget.amount:f} {unit}"
    raise BudgetExceeded(
        f"the budget {budget.name} has {of} left, and this needs {fraction_text(need)}"
        if need
        else f"the budget {budget.name} is used up: {of} are left",
        hint=f"See it with: cx budget show {budget.name}\n"
        f"Whoever manages billing can raise it: cx budget set {budget.name} AMOUNT",
        details={
            "budget": budget.name,
            "amount": f"{budget.amount:f}",
            "unit": unit,
            "left": free,
            "needed": fraction_text(need),
            "resets_at": None if budget.kind == BudgetKind.CLOUD_COST else position.period.end.isoformat(),
        },
    )


def _of(organization: uuid.UUID, deployment: uuid.UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(BudgetReservation.organization_id) == organization,
        col(BudgetReservation.deployment_id) == deployment,
    )
