"""What a deploy would change: one preview for each stack that can have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from cygni.errors import EngineError, LocalCloudEmpty, WorldChanged
from cygni.naming import Part, stack_name
from cygni.plan.events import DiagnosticEvent, PolicyEvent, StackEvent, name_of
from cygni.plan.findings import judged
from cygni.plan.guards import guard_policies
from cygni.plan.model import Plan, PolicyFinding, StackPlan, StackStatus
from cygni.plan.rollout import NOTHING, planned_floor, planned_releases
from cygni.plan.running import with_running
from cygni.plan.steps import stack_plan
from cygni.plan.temporary import with_temporary
from cygni.policies.limits import Limits
from cygni.pricing import CostDiff, cost_diff, estimate
from cygni.pricing.books import book_in_use
from cygni.pricing.exchange_rates import exchange_to
from cygni.pricing.usage import UsageSource
from cygni.pricing.wording import coverage_warnings
from cygni.releases.release import Live
from cygni.releases.settings import ReleaseSettings
from cygni.resources import UNKNOWN, Resource, is_cloud
from cygni.settings import Settings
from cygni.spec import ProjectSpec
from cygni.spec.release_settings import release_settings
from cygni.targets.fargate import pace
from stacks.ahead import StacksAhead
from stacks.engine_plan import planned_references
from stacks.given_domains import GivenDomain, left_out, served, with_domains
from stacks.inputs import StackInputs
from stacks.manifest import empty_inputs, stack_inputs
from stacks.not_yet import not_yet
from stacks.operations import OperationKind, StackOperation, StackRunner
from stacks.records import StackRecord, digest
from stacks.recovery import is_unsettled, mend, recover, unsettled_warning
from stacks.state import StackState, look, look_at_files
from stacks.state_resources import stored_references
from stacks.target import LOCAL, Environment, account_in


class Progress(Protocol):
    """Hears what happens while a plan is made or applied."""

    def stack(self, part: Part, doing: str) -> None:
        """Work on a stack begins; `doing` is preview, up, destroy or recover."""

    def event(self, part: Part, event: StackEvent) -> None: ...


@dataclass(frozen=True)
class PlannedStack:
    """A stack's plan with what applying it needs. `state` is the fingerprint the plan was made against;
    `emptied` says that the specification has nothing left for it."""

    plan: StackPlan
    inputs: StackInputs
    state: str
    file: Path | None = None
    refresh: bool = False
    emptied: bool = False


@dataclass(frozen=True)
class PlannedEnvironment:
    plan: Plan
    stacks: Mapping[Part, PlannedStack]


def plan_environment(
    runner: StackRunner,
    environment: Environment,
    spec: ProjectSpec,
    progress: Progress,
    *,
    refresh: bool = False,
    settle: bool = False,
    usage: UsageSource | None = None,
    live: Live | None = None,
    changed_secrets: Mapping[str, tuple[str, ...]] = NOTHING,
    domains: Sequence[GivenDomain] = (),
) -> PlannedEnvironment:
    """Previews the stacks of `spec` and prices what would change; changes nothing in the cloud.

    With `refresh` every stack is previewed after looking at the world again. With `settle`, which asks for the
    environment's lock, what an interrupted deploy left in the state is recovered first; without, it is left
    alone and warned of. With `live`, what runs now, the plan tells what is to be released; `changed_secrets` has for
    each service the secrets that are others since; `domains` are those of the control plane. Raises LocalCloudEmpty,
    WorldChanged (another AWS account) and what the runner raises.
    """
    planner = _Planner(runner, environment, progress, refresh=refresh, settle=settle)
    where = {"region": environment.region, "account": environment.account}
    planner.plan(with_domains(stack_inputs(spec), served(spec, domains, **where)))
    policies = _policy_limits(spec)
    settings = release_settings(spec)
    scaled = _scaled(live, settings)
    stacks = [with_running(planned.plan, scaled=scaled) for planned in planner.planned.values()]
    cost = priced(stacks, usage, scaled)
    plan = Plan(
        project=environment.project,
        environment=environment.name,
        region=environment.region,
        target=environment.target,
        account=environment.account,
        stacks=tuple(stacks),
        cost=cost,
        warnings=(
            *not_yet(spec),
            *left_out(spec, domains, **where),
            *coverage_warnings(cost, environment.region),
            *planner.warnings,
            *half_done(live),
        ),
        emptied=bool(planner.lost) and all(planner.lost.values()),
    )
    if live is not None:
        plan = with_releases(plan, Live() if plan.emptied else live, spec, changed_secrets)
    plan = with_temporary(plan, settings)
    plan = judged(plan, policies, spec.policies.levels_in(environment.name))
    return PlannedEnvironment(plan, planner.planned)


def _policy_limits(spec: ProjectSpec) -> Limits:
    """What policies measure against. Raises NoExchangeRate for a ceiling in a currency without a rate."""
    if spec.policies.monthly_cost is None:
        return spec.policies.limits()
    return spec.policies.limits(exchange_to(Settings.from_environment(), spec.cost.currency))


def half_done(live: Live | None) -> list[str]:
    """What a deploy does first with releases that a command left before their end."""
    return [
        f"deployment {number} of a release was left half done: a deploy carries it on if it releases the same, and "
        "else brings back what ran before first"
        for number in (live.unfinished if live is not None else ())
    ]


def with_releases(
    plan: Plan, live: Live, spec: ProjectSpec, changed_secrets: Mapping[str, tuple[str, ...]] = NOTHING
) -> Plan:
    """The plan with what is to be released of its services stack, where `live` is what runs now."""
    settings = release_settings(spec)
    strategies = {name: one.strategy.value for name, one in settings.items()}
    services = next((stack for stack in plan.stacks if stack.part is Part.SERVICES), None)
    outputs = services.outputs if services is not None else {}
    found = planned_releases(outputs, live, strategies, changed_secrets)
    quickest = pace(local=plan.target == LOCAL)
    least = planned_floor(outputs, live, settings, quickest, changed_secrets) if found else 0.0
    return replace(plan, releases=found, floor=least)


def _scaled(live: Live | None, settings: Mapping[str, ReleaseSettings]) -> dict[str, int]:
    """Tasks that run of services which keep the number they are given: cx scale may have given another."""
    if live is None:
        return {}
    return {
        name: one.colours[one.active].count
        for name, one in live.services.items()
        if name in settings and settings[name].limits is None
    }


def priced(
    stacks: list[StackPlan], usage: UsageSource | None = None, scaled: Mapping[str, int] | None = None
) -> CostDiff:
    """Cost before, after and delta over all stacks together: a service's price follows its task definition, and what
    releases run of it; of those in `scaled`, that many tasks before."""
    stacks = [with_running(stack, scaled=scaled) for stack in stacks]
    book = book_in_use()
    before: list[Resource] = [resource for stack in stacks for resource in stack.before]
    after: list[Resource] = [resource for stack in stacks for resource in stack.after]
    return cost_diff(estimate(before, book, usage), estimate(after, book, usage))


class _Planner:
    def __init__(
        self,
        runner: StackRunner,
        environment: Environment,
        progress: Progress,
        *,
        refresh: bool,
        settle: bool,
    ) -> None:
        self.runner = runner
        self.environment = environment
        self.progress = progress
        self.refresh = refresh
        self.settle = settle
        self.planned: dict[Part, PlannedStack] = {}
        self.upstream: dict[str, Mapping[str, Any]] = {}
        self.warnings: dict[str, None] = {}
        self.lost: dict[Part, bool] = {}

    def plan(self, wanted: Mapping[Part, StackInputs]) -> None:
        names = {part: stack_name(self.environment.project, self.environment.name, part) for part in Part}
        if self.settle:
            self.warnings |= dict.fromkeys(mended(self.environment, names.values()))
        with StacksAhead(self.runner, self.environment.engine, self._missing(wanted, names)) as ahead:
            for part, name in names.items():
                ahead.wait_for(name)
                self._plan_part(part, name, wanted.get(part))

    def _missing(self, wanted: Mapping[Part, StackInputs], names: Mapping[Part, str]) -> list[str]:
        """The stacks after the first that are to be made; only where looking costs little."""
        later = [names[part] for part in list(Part)[1:] if part in wanted]
        looked = {name: look_at_files(self.environment.engine, name) for name in later}
        return [name for name, state in looked.items() if state is not None and not state.exists]

    def _plan_part(self, part: Part, name: str, inputs: StackInputs | None) -> None:
        state = look(self.runner, self.environment.engine, name)
        refuse_other_account(self.environment, part, state)
        unsettled = is_unsettled(self.environment, name, state)
        if inputs is None and not cloud_resources(state) and not unsettled:
            return
        if not self.refresh:  # before a recovery, which would take everything for deleted
            refuse_empty_cloud(self.environment, part, state)
        if cloud_resources(state):
            self.lost[part] = is_of_another_life(self.environment, part, state)
        if unsettled and not self.settle:
            self.warnings[unsettled_warning(part)] = None
        elif unsettled:
            self.progress.stack(part, "recover")
            state = recover(self.runner, self.environment, name, state)
        if inputs is None:
            nothing = empty_inputs(part, self.environment.project, self.environment.name)
            self.planned[part] = replace(self._planned(part, nothing, state, name), emptied=True)
            return
        self.planned[part] = planned = self._planned(part, inputs, state, name)
        self.upstream[part] = expected_outputs(planned.plan.outputs)

    def _planned(self, part: Part, inputs: StackInputs, state: StackState, name: str) -> PlannedStack:
        return self._remembered(part, inputs, state) or self._previewed(part, inputs, state, name)

    def _remembered(self, part: Part, inputs: StackInputs, state: StackState) -> PlannedStack | None:
        """The stack as it is, without asking the engine, if nothing that decides it has changed."""
        record = None if self.refresh else self.environment.records.read(part)
        if record is None or not state.exists:
            return None
        now = (environment_digest(self.environment, inputs, self.upstream), state.fingerprint)
        if (record.digest, record.state) != now or record.cloud != self.environment.cloud:
            return None
        return PlannedStack(
            StackPlan(
                part=part,
                status=StackStatus.SKIPPED,
                before=record.resources,
                after=record.resources,
                outputs=record.outputs,
                unchanged=len(record.resources),
            ),
            inputs,
            state.fingerprint,
        )

    def _previewed(self, part: Part, inputs: StackInputs, state: StackState, name: str) -> PlannedStack:
        engine = self.environment.engine
        if not state.exists:
            self.runner.run(
                StackOperation(kind=OperationKind.INIT, stack=name, settings=engine), lambda event: None
            )
            state = look(self.runner, engine, name)
        file = self.environment.plans / f"{part}.json"
        events: list[StackEvent] = []
        self.progress.stack(part, "preview")
        with _hearing(self, part, events) as on_event, _policies_first(events):
            self.runner.run(
                StackOperation(
                    kind=OperationKind.PREVIEW,
                    stack=name,
                    settings=engine,
                    inputs=inputs,
                    upstream=dict(self.upstream),
                    plan_file=file,
                    refresh=self.refresh,
                ),
                on_event,
            )
        plan = stack_plan(
            part,
            events,
            region=self.environment.region,
            references=planned_references(file),
            stored=stored_references(state),
            refreshed=self.refresh,
        )
        plan = replace(plan, findings=_findings(events))
        return PlannedStack(plan, inputs, state.fingerprint, file, self.refresh)


@contextmanager
def _hearing(planner: _Planner, part: Part, events: list[StackEvent]) -> Iterator[Any]:
    def on_event(event: StackEvent) -> None:
        events.append(event)
        if isinstance(event, DiagnosticEvent) and event.severity == "warning":
            planner.warnings[event.message] = None
        planner.progress.event(part, event)

    yield on_event


def _findings(events: list[StackEvent]) -> tuple[PolicyFinding, ...]:
    found = [event for event in events if isinstance(event, PolicyEvent)]
    return tuple(PolicyFinding(e.policy, e.pack, e.level, e.message, name_of(e.urn)) for e in found)


@contextmanager
def _policies_first(events: list[StackEvent]) -> Iterator[None]:
    """The engine fails a preview that breaks a mandatory policy without saying so in its error."""
    try:
        yield
    except EngineError:
        guard_policies(_findings(events))
        raise


def environment_digest(
    environment: Environment, inputs: StackInputs, upstream: Mapping[str, Mapping[str, Any]]
) -> str:
    """`stacks.records.digest` with what surrounds every stack of this environment."""
    surroundings = [environment.region, environment.target, environment.account]
    surroundings += [environment.engine.version, _aws_sdk_version()]
    return digest(inputs, upstream, surroundings)


def expected_outputs(outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Outputs as a later stack's preview may use them: a hidden secret counts as not known."""
    return {name: UNKNOWN if value == "[secret]" else value for name, value in outputs.items()}


def mended(environment: Environment, stacks: Iterable[str]) -> list[str]:
    """What `stacks.recovery.mend` has to tell of each of `stacks`."""
    return [told for stack in stacks if (told := mend(environment, stack)) is not None]


def cloud_resources(state: StackState) -> list[Mapping[str, Any]]:
    """The resources of a state that are something in the cloud."""
    return [one for one in state.resources if is_cloud(str(one.get("type", "")))]


def is_of_another_life(environment: Environment, part: Part, state: StackState) -> bool:
    """Whether the state has resources that this life of the local cloud never had."""
    if environment.target != "local" or not cloud_resources(state):
        return False
    return has_lost(environment.records.read(part), environment.cloud, environment.cloud_holds)


def has_lost(record: StackRecord | None, life: str, holds: int | None) -> bool:
    """Whether a local cloud's `life`, which `holds` so many resources, never had what a stack's state lists."""
    return (record is not None and record.cloud != life) or holds == 0


def refuse_empty_cloud(environment: Environment, part: Part, state: StackState) -> None:
    """Raises LocalCloudEmpty if `is_of_another_life`."""
    if is_of_another_life(environment, part, state):
        raise LocalCloudEmpty(
            f"the local cloud was restarted or reset and is empty, but the state of {environment.project} "
            f"({environment.name}) lists {len(cloud_resources(state))} resources of its {part} stack",
            hint="Create them again with: cx deploy --refresh   or forget them with: cx destroy",
        )


def refuse_other_account(environment: Environment, part: Part, state: StackState) -> None:
    """Raises WorldChanged if the stack was deployed to another AWS account than the caller's credentials open."""
    if not environment.account:
        return
    record = environment.records.read(part)
    accounts = {account_in(record.cloud)} if record is not None else set()
    arns = [(one.get("outputs") or {}).get("arn") for one in cloud_resources(state)]
    accounts |= {arn.split(":")[4] for arn in arns if isinstance(arn, str) and arn.count(":") >= 5}
    others = sorted(accounts - {environment.account, "", "aws"})
    if others:
        raise WorldChanged(
            f"the {part} stack of {environment.project} ({environment.name}) is in the AWS account "
            f"{' and '.join(others)}, and these credentials open {environment.account}",
            hint="Give the credentials of that account. To move the environment, destroy it there first.",
            details={"accounts": others, "account": environment.account},
        )


def _aws_sdk_version() -> str:
    from importlib.metadata import version

    return version("pulumi-aws")
