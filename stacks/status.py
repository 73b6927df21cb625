"""What is deployed, as the engine's state says, without asking engine or cloud.

So the numbers of tasks are those that were asked for, not those that run now. The records of finished deploys
only add when that was, and tell whether anything happened since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from cygni.errors import LocalCloudError, NotFound
from cygni.naming import Colour, Part, stack_name
from cygni.plan.running import running_resources
from cygni.pricing import estimate
from cygni.pricing.books import book_in_use
from cygni.pricing.exchange import USD, Exchange
from cygni.resources import Resource
from cygni.settings import Settings
from cygni.spec import ProjectSpec
from cygni.spec.usage_file import project_usage
from stacks.records import RecordStore, StackRecord
from stacks.state import StackState
from stacks.state_reader import Look
from stacks.state_resources import outputs_in, resources_in
from stacks.target import LOCAL, environment_folder, place_of_state, target_of


@dataclass(frozen=True)
class Deployed:
    """The stacks of an environment that exist, with the record of each one's last finished deploy. `folder` is the
    project's, where there may be a file of what is assumed of use."""

    spec: ProjectSpec
    target: str
    states: Mapping[Part, StackState]
    records: Mapping[Part, StackRecord]
    local_cloud: str | None
    folder: Path | None = None

    def resources(self, part: Part) -> tuple[Resource, ...]:
        """The cloud resources that are in the state of a stack, services with the tasks that releases run."""
        if part not in self.states:
            return ()
        state = self.states[part]
        return running_resources(resources_in(state, self.spec.region), outputs_in(state))

    @property
    def outputs(self) -> Mapping[Part, Mapping[str, Any]]:
        """The outputs in the state of each stack."""
        return {part: outputs_in(state) for part, state in self.states.items()}


@dataclass(frozen=True)
class DeployedStack:
    """`applied_at` is when its last deploy finished (ISO 8601, UTC); None if the last one did not finish, or none was
    `begun`: its stack is made before the first plan."""

    part: str
    resources: int
    applied_at: str | None
    pending: int
    begun: bool = True


@dataclass(frozen=True)
class ServiceStatus:
    """One colour of a service. `tasks` is the number asked for."""

    name: str
    colour: str
    tasks: str
    cpu: str
    memory: str
    url: str | None


@dataclass(frozen=True)
class EnvironmentStatus:
    """`monthly` and `usage_monthly` per month at list price, in USD unless converted to be shown: what is known of the
    cost, all of it only if `complete`; with `_at_most` what all of it costs at most, None where nothing bounds it.
    `unknown` and `usage_unknown` count the resources whose cost is not in them, `missing` the cost lines without a
    price, `unpriced` the resources of each type Cygni has no estimator for."""

    project: str
    environment: str
    region: str
    target: str
    stacks: tuple[DeployedStack, ...]
    services: tuple[ServiceStatus, ...]
    monthly: Decimal
    usage_monthly: Decimal
    monthly_at_most: Decimal | None
    usage_monthly_at_most: Decimal | None
    complete: bool
    unknown: int
    usage_unknown: int
    missing: int
    unpriced: Mapping[str, int]
    warnings: tuple[str, ...]
    currency: str = USD

    def shown_in(self, exchange: Exchange) -> EnvironmentStatus:
        """In another currency than dollars, in which it must be."""
        amounts = {name: value for name, value in vars(self).items() if isinstance(value, Decimal)}
        found = {name: exchange.of_usd(value) for name, value in amounts.items()}
        return replace(self, currency=exchange.currency, **found)  # type: ignore[arg-type]

    def to_dict(self) -> dict[str, Any]:
        """As JSON values; money is text."""
        return {
            name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()
        }


def deployed_environment(
    settings: Settings, spec: ProjectSpec, look: Look, folder: Path | None = None
) -> Deployed:
    """Reads state and records. Raises NotFound if nothing is deployed, StateError if the state is unreadable."""
    store = RecordStore(environment_folder(settings, spec.project, spec.environment))
    states, records = {}, {}
    for part in Part:
        state = look(stack_name(spec.project, spec.environment, part))
        if state.exists:
            states[part] = state
            record = store.read(part)
            if record is not None:
                records[part] = record
    if not any(state.resources for state in states.values()):
        raise NotFound(
            f"nothing of {spec.project} is deployed to {spec.environment}: {place_of_state(settings).shown} has no "
            "state of it",
            hint=f"Deploy it with: cx deploy -e {spec.environment}   or name another place with CYGNI_DATA_DIR or "
            "CYGNI_STATE",
        )
    target = target_of(spec.environment)
    local_cloud = _life(settings) if target == LOCAL else None
    return Deployed(spec, target, states, records, local_cloud, folder)


def _life(settings: Settings) -> str | None:
    from cygni.local_cloud import process

    try:
        running = process.status(settings)
    except LocalCloudError:
        return None
    return running.instance_id if running is not None else None


def status_of(deployed: Deployed) -> EnvironmentStatus:
    """What to tell of an environment. Raises SpecError if the usage file beside the specification is wrong."""
    costs = estimate(
        [resource for part in deployed.states for resource in deployed.resources(part)],
        book_in_use(),
        project_usage(deployed.spec, deployed.folder),
    )
    return EnvironmentStatus(
        project=deployed.spec.project,
        environment=deployed.spec.environment,
        region=deployed.spec.region,
        target=deployed.target,
        stacks=tuple(_stack(part, deployed) for part in deployed.states),
        services=tuple(_services(deployed)),
        monthly=costs.monthly,
        usage_monthly=costs.usage_monthly,
        monthly_at_most=costs.at_most.monthly,
        usage_monthly_at_most=costs.at_most.usage_monthly,
        complete=costs.complete,
        unknown=costs.unknown,
        usage_unknown=costs.usage_unknown,
        missing=costs.missing,
        unpriced=costs.unpriced,
        warnings=tuple(_warnings(deployed)),
    )


def _stack(part: Part, deployed: Deployed) -> DeployedStack:
    state, record = deployed.states[part], deployed.records.get(part)
    resources = len(deployed.resources(part))
    applied_at = record.applied_at if record else None
    return DeployedStack(part.value, resources, applied_at, len(state.pending), _is_begun(part, deployed))


def _is_begun(part: Part, deployed: Deployed) -> bool:
    """Whether a deploy of a stack was ever begun: the engine writes a resource, its own at least, before all else."""
    return part in deployed.records or bool(deployed.states[part].resources or deployed.states[part].pending)


def _services(deployed: Deployed) -> list[ServiceStatus]:
    urls = deployed.outputs.get(Part.SERVICES, {}).get("urls")
    resources = deployed.resources(Part.SERVICES)
    definitions = {one.name: one for one in resources if one.type.endswith(":TaskDefinition")}
    found = []
    for resource in resources:
        if resource.type != "aws:ecs/service:Service":
            continue
        base, _, colour = resource.name.rpartition("-")
        if colour not in tuple(Colour):
            continue
        name = base.removeprefix(f"{deployed.spec.project}-{deployed.spec.environment}-")
        task = definitions.get(base)
        found.append(
            ServiceStatus(
                name=name,
                colour=colour,
                tasks=str(resource.inputs.get("desiredCount", "?")),
                cpu=str(task.inputs.get("cpu", "?")) if task else "?",
                memory=str(task.inputs.get("memory", "?")) if task else "?",
                url=urls.get(name) if isinstance(urls, Mapping) else None,
            )
        )
    return found


def _warnings(deployed: Deployed) -> list[str]:
    warnings = []
    for part, state in deployed.states.items():
        if state.pending:
            warnings.append(
                f"{part}: a deploy was interrupted with {len(state.pending)} operations in flight; "
                "the next cx deploy recovers them"
            )
        record = deployed.records.get(part)
        if not _is_begun(part, deployed):
            warnings.append(f"{part}: it was planned and never deployed; cx deploy does")
        elif record is None:
            warnings.append(f"{part}: its last deploy did not finish; cx deploy continues it")
        elif record.state != state.fingerprint:
            warnings.append(f"{part}: the state was changed by something other than Cygni")
        elif deployed.target == LOCAL and record.cloud != deployed.local_cloud:
            warnings.append(
                f"{part}: the local cloud was stopped or restarted since, so it is gone from there"
            )
    return warnings
