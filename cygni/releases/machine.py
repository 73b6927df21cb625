"""How a deployment goes on from where it is, by what is seen of the world (pure).

`advance` is all there is: from the deployment's record and one look at the world it makes the next record, and the acts
that follow from it. Nothing else is remembered, so a command that was killed is taken over by asking again. The record
is kept before the acts are done, and an act that is done already is not among them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cygni.releases.acts import Act, SetWeights, StartJob, StopJob
from cygni.releases.back import look_back
from cygni.releases.forward import dead, is_ailing, look
from cygni.releases.gates import Verdict
from cygni.releases.observed import JobPhase
from cygni.releases.release import (
    Cause,
    Deployment,
    DeploymentState,
    JobRun,
    Reason,
    Request,
    Track,
    TrackState,
    Wish,
)
from cygni.releases.seen import Seen, running_job, step_of
from cygni.releases.steps import Approve, Bake, Roll, Shift, Step


@dataclass(frozen=True, slots=True)
class Next:
    """The deployment's next record and the acts that follow from it. `readings` are those of the gates by service,
    `waited` is what each track waits for, in words."""

    deployment: Deployment
    acts: tuple[Act, ...] = ()
    readings: tuple[tuple[str, Verdict], ...] = ()
    waited: tuple[tuple[str, str], ...] = ()


def advance(deployment: Deployment, seen: Seen, now: datetime) -> Next:
    """The next record and acts. `seen` has what `seen.needs` asked for; what became needed since is waited for."""
    if deployment.state.ended:
        return Next(deployment)
    request = seen.request
    if request is not None and request.id != deployment.answered and not _is_starting_a_job(deployment):
        deployment = replace(_heard(deployment, request, now), answered=request.id)
    match deployment.state:
        case DeploymentState.JOBS:
            return _jobs(deployment, seen, now)
        case DeploymentState.FORWARD:
            return _forward(deployment, seen, now)
        case _:
            return _back(deployment, seen, now)


def turned_back(deployment: Deployment, reason: Reason, now: datetime) -> Deployment:
    """On its way back, for `reason`. What has not begun stays so; a job that runs is not waited for."""
    tracks = tuple(
        replace(track, state=TrackState.UNDONE)
        if track.state is TrackState.WAITING
        else replace(track, state=TrackState.BACK, step_since=now)
        for track in deployment.tracks
    )
    return replace(
        deployment,
        tracks=tracks,
        state=DeploymentState.BACK,
        back_since=now,
        reason=deployment.reason or reason,
        paused=False,
    )


def tried_again(deployment: Deployment, now: datetime) -> Deployment:
    """One that could not go back, with all the time for it once more."""
    return replace(deployment, state=DeploymentState.BACK, back_since=now, ended_at=None, failure=None)


def taken_over(deployment: Deployment, now: datetime) -> Deployment:
    """As the next command goes on with it. Nobody has looked after it meanwhile, so what may take only so long has all
    of its time once more; what the load balancer has counted while a step baked still counts."""
    return replace(
        deployment,
        tracks=tuple(_with_all_its_time(track, now) for track in deployment.tracks),
        jobs=tuple(replace(run, since=now) if _may_be_starting(run) else run for run in deployment.jobs),
        back_since=now if deployment.state is DeploymentState.BACK else deployment.back_since,
    )


def _with_all_its_time(track: Track, now: datetime) -> Track:
    timed = track.state is TrackState.FORWARD and not isinstance(step_of(track), Approve | Bake)
    return replace(track, step_since=now) if timed else track


def job_started(deployment: Deployment, job: str, task: str) -> Deployment:
    """With the id of the task that runs the job."""
    jobs = tuple(replace(run, task=task) if run.job == job else run for run in deployment.jobs)
    return replace(deployment, jobs=jobs)


def job_refused(deployment: Deployment, job: str, why: str, now: datetime) -> Deployment:
    """On its way back, because the job cannot be started."""
    jobs = tuple(replace(run, since=None) if run.job == job else run for run in deployment.jobs)
    return turned_back(replace(deployment, jobs=jobs), Reason(Cause.JOB, why), now)


def _is_starting_a_job(deployment: Deployment) -> bool:
    """Whether a job may have been started of which the task is not known yet: only asking again tells."""
    return any(_may_be_starting(run) for run in deployment.jobs)


def _may_be_starting(run: JobRun) -> bool:
    return run.since is not None and not run.task


def _heard(deployment: Deployment, request: Request, now: datetime) -> Deployment:
    match request.wish:
        case Wish.ABORT:
            text = f"{request.author} aborted it"
            return _aborted(deployment, Reason(Cause.ABORTED, text), now)
        case Wish.PAUSE:
            return replace(deployment, paused=deployment.state is not DeploymentState.BACK)
        case Wish.RESUME:
            return replace(deployment, paused=False)
        case Wish.PROMOTE:
            tracks = tuple(_promoted(track, now) for track in deployment.tracks)
            return replace(deployment, tracks=tracks, paused=False)
        case Wish.PROMOTE_FULL:
            return replace(deployment, hurried=True, paused=False)


def _aborted(deployment: Deployment, reason: Reason, now: datetime) -> Deployment:
    back = deployment.state is DeploymentState.BACK
    return deployment if back else turned_back(deployment, reason, now)


def _promoted(track: Track, now: datetime) -> Track:
    waits = track.state is TrackState.FORWARD and isinstance(step_of(track), Approve | Bake)
    return _next_step(track, now) if waits else track


def _next_step(track: Track, now: datetime) -> Track:
    after = replace(track, step=track.step + 1, step_since=now)
    step = step_of(after)
    if step is None:
        return replace(after, state=TrackState.DONE)
    return _begun(after, step, now)


def _begun(track: Track, step: Step, now: datetime) -> Track:
    takes_traffic = isinstance(step, Shift | Roll) and track.shifted_at is None
    return replace(track, shifted_at=now) if takes_traffic else track


def _jobs(deployment: Deployment, seen: Seen, now: datetime) -> Next:
    run = next((run for run in deployment.jobs if not run.succeeded), None)
    if run is None:
        return Next(replace(deployment, state=DeploymentState.FORWARD))
    if deployment.paused and not run.task:
        return Next(deployment)
    if not run.task:
        begun = replace(run, since=run.since or now)
        return Next(_with_job(deployment, begun), (StartJob(run.job, run.revision, _token(deployment, run)),))
    state = seen.job
    if state is None or state.id != run.task:
        return Next(deployment)
    if state.phase is not JobPhase.STOPPED:
        if run.since is not None and now - run.since > timedelta(seconds=run.timeout):
            text = f"the job {run.job} did not end within {run.timeout:.0f} s"
            reason = Reason(Cause.JOB, text, {"seconds": run.timeout}, task=run.task)
            return _turned(deployment, reason, seen, now)
        return Next(deployment, waited=((run.job, f"runs ({state.phase})"),))
    if state.exit_code == 0:
        return _jobs(_with_job(deployment, replace(run, succeeded=True)), seen, now)
    code = f"exit code {state.exit_code}, " if state.exit_code is not None else ""
    text = f"the job {run.job} failed: {code}{state.reason}"
    reason = Reason(Cause.JOB, text, task=run.task, exit_code=state.exit_code)
    return _turned(deployment, reason, seen, now)


def _with_job(deployment: Deployment, run: JobRun) -> Deployment:
    return replace(deployment, jobs=tuple(run if one.job == run.job else one for one in deployment.jobs))


def _token(deployment: Deployment, run: JobRun) -> str:
    """The same for every attempt to start this job for this deployment."""
    return f"{deployment.project}.{deployment.environment}.{deployment.number}.{run.job}"


def _forward(deployment: Deployment, seen: Seen, now: datetime) -> Next:
    done: list[Act] = []
    readings: list[tuple[str, Verdict]] = []
    waited: list[tuple[str, str]] = []
    deployment = replace(deployment, tracks=tuple(_felt(one, seen, now) for one in deployment.tracks))
    for track in deployment.tracks:
        if track.state is TrackState.DONE:
            gone = next((found for move in track.moves if (found := dead(track, move, seen, now))), None)
            if gone is not None:
                return _turned(deployment, gone, seen, now)
    wave = _wave(deployment.tracks, TrackState.DONE)
    for track in [one for one in deployment.tracks if one.wave == wave and one.state is not TrackState.DONE]:
        own = _entered(track, now) if track.state is TrackState.WAITING else track
        while (step := step_of(own)) is not None:
            if deployment.hurried and _is_skipped(own, step):
                own = _next_step(own, now)
                continue
            outcome = look(own, step, seen, now)
            readings += outcome.readings
            if outcome.failed is not None:
                turned = _turned(deployment.with_track(own), outcome.failed, seen, now)
                return replace(turned, readings=tuple(readings))
            if not outcome.done or deployment.paused:
                done += outcome.acts
                waited += [(own.name, outcome.waited)] if outcome.waited else []
                break
            own = _next_step(own, now)
        if step_of(own) is None:
            own = replace(own, state=TrackState.DONE)
        deployment = deployment.with_track(own)
    if all(track.state is TrackState.DONE for track in deployment.tracks):
        deployment = replace(deployment, state=DeploymentState.SUCCEEDED, ended_at=now)
    return Next(deployment, tuple(done), tuple(readings), tuple(waited))


def _felt(track: Track, seen: Seen, now: datetime) -> Track:
    """The track, which knows since when requests go where none is healthy."""
    ails = track.state is not TrackState.WAITING and any(is_ailing(move, seen) for move in track.moves)
    if ails == (track.ailing_since is not None):
        return track
    return replace(track, ailing_since=now if ails else None)


def _wave(tracks: Iterable[Track], over: TrackState) -> int:
    return min((track.wave for track in tracks if track.state is not over), default=0)


def _entered(track: Track, now: datetime) -> Track:
    own = replace(track, state=TrackState.FORWARD, step_since=now)
    step = step_of(own)
    return own if step is None else _begun(own, step, now)


def _is_skipped(track: Track, step: Step) -> bool:
    """Whether somebody in a hurry passes the step by: what waits or moves a part of the traffic, before all of it
    moves."""
    if isinstance(step, Approve):
        return True
    later = track.steps[track.step + 1 :]
    return isinstance(step, Bake | Shift) and any(isinstance(one, Shift) for one in later)


def _turned(deployment: Deployment, reason: Reason, seen: Seen, now: datetime) -> Next:
    return _back(turned_back(deployment, reason, now), seen, now)


def _back(deployment: Deployment, seen: Seen, now: datetime) -> Next:
    done: list[Act] = []
    waited: list[tuple[str, str]] = []
    running = running_job(deployment)
    if running is not None and (seen.job is None or seen.job.phase is not JobPhase.STOPPED):
        done.append(StopJob(running.task))
        waited.append((running.job, "stops"))
    while going := [track for track in deployment.tracks if track.state is TrackState.BACK]:
        last = max(track.wave for track in going)
        for track in [one for one in going if one.wave == last]:
            settled = _is_settled(track, seen, now)
            outcomes = [look_back(move, seen, settled=settled) for move in track.moves]
            acts = [act for one in outcomes for act in one.acts]
            done += acts
            waited += [(track.name, one.waited) for one in outcomes if one.waited]
            if all(one.done for one in outcomes):
                deployment = deployment.with_track(replace(track, state=TrackState.UNDONE))
            elif any(isinstance(act, SetWeights) for act in acts):
                deployment = deployment.with_track(replace(track, step_since=now))
        if any(track.state is TrackState.BACK and track.wave == last for track in deployment.tracks):
            break
    if not waited and all(track.state is TrackState.UNDONE for track in deployment.tracks):
        deployment = replace(deployment, state=DeploymentState.ROLLED_BACK, ended_at=now)
    elif _out_of_time(deployment, seen, now):
        text = "; ".join(f"{name}: {what}" for name, what in waited)
        failure = Reason(Cause.START, f"what ran before did not come back: {text}")
        ended = replace(deployment, state=DeploymentState.ROLLBACK_FAILED, ended_at=now, failure=failure)
        return Next(ended, tuple(done), waited=tuple(waited))
    return Next(deployment, tuple(done), waited=tuple(waited))


def _is_settled(track: Track, seen: Seen, now: datetime) -> bool:
    """Whether no request goes by the weights any more that were before the track went back, or last moved."""
    if track.shifted_at is None or track.step_since is None:
        return True
    return now - track.step_since >= timedelta(seconds=seen.settling)


def _out_of_time(deployment: Deployment, seen: Seen, now: datetime) -> bool:
    assert deployment.back_since is not None, "one that goes back has begun to"
    allowed = max(
        (move.settings.start_timeout for track in deployment.tracks for move in track.moves), default=0.0
    )
    return now - deployment.back_since > timedelta(seconds=allowed + seen.settling)
