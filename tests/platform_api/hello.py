"""The example `hello` in a control plane, whose workers deploy it to the local cloud."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.conftest import a_project
from tests.e2e.project import Project
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Team
from tests.platform_api.served import Served

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello"
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
            assert isinstance(found["status"], str), found  # of a problem it is a number
            assert found["status"] not in OVER, found
            assert time.monotonic() < ends, self.log.read_text()
            time.sleep(0.5)  # the clock stands: all requests of a test are within one minute's limit
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


@contextmanager
def hello_server(control_plane: ControlPlane, team: Team, folder: Path) -> Iterator[Server]:
    with a_project(folder, "hello") as project:
        project.releases = True
        shutil.copytree(EXAMPLE, project.folder, dirs_exist_ok=True)
        specification = project.folder / "cygni.yaml"
        specification.write_text(specification.read_text().replace(*FROM_THE_SERVER))
        made = Server(control_plane, team, project)
        yield made
        made.close()
