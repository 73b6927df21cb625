from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cygni.background.record import RECORD_NAME, ServerRecord, read_record, write_record
from cygni.errors import LocalCloudError, StateError
from cygni.local_cloud import process
from cygni.settings import Settings

STARTER = "from cygni.local_cloud import process; print(process.start().pid)"


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """A data folder of the test's own, the one that the environment names too; nothing runs after the test."""
    settings = Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")
    yield settings
    folder = process.local_cloud_folder(settings)
    record = read_record(folder) if folder.is_dir() else None
    if record is not None and psutil.pid_exists(record.pid) and record.pid != os.getpid():
        os.kill(record.pid, signal.SIGCONT)
        process.stop(settings)


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


class TestStart:
    def test_returns_a_cloud_that_answers(self, settings: Settings) -> None:
        cloud = process.start(settings)
        assert process.status(settings) is not None
        assert (cloud.endpoint, cloud.resources) == (f"http://127.0.0.1:{cloud.port}", {})
        assert psutil.Process(cloud.pid).is_running()

    def test_closes_the_data_folder_to_others(self, settings: Settings) -> None:
        settings.data_dir.mkdir()
        settings.data_dir.chmod(0o755)
        process.start(settings)
        assert settings.data_dir.stat().st_mode & 0o067 == 0  # root's PostgreSQL passes through

    def test_returns_the_one_that_runs(self, settings: Settings) -> None:
        first = process.start(settings)
        again = process.start(settings)
        assert (again.pid, again.instance_id, again.port) == (first.pid, first.instance_id, first.port)

    def test_has_another_identity_after_a_restart(self, settings: Settings) -> None:
        first = process.start(settings)
        process.stop(settings)
        assert process.start(settings).instance_id != first.instance_id

    def test_of_two_at_once_starts_one_which_outlives_both(self, settings: Settings) -> None:
        starters = [
            subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        pids = {int(starter.communicate(timeout=30)[0]) for starter in starters}
        running = process.status(settings)
        assert running is not None
        assert pids == {running.pid}

    def test_leaves_no_child_to_reap(self, settings: Settings) -> None:
        cloud = process.start(settings)
        assert cloud.pid not in {child.pid for child in psutil.Process().children()}

    def test_takes_the_port_that_is_asked_for(self, settings: Settings) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        assert process.start(settings, port=port).port == port

    def test_takes_the_port_of_the_settings(self, settings: Settings) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        chosen = Settings(settings.data_dir, settings.cache_dir, local_port=port)
        assert process.start(chosen).port == port

    def test_says_when_the_port_is_in_use(self, settings: Settings) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(LocalCloudError, match=f"port {port} is in use") as caught:
                process.start(settings, port=port)
        assert "--port" in (caught.value.hint or "")
        assert process.status(settings) is None

    @pytest.mark.parametrize("port", [-1, 65536])
    def test_refuses_what_is_no_port(self, settings: Settings, port: int) -> None:
        with pytest.raises(LocalCloudError, match="is no port"):
            process.start(settings, port=port)

    def test_refuses_another_port_than_that_of_the_one_that_runs(self, settings: Settings) -> None:
        cloud = process.start(settings)
        with pytest.raises(LocalCloudError, match=f"already runs on port {cloud.port}"):
            process.start(settings, port=1 if cloud.port != 1 else 2)

    def test_cleans_up_after_a_killed_server(self, settings: Settings) -> None:
        killed = process.start(settings)
        os.kill(killed.pid, signal.SIGKILL)
        cloud = process.start(settings)
        assert cloud.pid != killed.pid
        assert cloud.instance_id != killed.instance_id

    def test_is_not_misled_by_a_pid_that_another_program_has(self, settings: Settings) -> None:
        folder = process.local_cloud_folder(settings)
        folder.mkdir(parents=True)
        write_record(folder, ServerRecord(os.getpid(), psutil.Process().create_time(), 1, "lc-old"))
        assert process.start(settings).pid != os.getpid()

    @pytest.mark.parametrize("torn", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "port": 1}'])
    def test_is_not_misled_by_a_torn_pid_file(self, settings: Settings, torn: str) -> None:
        folder = process.local_cloud_folder(settings)
        folder.mkdir(parents=True)
        (folder / RECORD_NAME).write_text(torn)
        cloud = process.start(settings)
        written = read_record(folder)
        assert written is not None
        assert written.pid == cloud.pid

    def test_shows_the_last_words_of_a_server_that_could_not_start(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(process, "SERVER_MODULE", "cygni.local_cloud.nowhere")
        with pytest.raises(LocalCloudError, match="did not start") as caught:
            process.start(settings)
        assert "No module named cygni.local_cloud.nowhere" in caught.value.message

    def test_shows_why_the_server_could_not_write_its_pid_file(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record = process.local_cloud_folder(settings) / RECORD_NAME
        record.mkdir(parents=True)
        with monkeypatch.context() as blind:
            blind.setattr(process, "_record", lambda folder: None)
            with pytest.raises(LocalCloudError, match="did not start") as caught:
                process.start(settings)
        record.rmdir()
        assert "the local cloud could not start" in caught.value.message
        assert "Is a directory" in caught.value.message

    def test_says_when_the_pid_file_cannot_be_read(self, settings: Settings) -> None:
        record = process.local_cloud_folder(settings) / RECORD_NAME
        record.mkdir(parents=True)
        with pytest.raises(StateError, match="cannot read the local cloud's pid file"):
            process.start(settings)
        record.rmdir()

    def test_says_when_the_folder_cannot_be_used(self, settings: Settings) -> None:
        settings.data_dir.write_text("a file where the folder should be")
        with pytest.raises(StateError, match="cannot write to") as caught:
            process.start(settings)
        assert "CYGNI_DATA_DIR" in (caught.value.hint or "")

    def test_says_when_the_disk_is_full(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(path: Path, content: bytes) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(Path, "write_bytes", full)
        with pytest.raises(StateError, match="No space left on device"):
            process.start(settings)

    def test_hands_no_credentials_to_the_server(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
        monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "s3cr3t")
        server = psutil.Process(process.start(settings).pid)
        assert "s3cr3t" not in json.dumps(server.environ())
        assert "s3cr3t" not in " ".join(server.cmdline())


class TestStatus:
    def test_is_none_where_nothing_was_started(self, settings: Settings) -> None:
        assert process.status(settings) is None
        assert not settings.data_dir.exists()

    def test_removes_the_pid_file_of_a_dead_server(self, settings: Settings) -> None:
        folder = process.local_cloud_folder(settings)
        folder.mkdir(parents=True)
        write_record(folder, ServerRecord(dead_pid(), time.time(), 1, "lc-old"))
        assert process.status(settings) is None
        assert not (folder / RECORD_NAME).exists()

    def test_says_when_the_server_does_not_answer(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cloud = process.start(settings)
        monkeypatch.setattr(process, "ANSWER_SECONDS", 0.3)
        os.kill(cloud.pid, signal.SIGSTOP)
        with pytest.raises(LocalCloudError, match="runs but does not answer") as caught:
            process.status(settings)
        assert "cx local down" in (caught.value.hint or "")

    def test_is_none_when_another_program_has_the_port(self, settings: Settings) -> None:
        folder = process.local_cloud_folder(settings)
        folder.mkdir(parents=True)
        with socket.socket() as other:

            def hang_up() -> None:
                other.accept()[0].close()

            other.bind(("127.0.0.1", 0))
            other.listen()
            threading.Thread(target=hang_up, daemon=True).start()
            write_record(folder, ServerRecord(dead_pid(), time.time(), other.getsockname()[1], "lc-old"))
            assert process.status(settings) is None


class TestStop:
    def test_ends_the_server_and_removes_its_pid_file(self, settings: Settings) -> None:
        cloud = process.start(settings)
        assert process.stop(settings) is True
        assert gone(cloud.pid)
        assert not (process.local_cloud_folder(settings) / RECORD_NAME).exists()

    def test_says_when_none_ran(self, settings: Settings) -> None:
        assert process.stop(settings) is False

    def test_ends_a_server_that_is_stuck(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        cloud = process.start(settings)
        monkeypatch.setattr(process, "STOP_SECONDS", 0.3)
        os.kill(cloud.pid, signal.SIGSTOP)
        assert process.stop(settings) is True
        assert gone(cloud.pid)

    def test_never_ends_another_program(self, settings: Settings) -> None:
        folder = process.local_cloud_folder(settings)
        folder.mkdir(parents=True)
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
            started = psutil.Process(other.pid).create_time()
            write_record(folder, ServerRecord(other.pid, started, 1, "lc-old"))
            assert process.stop(settings) is False
            assert other.poll() is None


class TestReset:
    def test_empties_the_cloud_and_changes_its_identity(self, settings: Settings) -> None:
        from tests.conftest import aws_clients

        before = process.start(settings)
        aws_clients(before.endpoint)("sqs").create_queue(QueueName="jobs")
        assert process.inventory(settings) != []
        after = process.reset(settings)
        assert after.instance_id != before.instance_id
        assert (after.pid, after.port) == (before.pid, before.port)
        assert process.inventory(settings) == []
        written = read_record(process.local_cloud_folder(settings))
        assert written is not None
        assert written.instance_id == after.instance_id

    def test_says_when_the_cloud_is_not_running(self, settings: Settings) -> None:
        with pytest.raises(LocalCloudError, match="not running"):
            process.reset(settings)


class TestLogs:
    def test_are_empty_where_it_never_ran(self, settings: Settings) -> None:
        assert process.logs(settings) == []

    def test_are_the_last_lines(self, settings: Settings) -> None:
        cloud = process.start(settings)
        process.reset(settings)
        assert process.logs(settings)[1].endswith(f"serving on port {cloud.port} as {cloud.instance_id}")
        [last] = process.logs(settings, lines=1)
        assert "reset: now lc-" in last

    def test_tell_of_changes_by_the_operations_name(self, settings: Settings) -> None:
        from tests.conftest import aws_clients

        client = aws_clients(process.start(settings).endpoint)("sqs")
        client.create_queue(QueueName="jobs")
        client.list_queues()
        told = "\n".join(process.logs(settings))
        assert "sqs CreateQueue 200" in told
        assert "ListQueues" not in told

    def test_keep_no_secret(self, settings: Settings) -> None:
        from tests.conftest import aws_clients

        client = aws_clients(process.start(settings).endpoint)("secretsmanager")
        client.create_secret(Name="a", SecretString="s3cr3t")
        with pytest.raises(client.exceptions.ClientError) as caught:
            client.create_secret(Name="b", SecretString="s3cr3t" * 20_000)
        assert "s3cr3t" not in str(caught.value)
        assert "s3cr3t" not in "\n".join(process.logs(settings))

    def test_can_be_followed(self, settings: Settings) -> None:
        process.start(settings)
        following = process.follow_logs(settings, pause=0.01)
        process.reset(settings)
        assert "reset: now lc-" in next(following)
