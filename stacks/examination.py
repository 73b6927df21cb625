"""Where `cx doctor` gets what only the engine, the state and the local cloud can tell."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cygni.doctor.checks.control_plane import MEMBERSHIP
from cygni.doctor.checks.machine import (
    BUILDERS,
    DATA_FOLDER,
    ENGINE,
    LOCAL_CLOUD,
    PACKAGES,
    PLUGIN,
    SPACE,
    Builders,
    EnginePlace,
    LocalCloudPlace,
    Plugin,
    Space,
)
from cygni.doctor.checks.project import FOLDERS, PLAN, SPEC, BuildFolders, Planned
from cygni.doctor.checks.state import (
    ACCOUNT,
    ENVIRONMENT,
    HOLDER,
    LOCAL_LIFE,
    PASSPHRASE,
    STATES,
    Holder,
    LocalLife,
    Lock,
    Passphrase,
    States,
)
from cygni.doctor.facts import Facts, NotKnown, Source
from cygni.doctor.sources import account, domain, machine, registries, use
from cygni.doctor.sources.cloud import CLOUD, Cloud
from cygni.doctor.sources.control_plane import membership
from cygni.doctor.sources.names import DnsResolver
from cygni.local_cloud.identity import HOST
from cygni.naming import Part, stack_name
from cygni.plan.model import Change, Plan
from cygni.resources import is_cloud
from cygni.settings import Settings
from cygni.spec import ProjectSpec
from cygni.targets.fargate.clients import Clients
from stacks import engine as engines
from stacks.engine_places import Engine, Outcome
from stacks.given_domains import given_domains
from stacks.lock import environment_holder
from stacks.operations import StackRunner
from stacks.passphrases import opens
from stacks.plan_files import plans_folder
from stacks.planning import cloud_resources, has_lost, plan_environment
from stacks.records import RecordStore
from stacks.room import COPIES, LEAST_BYTES
from stacks.started_engines import witness
from stacks.state import StackState, salt_of
from stacks.state_reader import Look, state_reader
from stacks.target import LOCAL, cloud_variables, environment, environment_folder, place_of_state, target_of
from stacks.unlocking import found_locks

PLAN_SECONDS: Final = 60.0
_FOR_A_PLAN: Final = (SPEC, ENGINE, CLOUD, STATES, PASSPHRASE)


@dataclass(frozen=True)
class Examined:
    """An environment that is examined: its name, its project's specification and folder as `spec` reads them (raising
    SpecError or NotFound), and `runner`, which runs the engine."""

    settings: Settings
    name: str
    spec: Callable[[], tuple[ProjectSpec, Path]]
    runner: StackRunner
    https_port: int = 443
    """Where the hosts of the domain are asked for their certificate."""

    @property
    def is_local(self) -> bool:
        return target_of(self.name) == LOCAL


def sources(examined: Examined) -> tuple[Source[Any], ...]:
    """All that can be known of an environment."""
    own = _Sources(examined)
    return (
        Source(SPEC, lambda facts: examined.spec()[0]),
        Source(ENVIRONMENT, lambda facts: examined.name),
        Source(FOLDERS, own.folders, (SPEC,)),
        Source(ENGINE, lambda facts: engine_place(examined.settings), limit=20.0),
        Source(PACKAGES, lambda facts: machine.packages()),
        Source(PLUGIN, own.plugin, (ENGINE,)),
        Source(SPACE, own.space),
        Source(DATA_FOLDER, lambda facts: machine.data_folder(examined.settings.data_dir)),
        Source(LOCAL_CLOUD, own.local_cloud),
        Source(BUILDERS, own.builders, (SPEC,), limit=12.0),
        Source(STATES, own.states, (SPEC,), limit=15.0),
        Source(PASSPHRASE, own.passphrase, (SPEC, STATES)),
        Source(HOLDER, own.holder, (SPEC,)),
        Source(LOCAL_LIFE, own.local_life, (SPEC, STATES, LOCAL_CLOUD)),
        Source(CLOUD, own.cloud, (SPEC, LOCAL_CLOUD) if examined.is_local else (SPEC,), limit=15.0),
        Source(
            PLAN, own.plan, (*_FOR_A_PLAN, LOCAL_LIFE if examined.is_local else ACCOUNT), limit=PLAN_SECONDS
        ),
        Source(MEMBERSHIP, lambda facts: membership(examined.settings, os.environ)),
        *use.sources(),
        *_of_aws(examined),
    )


def _of_aws(examined: Examined) -> list[Source[Any]]:
    """What only an account of AWS has; the local cloud takes any credentials, and the internet does not know it."""

    def nothing(facts: Facts) -> Any:
        raise NotKnown("not for the local cloud")

    found = (
        *account.sources(),
        *domain.sources(lambda: DnsResolver(examined.settings.resolver), examined.https_port),
        *registries.sources(),
    )
    return [Source(one.fact, nothing) if examined.is_local else one for one in found]


def engine_place(settings: Settings) -> EnginePlace:
    """Where the engine is, or why there is none. Nothing is downloaded or built."""
    attempts = engines.status(settings)
    found = next((one for one in attempts if one.outcome is Outcome.FOUND), None)
    if found is not None:
        return EnginePlace(str(found.version), found.reason)
    first = attempts[0]
    chosen = str(first.path) if first.outcome is Outcome.UNUSABLE else ""
    reason = first.reason if chosen else "; ".join(f"{one.origin}: {one.reason}" for one in attempts)
    return EnginePlace("", reason, any(one.outcome is Outcome.POSSIBLE for one in attempts), chosen)


class _Sources:
    def __init__(self, examined: Examined) -> None:
        self.examined = examined
        self.settings = examined.settings
        self.name = examined.name

    def folders(self, facts: Facts) -> BuildFolders:
        spec, folder = self.examined.spec()
        built = {
            name: one.build.context for name, one in sorted(spec.services.items()) if one.build is not None
        }
        missing = {
            name: str(folder / context) for name, context in built.items() if not (folder / context).is_dir()
        }
        return BuildFolders(tuple(dict.fromkeys(built.values())), missing)

    def builders(self, facts: Facts) -> Builders:
        services = facts[SPEC].services.items()
        needing = (name for name, one in services if one.build is not None)
        return machine.builders(() if self.examined.is_local else sorted(needing))

    def plugin(self, facts: Facts) -> Plugin:
        from importlib.metadata import version

        wanted = version("pulumi-aws")
        if self.examined.is_local:
            return Plugin(own=True, version=wanted, there=True, pulumi="", home="")
        if not facts[ENGINE].version:
            raise NotKnown("there is no engine yet to start it")
        found = engines.find(self.settings)
        cache = self.settings.cache_dir / "plugins"
        there = (cache / f"resource-aws-v{wanted}").is_dir()
        return Plugin(own=False, version=wanted, there=there, pulumi=str(found.path), home=str(cache.parent))

    def space(self, facts: Facts) -> Space:
        folder = place_of_state(self.settings).folder or self.settings.data_dir
        there = next(one for one in (folder, *folder.parents) if one.exists())
        held = (
            sum(file.stat().st_size for file in folder.glob(".pulumi/stacks/*/*.json"))
            if folder == there
            else 0
        )
        return Space(str(folder), shutil.disk_usage(there).free, LEAST_BYTES + COPIES * held)

    def local_cloud(self, facts: Facts) -> LocalCloudPlace:
        if not self.examined.is_local:
            raise NotKnown(f"{self.name} is on AWS")
        from cygni.local_cloud import process

        running = process.status(self.settings)
        log = str(process.local_cloud_folder(self.settings))
        wanted = self.settings.local_port
        if running is not None:
            return LocalCloudPlace(True, pid=running.pid, log=log)
        return LocalCloudPlace(False, port_taken=wanted if wanted and _is_taken(wanted) else None, log=log)

    def states(self, facts: Facts) -> States:
        spec = facts[SPEC]
        looked = {name: self._look(spec)(name) for name in (self._stack(spec, part) for part in Part)}
        there = {name: state for name, state in looked.items() if state.exists}
        place = place_of_state(self.settings)
        knows = witness(self.settings.data_dir, place.folder)
        locks = found_locks(lambda name: looked[name], there, knows)
        return States(
            place=place.shown,
            stacks=tuple(there),
            resources=sum(len(cloud_resources(state)) for state in there.values()),
            locks=tuple(
                Lock(
                    one.stack,
                    one.lock.holder if one.lock.pid else "an engine that was killed",
                    one.alive,
                    one.age,
                )
                for one in locks
            ),
            pending=tuple((name, len(state.pending)) for name, state in there.items() if state.pending),
            torn=tuple(str(file) for state in there.values() for file in state.torn),
            accounts=tuple(
                (name, found) for name, state in there.items() for found in sorted(_accounts(state))
            ),
            encrypted=any((state.deployment or {}).get("secrets_providers") for state in there.values()),
        )

    def passphrase(self, facts: Facts) -> Passphrase:
        own = self.settings.data_dir / "passphrase"
        file = self.settings.passphrase_file or own
        needed = facts[STATES].encrypted
        if not file.exists():
            gone = needed or self.settings.passphrase_file is not None
            return Passphrase(
                str(file), None, "it is not there, and the state was encrypted with it" if gone else ""
            )
        try:
            text = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            return Passphrase(str(file), None, f"it cannot be read: {error}")
        if not text:
            return Passphrase(str(file), None, "it is empty")
        return Passphrase(str(file), self._opens(facts[SPEC], text) if needed else None)

    def holder(self, facts: Facts) -> Holder:
        holder = environment_holder(self.settings, facts[SPEC].project, self.name)
        return Holder(str(holder) if holder is not None else "")

    def local_life(self, facts: Facts) -> LocalLife:
        from cygni.local_cloud import process

        if not self.examined.is_local:
            raise NotKnown(f"{self.name} is on AWS")
        running = process.status(self.settings)
        life, holds = (
            (running.instance_id, sum(running.resources.values())) if running is not None else ("", 0)
        )
        spec = facts[SPEC]
        records, look = RecordStore(self._folder(spec)), self._look(spec)
        deployed = [part for part in Part if cloud_resources(look(self._stack(spec, part)))]
        return LocalLife(tuple(part.value for part in deployed if has_lost(records.read(part), life, holds)))

    def cloud(self, facts: Facts) -> Cloud:
        region, endpoint = facts[SPEC].region, ""
        if self.examined.is_local:
            from cygni.local_cloud import process

            endpoint = process.start(self.settings).endpoint
        clients = Clients(cloud_variables(self.name, endpoint, region), patient=False)
        return Cloud(clients, region, self.examined.is_local)

    def plan(self, facts: Facts) -> Planned:
        hindrance = self._hindrance(facts)
        if hindrance:
            raise NotKnown(f"nothing can be planned: {hindrance}")
        spec = facts[SPEC]
        with plans_folder(self._folder(spec)) as plans:
            here = environment(
                self.settings,
                engines.find(self.settings),
                spec.project,
                self.name,
                spec.region,
                plans=plans,
                deadline=PLAN_SECONDS,
            )
            return planned(
                plan_environment(
                    self.examined.runner, here, spec, _Silent(), domains=given_domains(os.environ)
                ).plan
            )

    def _hindrance(self, facts: Facts) -> str:
        """What another check tells of already, and no plan can be made with."""
        states = facts[STATES]
        if not facts[ENGINE].version:
            return "there is no engine"
        if states.torn or facts[PASSPHRASE].problem or facts[PASSPHRASE].fits is False:
            return "the engine cannot read the state"
        if states.locks:
            return "an engine holds a stack"
        if facts.has(LOCAL_LIFE) and facts[LOCAL_LIFE].lost:
            return "the local cloud has lost what is deployed"
        if facts.has(ACCOUNT) and any(found != facts[ACCOUNT] for _, found in states.accounts):
            return "what is deployed is in another account"
        return ""

    def _folder(self, spec: ProjectSpec) -> Path:
        return environment_folder(self.settings, spec.project, self.name)

    def _stack(self, spec: ProjectSpec, part: Part) -> str:
        return stack_name(spec.project, self.name, part)

    def _look(self, spec: ProjectSpec) -> Look:
        def engine() -> tuple[Engine, StackRunner]:
            return engines.find(self.settings), self.examined.runner

        return state_reader(self.settings, self.name, spec.region, engine)

    def _opens(self, spec: ProjectSpec, passphrase: str) -> bool | None:
        look = self._look(spec)
        salts = [salt for part in Part if (salt := salt_of(look(self._stack(spec, part))))]
        return opens(salts[0], passphrase) if salts else None


class _Silent:
    """Nobody follows the plan being made."""

    def stack(self, part: Part, doing: str) -> None:
        pass

    def event(self, part: Part, event: object) -> None:
        pass


def planned(plan: Plan) -> Planned:
    """What checks look at of a plan (pure)."""
    made = {step.urn for step in plan.steps if step.change in (Change.CREATE, Change.REPLACE)}
    removed = {step.type for step in plan.steps if step.change in (Change.DELETE, Change.REPLACE)}
    kept = {step.type for step in plan.steps if step.change is not Change.DELETE}
    after = tuple(resource for stack in plan.stacks for resource in stack.after)
    return Planned(
        resources=after,
        made=tuple(one for one in after if one.urn in made),
        kept=frozenset(token for token in kept if is_cloud(token)),
        removed=frozenset(token for token in removed if is_cloud(token)),
        changes=len(plan.steps),
    )


def _accounts(state: StackState) -> set[str]:
    """The accounts that what a state lists is in, as its ARNs say."""
    arns = [(one.get("outputs") or {}).get("arn") for one in cloud_resources(state)]
    return {arn.split(":")[4] for arn in arns if isinstance(arn, str) and arn.count(":") >= 5} - {"", "aws"}


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False
