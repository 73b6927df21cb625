"""Stripe's own stripe-mock, which holds requests to Stripe's OpenAPI document: built once for a machine, run on
loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from filelock import FileLock

from cygni.settings import Settings
from stacks.engine_build import CannotBuild, build_environment, toolchain
from tests.postgres_server import free_port
from tests.stripe_stand_in.account import Sent

VERSION = "v0.203.0"
MODULE = f"github.com/stripe/stripe-mock@{VERSION}"


class NoStripeMock(Exception):
    """It is not there and cannot be built; the text says why."""


@dataclass(frozen=True)
class StripeMock:
    url: str

    def complaints(self, requests: Sequence[Sent]) -> list[str]:
        """What it says of those that Stripe would not understand; one of each form is asked."""
        found = []
        with httpx2.Client(base_url=self.url, headers={"Authorization": "Bearer sk_test_123"}) as client:
            for one in {_form(sent): sent for sent in requests}.values():
                headers = {"Content-Type": one.content_type} if one.content_type else {}
                answer = client.request(
                    one.method, f"{one.path}?{one.query}", content=one.body, headers=headers
                )
                if answer.status_code != 200:
                    found.append(f"{one.method} {one.path}?{one.query} {one.body!r}: {answer.text}")
        return found


def _form(sent: Sent) -> tuple[str, ...]:
    """Requests of one form differ in values alone."""
    path = "/".join("*" if "_standin" in part else part for part in sent.path.split("/"))
    parts = f"{sent.query}&{sent.body.decode()}".split("&")
    return sent.method, path, *sorted({part.partition("=")[0] for part in parts})


def stripe_mock_program() -> Path:
    """Raises NoStripeMock where there is neither it nor Go."""
    there = shutil.which("stripe-mock")
    if there is not None:
        return Path(there)
    folder = Settings.from_environment().cache_dir / "tools"
    program = folder / f"stripe-mock-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "stripe-mock.lock"):
        if not program.exists():
            _build(folder, program)
    return program


def _build(folder: Path, program: Path) -> None:
    try:
        tools = toolchain(os.environ)
    except CannotBuild as error:
        raise NoStripeMock(f"stripe-mock is built by Go, and {error}") from error
    with tempfile.TemporaryDirectory(dir=folder) as work:
        environ = {**build_environment(os.environ, folder), "GOBIN": work, "GOFLAGS": "-trimpath"}
        made = subprocess.run(
            [str(tools.go), "install", MODULE],
            check=False,
            env=environ,
            cwd=work,
            capture_output=True,
            text=True,
            timeout=280,
        )
        if made.returncode != 0:
            raise RuntimeError(f"go install {MODULE} failed: {made.stderr.strip()[-300:]}")
        shutil.move(Path(work) / "stripe-mock", program)


@contextmanager
def stripe_mock() -> Iterator[StripeMock]:
    """Raises NoStripeMock."""
    program, port = stripe_mock_program(), free_port()
    process = subprocess.Popen(
        [str(program), "-http-addr", f"127.0.0.1:{port}", "-https-addr", "127.0.0.1:0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process)
        yield StripeMock(url)
    finally:
        process.terminate()
        process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx2.get(url)
        except httpx2.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("stripe-mock does not listen")
