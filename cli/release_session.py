"""What every command on releases begins with: what is deployed, where it runs, and the records of its releases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cygni.errors import Cancelled, NotFound
from cygni.naming import Part
from cygni.settings import Settings
from cygni.spec import ProjectSpec

if TYPE_CHECKING:
    from rich.console import Console

    from cygni.releases.events import Sink
    from cygni.releases.operations import Releases, Waiting
    from cygni.releases.protocols import ReleaseStore, Target
    from cygni.releases.release import Deployment
    from cygni.releases.settings import ReleaseSettings
    from cygni.targets.fargate.running import Running
    from stacks.release_lease import ReleaseLeases
    from stacks.status import Deployed


@dataclass(frozen=True)
class ReleaseSession:
    """An environment whose services stack has `outputs`; `variables` are those of the AWS SDK."""

    spec: ProjectSpec
    settings: Settings
    outputs: Mapping[str, Any]
    variables: Mapping[str, str]
    patient: bool = True
    """Whether the cloud is asked again and again where it does not answer."""

    @property
    def running(self) -> Running:
        """What there is to move."""
        from cygni.targets.fargate.running import running_of

        return running_of(self.outputs)

    @property
    def folder(self) -> Path:
        """What this machine keeps of the environment."""
        from stacks.target import environment_folder

        return environment_folder(self.settings, self.spec.project, self.spec.environment)

    @property
    def store(self) -> ReleaseStore:
        """The records of its releases."""
        from stacks.release_store import release_store

        return release_store(self.settings, self.spec.project, self.spec.environment, self.variables)

    @property
    def leases(self) -> ReleaseLeases:
        """Who may release its services."""
        from stacks.release_store import release_leases

        return release_leases(self.settings, self.spec.project, self.spec.environment, self.variables)

    @property
    def target(self) -> Target:
        """Where its services run."""
        from stacks.releasing import target_for

        return target_for(self.spec.environment, self.variables, self.running, patient=self.patient)

    def releases(
        self, sink: Sink, *, follow: bool = False, rules: Mapping[str, ReleaseSettings] | None = None
    ) -> Releases:
        """What can be done; `sink` hears how it goes on, with `follow` also what new tasks write. `rules` stand for
        what the specification says of how services are released.

        Raises NotFound where no service keeps running.
        """
        from cygni.releases.author import author
        from cygni.releases.driver import World
        from cygni.releases.operations import Releases
        from cygni.spec.release_settings import release_settings
        from stacks.releasing import SystemClock

        spec = self.spec
        if not self.running.services:
            raise NotFound(
                f"no service of {spec.project} ({spec.environment}) keeps running",
                hint=f"Deploy one of kind web or worker with: cx deploy -e {spec.environment}",
            )
        world = World(
            target=self.target,
            store=self.store,
            clock=SystemClock(),
            sink=sink,
            follow=follow,
        )
        return Releases(world, self.leases, rules or release_settings(spec), author())

    def leave_cooling(self, app: Path) -> None:
        """Leaves a process behind that stops what is warm when it has been for long enough; `app` has cygni.yaml."""
        from cli.cooling import Warmth, leave_behind
        from cygni.background.record import RECORD_NAME
        from cygni.local_cloud.process import local_cloud_folder
        from stacks.target import LOCAL, target_of

        env = self.spec.environment
        local = target_of(env) == LOCAL
        cloud = local_cloud_folder(self.settings) / RECORD_NAME if local else None
        leave_behind(Warmth(self.folder, app.absolute(), env, cloud), self.store.live())


def waiting(people: Console, seconds: float) -> Waiting:
    """Waits so long for whoever holds the services, and tells people of it."""
    from cygni.releases.operations import Waiting

    return Waiting(
        seconds, lambda holder: people.print(f"waiting for {holder}", markup=False, soft_wrap=True)
    )


@contextmanager
def left_half_done(store: ReleaseStore, env: str) -> Iterator[None]:
    """A person who stops the block is told what becomes of the release under way. Raises Cancelled then."""
    try:
        yield
    except KeyboardInterrupt:
        unfinished = store.live().unfinished
        deployment = store.deployment(unfinished[-1]) if unfinished else None
        if deployment is None:
            raise
        raise Cancelled(
            f"interrupted: release {deployment.release} is half done, and nobody watches it any more",
            hint=f"Requests stay divided as they are: see cx status -e {env}. Go on with cx deploy -e {env}, or bring "
            f"back what ran before with: cx rollback -e {env}",
            details={"interrupted": True, "release": deployment.release, "deployment": deployment.number},
        ) from None


def release_session(app: Path | None, env: str) -> ReleaseSession:
    """Opens what is deployed, without the engine.

    Raises SpecError, NotFound, LocalCloudError, StateError.
    """
    from cli.session import deployed

    return session_of(deployed(app, env))


def session_of(found: Deployed, *, patient: bool = True) -> ReleaseSession:
    """Raises NotFound where its local cloud does not run; LocalCloudError."""
    from stacks.target import LOCAL, cloud_variables

    settings, spec = Settings.from_environment(), found.spec
    endpoint = _local_endpoint(settings) if found.target == LOCAL else ""
    variables = cloud_variables(spec.environment, endpoint, spec.region)
    return ReleaseSession(spec, settings, found.outputs.get(Part.SERVICES, {}), variables, patient)


def _local_endpoint(settings: Settings) -> str:
    from cygni.local_cloud import process

    running = process.status(settings)
    if running is None:
        raise NotFound(
            "the local cloud does not run, so nothing of this environment does",
            hint="Start it and make everything again with: cx deploy --refresh",
        )
    return running.endpoint


def carry_out(
    app: Path | None,
    env: str,
    operation: Callable[[Releases, Waiting], Deployment | None],
    *,
    doing: str,
    lock_wait: float,
    as_json: bool,
    nothing: str,
    goes_back: bool = False,
) -> None:
    """Does one operation on the releases of an environment, showing how it goes on, and tells how it ended: one JSON
    object, or a line, which is `nothing` where nothing had to be done. `lock_wait` is in seconds; with `goes_back` it
    is no failure that a release which was under way went back.

    Raises what `release_session` and the operation raise, and the error that its deployment ended with.
    """
    from cli.release_view import telling
    from cli.session import spec_file
    from cli.terminal import answer, console, for_people
    from cygni.releases.outcome import failure

    people = console()
    opened = release_session(app, env)
    with telling(people, opened.folder, f"cx {doing}") as sink:
        releases = opened.releases(sink)
        with left_half_done(opened.store, env):
            ended = operation(releases, waiting(people, lock_wait))
        opened.leave_cooling(spec_file(app))
        went_back = goes_back and ended is not None and _went_back(ended)
        if ended is not None and not went_back and (error := failure(ended, releases.world.target)):
            raise error
    if as_json:
        answer(deployment_document(ended))
    if not for_people(as_json=as_json):
        return
    if ended is not None and went_back:
        people.print(f"[green]Done:[/] release {ended.release} went back, and what ran before it runs.")
    elif ended is None:
        people.print(nothing)
    else:
        people.print(f"[green]Done:[/] release {ended.release} is live.")


def _went_back(deployment: Deployment) -> bool:
    """Whether it is one that went back as was asked for; not a way back that failed itself."""
    from cygni.releases.release import Cause, DeploymentState, Kind

    aborted = deployment.reason is not None and deployment.reason.cause is Cause.ABORTED
    return deployment.state is DeploymentState.ROLLED_BACK and (
        aborted or deployment.kind is not Kind.ROLLBACK
    )


def deployment_document(deployment: Deployment | None) -> dict[str, Any] | None:
    """A deployment as JSON values; None where nothing had to be done."""
    if deployment is None:
        return None
    return {
        "deployment": deployment.number,
        "release": deployment.release,
        "kind": deployment.kind.value,
        "state": deployment.state.value,
        "services": list(deployment.services),
        "started_at": deployment.started_at.isoformat(timespec="seconds"),
        "ended_at": deployment.ended_at.isoformat(timespec="seconds") if deployment.ended_at else None,
        "author": deployment.author,
        "reason": deployment.reason.text if deployment.reason else None,
    }
