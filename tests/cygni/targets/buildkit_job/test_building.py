"""A build on a cluster, against a stand-in of its API and botocore's Stubber in the place of AWS."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.stub import ANY, Stubber

from cygni.builder.images.remote import Clock, RemoteOrder
from cygni.builder.images.sources import image_source
from cygni.errors import AuthError, BaseImageMissing, BuildFailed, Unreachable, UsageError
from cygni.targets.buildkit_job.building import BuildkitJob
from cygni.targets.buildkit_job.place import BuildPlace
from cygni.targets.kubernetes.credentials import WrittenToken
from cygni.targets.kubernetes.kubeconfig import ClusterAccess
from tests.kubernetes_server import CORE, JOBS, TOKEN, UID, Cluster, pod, serving

REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
ADDRESS = f"{REGISTRY}/shop/staging/web:abc"
RUNNING = {"running": {"startedAt": "2026-11-22T10:00:00Z"}}
DONE = {"terminated": {"exitCode": 0, "reason": "Completed"}}
BAD = {"terminated": {"exitCode": 1, "reason": "Error"}}
FETCHED = pod("Pending", fetch=DONE)
SUCCEEDED = pod("Succeeded", fetch=DONE, build=DONE)


class Aws:
    """Clients of AWS: S3 takes and removes one archive, ECR gives a login."""

    def __init__(self, stack: ExitStack) -> None:
        self.made: dict[str, Any] = {}
        self.asked: list[str] = []
        for service in ("s3", "ecr"):
            client = boto3.client(
                service,
                "eu-west-1",
                aws_access_key_id="a",
                aws_secret_access_key="b",
                config=Config(signature_version="s3v4") if service == "s3" else None,
            )
            client.meta.events.register(f"provide-client-params.{service}.*", self._note)
            self.made[service] = client
        s3 = stack.enter_context(Stubber(self.made["s3"]))
        s3.add_response("put_object", {}, {"Bucket": "builds", "Key": ANY, "Body": ANY})
        s3.add_response("delete_object", {}, {"Bucket": "builds", "Key": ANY})
        given = {
            "authorizationToken": base64.b64encode(b"AWS:registry-password").decode(),
            "proxyEndpoint": f"https://{REGISTRY}",
        }
        ecr = stack.enter_context(Stubber(self.made["ecr"]))
        ecr.add_response("get_authorization_token", {"authorizationData": [given]})

    def __call__(self, service: str, region: str | None = None) -> Any:
        return self.made[service]

    def _note(self, model: Any, **given: Any) -> None:
        self.asked.append(model.name)


@pytest.fixture
def aws() -> Iterator[Aws]:
    with ExitStack() as stack:
        yield Aws(stack)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with serving(Cluster()) as one:
        yield one


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RemoteOrder:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    monkeypatch.setenv("NPM", "hunter2-npm")
    return RemoteOrder(
        image_source(tmp_path), ADDRESS, "linux/arm64", "eu-west-1", {"TOKEN": "env:NPM"}, tmp_path
    )


def build(cluster: Cluster, aws: Aws, order: RemoteOrder, sleep: Any = lambda seconds: None) -> list[str]:
    """The lines that were told."""
    told: list[str] = []
    access = ClusterAccess("town", cluster.server, "default", WrittenToken(TOKEN), None)
    clients: Any = aws
    place = BuildPlace(access, "builds", "builds", "cx/")
    name = BuildkitJob(place, clients, clock=Clock(sleep=sleep)).build(order, told.append)
    assert name.startswith("builds/cygni-build-")
    return told


def kept(cluster: Cluster) -> dict[str, dict[str, Any]]:
    """What will be made of the cluster, also after it was removed there."""
    found: dict[str, dict[str, Any]] = {}
    creating = cluster._create

    def create(path: str, body: Any) -> tuple[int, Any]:
        found[body["kind"]] = body
        return creating(path, body)

    cluster._create = create  # type: ignore[method-assign]
    return found


class TestBuild:
    def test_runs_a_job_tells_its_log_and_removes_it_all(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        cluster.pods = [None, FETCHED, pod("Running", fetch=DONE, build=RUNNING), SUCCEEDED]
        lines = ["2026-11-22T10:00:00.1Z #1 one", "2026-11-22T10:00:00.15Z #2 hunter2-npm"]
        cluster.log = lambda query: lines if query["container"] == "build" else []
        assert build(cluster, aws, order) == ["#1 one", "#2 [secret]"]
        assert cluster.made == {}
        assert aws.asked[-1] == "DeleteObject"

    def test_is_for_the_processor_and_pushes_what_the_dockerfile_says(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        made = kept(cluster)
        cluster.pods = [SUCCEEDED]
        build(cluster, aws, order)
        spec = made["Job"]["spec"]["template"]["spec"]
        assert spec["nodeSelector"]["kubernetes.io/arch"] == "arm64"
        assert spec["automountServiceAccountToken"] is False
        [container] = spec["containers"]
        assert container["command"][0] == "buildctl-daemonless.sh"
        assert {
            "--opt=platform=linux/arm64",
            f"--output=type=image,name={ADDRESS},push=true",
            "--secret=id=TOKEN,src=/given/secret-0",
        } <= set(container["command"])

    def test_has_secrets_in_a_secret_that_ends_with_the_job_and_nowhere_else(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        made = kept(cluster)
        cluster.pods = [SUCCEEDED]
        build(cluster, aws, order)
        data = {key: base64.b64decode(value).decode() for key, value in made["Secret"]["data"].items()}
        assert data["secret-0"] == "hunter2-npm"
        auth = json.loads(data["config.json"])["auths"][REGISTRY]["auth"]
        assert base64.b64decode(auth) == b"AWS:registry-password"
        fetched = urlsplit(data["context-address"])
        assert parse_qs(fetched.query)["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
        assert [one["uid"] for one in made["Secret"]["metadata"]["ownerReferences"]] == [UID]
        job = json.dumps(made["Job"])
        assert not any(one in job for one in ("hunter2", auth, "X-Amz", fetched.path))

    def test_says_each_line_once_where_the_log_is_read_again(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        running = pod("Running", fetch=DONE, build=RUNNING)
        cluster.pods = [running, running, SUCCEEDED]
        written = iter([1, 3, 3])
        lines = [f"2026-11-22T10:00:0{number}Z line {number}" for number in range(3)]
        cluster.log = lambda query: lines[: next(written)]
        assert build(cluster, aws, order) == ["line 0", "line 1", "line 2"]

    def test_that_fails_says_why_and_how_it_ended(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        cluster.pods = [pod("Failed", fetch=DONE, build=BAD)]
        cluster.log = lambda query: ["2026-11-22T10:00:00Z no such package: flaks"]
        with pytest.raises(BuildFailed, match="BuildKit ended with 1$") as failed:
            build(cluster, aws, order)
        assert failed.value.details["last_lines"] == ["no such package: flaks"]
        assert cluster.made == {}

    def test_that_fails_keeps_no_secret_in_its_last_lines(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        cluster.pods = [pod("Failed", fetch=DONE, build=BAD)]
        cluster.log = lambda query: ["2026-11-22T10:00:00Z 401 for //hunter2-npm@registry"]
        with pytest.raises(BuildFailed) as failed:
            build(cluster, aws, order)
        assert failed.value.details["last_lines"] == ["401 for //[secret]@registry"]

    def test_tells_a_base_image_that_is_missing(self, cluster: Cluster, aws: Aws, order: RemoteOrder) -> None:
        cluster.pods = [pod("Failed", fetch=DONE, build=BAD)]
        said = "error: failed to resolve source metadata for docker.io/library/nope:1: not found"
        cluster.log = lambda query: [f"2026-11-22T10:00:00Z {said}"]
        with pytest.raises(BaseImageMissing, match="docker.io/library/nope:1"):
            build(cluster, aws, order)

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            (pod("Failed", fetch=BAD), "its context could not be fetched: it ended with 1"),
            (
                pod("Failed", fetch=DONE, build={"terminated": {"exitCode": 137, "reason": "OOMKilled"}}),
                r"BuildKit ended with 137 \(OOMKilled\)",
            ),
            (
                pod("Pending", fetch={"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}),
                "ImagePullBackOff: no such image",
            ),
        ],
    )
    def test_that_cannot_go_on_ends(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder, state: dict[str, Any], said: str
    ) -> None:
        cluster.pods = [state]
        with pytest.raises(BuildFailed, match=said):
            build(cluster, aws, order)
        assert cluster.made == {}

    def test_waits_for_a_node_and_says_so_once(self, cluster: Cluster, aws: Aws, order: RemoteOrder) -> None:
        why = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
        cluster.pods = [pod("Pending", why), pod("Pending", why), SUCCEEDED]
        assert build(cluster, aws, order) == ["Unschedulable: 0/3 nodes"]

    def test_whose_pod_is_not_allowed_ends_with_what_the_cluster_says(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        cluster.pods = [None]
        cluster.events = [{"message": 'pods "x" is forbidden: violates PodSecurity "baseline"'}]
        with pytest.raises(BuildFailed, match='violates PodSecurity "baseline"'):
            build(cluster, aws, order)

    def test_that_took_too_long_ends_with_what_the_job_says(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        cluster.pods = [None]
        late = {"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "was active"}
        cluster.job_status = {"conditions": [late]}
        with pytest.raises(BuildFailed, match="DeadlineExceeded: was active"):
            build(cluster, aws, order)

    def test_that_is_interrupted_is_removed(self, cluster: Cluster, aws: Aws, order: RemoteOrder) -> None:
        def interrupted(seconds: float) -> None:
            raise KeyboardInterrupt

        cluster.pods = [None]
        with pytest.raises(KeyboardInterrupt):
            build(cluster, aws, order, interrupted)
        assert cluster.made == {}
        assert aws.asked[-1] == "DeleteObject"

    def test_goes_on_where_the_cluster_does_not_answer_for_a_while(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        cluster.pods = [SUCCEEDED]
        cluster.refusals[("GET", f"{CORE}/pods")] = 503
        slept: list[float] = []

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            if len(slept) == 3:
                cluster.refusals.clear()

        assert build(cluster, aws, order, sleep) == []
        cluster.refusals[("GET", f"{CORE}/pods")] = 503
        with ExitStack() as stack, pytest.raises(Unreachable, match="answered 503: not for you"):
            build(cluster, Aws(stack), order)
        assert cluster.made == {}

    def test_that_is_not_allowed_sends_no_secret(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        cluster.refusals[("POST", JOBS)] = 403
        with pytest.raises(AuthError, match="answered 403: not for you"):
            build(cluster, aws, order)
        assert cluster.asked == [f"POST {JOBS}"]
        assert aws.asked == ["PutObject", "DeleteObject"]

    def test_with_secrets_that_are_too_large_sends_nothing(
        self, cluster: Cluster, aws: Aws, order: RemoteOrder
    ) -> None:
        (order.folder / "large").write_bytes(b"x" * 1024 * 1024)
        large = RemoteOrder(
            order.source, ADDRESS, "linux/arm64", "eu-west-1", {"A": "file:large"}, order.folder
        )
        with pytest.raises(UsageError, match="900 KiB together"):
            build(cluster, aws, large)
        assert (cluster.asked, aws.asked) == ([], [])
