"""The least time a deployment takes, before it is begun (pure).

What no speed can save: a task is placed and its image pulled, the load balancer asks it whether it is well, canaries
and gates watch for as long as they are told to, and what is replaced finishes its requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cygni.releases.release import Deployment, Move, Track
from cygni.releases.settings import ReleaseSettings
from cygni.releases.steps import Bake, Clear, Roll, Start, Step, StopOld


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a target is at best: `startup` is what placing a task and pulling its image take, in seconds;
    `asks_at_once` says that the load balancer asks a new target at once, and not within its interval."""

    startup: float = 0.0
    asks_at_once: bool = False


def floor(deployment: Deployment, pace: Pace) -> float:
    """Seconds. Jobs count as one start each."""
    waves: dict[int, float] = {}
    for track in deployment.tracks:
        waves[track.wave] = max(waves.get(track.wave, 0.0), _of_track(track, pace))
    return pace.startup * len(deployment.jobs) + sum(waves.values())


def _of_track(track: Track, pace: Pace) -> float:
    return sum(_of_step(step, track.moves, pace) for step in track.steps)


def _of_step(step: Step, moves: Sequence[Move], pace: Pace) -> float:
    all_settings = [move.settings for move in moves]
    match step:
        case Start():
            return pace.startup + _until_healthy(all_settings, pace)
        case Roll():
            drained = max(
                one.timing.deregistration_delay if one.takes_traffic else 0.0 for one in all_settings
            )
            return pace.startup + _until_healthy(all_settings, pace) + drained
        case Bake(seconds=seconds):
            return seconds
        case Clear() | StopOld():
            return max(one.timing.deregistration_delay if one.takes_traffic else 0.0 for one in all_settings)
    return 0.0


def _until_healthy(all_settings: Sequence[ReleaseSettings], pace: Pace) -> float:
    """The load balancer asks a new target once in an interval; the first good answer makes it healthy (Elastic Load
    Balancing, "Health checks for Application Load Balancer target groups")."""
    if pace.asks_at_once:
        return 0.0
    return max(one.timing.interval if one.takes_traffic and one.count else 0.0 for one in all_settings)
