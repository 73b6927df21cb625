"""From files that have changed to a release of them: the quick way where code alone is new, else all of a deploy."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cygni.errors import Cancelled, CygniError, LocalCloudEmpty, UsageError
from cygni.settings import Settings
from stacks.watched import Watched

if TYPE_CHECKING:
    from rich.console import Console

    from cygni.releases.settings import ReleaseSettings
    from cygni.spec import ProjectSpec

    Rules = Mapping[str, ReleaseSettings]

ENVIRONMENT: Final = "local"
_LOCK_SECONDS: Final = 600.0


@dataclass(frozen=True)
class Deployed:
    """What runs: the specification with its tags, the outputs of the services stack, the variables of the AWS SDK; and
    which local cloud that is in."""

    spec: ProjectSpec
    outputs: Mapping[str, Any]
    variables: Mapping[str, str]
    cloud: str

    @property
    def is_there(self) -> bool:
        """Whether the local cloud is still the same; one that was ended or emptied has nothing of it."""
        from cygni.local_cloud import process

        running = process.status()
        return running is not None and running.instance_id == self.cloud


class Cycle:
    """One project in its local environment. An error is shown and mended by the next change; Ctrl-C alone ends it."""

    def __init__(self, people: Console, file: Path, allowed: Collection[str], *, debug: bool) -> None:
        self._people = people
        self._file = file
        self._allowed = allowed
        self._debug = debug
        self._deployed: Deployed | None = None
        self._seen: Deployed | None = None
        self._attempted = 0.0
        self.watched = Watched(file, None)

    def logged(self) -> tuple[Mapping[str, str], Mapping[str, str]] | None:
        """The log group of each service and job, and the variables of the AWS SDK; None before there are any."""
        from cli.logs import group_of

        if self._seen is None:
            return None
        spec = self._seen.spec
        return {name: group_of(spec, name) for name in spec.services}, self._seen.variables

    def deploy(self) -> None:
        """The first deploy, whatever comes of it."""
        self._guarded(self._deploy)
        self._tell_where()

    def look(self, changed: Sequence[Path]) -> None:
        """Release what is new since what runs. `changed` are the files of which somebody says so."""
        if not changed and self._seen is None and _modified(self._file) <= self._attempted:
            return  # the same that was refused
        saved = max((_modified(path) for path in changed), default=time.time())
        self._guarded(lambda: self._update(saved, by_somebody=bool(changed)))

    def farewell(self) -> str:
        """What is said in the end."""
        from cygni.local_cloud import process

        if process.status() is None:
            return "\nNo longer watching. The local cloud does not run."
        return (
            "\nNo longer watching. What runs goes on: `cx destroy` removes it, `cx local down` ends the local cloud "
            "and loses all that is in it."
        )

    def _guarded(self, work: Callable[[], None]) -> None:
        """Does the work; an error is shown and ends nothing. Raises KeyboardInterrupt."""
        from cli.invocation import show_error

        try:
            work()
        except CygniError as error:
            if isinstance(error, Cancelled):
                raise KeyboardInterrupt from None
            if self._debug:
                traceback.print_exc()
            show_error(error, as_json=False)
            self._people.print("waiting for a change", style="dim")

    def _update(self, saved: float, *, by_somebody: bool) -> None:
        from cli.session import load_project
        from stacks.builds import with_tags
        from stacks.quick_release import changed_images

        spec = load_project(self._file, ENVIRONMENT)
        self.watched = Watched(self._file, spec)
        spec = with_tags(spec, self._file.parent)
        deployed = self._deployed if self._deployed is not None and self._deployed.is_there else None
        changed = changed_images(deployed.spec, spec) if deployed is not None else None
        if deployed is None and not by_somebody and self._seen is not None and self._seen.spec == spec:
            return  # the same that failed
        if deployed is None or changed is None or any(spec.services[name].kind == "cron" for name in changed):
            self._deploy()
        elif changed:
            self._release(deployed, spec, changed, saved)
        elif by_somebody:
            self._people.print("nothing to release", style="dim")

    def _deploy(self) -> None:
        """All of a deploy: plan, stacks, release."""
        self._deployed, self._attempted = None, time.time()
        try:
            self._apply(refresh=False)
        except LocalCloudEmpty:  # it was ended since; nobody can lose anything by this
            self._apply(refresh=True)

    def _apply(self, *, refresh: bool) -> None:
        from cli.carry_out import deploy_spec, report
        from cli.cost_limits import CostOptions
        from cli.images import LocalImages
        from cli.session import session
        from cygni.naming import Part

        if not Settings.from_environment().releases:
            raise UsageError("cx dev releases what changes, and CYGNI_RELEASES is off", hint="Unset it.")
        with session(self._file, ENVIRONMENT, lock_wait=_LOCK_SECONDS, doing="cx dev") as opened:
            self.watched = Watched(self._file, opened.spec)
            spec = opened.tagged_spec
            variables = opened.environment.engine.environment
            self._seen = Deployed(spec, {}, variables, opened.environment.cloud)
            planned, applied, held = deploy_spec(
                self._people,
                opened,
                spec,
                yes=True,
                as_json=False,
                costs=CostOptions(),
                allowed=self._allowed,
                refresh=refresh,
                images=LocalImages(spec, opened.folder),
            )
        outputs = applied.outputs.get(Part.SERVICES, {})
        self._seen = self._deployed = replace(self._seen, outputs=outputs)
        report(self._people, planned, applied, held, as_json=False, as_it_should_be="as the project says")

    def _release(self, deployed: Deployed, spec: ProjectSpec, changed: frozenset[str], saved: float) -> None:
        """New images alone, without the engine."""
        from cli.images import LocalImages
        from cygni.spec.release_settings import release_settings
        from cygni.targets.fargate.clients import Clients
        from stacks.lock import environment_lock
        from stacks.quick_release import hasty, with_dependents, with_revisions

        settings = Settings.from_environment()
        self._seen = replace(deployed, spec=spec)
        rules = release_settings(spec)
        names = with_dependents(changed, rules)
        with environment_lock(settings, spec.project, ENVIRONMENT, wait=_LOCK_SECONDS, doing="cx dev"):
            LocalImages(spec, self._file.parent).make()
            outputs = with_revisions(deployed.outputs, spec, names, Clients(deployed.variables))
            self._make_live(spec, outputs, deployed.variables, hasty(rules, changed))
        self._deployed = replace(deployed, spec=spec, outputs=outputs)
        told = ", ".join(sorted(changed))
        self._people.print(f"[green]{told}:[/] live {time.time() - saved:.1f} s after the save")

    def _make_live(
        self, spec: ProjectSpec, outputs: Mapping[str, Any], variables: Mapping[str, str], rules: Rules
    ) -> None:
        from cli.release_session import ReleaseSession
        from cli.release_view import release_view
        from cygni.releases.author import author
        from cygni.releases.outcome import failure
        from stacks.releasing import SystemClock, release_of

        session = ReleaseSession(spec, Settings.from_environment(), outputs, variables)
        release = release_of(spec, outputs, author=author(), estimate=None, now=SystemClock().now())
        with release_view(self._people) as sink:
            releases = session.releases(sink, rules=rules)
            ended = releases.deploy(release)
        if ended is not None and (error := failure(ended, releases.world.target)):
            raise error

    def _tell_where(self) -> None:
        from cli.outputs_view import show_urls

        if self._deployed is not None:
            show_urls(self._people, self._deployed.outputs.get("urls") or {})
        self._people.print(f"Watching {self._file.parent}. Ctrl-C ends it.", markup=False, soft_wrap=True)


def _modified(path: Path) -> float:
    """When the file was saved (seconds since the epoch); now, where it is gone."""
    try:
        return min(path.stat().st_mtime, time.time())
    except OSError:
        return time.time()
