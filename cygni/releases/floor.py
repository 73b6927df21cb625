"""The least time a deployment takes, before it is begun (pure).

What no speed can save: a task is placed and its image pulled, the load balancer asks it whether it is well, canaries
and gates watch for as long as they are told to, and what is replaced finishes its requests.
"""

from __future__ import annotations

from collections.abc import Sequence

from cygni.releases.release import Deployment, Move, Track
from cygni.releases.settings import ReleaseSettings
from cygni.releases.steps import Bake, Clear, Roll, Start, Step, StopOld


def floor(deployment: Deployment, startup: float) -> float:
    """Seconds. `startup` is that of the target; jobs count as one start
    each."""
    waves: dict[int, float] = {}
    for track in deployment.tracks:
        waves[track.wave] = max(waves.get(track.wave, 0.0), _of_track(track, startup))
    return startup * len(deployment.jobs) + sum(waves.values())


def _of_track(track: Track, startup: float) -> float:
    return sum(_of_step(step, track.moves, startup) for step in track.steps)


def _of_step(step: Step, moves: Sequence[Move], startup: float) -> float:
    all_settings = [move.settings for move in moves]
    match step:
        case Start():
            return startup + max(map(_until_healthy, all_settings))
        case Roll():
            drained = max(
                one.timing.deregistration_delay if one.takes_traffic else 0.0 for one in all_settings
            )
            return startup + max(map(_until_healthy, all_settings)) + drained
        case Bake(seconds=seconds):
            return seconds
        case Clear() | StopOld():
            return max(one.timing.deregistration_delay if one.takes_traffic else 0.0 for one in all_settings)
    return 0.0


def _until_healthy(settings: ReleaseSettings) -> float:
    """The load balancer asks a new target once in an interval; the first good answer makes it healthy (Elastic Load
    Balancing, "Health checks for Application Load Balancer target groups")."""
    return settings.timing.interval if settings.takes_traffic and settings.count else 0.0
