"""What there is to tell between two looks at a deployment: only what has changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cygni.naming import Colour
from cygni.releases.events import (
    Asked,
    Changed,
    Counts,
    Event,
    GateRead,
    JobBegan,
    JobEnded,
    Sink,
    StepBegan,
    StepEnded,
    TaskFailed,
    Waits,
    Weighed,
    label,
)
from cygni.releases.machine import Next
from cygni.releases.observed import ColourState
from cygni.releases.release import Deployment, DeploymentState, Track, TrackState
from cygni.releases.seen import Seen, step_of
from cygni.releases.steps import Bake


class Teller:
    """Turns looks and records into events for `sink`, each told once."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._told: dict[tuple[str, ...], Any] = {}

    def look(self, seen: Seen, now: datetime) -> None:
        """Tells counts, weights and failed tasks that are new."""
        for service, state in sorted(seen.services.items()):
            for colour in Colour:
                one = state.colours[colour]
                figures = (one.desired, one.running, one.pending, one.outdated, one.healthy)
                if self._is_new(("counts", service, colour), figures):
                    self._sink(_counts(service, colour, one, now))
            if state.weights is not None and self._is_new(("weights", service), dict(state.weights)):
                self._sink(Weighed(at=now, service=service, weights=dict(state.weights)))
        for task in seen.stopped:
            if task.failed and self._is_new(("task", task.id), task.id):
                self._sink(
                    TaskFailed(
                        at=task.stopped_at,
                        service=task.place.service,
                        colour=task.place.colour,
                        task=task.id,
                        reason=task.reason,
                        exit_code=task.exit_code,
                    )
                )

    def step(self, before: Deployment, after: Next, seen: Seen, now: datetime) -> None:
        """Tells what has become of the deployment, and what its gates found."""
        deployment = after.deployment
        if seen.request is not None and deployment.answered != before.answered:
            self._sink(Asked(at=now, wish=seen.request.wish, author=seen.request.author))
        for service, found in after.readings:
            for one in found.readings:
                if self._is_new(("gate", service, one.gate), one):
                    self._sink(
                        GateRead(
                            at=now,
                            service=service,
                            gate=one.gate,
                            state=one.state,
                            unit=one.unit,
                            value=one.value,
                            limit=one.limit,
                            requests=one.requests,
                            text=one.text,
                        )
                    )
        for event in [*_of_jobs(before, deployment, now), *_of_tracks(before, deployment, now)]:
            self._sink(event)
        for track, text in after.waited:
            if self._is_new(("waits", track), text):
                self._sink(Waits(at=now, track=track, text=text))
        if deployment.state is not before.state:
            reason = deployment.failure or deployment.reason
            self._sink(Changed(at=now, state=deployment.state, reason=reason.text if reason else ""))

    def unanswered(self, deployment: Deployment, why: str, now: datetime) -> None:
        """Tells that the world does not answer, and is asked again."""
        for track in deployment.tracks:
            if track.state not in (TrackState.DONE, TrackState.UNDONE) and self._is_new(
                ("waits", track.name), f"asks again: {why}"
            ):
                self._sink(Waits(at=now, track=track.name, text=f"asks again: {why}"))

    def _is_new(self, what: tuple[str, ...], value: Any) -> bool:
        if what in self._told and self._told[what] == value:
            return False
        self._told[what] = value
        return True


def _counts(service: str, colour: Colour, state: ColourState, now: datetime) -> Event:
    return Counts(
        at=now,
        service=service,
        colour=colour,
        desired=state.desired,
        running=state.running,
        pending=state.pending,
        outdated=state.outdated,
        healthy=state.healthy,
    )


def _of_jobs(before: Deployment, after: Deployment, now: datetime) -> list[Event]:
    found: list[Event] = []
    for old, new in zip(before.jobs, after.jobs, strict=True):
        if new.succeeded and not old.succeeded:
            found.append(JobEnded(at=now, job=new.job, passed=True))
        elif new.task and not new.succeeded and _fails(before, after):
            found.append(JobEnded(at=now, job=new.job, passed=False))
    return found


def job_began(job: str, task: str, now: datetime) -> Event:
    return JobBegan(at=now, job=job, task=task)


def _fails(before: Deployment, after: Deployment) -> bool:
    turned = (DeploymentState.BACK, DeploymentState.ROLLED_BACK, DeploymentState.ROLLBACK_FAILED)
    return before.state not in turned and after.state in turned


def _of_tracks(before: Deployment, after: Deployment, now: datetime) -> list[Event]:
    found: list[Event] = []
    for old, new in zip(before.tracks, after.tracks, strict=True):
        begun = old.state is TrackState.FORWARD
        moved = (old.state, old.step) != (new.state, new.step)
        if begun and moved and (step := step_of(old)) is not None:
            passed = new.state in (TrackState.FORWARD, TrackState.DONE)
            since = old.step_since or now
            found.append(
                StepEnded(
                    at=now,
                    track=old.name,
                    index=old.step,
                    label=label(step),
                    seconds=(now - since).total_seconds(),
                    passed=passed,
                )
            )
        if moved and new.state is TrackState.FORWARD:
            found += _begins(new, now)
    return found


def _begins(track: Track, now: datetime) -> list[Event]:
    step = step_of(track)
    if step is None:
        return []
    waits = step.seconds if isinstance(step, Bake) else 0.0
    return [StepBegan(at=now, track=track.name, index=track.step, label=label(step), waits=waits)]
