"""What the state of the job's pod tells (pure). Source: Kubernetes documentation, "Pod Lifecycle"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cygni.targets.buildkit_job.manifests import BUILD, FETCH

_HOPELESS: Final = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ImagePullBackOff",
        "InvalidImageName",
        "RunContainerError",
    }
)
"""Why a container waits that does not begin by waiting. A pull is tried again before it is ImagePullBackOff."""


@dataclass(frozen=True, slots=True)
class PodState:
    """`logged` is the container whose log can be read, None before the first has begun. `waits` is why it has not
    begun, for people; with `hopeless` it never will. `ended` is whether it ended, `failed` why it ended badly."""

    name: str
    logged: str | None = None
    waits: str = ""
    hopeless: bool = False
    ended: bool = False
    failed: str = ""


def pod_state(pod: Mapping[str, Any]) -> PodState:
    """Reads a v1 Pod."""
    name, status = str(pod["metadata"]["name"]), pod.get("status", {})
    containers = {
        one["name"]: one.get("state", {})
        for kind in ("initContainerStatuses", "containerStatuses")
        for one in status.get(kind, ())
    }
    begun = [one for one in (FETCH, BUILD) if {"running", "terminated"} & containers.get(one, {}).keys()]
    logged = begun[-1] if begun else None
    phase = status.get("phase")
    if phase in ("Succeeded", "Failed"):
        failed = "" if phase == "Succeeded" else _failed(status, containers)
        return PodState(name, logged, ended=True, failed=failed)
    waiting = [one["waiting"] for one in containers.values() if "waiting" in one]
    hopeless = next((one for one in waiting if one.get("reason") in _HOPELESS), None)
    if hopeless is not None:
        return PodState(name, logged, _said(hopeless), hopeless=True)
    unscheduled = next(
        (
            one
            for one in status.get("conditions", ())
            if one["type"] == "PodScheduled" and one["status"] == "False"
        ),
        None,
    )
    return PodState(name, logged, _said(unscheduled) if unscheduled else "")


def _failed(status: Mapping[str, Any], containers: Mapping[str, Mapping[str, Any]]) -> str:
    for name in (FETCH, BUILD):
        ended = containers.get(name, {}).get("terminated", {})
        if ended.get("exitCode"):
            reason = ended.get("reason", "Error")
            told = f" ({reason})" if reason != "Error" else ""
            what = "its context could not be fetched: it" if name == FETCH else "BuildKit"
            return f"{what} ended with {ended['exitCode']}{told}"
    return _said(status) or "its pod failed"


def _said(given: Mapping[str, Any]) -> str:
    return ": ".join(str(given[key]) for key in ("reason", "message") if given.get(key))
