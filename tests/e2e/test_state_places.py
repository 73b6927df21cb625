"""States that are not files of this machine: in PostgreSQL and in S3, seen by a second machine, after a kill."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from cygni.local_cloud import process
from cygni.naming import Part, stack_name
from cygni.state_place import state_place
from stacks.state import StackState, look_in_store
from stacks.state_store import store_at
from tests.conftest import aws_clients
from tests.e2e.cloud_gate import CloudGate
from tests.e2e.project import WORKER, Project
from tests.e2e.test_interruptions import ENGINE, at
from tests.postgres_server import PASSWORD, PostgresServer

pytestmark = [pytest.mark.engine, pytest.mark.slow]

LOCAL = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


def state_at(url: str, project: Project, part: Part) -> StackState:
    store = store_at(state_place(url), LOCAL)
    assert store is not None
    return look_in_store(store, stack_name(project.name, "local", part))


def second_machine(project: Project, folder: Path) -> Mapping[str, str]:
    """The variables of another machine that has the passphrase, and the same cloud before it, but no files."""
    shutil.copytree(project.settings.data_dir / "local-cloud", folder / "local-cloud")
    passphrase = project.settings.data_dir / "passphrase"
    return {"CYGNI_DATA_DIR": str(folder), "CYGNI_PASSPHRASE_FILE": str(passphrase)}


class TestPostgres:
    def test_keeps_the_state_and_shows_no_password(
        self, project: Project, postgres: PostgresServer, tmp_path: Path
    ) -> None:
        project.write(services={"mailer": WORKER})
        url = postgres.new_database()
        env = {"CYGNI_STATE": url}
        seen: list[str] = []
        running = project.start("deploy", "--yes", "--debug", env=env)
        while running.process.poll() is None:
            seen += _command_lines(running.pid)
            time.sleep(0.05)
        first = running.wait()
        assert first.code == 0, first.err
        assert any("pulumi" in line for line in seen)
        again = project.cx("deploy", "--yes", env=env)
        assert again.last_line.startswith("No changes"), again.err
        status = project.cx("status", "--json", env=env)
        assert [stack["pending"] for stack in status.json["stacks"]] == [0, 0, 0][
            : len(status.json["stacks"])
        ]
        outputs = project.cx("outputs", "foundation.clusterName", env=env)
        assert outputs.out.strip() == "shop_local"
        other = {**env, **second_machine(project, tmp_path / "other")}
        project.change(services={"mailer": {**WORKER, "image": "mailer:2"}})
        elsewhere = project.cx("deploy", "--yes", env=other)
        assert elsewhere.code == 0, elsewhere.err
        refused = project.cx(
            "diff", "--refresh", env={**other, "CYGNI_PASSPHRASE_FILE": str(_wrong(tmp_path))}
        )
        assert "CYGNI_PASSPHRASE_FILE" in refused.err
        gone = project.cx("destroy", "--yes", env=env)
        assert gone.code == 0, gone.err
        assert project.inventory() == []
        said = [
            *seen,
            *(
                part
                for one in (first, again, status, elsewhere, refused, gone)
                for part in (one.out, one.err)
            ),
        ]
        assert PASSWORD not in "\n".join(said)
        assert not [path for path in _files(project.root) if PASSWORD.encode() in path.read_bytes()]

    def test_is_recovered_after_a_kill(
        self, project: Project, gate: CloudGate, postgres: PostgresServer
    ) -> None:
        project.write(services={"mailer": WORKER})
        url = postgres.new_database()
        env = {"CYGNI_STATE": url}
        gate.open()
        gate.after = at(4, lambda: os.kill(project.find_process(ENGINE).pid, signal.SIGKILL))
        killed = project.cx("deploy", "--yes", env=env)
        assert killed.code == 1, killed.err
        left = state_at(url, project, Part.FOUNDATION)
        assert left.locked
        assert left.pending
        gate.open()
        mended = project.cx("deploy", "--yes", env=env)
        assert mended.code == 0, mended.err
        assert project.duplicates() == []
        for part in Part:
            assert not state_at(url, project, part).unsettled
        assert project.cx("destroy", "--yes", env=env).code == 0
        assert project.inventory() == []

    def test_is_recovered_by_a_later_lease_on_another_host(
        self, project: Project, gate: CloudGate, postgres: PostgresServer, tmp_path: Path
    ) -> None:
        project.write(services={"mailer": WORKER})
        url = postgres.new_database()
        env = {"CYGNI_STATE": url, "CYGNI_FENCE": "1"}
        gate.open()
        project.cx("deploy", env=env)  # a worker plans before it applies
        gate.after = at(4, lambda: os.kill(project.find_process(ENGINE).pid, signal.SIGKILL))
        killed = project.cx("deploy", "--yes", env=env)
        assert killed.code == 1, killed.err
        assert state_at(url, project, Part.FOUNDATION).locked
        gate.open()
        other = {**env, "CYGNI_FENCE": "2", **second_machine(project, tmp_path / "other")}
        mended = project.cx("deploy", "--yes", env=other)
        assert mended.code == 0, mended.err
        assert project.duplicates() == []
        assert project.cx("destroy", "--yes", env=other).code == 0
        assert project.inventory() == []


class TestBucket:
    def test_keeps_the_state(self, project: Project) -> None:
        project.write(services={"mailer": WORKER})
        endpoint = process.start(project.settings).endpoint
        aws_clients(endpoint)("s3").create_bucket(Bucket="states")
        env = {"CYGNI_STATE": "s3://states/team?region=us-east-1"}
        first = project.cx("deploy", "--yes", env=env)
        assert first.code == 0, first.err
        url = f"{env['CYGNI_STATE']}&endpoint={endpoint}"
        assert state_at(url, project, Part.SERVICES).resources
        assert project.stacks() == []
        assert project.cx("deploy", "--yes", env={"CYGNI_STATE": url}).last_line.startswith("No changes")
        assert project.cx("status", env=env).code == 0
        gone = project.cx("destroy", "--yes", env=env)
        assert gone.code == 0, gone.err
        assert [one["name"] for one in project.inventory()] == ["states"]

    def test_must_be_there(self, project: Project) -> None:
        project.write()
        result = project.cx("deploy", "--yes", env={"CYGNI_STATE": "s3://nobody-made-it"})
        assert (result.code, "aws s3 mb s3://nobody-made-it" in result.err) == (1, True), result.err


def _command_lines(pid: int) -> list[str]:
    """Of all that descends from a process; what ends meanwhile is left out."""
    found = []
    with contextlib.suppress(psutil.Error):
        for one in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                found.append(" ".join(one.cmdline()))
    return found


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _wrong(folder: Path) -> Path:
    path = folder / "wrong-passphrase"
    path.write_text("of somebody else")
    return path
