"""What the machine does: each act sets what is wanted, and is asked for only where that is not so already (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from cygni.naming import Colour
from cygni.releases.observed import Place, Weights
from cygni.releases.seen import Seen, other
from cygni.releases.settings import Limits


@dataclass(frozen=True, slots=True)
class RunTasks:
    place: Place
    revision: str
    count: int


@dataclass(frozen=True, slots=True)
class SetLimits:
    place: Place
    limits: Limits


@dataclass(frozen=True, slots=True)
class SetWeights:
    service: str
    weights: Weights


@dataclass(frozen=True, slots=True)
class StartJob:
    job: str
    revision: str
    token: str


@dataclass(frozen=True, slots=True)
class StopJob:
    task: str


Act = RunTasks | SetLimits | SetWeights | StartJob | StopJob


def run(
    seen: Seen, place: Place, revision: str, count: int, *, or_more: bool = False
) -> tuple[RunTasks, ...]:
    """Lets the colour run `count` tasks of the revision, `or_more` if that many are desired already."""
    state = seen.colour(place)
    enough = state.desired >= count if or_more else state.desired == count
    return () if enough and state.revision == revision else (RunTasks(place, revision, count),)


def stop(seen: Seen, place: Place) -> tuple[Act, ...]:
    """Lets the colour run nothing, and autoscaling leave it so."""
    state = seen.colour(place)
    most = state.limits.most if state.limits is not None else 0
    return (*limit(seen, place, 0, most), *run(seen, place, state.revision, 0))


def limit(seen: Seen, place: Place, least: int, most: int) -> tuple[SetLimits, ...]:
    """Moves the limits of autoscaling; nothing where the colour is not autoscaled."""
    state, wanted = seen.colour(place), Limits(least, max(least, most))
    return () if state.limits is None or state.limits == wanted else (SetLimits(place, wanted),)


def share(seen: Seen, place: Place, weight: int) -> tuple[SetWeights, ...]:
    """Gives the colour `weight` percent of the requests and the other one the rest."""
    weights = weights_of(place.colour, weight)
    live = seen.services[place.service].weights or {}
    as_wanted = all(live.get(colour, 0) == part for colour, part in weights.items())
    return () if as_wanted else (SetWeights(place.service, weights),)


def weights_of(colour: Colour, weight: int) -> dict[Colour, int]:
    return {colour: weight, other(colour): 100 - weight}
