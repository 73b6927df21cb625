"""Runs BuildKit as a job of a cluster, tells its log, and removes the job and its secret in the end."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cygni.builder.images.building import REVISION_LABEL
from cygni.builder.images.failures import build_failure
from cygni.builder.images.remote import KUBERNETES, SYSTEM_CLOCK, Clock, RemoteOrder
from cygni.builder.images.revision import revision_of
from cygni.builder.secrets import Redaction, build_secrets
from cygni.errors import AuthError, BuildFailed, CygniError, NotFound, Unreachable, UsageError
from cygni.targets.build_source import sent
from cygni.targets.buildkit_job.manifests import MINUTES, job, secret
from cygni.targets.buildkit_job.place import BuildPlace
from cygni.targets.buildkit_job.pod import PodState, pod_state
from cygni.targets.ecr import login
from cygni.targets.fargate.clients import Clients
from cygni.targets.kubernetes.api import ClusterApi, named

_LOOK_SECONDS: Final = 2.0
_SILENCE_SECONDS: Final = 60.0
"""How long a log may say nothing before it is looked whether its pod is still there."""
_DEADLINE_SECONDS: Final = (MINUTES + 5) * 60
"""When it is given up here, should Kubernetes not end it."""
_UNANSWERED: Final = 10
"""How often in a row the cluster may not answer: a build goes on without whoever looks at it."""
_LAST_LINES: Final = 20
_MOST_SECRETS: Final = 900 * 1024
"""Bytes: a Secret of Kubernetes has 1 MiB at most, with the rest of it."""
_BACKGROUND: Final = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}


@dataclass(frozen=True, slots=True)
class BuildkitJob:
    """BuildKit on a cluster as a builder; `clients` are of the environment's account."""

    builds_in: BuildPlace
    clients: Clients
    tool: str = KUBERNETES
    clock: Clock = SYSTEM_CLOCK

    @property
    def place(self) -> str:
        return f"BuildKit (a job in {self.builds_in.namespace} of {self.builds_in.access.name})"

    def demand(self, platform: str, secrets: Mapping[str, str], region: str) -> None:
        """Raises UsageError for what is not Linux. What nodes there are, the cluster tells when the job is there."""
        if not platform.startswith("linux/"):
            raise UsageError(f"BuildKit builds on Linux, and {platform} is none")

    def build(self, order: RemoteOrder, tell: Callable[[str], None]) -> str:
        """The namespace and name of the job. Raises BuildContextRefused, BuildSecretMissing, BuildFailed, and what AWS
        and the cluster's API raise."""
        api = ClusterApi(self.builds_in.access)
        values = build_secrets(order.secrets, order.folder, os.environ, self.clients)
        if sum(map(len, values.values())) > _MOST_SECRETS:
            raise UsageError(
                f"the secrets of a build on a cluster may have {_MOST_SECRETS // 1024} KiB together"
            )
        jobs = f"/apis/batch/v1/namespaces/{self.builds_in.namespace}/jobs"
        name = f"cygni-build-{uuid.uuid4().hex[:12]}"
        redact = Redaction(values)
        with sent(order.source, self.builds_in.bucket, self.builds_in.prefix, self.clients) as key:
            made = api.create(jobs, self._job(name, order))
            try:
                self._give(api, name, str(made["metadata"]["uid"]), key, values)
                _Run(api, self.builds_in.namespace, name, tell, redact, self.clock).follow(order.address)
            finally:
                self._remove(api, name)
        return f"{self.builds_in.namespace}/{name}"

    def _job(self, name: str, order: RemoteOrder) -> dict[str, Any]:
        revision = revision_of(order.source.context.folder)
        labels = {REVISION_LABEL: revision} if revision else {}
        return job(name, self.builds_in.image, order.address, order.platform, labels, sorted(order.secrets))

    def _give(self, api: ClusterApi, name: str, owner: str, key: str, values: Mapping[str, bytes]) -> None:
        """The pod waits for its secret, which is made after the job so that it ends with it in any case."""
        fetched = self.clients("s3").generate_presigned_url(
            "get_object",
            Params={"Bucket": self.builds_in.bucket, "Key": key},
            ExpiresIn=MINUTES * 60,
        )
        path = f"/api/v1/namespaces/{self.builds_in.namespace}/secrets"
        api.create(path, secret(name, owner, fetched, login(self.clients), values))

    def _remove(self, api: ClusterApi, name: str) -> None:
        """What cannot be removed, Kubernetes does: a job that ended after its time, and with it its pod and secret."""
        space = self.builds_in.namespace
        for kind in (f"/apis/batch/v1/namespaces/{space}/jobs", f"/api/v1/namespaces/{space}/secrets"):
            with contextlib.suppress(CygniError):
                api.delete(named(kind, name), _BACKGROUND)


class _Run:
    """A job that was made, until it has ended."""

    def __init__(
        self,
        api: ClusterApi,
        namespace: str,
        name: str,
        tell: Callable[[str], None],
        redact: Redaction,
        clock: Clock,
    ) -> None:
        self._api, self._name, self._clock = api, name, clock
        self._core = f"/api/v1/namespaces/{namespace}"
        self._jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
        self._tell, self._redact = tell, redact
        self._said = ""
        self._read_to: dict[str, str] = {}
        self._last: deque[str] = deque(maxlen=_LAST_LINES)

    def follow(self, address: str) -> None:
        """Raises BuildFailed where it does not end well."""
        until = self._clock.now() + _DEADLINE_SECONDS
        unanswered = 0
        while self._clock.now() <= until:
            try:
                ended, problem = self._look()
                unanswered = 0
            except Unreachable:
                ended, problem, unanswered = False, "", unanswered + 1
                if unanswered == _UNANSWERED:
                    raise
            if problem:
                raise self._failed(address, problem)
            if ended:
                return
            self._clock.sleep(_LOOK_SECONDS)
        raise self._failed(address, f"it did not end in {_DEADLINE_SECONDS // 60} minutes, and is removed")

    def _look(self) -> tuple[bool, str]:
        """Whether it has ended, and what keeps it from ending well."""
        pod = self._pod()
        if pod is None:
            return False, self._without_pod()
        self._tell_waiting(pod)
        self._read(pod)
        return pod.ended, pod.waits if pod.hopeless else pod.failed

    def _pod(self) -> PodState | None:
        found = self._api.get(f"{self._core}/pods", {"labelSelector": f"job-name={self._name}"})["items"]
        return pod_state(found[0]) if found else None

    def _without_pod(self) -> str:
        """Why the job has no pod: it was not allowed to make one, or had its time. Empty where it will have one."""
        try:
            status = self._api.get(named(self._jobs, self._name)).get("status", {})
        except NotFound:
            return "somebody removed the job"
        ended = next((one for one in status.get("conditions", ()) if one["type"] == "Failed"), None)
        if ended is not None:
            return f"{ended.get('reason', '')}: {ended.get('message', '')}"
        about = f"involvedObject.name={self._name},reason=FailedCreate"
        with contextlib.suppress(AuthError):  # whoever may not see events learns it when the time is over
            events = self._api.get(f"{self._core}/events", {"fieldSelector": about})["items"]
            return str(events[-1].get("message", "")) if events else ""
        return ""

    def _tell_waiting(self, pod: PodState) -> None:
        if pod.waits and pod.waits != self._said:
            self._said = pod.waits
            self._tell(pod.waits)

    def _read(self, pod: PodState) -> None:
        """What the container that runs has written since, until it ends or is silent for long."""
        if pod.logged is None:
            return
        about = {"container": pod.logged, "timestamps": "true"}
        about |= {} if pod.ended else {"follow": "true"}
        before = self._read_to.get(pod.logged, "")
        with contextlib.suppress(NotFound):  # the pod was removed meanwhile
            path = f"{named(f'{self._core}/pods', pod.name)}/log"
            for stamped in self._api.lines(path, about, _SILENCE_SECONDS):
                time, _, line = stamped.partition(" ")
                if _comparable(time) > before:
                    self._read_to[pod.logged] = _comparable(time)
                    said = self._redact(line)  # what is kept is told again by the error
                    self._last.append(said)
                    self._tell(said)

    def _failed(self, address: str, why: str) -> BuildFailed:
        return build_failure(
            address,
            why=why,
            hint="Its log is above. What the cluster needs is told in docs/images.md.",
            login="copy it into a registry that the build may read",
            lines=list(self._last),
            details={"tool": KUBERNETES, "job": self._name},
        )


def _comparable(time: str) -> str:
    """RFC 3339 in UTC, with all digits of its fraction: Kubernetes leaves out zeros at the end."""
    seconds, _, fraction = time.rstrip("Z").partition(".")
    return f"{seconds}.{fraction:0<9}"
