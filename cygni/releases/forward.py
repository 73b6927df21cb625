"""One look at a track on its way to the new release: what there is to do, whether its step is done, what is against it
(pure).

Nothing here remembers: each answer follows from the step and from what is seen, so it may be asked again at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cygni.releases import acts
from cygni.releases.acts import Act
from cygni.releases.gates import State, Traffic, Verdict, verdict
from cygni.releases.observed import AlarmState, ColourState, Period, StoppedTask
from cygni.releases.release import Cause, Move, Reason, Track
from cygni.releases.seen import Seen, is_counted
from cygni.releases.settings import Strategy
from cygni.releases.steps import Approve, Bake, Clear, Roll, Shift, Start, Step, StopOld, Try, Unpin


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a look: `acts` to do now, `done` if the step's goal is reached, why it `failed`, the `readings` of
    gates by service, and what is `waited` for, in words."""

    acts: tuple[Act, ...] = ()
    done: bool = False
    failed: Reason | None = None
    readings: tuple[tuple[str, Verdict], ...] = ()
    waited: str = ""


_DONE = Outcome(done=True)


def look(track: Track, step: Step, seen: Seen, now: datetime) -> Outcome:
    """What the track's step needs now. The services of a track act together or not at all."""
    trouble = next((found for move in track.moves if (found := failing(move, seen))), None)
    if trouble is not None and not isinstance(step, Clear):
        return Outcome(failed=trouble)
    outcomes = [_look_at(track, step, move, seen, now) for move in track.moves]
    failed = next((one.failed for one in outcomes if one.failed is not None), None)
    if failed is None and _overdue(track, step, now) and not all(one.done for one in outcomes):
        failed = _late(track, seen)
    return Outcome(
        acts=_together(step, outcomes),
        done=all(one.done for one in outcomes),
        failed=failed,
        readings=tuple(reading for one in outcomes for reading in one.readings),
        waited=next((one.waited for one in outcomes if one.waited), ""),
    )


def _together(step: Step, outcomes: Sequence[Outcome]) -> tuple[Act, ...]:
    """Weights move once every service is ready to; whatever else is needed is done at once."""
    found = [act for one in outcomes for act in one.acts]
    if isinstance(step, Shift) and any(one.waited for one in outcomes):
        found = [act for act in found if not isinstance(act, acts.SetWeights)]
    return tuple(found)


def _look_at(track: Track, step: Step, move: Move, seen: Seen, now: datetime) -> Outcome:
    match step:
        case Clear():
            return _clear(move, seen)
        case Start():
            return _start(move, seen)
        case Roll():
            return _roll(move, seen)
        case Try():
            return _try(move, seen)
        case Approve():
            return Outcome(waited="waits for cx promote")
        case Shift(weight=weight):
            return _shift(track, move, seen, weight, now)
        case Bake(seconds=seconds):
            return _bake(track, move, seen, seconds, now)
        case StopOld():
            return _stop_old(move, seen)
        case Unpin():
            limits = move.settings.limits
            freed = acts.limit(seen, move.new_place, limits.least, limits.most) if limits is not None else ()
            return Outcome(acts=freed, done=not freed)


def alive(state: ColourState) -> bool:
    """Whether it can answer a request."""
    return state.healthy > 0


def ready(state: ColourState, revision: str, count: int) -> bool:
    """Whether `count` tasks run the revision, all of them healthy, and none another."""
    return (
        state.revision == revision
        and not state.outdated
        and min(state.desired, state.running, state.healthy) >= count
    )


def failing(move: Move, seen: Seen) -> Reason | None:
    """What the tasks of the new colour themselves say against it, whatever the step."""
    failed = _failed(move, seen)
    if len(failed) < max(1, move.settings.crash_limit):
        return None
    last, limit = failed[-1], move.settings.crash_limit
    numbers = {"failed tasks": float(len(failed)), "allowed": float(limit - 1)}
    text = f"{len(failed)} tasks of {_named(move)} failed: {ended(last)}"
    return Reason(Cause.TASKS, text, numbers, last.place, last.id, last.exit_code)


def _failed(move: Move, seen: Seen) -> list[StoppedTask]:
    """The tasks of the new release that failed, the last at the end."""
    return [
        task
        for task in seen.stopped
        if task.failed and task.place == move.new_place and task.revision == move.new.revision
    ]


def ended(task: StoppedTask) -> str:
    """`exit code 1, Essential container in task exited`."""
    code = f"exit code {task.exit_code}, " if task.exit_code is not None else ""
    return f"{code}{task.reason}"


def is_ailing(move: Move, seen: Seen) -> bool:
    """Whether requests go to a new colour of which no task is healthy."""
    return bool(move.new.count and seen.weight(move.new_place) and not alive(seen.colour(move.new_place)))


def dead(track: Track, move: Move, seen: Seen, now: datetime) -> Reason | None:
    """Whether requests go to a new colour of which nothing is left: no task runs, or none has been healthy for as long
    as the load balancer takes to ask again. Where machines are busy, a check fails now and then."""
    if not is_ailing(move, seen):
        return None
    since, patience = track.ailing_since, timedelta(seconds=move.settings.timing.interval)
    if seen.colour(move.new_place).running and (since is None or now - since < patience):
        return None
    text = f"no task of {_named(move)} is healthy any more, and requests go to it"
    numbers = {"healthy": 0.0, "desired": float(seen.colour(move.new_place).desired)}
    return _with_last_failed(Reason(Cause.TASKS, text, numbers, move.new_place), move, seen)


def _with_last_failed(reason: Reason, move: Move, seen: Seen) -> Reason:
    """Also tells how the last task that failed has ended, if one has."""
    failed = _failed(move, seen)
    if not failed:
        return reason
    text = f"{reason.text}; {len(failed)} failed, the last one: {ended(failed[-1])}"
    return replace(reason, text=text, task=failed[-1].id, exit_code=failed[-1].exit_code)


def _named(move: Move) -> str:
    return f"{move.service} ({move.new_colour})"


def _overdue(track: Track, step: Step, now: datetime) -> bool:
    if isinstance(step, Approve | Bake) or track.step_since is None:
        return False
    allowed = max(move.settings.start_timeout for move in track.moves)
    return now - track.step_since > timedelta(seconds=allowed)


def _late(track: Track, seen: Seen) -> Reason:
    allowed = max(move.settings.start_timeout for move in track.moves)
    for move in track.moves:
        state = seen.colour(move.new_place)
        if not ready(state, move.new.revision, move.new.count):
            break
    text = (
        f"{_named(move)} was not ready after {allowed:.0f} s: of {state.desired} tasks {state.running} run, "
        f"and {state.healthy} are healthy"
    )
    numbers = {
        "desired": float(state.desired),
        "running": float(state.running),
        "healthy": float(state.healthy),
        "seconds": allowed,
    }
    return _with_last_failed(Reason(Cause.START, text, numbers, move.new_place), move, seen)


def _count(move: Move, seen: Seen) -> int:
    """How many tasks the new colour starts with: under autoscaling as many as the old one has now."""
    if move.settings.limits is None or move.old_place is None:
        return move.new.count
    return max(move.new.count, min(seen.colour(move.old_place).desired, move.settings.limits.most))


def _clear(move: Move, seen: Seen) -> Outcome:
    state = seen.colour(move.new_place)
    if not state.desired and not state.running and not state.outdated:
        return _DONE
    if seen.weight(move.new_place):
        text = f"requests go to {_named(move)}, which was to be idle"
        return Outcome(failed=Reason(Cause.CHANGED, text))
    return Outcome(acts=acts.stop(seen, move.new_place), waited=f"{_named(move)} stops")


def _start(move: Move, seen: Seen) -> Outcome:
    count = _count(move, seen)
    # Autoscaling may add tasks meanwhile: that is not undone. It is held after the tasks are asked for, or it would
    # start some of the revision before.
    scaled = move.settings.limits is not None
    needed: tuple[Act, ...] = acts.run(seen, move.new_place, move.new.revision, count, or_more=scaled)
    needed = (*needed, *_pinned(move, seen, count))
    if needed:
        return Outcome(acts=needed, waited=f"{_named(move)} starts")
    if not ready(seen.colour(move.new_place), move.new.revision, count):
        return Outcome(waited=_progress(move, seen))
    return _DONE


def _progress(move: Move, seen: Seen) -> str:
    state = seen.colour(move.new_place)
    return f"{_named(move)}: {min(state.healthy, state.running)} of {state.desired} healthy"


def _pinned(move: Move, seen: Seen, count: int) -> tuple[Act, ...]:
    """Autoscaling takes no tasks from either colour while traffic moves: a colour that has none of it looks idle."""
    limits = move.settings.limits
    if limits is None:
        return ()
    pinned = acts.limit(seen, move.new_place, count, limits.most)
    if move.old_place is None or move.old_place == move.new_place:
        return pinned
    desired = seen.colour(move.old_place).desired
    return (*acts.limit(seen, move.old_place, desired, limits.most), *pinned)


def _roll(move: Move, seen: Seen) -> Outcome:
    limits, state = move.settings.limits, seen.colour(move.new_place)
    bounded = acts.limit(seen, move.new_place, limits.least, limits.most) if limits is not None else ()
    changed = acts.run(seen, move.new_place, move.new.revision, move.new.count, or_more=limits is not None)
    needed: tuple[Act, ...] = (*changed, *bounded)
    if needed:
        return Outcome(acts=needed, waited=f"{_named(move)} changes")
    if not ready(state, move.new.revision, move.new.count) or state.running > state.desired:
        return Outcome(waited=_progress(move, seen))
    return _DONE


def _try(move: Move, seen: Seen) -> Outcome:
    gates = move.settings.gates
    if not gates.http and not gates.smoke:
        return _DONE
    found = seen.tried.get(move.new_place)
    if found is None:
        return Outcome(waited=f"{_named(move)} is tried")
    if found.passed:
        return _DONE
    return Outcome(failed=Reason(Cause.CHECK, f"{_named(move)}: {found.detail}", place=move.new_place))


def _shift(track: Track, move: Move, seen: Seen, weight: int, now: datetime) -> Outcome:
    if not move.settings.takes_traffic:
        return _DONE
    gone = dead(track, move, seen, now)
    if gone is not None:
        return Outcome(failed=gone)
    count = _count(move, seen)
    grown = acts.run(seen, move.new_place, move.new.revision, count, or_more=True)
    if grown or not ready(seen.colour(move.new_place), move.new.revision, count):
        return Outcome(acts=grown, waited=_progress(move, seen))
    needed = acts.share(seen, move.new_place, _weight(move, seen, weight))
    return Outcome(acts=needed, done=not needed)


def _weight(move: Move, seen: Seen, weight: int) -> int:
    """What part the new colour gets: all of it where nothing of the old one is left, until that is healthy again."""
    place = move.old_place
    if place is None or alive(seen.colour(place)) or not alive(seen.colour(move.new_place)):
        return weight
    gone = not seen.colour(place).running or seen.weight(move.new_place) == 100
    return 100 if gone else weight


def _bake(track: Track, move: Move, seen: Seen, seconds: float, now: datetime) -> Outcome:
    gone = dead(track, move, seen, now)
    if gone is not None:
        return Outcome(failed=gone)
    raised = [name for name, state in seen.alarms.items() if state is AlarmState.ALARM]
    mine = [name for name in move.settings.gates.alarms if name in raised]
    if mine:
        return Outcome(failed=Reason(Cause.GATE, f"alarm {mine[0]} of {_named(move)} is raised"))
    assert track.step_since is not None, "a step under way has begun"
    waited = (now - track.step_since).total_seconds()
    kept = _kept(track, move, seen)
    undisturbed = waited - _disturbed_until(track.step_since, move, seen)
    over = undisturbed >= seconds and all(name in seen.alarms for name in move.settings.gates.alarms)
    over = over and not kept
    if not is_counted(move) or not seen.weight(move.new_place):
        return Outcome(acts=kept, done=over)
    if move.new_place not in seen.counted:
        return Outcome(acts=kept)
    found = _verdict(track, move, seen, waited)
    if found.state is State.FAIL:
        return Outcome(failed=_gate(move, found), readings=((move.service, found),))
    done = over and found.state is State.PASS
    return Outcome(acts=kept, done=done, readings=((move.service, found),))


def _disturbed_until(since: datetime, move: Move, seen: Seen) -> float:
    """Seconds after `since` at which a task failed last. One that leaks is killed now and then: it must not get more
    requests because it was started again."""
    return max(((task.stopped_at - since).total_seconds() for task in _failed(move, seen)), default=0.0)


def _kept(track: Track, move: Move, seen: Seen) -> tuple[Act, ...]:
    """The weights stay as the last shift left them, or go where somebody answers."""
    weights = [step.weight for step in track.steps[: track.step] if isinstance(step, Shift)]
    if not weights or not move.settings.takes_traffic:
        return ()
    return acts.share(seen, move.new_place, _weight(move, seen, weights[-1]))


def _gate(move: Move, found: Verdict) -> Reason:
    numbers = {}
    for one in found.failed:
        if one.value is not None:
            numbers[f"{one.gate} ({one.unit})"] = one.value
        if one.limit is not None:
            numbers[f"{one.gate}: limit"] = one.limit
    text = "; ".join(one.text for one in found.failed)
    return Reason(Cause.GATE, f"{_named(move)}: {text}", numbers, move.new_place)


def _verdict(track: Track, move: Move, seen: Seen, waited: float) -> Verdict:
    since = track.step_since
    assert since is not None, "a step under way has begun"
    begun = track.shifted_at or since
    new = [one for one in seen.counted.get(move.new_place, ()) if one.start >= since]
    old = seen.counted.get(move.old_place, ()) if move.old_place is not None else ()
    in_place = move.old_place == move.new_place
    same_time = [one for one in old if one.start >= since and not in_place]
    before = [one for one in old if _end(one) <= (begun if in_place else since)]
    # One period may have begun before, one is counted, and it is not read at once.
    visible_after = 3 * seen.period + seen.delay
    return verdict(move.settings.gates, Traffic(new, same_time, before), waited, visible_after)


def _end(period: Period) -> datetime:
    return period.start + timedelta(seconds=period.seconds)


def _stop_old(move: Move, seen: Seen) -> Outcome:
    place = move.old_place
    if place is None or (move.settings.takes_traffic and move.settings.strategy is not Strategy.RECREATE):
        return _DONE
    needed = acts.stop(seen, place)
    state = seen.colour(place)
    if needed or state.running or state.outdated:
        return Outcome(acts=needed, waited=f"{move.service} ({place.colour}) stops")
    return _DONE
