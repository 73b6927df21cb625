"""Where what runs is not what the last deploy asked for (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cygni.releases.observed import ServiceState
from cygni.releases.plan import active_colour
from cygni.releases.release import Live
from cygni.targets.fargate.running import Running


def departures(running: Running, seen: Mapping[str, ServiceState], live: Live) -> tuple[str, ...]:
    """A sentence for each service whose size and cost, which come from the stacks, are not those of what runs: after a
    release that went back, and where somebody has scaled it. None while a release is under way."""
    return () if live.unfinished else tuple(_departures(running, seen, live))


def _departures(running: Running, seen: Mapping[str, ServiceState], live: Live) -> Iterator[str]:
    for name, state in sorted(seen.items()):
        asked, runs = running.services[name], state.colours[active_colour(name, live, state)]
        if runs.desired and runs.revision != asked.task_definition:
            yield (
                f"{name} runs another version than the last deploy made, as after one that went back: its CPU, memory "
                "and cost are told of that deploy"
            )
        if asked.most is None and runs.desired != asked.count:
            yield f"{name} is scaled to {runs.desired}, and its cost is told of {asked.count}, as cygni.yaml had it"
