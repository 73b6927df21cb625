"""The examples as they are: programs that answer, and end without losing a request."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cygni.builder.context import read_context
from cygni.local_cloud.images.start import start_command
from cygni.local_cloud.task_runner.ports import free_port
from cygni.spec import WebService, load_spec
from tests.cygni.local_cloud.balanced import eventually

EXAMPLES = Path(__file__).parents[2] / "examples"
NEEDS = {"hello": "python3", "hello-node": "node", "hello-go": "go"}

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(params=sorted(NEEDS))
def example(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A built copy of an example, as `cx deploy` makes one."""
    name: str = request.param
    if shutil.which(NEEDS[name]) is None:
        pytest.skip(f"{name} needs {NEEDS[name]}, which is not installed")
    folder = tmp_path / name
    folder.mkdir()
    read_context(EXAMPLES / name).copy_to(folder)
    for step in service(name).build.steps:  # type: ignore[union-attr]
        subprocess.run(["sh", "-c", step], cwd=folder, check=True)
    return folder


@functools.cache
def service(name: str) -> WebService:
    found = load_spec(EXAMPLES / name / "cygni.yaml", "local").services["web"]
    assert isinstance(found, WebService)
    assert found.build is not None
    return found


@pytest.fixture
def start(example: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def begin(port: int, **variables: str) -> subprocess.Popen[str]:
        build = service(example.name).build
        assert build is not None
        assert build.start is not None
        given = {"PATH": os.environ["PATH"], "HOST": "127.0.0.1", "PORT": str(port), **variables}
        process = subprocess.Popen(
            start_command(build.start), cwd=example, env=given, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert eventually(lambda: listens(port))
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def ask(port: int, path: str) -> tuple[http.client.HTTPResponse, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    response = connection.getresponse()
    values = json.loads(response.read())
    connection.close()
    return response, values


def test_answers_with_its_greeting_and_its_version(start: Start) -> None:
    port = free_port()
    start(port, GREETING="servus", VERSION="7")
    response, values = ask(port, "/somewhere?x=1")
    assert response.status == 200
    assert response.headers["X-Version"] == "7"
    assert values == {"greeting": "servus", "version": "7", "path": "/somewhere?x=1"}
    assert ask(port, "/health")[1] == {"status": "ok"}


def test_keeps_a_connection_for_more_than_one_request(start: Start) -> None:
    port = free_port()
    start(port)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(3):
        connection.request("GET", "/")
        connection.getresponse().read()
        assert connection.sock is not None  # http.client drops it where the server says that it closes
    connection.close()


def test_answers_what_has_arrived_when_it_is_asked_to_end(start: Start) -> None:
    port = free_port()
    process = start(port)
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(20)]
    for connection in connections:
        connection.request("GET", "/health")
        connection.getresponse().read()
    process.send_signal(signal.SIGSTOP)  # whatever is sent now arrives before it can look
    for connection in connections:
        connection.request("GET", "/last")
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    answers = [connection.getresponse() for connection in connections]
    assert [json.loads(answer.read())["path"] for answer in answers] == ["/last"] * len(connections)
    for connection in connections:
        connection.close()
    assert process.wait(30) == 0
    assert process.stdout is not None
    assert "all requests are answered" in process.stdout.read()
    assert not listens(port)


def test_belongs_to_the_image_without_what_describes_it(example: Path) -> None:
    names = {str(entry.path) for entry in read_context(EXAMPLES / example.name).entries}
    assert not names & {"cygni.yaml", "Dockerfile", ".dockerignore"}
