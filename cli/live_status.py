"""What `cx status` asks the cloud and the records of releases, and what it says where they do not answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cygni.errors import CygniError, NotFound

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from cli.release_session import ReleaseSession
    from cygni.releases.status import ColourStatus, DeploymentStatus, ReleaseStatus, RunningStatus
    from stacks.status import Deployed, ServiceStatus


@dataclass(frozen=True)
class LiveStatus:
    """`problems` says what is not known or not as it seems, `cooled` of which services old tasks were stopped just now,
    and `attachable` that what is under way can be watched on this machine. Without `releases` they are switched off, or
    their records are out of reach."""

    releases: ReleaseStatus | None = None
    asked: bool = False
    problems: tuple[str, ...] = ()
    cooled: tuple[str, ...] = ()
    attachable: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON values; `asked` is whether the cloud has answered."""
        releases = self.releases.to_dict() if self.releases is not None else None
        return {"asked": self.asked, "releases": releases}


def live_status(found: Deployed) -> LiveStatus:
    """Looks at what runs, and stops what has been warm for long enough. Whatever does not answer is a problem that is
    told, never an error: what the state says is known all the same."""
    from cli.event_file import folders, lives
    from cli.release_session import session_of
    from cygni.settings import Settings

    if not Settings.from_environment().releases:
        return LiveStatus()
    told: list[str] = []
    opened = _tried(lambda: session_of(found, patient=False), told)
    if opened is None:
        return LiveStatus(problems=tuple(told))
    cooled = _tried(lambda: _cooled(opened), told) or ()
    seen = (
        None if told else _tried(lambda: opened.target.workload.look(sorted(opened.running.services)), told)
    )
    recorded = _tried(lambda: _recorded(opened, seen or {}), told)
    releases, departed = recorded or (None, ())
    told += departed
    attachable = any(lives(folder) for folder in folders(opened.folder)[:1])
    return LiveStatus(releases, seen is not None, tuple(told), cooled, attachable)


Answer = TypeVar("Answer")


def _tried(ask: Callable[[], Answer], told: list[str]) -> Answer | None:
    try:
        return ask()
    except CygniError as error:
        told.append(f"what runs is not known: {error.message}")
        return None


def _cooled(opened: ReleaseSession) -> tuple[str, ...]:
    try:
        return opened.releases(lambda event: None).cool()
    except NotFound:  # no service keeps running
        return ()


def _recorded(opened: ReleaseSession, seen: Any) -> tuple[ReleaseStatus, tuple[str, ...]]:
    """What the records say, and where what runs is not what was asked for."""
    from cygni.releases.status import release_status
    from cygni.targets.fargate.departures import departures

    store = opened.store
    live = store.live()
    release = store.release(live.history[0]) if live.history else None
    unfinished = tuple(one for number in live.unfinished if (one := store.deployment(number)) is not None)
    holders = opened.leases.holders() if unfinished else {}
    status = release_status(live, release, seen, unfinished, holders)
    return status, departures(opened.running, seen, live)


def show_live(people: Console, found: LiveStatus, declared: tuple[ServiceStatus, ...]) -> None:
    """What runs, and what is under way; `declared` are the services of the state, for their sizes."""
    if found.cooled:
        people.print(f"Stopped the old tasks of {', '.join(found.cooled)}: their warm time is over.")
    releases = found.releases
    if releases is None:
        return
    if releases.services:
        people.print(
            _table(releases.services, {one.name: f"{one.cpu} / {one.memory} MiB" for one in declared})
        )
    if releases.release:
        when = f", made {releases.created_at} by {releases.author}" if releases.created_at else ""
        people.print(f"Release {releases.release} is live{when}.", markup=False)
    for one in releases.under_way:
        for line in under_way_lines(one):
            people.print(line, markup=False, soft_wrap=True)
    if releases.under_way and found.attachable:
        people.print("  watch it with: cx attach")


def _table(services: tuple[RunningStatus, ...], sizes: dict[str, str]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("Service", "Colour", "Release", "Requests", "Running", "Healthy", "CPU / memory", ""):
        table.add_column(column, no_wrap=True)
    for service in services:
        for one in service.colours:
            note = "" if one.active else _note(one, service.warm_until)
            if one.active or one.desired or one.running or one.weight:
                table.add_row(service.service, *_cells(one), sizes.get(service.service, "?"), note)
    return table


def _note(one: ColourStatus, warm_until: str | None) -> str:
    if warm_until is None or not one.desired:
        return ""
    return f"warm until {warm_until[:16].replace('T', ' ')} UTC"


def _cells(one: ColourStatus) -> tuple[str, ...]:
    others = [f"{one.pending} starting" if one.pending else "", f"{one.outdated} old" if one.outdated else ""]
    more = ", ".join(filter(None, others))
    return (
        one.colour,
        str(one.release or "?"),
        f"{one.weight} %" if one.weight is not None else "none",
        f"{one.running}/{one.desired}{f' ({more})' if more else ''}",
        str(one.healthy),
    )


def under_way_lines(one: DeploymentStatus) -> tuple[str, ...]:
    """A deployment under way in words: what it is, who carries it out, and where each track is."""
    state = "paused" if one.paused else one.state.replace("_", " ")
    who = (
        f"by {one.holder}"
        if one.holder
        else "by nobody any more: cx deploy or cx rollback brings it to an end"
    )
    job = (f"  job {one.job} runs",) if one.job else ()
    tracks = (
        f"  {track.track}: {track.state}"
        + (f", {track.label}" if track.label else "")
        + (f" (step {track.step} of {track.steps}, since {track.since})" if track.since else "")
        for track in one.tracks
    )
    return (f"Under way: {one.kind} of release {one.release}, {state}, {who}", *job, *tracks)
