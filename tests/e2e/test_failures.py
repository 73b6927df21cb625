"""A cloud that refuses, goes away or is full: one clear error, and the next deploy continues."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cygni.errors import StateError
from cygni.local_cloud import process
from cygni.naming import Part
from tests.e2e.cloud_gate import Change, CloudGate, Refusal, gate_before, query_error
from tests.e2e.project import WORKER, Project, is_one_error
from tests.e2e.test_interruptions import ENGINE, at

pytestmark = [pytest.mark.engine, pytest.mark.slow]


class TestRefusedResource:
    def test_is_named_with_the_reason_and_the_deploy_continued(
        self, project: Project, gate: CloudGate
    ) -> None:
        def refuse(change: Change) -> Refusal | None:
            if change.name != "CreateSubnet" or "10.20.32.0" not in change.body:
                return None
            return query_error("SubnetLimitExceeded", "The maximum number of subnets has been reached.")

        project.write()
        gate.before = refuse
        result = project.cx("deploy", "--yes")
        assert result.code == 4
        assert is_one_error(result)
        assert "shop-local-public-b: CreateSubnet: SubnetLimitExceeded" in result.err
        assert "run the same command again to continue" in result.hint
        assert project.left_behind() == []
        assert project.differences() == []
        as_json = project.cx("deploy", "--yes", "--json")
        assert (as_json.code, as_json.json["error"]["code"]) == (4, "resource_failed")
        assert any("shop-local-public-b" in urn for urn in as_json.json["error"]["details"]["resources"])
        gate.open()
        made_before = len(project.inventory())
        project.deploy()
        assert 0 < made_before < len(project.inventory())
        assert project.duplicates() == []
        assert project.differences() == []
        project.destroy()


class TestNameThatIsTaken:
    def test_is_not_adopted(self, project: Project) -> None:
        """A log group of the same name that is somebody else's stays theirs."""
        import boto3

        cloud = process.start(project.settings)
        logs = boto3.client(
            "logs",
            endpoint_url=cloud.endpoint,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        logs.create_log_group(logGroupName="/cygni/shop/local/mailer", tags={"owner": "somebody"})
        project.write(services={"mailer": WORKER})
        result = project.cx("deploy", "--yes")
        assert (result.code, is_one_error(result)) == (4, True), result.err
        assert "shop-local-mailer: " in result.err
        assert "ResourceAlreadyExists" in result.err
        assert logs.list_tags_log_group(logGroupName="/cygni/shop/local/mailer")["tags"] == {
            "owner": "somebody"
        }
        logs.delete_log_group(logGroupName="/cygni/shop/local/mailer")
        project.deploy()
        assert project.differences() == []


class TestLostCloud:
    def test_is_told_and_a_new_one_filled(self, project: Project, gate: CloudGate) -> None:
        cloud = process.status(project.settings)
        assert cloud is not None
        project.write()
        gate.before = at(6, lambda: os.kill(cloud.pid, 9))
        result = project.cx("deploy", "--yes")
        assert result.code == 4, result.err
        assert is_one_error(result)
        assert project.left_behind() == []
        gate.open()
        again = project.cx("deploy", "--yes")
        assert again.code == 7, again.err
        assert "cx deploy --refresh" in again.hint
        project.deploy("--refresh")
        assert project.differences() == []
        assert project.kinds()["vpc"] == 1
        project.destroy()


@pytest.fixture
def small_disk(new_project: Callable[..., Project]) -> Iterator[Project]:
    """A project whose data is on a disk of 6 MB."""
    project = new_project()
    disk = project.root / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "cygni-e2e", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small disk")
    project.use_data_dir(disk / "data")
    yield project
    project.close()
    subprocess.run(["umount", "-l", str(disk)], check=True)


class TestFullDisk:
    def test_stops_with_one_error_and_continues_when_there_is_room(self, small_disk: Project) -> None:
        project = small_disk
        project.write()
        project.deploy()
        project.change(network={"nat": "single"})
        filler = project.settings.data_dir.parent / "filler"
        for spare in (0, 60):  # KiB: from nothing at all to enough for a part of the way
            self._fill(filler, spare * 1024)
            result = project.cx("deploy", "--yes")
            if result.code == 0:
                break
            assert result.code in (1, 15), result.err
            assert is_one_error(result), result.err
            assert "pace" in result.err  # `no space left`, `free some space`
            assert project.left_behind() == []
        filler.unlink()
        project.deploy()
        assert project.duplicates() == []
        assert project.differences() == []
        assert project.state(Part.FOUNDATION).exists
        project.destroy()

    def test_is_refused_before_anything_begins(self, small_disk: Project) -> None:
        project = small_disk
        project.write()
        assert project.cx("local", "up").code == 0
        self._fill(project.settings.data_dir.parent / "filler", 512 * 1024)
        result = project.cx("deploy", "--yes")
        assert (result.code, is_one_error(result)) == (15, True), result.err
        assert "too little space" in result.err
        assert project.inventory() == []

    def test_that_cuts_the_state_off_loses_nothing(self, small_disk: Project) -> None:
        """Somebody else fills the disk in the middle of an apply: the engine leaves a piece of its state, while
        the resource it was making is there. It would try again for minutes, so it is killed."""
        project = small_disk
        project.write()
        project.deploy()
        project.change(buckets={"files": {}})
        before = len(project.inventory())
        filler = project.settings.data_dir.parent / "filler"
        with gate_before(project.settings) as gate:
            gate.after = at(1, lambda: self._fill(filler, 8 * 1024))
            running = project.start("deploy", "--yes")
            while not (filler.exists() and self._stays_cut_off(project)):
                assert running.process.poll() is None, running.err
                time.sleep(0.01)
            os.kill(project.find_process(ENGINE).pid, signal.SIGKILL)
            result = running.wait()
            assert (result.code, is_one_error(result)) == (1, True), result.err
            assert len(project.inventory()) > before
            assert self._is_cut_off(project)
            filler.unlink()
            gate.open()
            continued = project.deploy()
            assert "was damaged and is restored from" in " ".join(continued.err.split())
            assert project.duplicates() == []
            assert project.differences() == []
            project.destroy("files")
        assert project.left_behind() == []

    def _stays_cut_off(self, project: Project) -> bool:
        """Twice, as a state that is just being written looks cut off too."""
        if not self._is_cut_off(project):
            return False
        time.sleep(0.1)
        return self._is_cut_off(project)

    def _is_cut_off(self, project: Project) -> bool:
        try:
            project.state(Part.DATA)
        except StateError:
            return True
        return False

    def _fill(self, filler: Path, spare: int) -> None:
        filler.unlink(missing_ok=True)
        try:
            with filler.open("wb", buffering=0) as file:
                while True:
                    file.write(b"\0" * 4096)
        except OSError:
            os.truncate(filler, filler.stat().st_size - spare)
