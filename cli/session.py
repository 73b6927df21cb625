"""What every command on an environment begins with: the specification, the engine, the environment, its lock."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cygni.errors import NotFound
from cygni.settings import Settings
from cygni.spec import ProjectSpec, check_environment, find_spec
from cygni.spec.layers import Layers
from cygni.spec.loader import load_layers
from stacks.operations import StackRunner
from stacks.status import Deployed
from stacks.target import Environment

if TYPE_CHECKING:
    from cygni.pricing.usage import UsageSource
    from cygni.releases.protocols import ReleaseStore
    from cygni.releases.release import Live
    from stacks.engine_places import Engine
    from stacks.given_domains import GivenDomain
    from stacks.kept_secrets import GivenSecret
    from stacks.state_reader import Look


@dataclass(frozen=True)
class Session:
    spec: ProjectSpec
    environment: Environment
    runner: StackRunner
    file: Path
    """The project's cygni.yaml."""
    lock_wait: float = 0.0
    """Seconds that are waited for others, who deploy or release."""

    @property
    def folder(self) -> Path:
        return self.file.parent

    @property
    def tagged_spec(self) -> ProjectSpec:
        """The specification with the tags of images that are made from folders. Raises UsageError."""
        from stacks.builds import with_tags

        return with_tags(self.spec, self.folder)

    @property
    def releases(self) -> ReleaseStore | None:
        """The records of the environment's releases; None where releases are switched off."""
        settings = Settings.from_environment()
        if not settings.releases:
            return None
        from stacks.release_store import release_store

        environment = self.environment
        return release_store(settings, environment.project, environment.name, environment.engine.environment)

    @property
    def live(self) -> Live | None:
        """What runs of the environment; None where releases are switched off. Raises StateError."""
        store = self.releases
        return store.live() if store is not None else None

    def changed_secrets(self, live: Live | None) -> Mapping[str, tuple[str, ...]]:
        """By service the variables whose secrets are others than when its tasks, which are `live`, were released.
        Raises StateError, Unreachable."""
        store = self.releases
        if store is None or live is None:
            return {}
        from cygni.targets.fargate.clients import Clients
        from stacks.kept_secrets import coming_versions
        from stacks.secret_changes import secret_changes

        coming = coming_versions(self.spec, self.given)
        return secret_changes(store, live, Clients(self.environment.engine.environment), coming)

    @property
    def given(self) -> Mapping[str, GivenSecret]:
        """The secrets that a worker gives this deploy. Raises StateError."""
        from stacks.kept_secrets import given_secrets

        return given_secrets(os.environ)

    @property
    def domains(self) -> tuple[GivenDomain, ...]:
        """Those that a worker gives this deploy. Raises StateError."""
        from stacks.given_domains import given_domains

        return given_domains(os.environ)

    @property
    def usage(self) -> UsageSource:
        """What the specification, and the usage file beside it, assume of use. Raises SpecError."""
        from cygni.spec.usage_file import project_usage

        return project_usage(self.spec, self.folder)


@contextmanager
def session(
    app: Path | None, env: str, *, lock_wait: float | None = None, doing: str = "", timeout: float = 3600.0
) -> Iterator[Session]:
    """Opens an environment, holding its lock while the block runs if `lock_wait` (seconds) is given.
    `timeout` is for one operation of the engine, in seconds.

    Raises SpecError, NotFound, EngineMissing, LocalCloudError, LockHeld.
    """
    spec = load_project(app, env)
    from stacks import child_process

    child_process.warm_up()
    from stacks.fenced_runs import note_run
    from stacks.lock import environment_lock
    from stacks.plan_files import plans_folder
    from stacks.target import environment, environment_folder

    settings = Settings.from_environment()
    engine, runner = engine_and_runner(settings)
    with ExitStack() as held:
        if lock_wait is not None:
            held.enter_context(
                environment_lock(
                    settings, spec.project, env, wait=lock_wait, doing=doing, on_wait=_tell_of_waiting
                )
            )
        plans = held.enter_context(plans_folder(environment_folder(settings, spec.project, env)))
        opened = environment(settings, engine, spec.project, env, spec.region, plans=plans, deadline=timeout)
        note_run(opened)
        yield Session(spec, opened, runner, spec_file(app), lock_wait or 0.0)


def _tell_of_waiting(holder: str) -> None:
    from cli.terminal import console

    console().print(f"waiting for {holder}", markup=False, soft_wrap=True)


def runner() -> StackRunner:
    """What runs the engine."""
    from stacks.careful_runner import CarefulRunner
    from stacks.engine_runner import EngineRunner

    return CarefulRunner(EngineRunner())


def load_project(app: Path | None, env: str) -> ProjectSpec:
    """The specification for an environment; a name that none can have is told before that there is no project."""
    return project_layers(app, env).spec


def project_layers(app: Path | None, env: str) -> Layers:
    """As `load_project`, with where each value comes from."""
    try:
        file = spec_file(app)
    except NotFound:
        check_environment(env)
        raise
    return load_layers(file, env)


def spec_file(app: Path | None) -> Path:
    """The cygni.yaml of the project at `app`, or of the one in the working folder. Raises NotFound."""
    if app is not None and app.is_file():
        return app
    return find_spec(app if app is not None else _working_folder())


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        name = os.environ.get("PWD", "")
        raise NotFound(
            f"the working folder does not exist any more{f': {name}' if name else ''}",
            hint="Go to a folder that exists, or name the project's with --app.",
        ) from None


def deployed(app: Path | None, env: str) -> Deployed:
    """What the engine's state says is deployed of the project, without a cloud; the engine is needed only where the
    state is in Pulumi Cloud.

    Raises SpecError, NotFound (also when nothing is deployed; whoever reads that elsewhere cannot choose where the
    state is).
    """
    from cli.event_file import is_told_elsewhere
    from stacks.status import deployed_environment

    spec = load_project(app, env)
    settings = Settings.from_environment()
    look = state_look(settings, spec)
    try:
        return deployed_environment(settings, spec, look, spec_file(app).parent)
    except NotFound:
        if not is_told_elsewhere():
            raise
        raise NotFound(
            f"nothing of {spec.project} is deployed to {env}", hint=f"Deploy it with: cx deploy -e {env}"
        ) from None


def state_look(settings: Settings, spec: ProjectSpec) -> Look:
    """How to look at the state of the stacks of an environment."""
    from stacks.state_reader import state_reader

    return state_reader(settings, spec.environment, spec.region, lambda: engine_and_runner(settings))


def engine_and_runner(settings: Settings) -> tuple[Engine, StackRunner]:
    """The engine, got if it has to be, and what runs it. Raises EngineMissing."""
    from cli.engine import shown_progress
    from stacks.engine import find

    with shown_progress() as progress:
        return find(settings, progress), runner()
