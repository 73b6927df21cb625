"""From a strategy to the steps it takes, and from dependencies to their order (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cygni.releases.release import Kind, Move
from cygni.releases.settings import ReleaseSettings, Strategy
from cygni.releases.steps import (
    Approve,
    Bake,
    Clear,
    Roll,
    Shift,
    Start,
    Step,
    StopOld,
    Try,
    Unpin,
)


def steps_of(kind: Kind, moves: Sequence[Move], *, warm: bool = False) -> tuple[Step, ...]:
    """The steps of services that switch together and share a strategy.

    `warm` says that the new colours run already and are healthy, which a rollback makes use of. What a rollback brings
    back has been judged before, and is not again; one that goes to a release that never was live is none in this sense,
    and comes here as a deploy.
    """
    if all(move.old is None for move in moves):
        return _first(moves)
    if _in_place(moves):
        return _rolled(kind, moves)
    if kind is Kind.ROLLBACK:
        return _back_to(moves, warm=warm)
    steps: list[Step] = [Clear()] if kind is Kind.RESTART or any(map(_is_renewed, moves)) else []
    if moves[0].settings.strategy is Strategy.RECREATE:
        steps += [StopOld(), Start(), *_tried(moves), *_all_traffic(moves), _bake(moves)]
    else:
        steps += [Start(), *_tried(moves), *_approved(kind, moves)]
        steps += [*_canary(moves), *_all_traffic(moves), _bake(moves), *_old_stopped(moves)]
    return (*steps, *_unpinned(moves))


def _first(moves: Sequence[Move]) -> tuple[Step, ...]:
    """Nothing ran before: there is nothing to compare with and nothing to go back to, but what has no health check
    must show for a while that it stays."""
    watched = () if all(move.settings.takes_traffic for move in moves) else (_bake(moves),)
    return (Start(), *_tried(moves), *_all_traffic(moves), *watched, *_unpinned(moves))


def _rolled(kind: Kind, moves: Sequence[Move]) -> tuple[Step, ...]:
    judged = kind in (Kind.DEPLOY, Kind.RESTART) and any(
        move.new.revision != _revision(move) for move in moves
    )
    return (Roll(), *((_bake(moves),) if judged else ()))


def _is_renewed(move: Move) -> bool:
    """Whether it is to get other tasks of the revision that runs. Those that the new colour may have kept warm are old:
    they have the secrets of then."""
    return move.new_colour is not move.old_colour and move.new.revision == _revision(move)


def _revision(move: Move) -> str:
    return move.old.revision if move.old is not None else ""


def _back_to(moves: Sequence[Move], *, warm: bool) -> tuple[Step, ...]:
    if moves[0].settings.strategy is Strategy.RECREATE:
        return (StopOld(), Start(), *_all_traffic(moves), *_unpinned(moves))
    started = () if warm else (Start(),)
    return (*started, *_all_traffic(moves), *_old_stopped(moves), *_unpinned(moves))


def _in_place(moves: Sequence[Move]) -> bool:
    return all(move.new_colour is move.old_colour for move in moves)


def _tried(moves: Sequence[Move]) -> tuple[Step, ...]:
    return (Try(),) if any(move.settings.gates.http or move.settings.gates.smoke for move in moves) else ()


def _approved(kind: Kind, moves: Sequence[Move]) -> tuple[Step, ...]:
    return (Approve(),) if kind is Kind.DEPLOY and any(move.settings.approve for move in moves) else ()


def _canary(moves: Sequence[Move]) -> tuple[Step, ...]:
    if moves[0].settings.strategy is not Strategy.CANARY:
        return ()
    return tuple(step for one in moves[0].settings.canary for step in (Shift(one.weight), Bake(one.pause)))


def _all_traffic(moves: Sequence[Move]) -> tuple[Step, ...]:
    return (Shift(100),) if any(move.settings.takes_traffic for move in moves) else ()


def _bake(moves: Sequence[Move]) -> Step:
    return Bake(max(move.settings.bake for move in moves))


def _old_stopped(moves: Sequence[Move]) -> tuple[Step, ...]:
    """Nothing keeps two versions of a worker apart: the old one goes as soon as the new one has proved itself."""
    return () if all(move.settings.takes_traffic for move in moves) else (StopOld(),)


def _unpinned(moves: Sequence[Move]) -> tuple[Step, ...]:
    return (Unpin(),) if any(move.settings.limits is not None for move in moves) else ()


def track_name(service: str, settings: ReleaseSettings) -> str:
    """The track a service is in: its group's, or its own."""
    return settings.group or service


def waves(settings: Mapping[str, ReleaseSettings]) -> dict[str, int]:
    """The wave of each track: one more than the highest of those it depends on. Dependencies on what is no service
    here count for nothing.

    Raises ValueError for tracks that depend on each other in a circle, naming them.
    """
    needed: dict[str, set[str]] = {}
    for name, one in settings.items():
        own = track_name(name, one)
        tracks = (track_name(other, settings[other]) for other in one.depends_on if other in settings)
        needed.setdefault(own, set()).update(track for track in tracks if track != own)
    found: dict[str, int] = {}
    while len(found) < len(needed):
        ready = [track for track in needed if track not in found and needed[track] <= found.keys()]
        if not ready:
            raise ValueError(", ".join(_circle(needed, found)))
        found |= {track: 1 + max((found[other] for other in needed[track]), default=-1) for track in ready}
    return found


def _circle(needed: Mapping[str, Iterable[str]], found: Mapping[str, int]) -> list[str]:
    """The tracks of one circle, in order."""
    path = [min(track for track in needed if track not in found)]
    while path[-1] not in path[:-1]:
        path.append(min(other for other in needed[path[-1]] if other not in found))
    return path[path.index(path[-1]) : -1]
