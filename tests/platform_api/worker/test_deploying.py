"""The whole path: from requests over a worker, the real `cx` and the local cloud to a service that answers."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.hello import AGAIN, CANARY, LOCAL, Server, hello_server
from tests.platform_api.people import Team

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture
def server(control_plane: ControlPlane, team: Team, tmp_path: Path) -> Iterator[Server]:
    with hello_server(control_plane, team, tmp_path) as made:
        yield made


JOB = """  greet:
    kind: job
    build:
      start: echo the job says hello
  wait:
    kind: job
    build:
      start: sleep 1000
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
    live = cx("releases", "--json").json["releases"][0]
    assert (live["state"], live["author"]) == ("live", "API key admin")
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

    job = str(server.team.owner.post(f"{LOCAL}/run", job="wait").json()["id"])
    server.until(job, lambda one: one["status"] == "watching")
    assert cx("scale", "web=1").code == 0
    assert cx("abort", job).code == 0
    server.until(job, lambda one: one["status"] == "cancelled")
    stopped = server.project.cx("run", "wait", "--started", "watch", "--token", job)
    assert (stopped.code, "Stopped by cx" in stopped.err) == (4, True), stopped.err

    destroyed = cx("destroy", "--yes", "--json", "--allow-destroy", "uploads")
    assert (destroyed.code, destroyed.json["deleted"] > 5) == (0, True), destroyed.err
    gone = cx("status", "--json")
    assert (gone.code, gone.json["error"]["code"]) == (6, "not_found")


@pytest.mark.timeout(900)
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


@pytest.mark.timeout(900)
def test_another_host_goes_on_with_a_state_that_all_reach(server: Server) -> None:
    server.team.owner.ask("PATCH", LOCAL, json={"needs_approval": False})
    server.environ["CYGNI_STATE"] = (server.project.root / "states").as_uri()
    worker = server.start()
    server.until(server.deploy("1"), lambda one: one["status"] == "succeeded")
    worker.terminate()
    worker.wait(60)

    here, other = server.project.settings.data_dir, server.project.root / "other"
    there = other / "server" / "worker" / "organizations" / here.name
    shutil.copytree(here / "local-cloud", there / "local-cloud", ignore=shutil.ignore_patterns("*.sock"))
    server.environ["CYGNI_DATA_DIR"] = str(other)
    server.start()
    again = server.until(server.deploy("1"), lambda one: one["status"] == "succeeded")
    assert set(again["plan"]["changes"].values()) == {0}
    passphrase = (here / "passphrase").read_text()
    assert (there / "passphrase").read_text() == passphrase
    assert passphrase not in server.log.read_text() + str(again) + str(server.events(again["id"]))
