"""One look at a service on its way back to what ran before: what there is to do, and whether it is back (pure).

Traffic comes first, and goes only where somebody answers; the new tasks stop when it has left them.
"""

from __future__ import annotations

from cygni.releases import acts
from cygni.releases.acts import Act
from cygni.releases.forward import Outcome, alive, ready
from cygni.releases.observed import ColourState, Place
from cygni.releases.release import Move, Standing
from cygni.releases.seen import Seen
from cygni.releases.settings import Strategy


def look_back(move: Move, seen: Seen, *, settled: bool = True) -> Outcome:
    """What bringing the service back needs now. Until it is `settled`, some requests may still go to the new tasks."""
    if move.old is None or move.old_place is None:
        return _never_was(move, seen)
    if move.old_place == move.new_place:
        return _roll_back(move, seen, move.old, move.old_place)
    if move.settings.strategy is Strategy.RECREATE and _runs(seen.colour(move.new_place)):
        return Outcome(acts=acts.stop(seen, move.new_place), waited="the new tasks stop")
    if not move.settings.takes_traffic:
        return _without_traffic(move, seen, move.old, move.old_place)
    return _with_traffic(move, seen, move.old, move.old_place, settled=settled)


def _runs(state: ColourState) -> bool:
    return bool(state.desired or state.running or state.outdated)


def _never_was(move: Move, seen: Seen) -> Outcome:
    needed = acts.stop(seen, move.new_place)
    return Outcome(acts=needed, done=not needed)


def _roll_back(move: Move, seen: Seen, old: Standing, place: Place) -> Outcome:
    scaled = move.settings.limits is not None
    needed = acts.run(seen, place, old.revision, old.count, or_more=scaled)
    if needed or not ready(seen.colour(place), old.revision, old.count):
        return Outcome(acts=needed, waited=_waited(move, place))
    return Outcome(done=True)


def _waited(move: Move, place: Place) -> str:
    return f"{move.service} ({place.colour}) comes back"


def _restored(move: Move, seen: Seen, old: Standing, place: Place) -> tuple[Act, ...]:
    """The old colour runs what it ran; with autoscaling, not less than it had."""
    limits = move.settings.limits
    pinned = acts.limit(seen, place, max(limits.least, old.count), limits.most) if limits is not None else ()
    return (*acts.run(seen, place, old.revision, old.count, or_more=True), *pinned)


def _stopped(move: Move, seen: Seen, place: Place) -> tuple[Act, ...]:
    limits = move.settings.limits
    freed = acts.limit(seen, place, limits.least, limits.most) if limits is not None else ()
    return (*freed, *acts.stop(seen, move.new_place))


def _without_traffic(move: Move, seen: Seen, old: Standing, place: Place) -> Outcome:
    needed = _restored(move, seen, old, place)
    if needed or not ready(seen.colour(place), old.revision, old.count):
        return Outcome(acts=needed, waited=_waited(move, place))
    stopping = _stopped(move, seen, place)
    return Outcome(acts=stopping, done=not stopping)


def _with_traffic(move: Move, seen: Seen, old: Standing, place: Place, *, settled: bool) -> Outcome:
    state = seen.colour(place)
    if not _can_serve(move, seen, old, place):
        # Until it can, whoever answers gets the requests.
        kept: tuple[Act, ...] = ()
        if not alive(state) and alive(seen.colour(move.new_place)):
            kept = acts.share(seen, move.new_place, 100)
        return Outcome(acts=(*kept, *_restored(move, seen, old, place)), waited=_waited(move, place))
    moved = acts.share(seen, place, 100)
    if moved:
        return Outcome(acts=moved, waited=f"requests go back to {move.service} ({place.colour})")
    whole = _whole(move, seen, old, place)
    if not settled:
        return Outcome(acts=whole, waited=f"the last requests leave {move.service} ({move.new_colour})")
    needed = (*whole, *_stopped(move, seen, place))
    return Outcome(acts=needed, done=not needed)


def _whole(move: Move, seen: Seen, old: Standing, place: Place) -> tuple[Act, ...]:
    """What it still lacks of its tasks, if somebody took some of them."""
    return acts.run(seen, place, old.revision, old.count, or_more=True)


def _can_serve(move: Move, seen: Seen, old: Standing, place: Place) -> bool:
    """Whether the old colour can take all requests: it has most of them already, or half of its tasks answer, or it
    is the only one that answers. A service of no tasks is back as soon as it has none."""
    state = seen.colour(place)
    if state.revision != old.revision or state.outdated:
        return False
    if old.count == 0:
        return True
    if not alive(state):
        return False
    mostly = seen.weight(place) >= 50 or 2 * state.healthy >= max(state.desired, old.count)
    return mostly or not alive(seen.colour(move.new_place))
