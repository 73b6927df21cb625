"""The whole path: from requests over a worker, the real `cx` and the local cloud to a service that answers."""

from __future__ import annotations

import base64
import io
import json
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import a_project
from tests.e2e.project import Project
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Team
from tests.platform_api.served import Served

pytestmark = [pytest.mark.engine, pytest.mark.slow]

EXAMPLE = Path(__file__).parents[3] / "examples" / "hello"
HELLO = "/v1/organizations/acme/projects/hello"
LOCAL = f"{HELLO}/environments/local"
OVER = {"succeeded", "failed", "cancelled", "needs_attention"}
KEY = base64.b64encode(b"k" * 32)
CANARY, AGAIN = "canary-of-the-greeting", "canary-of-another-greeting"
FROM_THE_SERVER = ("env:\n      GREETING: hello", "secrets:\n      GREETING: secrets://GREETING")
"""In cygni.yaml."""


class Server:
    """The project `hello` of `acme`, and workers for it."""

    def __init__(self, plane: ControlPlane, team: Team, project: Project) -> None:
        self.team, self.project = team, project
        key = project.root / "key"
        key.write_bytes(KEY)
        self.environ = project.environ(
            CYGNI_DATABASE_URL=plane.owner_url,
            CYGNI_SERVER_KEY_FILE=str(key),
            CYGNI_WORKER_LOCAL="on",
            CYGNI_RELEASES="on",
        )
        self.log = project.root / "worker"
        self.workers: list[subprocess.Popen[bytes]] = []
        team.owner.post("/v1/organizations/acme/projects", slug="hello")
        team.owner.post(f"{HELLO}/environments", name="local", needs_approval=True)
        team.owner.ask("PUT", f"{LOCAL}/secrets/GREETING", json={"value": CANARY})
        self.http = Served(plane.owner_url)
        self.http.start()
        scopes = ["project:read", "environment:read", "deployment:read", "deployment:create"]
        made = team.owner.post("/v1/organizations/acme/api-keys", name="ci", scopes=scopes).json()
        self.pipeline = project.environ(
            CYGNI_API_URL=f"http://127.0.0.1:{self.http.port}",
            CYGNI_API_KEY=made["key"],
            CYGNI_DATA_DIR=str(project.root / "pipeline"),
        )
        """The environment of a pipeline that may deploy, and not approve."""
        organization = team.owner.get("/v1/organizations/acme").json()["id"]
        data = project.settings.data_dir / "server" / "worker" / "organizations" / organization
        project.use_data_dir(data)

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "platform_api.worker"]
            worker = subprocess.Popen(command, stdout=log, stderr=log, env=self.environ)
        self.workers.append(worker)
        return worker

    def deploy(self, version: str) -> str:
        """Begins a deployment of this version of the example."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for file in sorted(EXAMPLE.iterdir()):
                text = file.read_text().replace('"VERSION", "1"', f'"VERSION", "{version}"')
                content = text.replace(*FROM_THE_SERVER).encode()
                member = tarfile.TarInfo(file.name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        sent = self.team.owner.ask("POST", f"{HELLO}/sources", content=buffer.getvalue())
        made = self.team.owner.post(f"{LOCAL}/deployments", source=sent.json()["id"])
        assert made.status_code == 202, made.text
        return str(made.json()["id"])

    def read(self, deployment: str) -> dict[str, Any]:
        found: dict[str, Any] = self.team.owner.get(f"{LOCAL}/deployments/{deployment}").json()
        return found

    def until(self, deployment: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        ends = time.monotonic() + 180
        while not wanted(found := self.read(deployment)):
            assert found["status"] not in OVER, found
            assert time.monotonic() < ends, self.log.read_text()
            time.sleep(0.2)
        return found

    def approved(self, deployment: str) -> dict[str, Any]:
        """What it was when it waited for the approval that it got then."""
        waiting = self.until(deployment, lambda one: one["status"] == "awaiting_approval")
        path = f"{LOCAL}/deployments/{deployment}/approve"
        assert self.team.owner.post(path, plan=waiting["plan"]["digest"]).status_code == 200
        return waiting

    def events(self, deployment: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            last = found[-1]["number"] if found else 0
            page = self.team.owner.get(f"{LOCAL}/deployments/{deployment}/events?after={last}").json()
            found += page["items"]
            if page["over"]:
                return found

    def answer(self, name: str = "version") -> str:
        """What the service says, as a client hears it."""
        url = self.project.cx("outputs", "--env", "local", "--json").json["services"]["urls"]["web"]
        with urllib.request.urlopen(url, timeout=30) as answer:
            return str(json.load(answer)[name])

    def newest(self) -> str:
        """The newest deployment, once there is one."""
        ends = time.monotonic() + 60
        while not (found := self.team.owner.get(f"{LOCAL}/deployments").json()["items"]):
            assert time.monotonic() < ends
            time.sleep(0.1)
        return str(found[0]["id"])

    def close(self) -> None:
        self.http.stop()
        for worker in self.workers:
            if worker.poll() is None:
                worker.terminate()
                worker.wait(60)


@pytest.fixture
def server(control_plane: ControlPlane, team: Team, tmp_path: Path) -> Iterator[Server]:
    with a_project(tmp_path, "hello") as project:
        project.releases = True
        shutil.copytree(EXAMPLE, project.folder, dirs_exist_ok=True)
        specification = project.folder / "cygni.yaml"
        specification.write_text(specification.read_text().replace(*FROM_THE_SERVER))
        made = Server(control_plane, team, project)
        yield made
        made.close()


JOB = """  greet:
    kind: job
    build:
      start: echo the job says hello
"""


@pytest.mark.timeout(900)
def test_what_is_deployed_is_seen_scaled_and_deleted_through_the_control_plane(server: Server) -> None:
    specification = server.project.folder / "cygni.yaml"
    specification.write_text(specification.read_text().replace("\nbuckets:", f"{JOB}\nbuckets:"))
    server.team.owner.ask("PATCH", LOCAL, json={"needs_approval": False})
    scopes = [
        "project:read",
        "environment:manage",
        "environment:read",
        "deployment:read",
        "deployment:create",
    ]
    made = server.team.owner.post("/v1/organizations/acme/api-keys", name="admin", scopes=scopes).json()
    server.pipeline["CYGNI_API_KEY"] = made["key"]

    def cx(*arguments: str) -> Any:
        return server.project.cx(*arguments, env=server.pipeline)

    server.start()
    nothing = cx("status")
    assert (nothing.code, "nothing of hello was deployed" in nothing.err) == (6, True), nothing.err
    deployed = cx("deploy", "--yes", "--json")
    assert deployed.code == 0, deployed.err

    seen = cx("status", "--json")
    assert (seen.code, seen.json["project"], seen.json["live"]["asked"]) == (0, "hello", True), seen.err
    shown = cx("status")
    assert (shown.code, shown.out, "a month" in shown.err) == (0, "", True), shown.err
    assert cx("releases", "--json").json["releases"][0]["state"] == "live"
    url = deployed.json["outputs"]["services"]["urls"]["web"]
    assert cx("outputs", "services.urls.web").out == f"{url}\n"
    assert cx("open", "--print").out == f"{url}\n"

    scaled = cx("scale", "web=2", "--json")
    assert (scaled.code, scaled.json["kind"]) == (0, "scale"), scaled.err
    assert "Tasks: web 1 → 2" in scaled.err
    ran = cx("run", "greet")
    assert (ran.code, ran.out) == (0, "the job says hello\n"), ran.err
    logs = cx("logs", "greet", "--json")
    [line] = [json.loads(one) for one in logs.out.splitlines()]
    assert (line["service"], line["message"]) == ("greet", "the job says hello")

    destroyed = cx("destroy", "--yes", "--json", "--allow-destroy", "uploads")
    assert (destroyed.code, destroyed.json["deleted"] > 5) == (0, True), destroyed.err
    gone = cx("status", "--json")
    assert (gone.code, gone.json["error"]["code"]) == (6, "not_found")


def test_a_deployment_goes_from_the_request_over_its_approval_to_a_service_that_answers(
    server: Server,
) -> None:
    worker = server.start()
    command = server.project.start("deploy", "--yes", env=server.pipeline)
    first = server.newest()
    waiting = server.approved(first)
    assert float(waiting["monthly_delta"]) > 0
    assert waiting["plan"]["changes"]["create"] > 5
    server.until(first, lambda one: one["status"] == "releasing")
    server.http.stop()
    server.http.start()
    deployed = command.wait(180)
    assert deployed.code == 0, deployed.err
    shown = ["By the control plane", "hello · local", "Done:", "web: http"]
    assert [one for one in shown if deployed.err.count(one) != 1] == [], deployed.err
    done = server.read(first)
    assert (done["release"], done["attempt"]) == (1, 1)
    assert server.answer() == "1"
    events = server.events(first)
    kinds = [one["kind"] for one in events]
    assert kinds.index("said") < kinds.index("began") < kinds.index("step_ended")
    assert [one["data"]["status"] for one in events if one["kind"] == "status"] == [
        *("queued", "planning", "awaiting_approval", "approved", "applying", "releasing", "succeeded")
    ]

    again = server.deploy("1")
    nothing = server.until(again, lambda one: one["status"] == "succeeded")
    assert set(nothing["plan"]["changes"].values()) == {0}

    assert server.answer("greeting") == CANARY
    server.team.owner.ask("PUT", f"{LOCAL}/secrets/GREETING", json={"value": AGAIN})
    released_anew = server.deploy("1")
    [release] = server.approved(released_anew)["plan"]["releases"]
    assert (release["rollout"], release["secrets"]) == ("secrets", ["GREETING"])
    server.until(released_anew, lambda one: one["status"] == "succeeded")
    assert server.answer("greeting") == AGAIN

    second = server.deploy("2")
    server.approved(second)
    server.until(second, lambda one: one["status"] == "releasing")
    worker.send_signal(signal.SIGKILL)
    server.start()
    recovered = server.until(second, lambda one: one["status"] == "succeeded")
    assert (recovered["attempt"], server.answer()) == (2, "2")

    back = server.project.cx("rollback", "--json", env=server.pipeline)
    assert (back.code, back.json["kind"], back.json["release"]) == (0, "rollback", 2), back.err
    assert server.answer() == "1"
    data = server.project.settings.data_dir
    kept = [one for one in (*data.rglob("*.json"), *data.rglob("*.bak")) if ".pulumi" in one.parts]
    assert kept
    told = [json.dumps(events), json.dumps(server.events(released_anew)), server.log.read_text()]
    for text in (*told, *(one.read_text() for one in kept)):
        assert "canary-of" not in text
    assert list((server.project.settings.data_dir.parents[1] / "work").iterdir()) == []
