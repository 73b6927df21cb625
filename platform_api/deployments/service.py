"""What people do with deployments: begin one, let its plan be applied, steer its release, cancel it, go back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from cygni.billing.budgets import PAYMENT_GRACE
from cygni.errors import PermissionDenied, WorldChanged, WrongState
from cygni.releases.release import Wish
from platform_api.access.caller import Caller
from platform_api.budgets.reservations import reserve_cost, reserve_deployment
from platform_api.deployments.author import author_of
from platform_api.deployments.columns import entering
from platform_api.deployments.events import Told, add_events, wake_workers
from platform_api.deployments.kinds import APPROVED_UNPLANNED, Kind
from platform_api.deployments.lifecycle import OVER, RUNNING, By, Status, require, words
from platform_api.deployments.models import Deployment
from platform_api.deployments.occupancy import WAITING, ahead
from platform_api.deployments.plans import digest_of, monthly_delta
from platform_api.deployments.schemas import DeploymentCreate, Destruction
from platform_api.environments.models import Environment


@dataclass(frozen=True, slots=True)
class DeploymentDesk:
    """For one request by `caller` at `now`. `payment_grace` is how long an invoice that is not paid refuses nothing."""

    session: AsyncSession
    caller: Caller
    now: datetime
    payment_grace: timedelta = PAYMENT_GRACE

    async def begin(self, environment: Environment, wanted: DeploymentCreate) -> Deployment:
        """Raises BudgetExceeded and PaymentOverdue."""
        made = self._new(environment, wanted.source, needs_approval=environment.needs_approval)
        made.allow_destroy = list(wanted.allow_destroy)
        made.refresh, made.max_cost_increase = wanted.refresh, wanted.max_cost_increase
        made.confirm, made.plan_only = wanted.confirm, wanted.plan_only
        made.arguments = _timed(wanted.timeout)
        return await self._queued(made)

    async def roll_back_to(
        self, environment: Environment, to: Deployment, source: uuid.UUID | None
    ) -> Deployment:
        """As `roll_back`, to the release that `to` made live. Raises WrongState where it made none live."""
        if to.release is None or to.status != Status.SUCCEEDED or source is None:
            raise WrongState(
                "this deployment made no release live",
                hint="Choose one that succeeded and released something.",
                details={"status": to.status},
            )
        return await self.roll_back(environment, source, to.release)

    async def roll_back(self, environment: Environment, source: uuid.UUID, release: int | None) -> Deployment:
        """A deployment that brings a release back, None: the one before. It has no plan and asks nobody: it changes no
        infrastructure, and whoever needs it is in a hurry."""
        made = self._new(environment, source, needs_approval=False)
        made.kind, made.release = Kind.ROLLBACK, release
        return await self._queued(made)

    async def operate(
        self,
        environment: Environment,
        source: uuid.UUID,
        kind: Kind,
        arguments: Mapping[str, Any],
        *,
        automatic: bool = False,
    ) -> Deployment:
        """What is done outright, without a plan: `kind` with its `arguments`, as the row has them. Where it needs an
        approval, it waits for that from the beginning, unless it is `automatic`."""
        waits = environment.needs_approval and kind in APPROVED_UNPLANNED and not automatic
        made = self._new(environment, source, needs_approval=waits)
        made.kind, made.arguments = kind, dict(arguments)
        return await self._queued(made, Status.AWAITING_APPROVAL if waits else Status.QUEUED)

    async def destroy(self, environment: Environment, source: uuid.UUID, wanted: Destruction) -> Deployment:
        """A deployment that deletes all of the environment, once its plan was looked at as one of a deploy is."""
        made = self._new(environment, source, needs_approval=environment.needs_approval)
        made.kind, made.confirm, made.arguments = Kind.DESTROY, wanted.confirm, _timed(wanted.timeout)
        made.allow_destroy = list(wanted.allow_destroy)
        return await self._queued(made)

    async def approve(self, deployment: Deployment, digest: str | None) -> None:
        """Lets the plan with this digest be applied, or, without one, what has no plan be done. Raises PermissionDenied
        for programs, WrongState where it does not wait for it, WorldChanged where its plan is another by now,
        BudgetExceeded where it costs too much more."""
        if self.caller.user is None:
            raise PermissionDenied("only a person approves a plan", hint="Sign in with cx login.")
        await self._accept(deployment, digest)

    async def confirm(self, deployment: Deployment, digest: str | None) -> None:
        """As `approve`, where the environment asks for no approval: whoever may deploy has looked at the plan. Raises
        PermissionDenied where it asks for one."""
        if deployment.needs_approval:
            raise PermissionDenied(
                "a plan for this environment needs an approval",
                hint="Somebody who may approve it sees it with cx attach.",
            )
        await self._accept(deployment, digest)

    async def steer(self, deployment: Deployment, wish: Wish) -> None:
        """Asks something of the release under way; what was asked before and is not passed on yet is forgotten. Raises
        WrongState where none is under way."""
        if deployment.kind == Kind.RUN:
            raise WrongState("a job has no release to steer", hint="Stop it with: cx abort")
        status = Status(deployment.status)
        if status is not Status.RELEASING:
            raise WrongState(
                f"no release is under way: this deployment is {words(status)}",
                details={"status": status.value},
            )
        deployment.wish, deployment.wish_number = wish.value, deployment.last_event + 1
        await self._tell(deployment, "wish", {"wish": wish.value})

    async def _accept(self, deployment: Deployment, digest: str | None) -> None:
        before = Status(deployment.status)
        require(before, Status.APPROVED, By.PERSON)
        if deployment.cancel_requested_at is not None:
            raise WrongState("somebody has asked to cancel this deployment", hint="Deploy again: cx deploy")
        plan = deployment.plan
        if (None if plan is None else digest_of(plan)) != digest:
            raise WorldChanged(
                "its plan is another by now", hint="Look at the plan it has, and approve that one."
            )
        if plan is not None:
            await reserve_cost(self.session, deployment, monthly_delta(plan))
        deployment.approved_plan = plan
        deployment.approved_by = self.caller.actor
        deployment.approved_at = self.now
        await self._move(deployment, Status.APPROVED)

    async def cancel(self, deployment: Deployment) -> None:
        """At once where it waits; what runs is told to stop, and is cancelled when it has; so is a job that a lost
        worker may have started. Asked twice, it is asked once. Raises WrongState where it is over."""
        status = Status(deployment.status)
        if status in OVER:
            raise WrongState(f"this deployment is {words(status)} already", details={"status": status.value})
        started = deployment.kind == Kind.RUN and status is Status.RECOVERING
        if status not in RUNNING and not started:
            require(status, Status.CANCELLED, By.PERSON)
            await self._move(deployment, Status.CANCELLED)
        elif deployment.cancel_requested_at is None:
            deployment.cancel_requested_at = self.now
            await self._tell(deployment, "cancel_requested", {})

    def _new(self, environment: Environment, source: uuid.UUID, *, needs_approval: bool) -> Deployment:
        return Deployment(
            organization_id=environment.organization_id,
            project_id=environment.project_id,
            environment_id=environment.id,
            source_id=source,
            needs_approval=needs_approval,
            actor=self.caller.actor,
            created_at=self.now,
        )

    async def _queued(self, made: Deployment, first: Status = Status.QUEUED) -> Deployment:
        made.actor = {**self.caller.actor, "name": await author_of(self.session, self.caller)}
        self.session.add(made)
        await self.session.flush()
        await reserve_deployment(self.session, made, self.payment_grace)
        await self._move(made, first)
        return made

    async def _move(self, deployment: Deployment, after: Status) -> None:
        for name, value in entering(after).items():
            setattr(deployment, name, value)
        told: dict[str, Any] = {"status": after.value}
        if after in WAITING and (first := await ahead(self.session, deployment)) is not None:
            told["behind"] = first
        await self._tell(deployment, "status", told)

    async def _tell(self, deployment: Deployment, kind: str, data: Mapping[str, Any]) -> None:
        deployment.last_event += 1
        await self.session.flush()
        told = Told(kind, {**data, "by": self.caller.actor})
        await add_events(
            self.session, deployment.organization_id, deployment.id, deployment.last_event, [told]
        )
        await wake_workers(self.session)
        await self.session.refresh(deployment)


def _timed(timeout: int | None) -> dict[str, Any]:
    """The arguments of what has stacks to work on."""
    return {} if timeout is None else {"timeout": timeout}
