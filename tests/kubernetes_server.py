"""A stand-in for the API of a Kubernetes cluster: it knows the calls of a build, and refuses whatever the published
descriptions of batch/v1 Job, v1 Secret and DeleteOptions do not have."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

JOBS = "/apis/batch/v1/namespaces/builds/jobs"
CORE = "/api/v1/namespaces/builds"
UID = "8d3c7f0e-5a3e-4a57-9d3c-1f6f1b2a9c11"
TOKEN = "let-me-in"


def _shape(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


_TEXT, _WHOLE, _YES_OR_NO = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}
_TEXTS = {"type": "object", "additionalProperties": _TEXT}


def _list(one: Any) -> dict[str, Any]:
    return {"type": "array", "items": one}


_OWNER = _shape(["apiVersion", "kind", "name", "uid"], apiVersion=_TEXT, kind=_TEXT, name=_NAME, uid=_TEXT)
_METADATA = _shape(["name"], name=_NAME, labels=_TEXTS, ownerReferences=_list(_OWNER))
_PROFILE = _shape(["type"], type={"enum": ["Unconfined", "RuntimeDefault", "Localhost"]})
_CONTAINER = _shape(
    ["name", "image"],
    name=_NAME,
    image=_TEXT,
    command=_list(_TEXT),
    args=_list(_TEXT),
    env=_list(_shape(["name"], name=_TEXT, value=_TEXT)),
    resources=_shape([], requests=_TEXTS, limits=_TEXTS),
    securityContext=_shape(
        [],
        runAsUser=_WHOLE,
        runAsGroup=_WHOLE,
        runAsNonRoot=_YES_OR_NO,
        seccompProfile=_PROFILE,
        appArmorProfile=_PROFILE,
    ),
    volumeMounts=_list(_shape(["name", "mountPath"], name=_NAME, mountPath=_TEXT, readOnly=_YES_OR_NO)),
)
_VOLUME = _shape(
    ["name"], name=_NAME, emptyDir=_shape([]), secret=_shape([], secretName=_NAME, defaultMode=_WHOLE)
)
_POD = _shape(
    ["containers"],
    restartPolicy={"enum": ["Never", "OnFailure"]},  # a job takes no other
    automountServiceAccountToken=_YES_OR_NO,
    nodeSelector=_TEXTS,
    securityContext=_shape([], fsGroup=_WHOLE),
    initContainers=_list(_CONTAINER),
    containers=_list(_CONTAINER),
    volumes=_list(_VOLUME),
)
_JOB = _shape(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "batch/v1"},
    kind={"const": "Job"},
    metadata=_METADATA,
    spec=_shape(
        ["template"],
        backoffLimit=_WHOLE,
        activeDeadlineSeconds=_WHOLE,
        ttlSecondsAfterFinished=_WHOLE,
        template=_shape(["spec"], metadata=_shape([], labels=_TEXTS), spec=_POD),
    ),
)
_SECRET = _shape(
    ["apiVersion", "kind", "metadata"],
    apiVersion={"const": "v1"},
    kind={"const": "Secret"},
    metadata=_METADATA,
    type=_TEXT,
    data={"type": "object", "propertyNames": {"pattern": "^[-._a-zA-Z0-9]+$"}, "additionalProperties": _TEXT},
)
_DELETE = _shape(
    [],
    apiVersion={"const": "v1"},
    kind={"const": "DeleteOptions"},
    propagationPolicy={"enum": ["Orphan", "Background", "Foreground"]},
)


@dataclass
class Cluster:
    """What the stand-in answers. `pods` are the states of the job's pod, looked at one after the other, the last for
    good; None is no pod. `log` is told whole for each request. `refusals` are statuses by method and path."""

    server: str = ""
    pods: list[dict[str, Any] | None] = field(default_factory=list)
    log: Callable[[dict[str, str]], list[str]] = lambda query: []
    job_status: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    refusals: dict[tuple[str, str], int] = field(default_factory=dict)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    name: str = ""
    asked: list[str] = field(default_factory=list)

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        """Status, and an object or the lines of a log."""
        path = urlsplit(target).path
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        self.asked.append(f"{method} {path}")
        status = self.refusals.get((method, path.rpartition("/")[0] if method == "DELETE" else path))
        if status:
            return status, {"kind": "Status", "status": "Failure", "code": status, "message": "not for you"}
        if method == "POST":
            return self._create(path, body)
        if method == "DELETE":
            return self._delete(path, body)
        return self._get(path, query)

    def _create(self, path: str, body: Any) -> tuple[int, Any]:
        shape = {JOBS: _JOB, f"{CORE}/secrets": _SECRET}[path]
        Draft202012Validator(shape).validate(body)
        self.name = body["metadata"]["name"]
        self.made[body["kind"]] = body
        return 201, {**body, "metadata": {**body["metadata"], "uid": UID}}

    def _delete(self, path: str, body: Any) -> tuple[int, Any]:
        Draft202012Validator(_DELETE).validate(body)
        kind = {f"{JOBS}/{self.name}": "Job", f"{CORE}/secrets/{self.name}": "Secret"}[path]
        self.made.pop(kind)
        return 200, {"kind": "Status", "status": "Success"}

    def _get(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        if path == f"{CORE}/pods":
            assert query == {"labelSelector": f"job-name={self.name}"}
            pod = self.pods.pop(0) if len(self.pods) > 1 else self.pods[0]
            return 200, {"kind": "PodList", "items": [pod] if pod else []}
        if path == f"{CORE}/pods/pod-1/log":
            assert query.keys() <= {"container", "timestamps", "follow"}
            return 200, self.log(query)
        if path == f"{JOBS}/{self.name}":
            return 200, {"kind": "Job", "status": self.job_status}
        assert path == f"{CORE}/events"
        assert query == {"fieldSelector": f"involvedObject.name={self.name},reason=FailedCreate"}
        return 200, {"kind": "EventList", "items": self.events}


def pod(phase: str, *conditions: dict[str, Any], **containers: dict[str, Any]) -> dict[str, Any]:
    """A v1 Pod; `containers` are the states of `fetch` and `build`."""
    states = {name: {"name": name, "state": state} for name, state in containers.items()}
    status: dict[str, Any] = {"phase": phase, "conditions": list(conditions)}
    status |= {"initContainerStatuses": [states["fetch"]]} if "fetch" in states else {}
    status |= {"containerStatuses": [states["build"]]} if "build" in states else {}
    return {"kind": "Pod", "metadata": {"name": "pod-1"}, "status": status}


@contextmanager
def serving(cluster: Cluster, tls: Any = None) -> Iterator[Cluster]:
    """The cluster, at `server`, for who has its token. What it did not expect fails the test."""
    surprises: list[BaseException] = []

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._write(401, {"kind": "Status", "message": "Unauthorized"})
                return
            try:
                self._write(
                    *cluster.answer(self.command, self.path, json.loads(content) if content else None)
                )
            except Exception as error:  # noqa: BLE001 - the test raises it
                surprises.append(error)
                self._write(422, {"kind": "Status", "message": str(error)})

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815

        def _write(self, status: int, answer: Any) -> None:
            text = "".join(f"{line}\n" for line in answer) if isinstance(answer, list) else json.dumps(answer)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        cluster.server = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        yield cluster
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    if surprises:
        raise surprises[0]
