from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import benchmarks.releases
from benchmarks.streams import Streams

ROOT = Path(benchmarks.releases.__file__).parent.parent


@pytest.fixture
def task(tmp_path: Path) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Starts the program of which the benchmark makes tasks."""
    for file in ("examples/hello/app.py", "benchmarks/streaming.py"):
        shutil.copy(ROOT / file, tmp_path)
    running: list[subprocess.Popen[bytes]] = []

    def start(port: int) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port)}
        running.append(
            subprocess.Popen([sys.executable, "streaming.py"], cwd=tmp_path, env=environment, stdout=-3)
        )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return running[-1]
            time.sleep(0.02)
        raise AssertionError("the program does not listen")

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def heard(streams: Streams, events: int) -> None:
    wanted = streams.events + events
    while streams.events < wanted:
        time.sleep(0.02)


def test_are_not_broken_where_their_task_is_asked_to_end(
    task: Callable[[int], subprocess.Popen[bytes]], port: int
) -> None:
    process = task(port)
    with Streams(f"http://127.0.0.1:{port}/", each=2) as streams:
        heard(streams, 12)
        process.terminate()
        assert process.wait(60) == 0
        while streams.ended < 4:
            time.sleep(0.02)
        task(port)
        heard(streams, 12)


def test_are_broken_where_it_is_killed(task: Callable[[int], subprocess.Popen[bytes]], port: int) -> None:
    process = task(port)
    with Streams(f"http://127.0.0.1:{port}/", each=2) as streams:
        heard(streams, 12)
        process.kill()
        process.wait()
    assert streams.ended == 0
    broken = [kind for kind in streams.failures if "refused" not in kind]
    assert {kind.partition(":")[0] for kind in broken} == {"events", "socket"}
