"""The events of a deployment in words, a line each (pure)."""

from __future__ import annotations

from cygni.plan.wording import duration_text
from cygni.releases.events import (
    Asked,
    Began,
    Changed,
    Event,
    GateRead,
    JobBegan,
    JobEnded,
    Logged,
    StepBegan,
    StepEnded,
    TaskFailed,
    Weighed,
)
from cygni.releases.release import DeploymentState, Kind

_BAR = 20
_KINDS = {
    Kind.DEPLOY: "releasing",
    Kind.ROLLBACK: "rolling back to",
    Kind.RESTART: "restarting",
    Kind.SCALE: "scaling",
}
_STATES = {
    DeploymentState.BACK: "going back",
    DeploymentState.SUCCEEDED: "live",
    DeploymentState.ROLLED_BACK: "rolled back",
    DeploymentState.ROLLBACK_FAILED: "could not go back",
}


def event_line(event: Event) -> str:
    """What is worth a line of its own; empty for what only moves."""
    match event:
        case Began(kind=kind, release=release, tracks=tracks, floor=floor, resumed=resumed):
            again = "going on with " if resumed else ""
            least = f" (at least {duration_text(floor)})" if floor >= 1 else ""
            return f"{again}{_KINDS[kind]} release {release}: {', '.join(tracks)}{least}"
        case Changed(state=state, reason=reason) if state in _STATES:
            return f"{_STATES[state]}{f': {reason}' if reason else ''}"
        case StepBegan(track=track, label=label, waits=waits) if waits >= 1:
            return f"  {track}: {label}, {duration_text(waits)}"
        case StepEnded(track=track, label=label, seconds=seconds, passed=passed):
            return f"  {track}: {label} {'done' if passed else 'failed'}  {seconds:.1f}s"
        case Weighed(service=service, weights=weights):
            shares = ", ".join(f"{colour} {weight} %" for colour, weight in sorted(weights.items()))
            return f"  {service}: {shares}"
        case GateRead() if event.state.value != "wait":
            return f"  {event.service}: {reading_text(event)}"
        case TaskFailed(service=service, colour=colour, reason=reason, exit_code=code):
            exited = f", exit code {code}" if code is not None else ""
            return f"  {service} ({colour}): a task failed: {reason}{exited}"
        case Logged(service=service, colour=colour, text=text):
            return f"  {service} ({colour}) | {text}"
        case JobBegan(job=job):
            return f"  job {job} runs"
        case JobEnded(job=job, passed=passed):
            return f"  job {job} {'done' if passed else 'failed'}"
        case Asked(wish=wish, author=author):
            return f"{author} asked to {wish.value.replace('_', ' ')}"
        case _:
            return ""


def reading_text(gate: GateRead) -> str:
    """A gate's value against its limit."""
    return f"gate {gate.gate}: {gate.text}"


def weight_bar(weight: int) -> str:
    """A part of 100 as a bar."""
    full = round(_BAR * weight / 100)
    return f"{'━' * full}{'─' * (_BAR - full)} {weight} %"
