"""One deployment, carried out under its lease: plan, perhaps wait, apply, release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cygni.errors import BudgetExceeded, CygniError, LeaseLost
from platform_api.deployments.events import Told
from platform_api.deployments.held import Claim, Held
from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import Status, after_plan
from platform_api.deployments.plans import digest_of, is_left_of, monthly_delta
from platform_api.deployments.redaction import Redactor
from platform_api.domains.serving import serving_after
from platform_api.told import as_told
from platform_api.worker.heartbeat import Heartbeat, Stop
from platform_api.worker.material import Material
from platform_api.worker.runner import JOB_STARTED, STEERED, Order, Outcome, Runner, Task
from platform_api.worker.state_home import demand_home

_PLANNED: Mapping[Kind, tuple[Task, Task]] = {
    Kind.DEPLOY: (Task.PLAN, Task.APPLY),
    Kind.DESTROY: (Task.PLAN_END, Task.DESTROY),
}
"""What makes the plan, and what applies it."""
_OUTRIGHT: Mapping[Kind, Task] = {
    Kind.ROLLBACK: Task.ROLL_BACK,
    Kind.SCALE: Task.SCALE,
    Kind.RESTART: Task.RESTART,
    Kind.RUN: Task.RUN,
}
_ASKS = "confirmation_required"
"""How `cx deploy` without `--yes` ends where there is something to change: with its plan, and nothing is changed."""

_STOPPED: Mapping[Stop, Status] = {Stop.CANCELLED: Status.CANCELLED, Stop.OVERDUE: Status.FAILED}
_OVERDUE = {
    "code": "deadline_exceeded",
    "message": "it took longer than this phase of a deployment may",
    "hint": "What it began is mended by the next deployment of the environment.",
}
_UNWATCHED = {
    "code": "deadline_exceeded",
    "message": "the job runs for longer than one is watched",
    "hint": "It goes on: see it with cx logs. Start such a job with --no-wait.",
}


@dataclass(frozen=True, slots=True)
class CarryingOut:
    """`held` writes what comes of `claim`, as long as `heartbeat` renews its lease."""

    claim: Claim
    held: Held
    heartbeat: Heartbeat
    material: Material
    runner: Runner

    async def to_its_end(self) -> None:
        """Or to where it waits for a person, or is handed back. Raises LeaseLost, and errors of the database."""
        try:
            await self._work()
        except LeaseLost:
            raise
        except CygniError as error:
            await self._failed(as_told(error))

    async def _work(self) -> None:
        demand_home(self.material.environment, at_home=self.material.at_home)
        match self.held.status:
            case _ if self.claim.plan_only:
                await self._finish(await self._run(Task.DIFF))
            case Status.WATCHING:
                await self._finish(await self._run(Task.WATCH))
            case Status.RELEASING:
                await self._finish(await self._run(_OUTRIGHT[self.claim.kind]))
            case Status.APPLYING:
                assert self.claim.approved_plan is not None  # else it would be planned first
                await self._apply(self.claim.approved_plan)
            case _:
                await self._plan()

    async def _plan(self) -> None:
        outcome = await self._run(_PLANNED[self.claim.kind][0])
        plan = _plan_in(outcome)
        if plan is None or outcome.error is None or outcome.error["code"] != _ASKS:
            await self._finish(outcome)
            return
        kept, approved = self._kept_plan(plan), self.claim.approved_plan
        after = after_plan(
            waits=self.claim.waits,
            approved=approved is not None and is_left_of(kept["plan"], approved),
        )
        told = {"plan": digest_of(plan), "monthly_delta": str(kept["monthly_delta"])}
        reserve = kept["monthly_delta"] if after is Status.APPLYING else None
        try:
            await self.held.move(after, told=told, reserve=reserve, **kept)
        except BudgetExceeded as error:
            await self._failed(as_told(error), plan)
            return
        if self.held.status is Status.APPLYING:
            await self._apply(plan)

    async def _apply(self, plan: Mapping[str, Any]) -> None:
        await self._finish(await self._run(_PLANNED[self.claim.kind][1], plan=digest_of(plan)))

    async def _run(self, task: Task, plan: str = "") -> Outcome:
        order = Order(
            task=task,
            organization=self.claim.organization,
            deployment=self.claim.deployment,
            fence=self.claim.fence,
            project=self.material.project,
            environment=self.material.environment,
            archive=self.material.archive,
            secrets=self.material.secrets,
            domains=self.material.domains,
            plan=plan,
            author=self.claim.actor.get("name", ""),
            arguments=self.claim.arguments,
            release=self.claim.release,
            allow_destroy=self.claim.allow_destroy,
            refresh=self.claim.refresh,
            max_cost_increase=self.claim.max_cost_increase,
        )
        return await self.runner.run(order, self.heartbeat, self._tell)

    async def _tell(self, events: Sequence[Mapping[str, Any]]) -> None:
        if self.held.status is Status.APPLYING and any(one["event"] == "began" for one in events):
            await self.held.move(Status.RELEASING)
        if self.held.status is Status.RELEASING and any(one["event"] == JOB_STARTED for one in events):
            await self.held.move(Status.WATCHING)  # other deployments of the environment may begin
        told = [Told(str(one["event"]), self._shown(one)) for one in events]
        await self.held.tell(told, **self._goes_back_to(events))
        for one in events:
            if one["event"] == STEERED:
                await self.held.passed_on(one["number"])

    def _goes_back_to(self, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The release before is another one once this is live: whoever carries the deployment out after this worker
        goes back to the same one, and no further."""
        if self.claim.kind is not Kind.ROLLBACK or self.claim.release is not None:
            return {}
        began = [one["release"] for one in events if one["event"] == "began" and one["kind"] == Kind.ROLLBACK]
        return {"release": began[-1]} if began else {}

    async def _finish(self, outcome: Outcome) -> None:
        """Writes how it ended. What was to stop and had ended well before is no less done."""
        stop = self.heartbeat.stop
        if stop is Stop.LOST:
            raise LeaseLost("the lease was not renewed in time")
        if outcome.error is None:
            told: dict[str, Any] = {} if outcome.release is None else {"release": outcome.release}
            answer = outcome.answer or {}
            serving = None if self.claim.plan_only else serving_after(self.claim.kind, answer)
            await self.held.move(
                Status.SUCCEEDED, told=told, serving=serving, **told, **self._answered(answer)
            )
        elif stop is Stop.SHUTDOWN:
            await self.held.hand_back()
        elif stop is Stop.CANCELLED and self.claim.kind is Kind.RUN:
            await self._job_stopped()
        elif stop is not None:
            overdue = _UNWATCHED if self.held.status is Status.WATCHING else _OVERDUE
            error = overdue if stop is Stop.OVERDUE else self.material.redactor.value(dict(outcome.error))
            await self.held.move(_STOPPED[stop], error=error)
        else:
            await self._failed(outcome.error, _plan_in(outcome))

    async def _job_stopped(self) -> None:
        """What was started goes on in the cloud by itself, so cancelling is to end it there."""
        stopped = await self._run(Task.STOP)
        if self.heartbeat.stop is Stop.LOST:
            raise LeaseLost("the lease was not renewed in time")
        if stopped.error is None:
            await self.held.move(Status.CANCELLED)
        else:
            await self._failed(stopped.error)

    async def _failed(self, error: Mapping[str, Any], plan: Mapping[str, Any] | None = None) -> None:
        kept = self.material.redactor.value({**error, "details": _without_plan(error.get("details") or {})})
        values = self._kept_plan(plan) if plan else {}
        await self.held.move(Status.FAILED, told={"error": kept}, error=kept, **values)

    def _answered(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The columns for what `cx` answered."""
        plan = answer if self.claim.plan_only else answer.get("plan")
        values = self._kept_plan(plan) if plan else {}
        if answer and not self.claim.plan_only:
            values["result"] = self.material.redactor.value(_without_plan(answer))
        return values

    def _kept_plan(self, plan: Mapping[str, Any]) -> dict[str, Any]:
        """The columns for it. Its digest stays whatever the secrets are: it is what is approved."""
        shown = {**self.material.redactor.value(dict(plan)), "digest": digest_of(plan)}
        return {"plan": shown, "monthly_delta": monthly_delta(plan)}

    def _shown(self, event: Mapping[str, Any]) -> dict[str, Any]:
        shown = self.material.redactor.value(
            {name: one for name, one in event.items() if name not in ("event", "at")}
        )
        assert isinstance(shown, dict)
        return shown


async def not_begun(held: Held, error: CygniError, redactor: Redactor) -> None:
    """Ends what no worker can begin, nor go on with. Raises LeaseLost, and errors of the database."""
    kept = redactor.value(as_told(error))
    await held.move(Status.FAILED, told={"error": kept}, error=kept)


def _plan_in(outcome: Outcome) -> Mapping[str, Any] | None:
    """The plan that an error holds, if it does."""
    details = (outcome.error or {}).get("details") or {}
    plan = details.get("plan")
    return plan if isinstance(plan, Mapping) else None


def _without_plan(details: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in details.items() if name != "plan"}
