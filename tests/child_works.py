"""Work for `stacks.child_process`: what a child of the fork server imports must stand in a module of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cygni.errors import ResourceFailed
from stacks.child_process import Stop

Send = Callable[[Any], None]

# Ignores what a polite stop sends, and stands in a process group of its own, as provider plugins do.
_STUBBORN = """
import signal, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""

# An engine that ends at the SIGINT its argument counts to, and tells of each.
_ENGINE = """
import os, signal, sys, time
left = int(sys.argv[1])
def interrupted(number, frame):
    global left
    left -= 1
    os.write(1, b"interrupted\\n")  # print() fails where the signal comes in the middle of another one
signal.signal(signal.SIGINT, interrupted)
print("ready", flush=True)
until = time.monotonic() + 60
while left and time.monotonic() < until:
    time.sleep(0.02)
"""


def started(program: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process in a group of its own that has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True, process_group=0
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def answer(payload: Any, folder: Path, send: Send, stop: Stop) -> Any:
    return {"payload": payload, "folder": str(folder), "pid": os.getpid(), "session": os.getsid(0)}


def count(payload: int, folder: Path, send: Send, stop: Stop) -> int:
    for number in range(payload):
        send(number)
    return payload


def speak(payload: Any, folder: Path, send: Send, stop: Stop) -> str:
    """Writes where the parent's terminal would be, also by a program of its own."""
    sys.stdout.write("on stdout\n")
    sys.stderr.write("on stderr\n")
    subprocess.run(["sh", "-c", "echo from a program; echo and its error >&2"], check=True)
    return sys.stdin.read() if sys.stdin else ""


def refuse(payload: Any, folder: Path, send: Send, stop: Stop) -> None:
    raise ResourceFailed("no room", hint="make some", details={"resources": ["a", "b"]})


def stumble(payload: Any, folder: Path, send: Send, stop: Stop) -> None:
    raise LookupError("under the table")


def answer_with_a_function(payload: Any, folder: Path, send: Send, stop: Stop) -> Any:
    return lambda: None


def be_killed(payload: Any, folder: Path, send: Send, stop: Stop) -> None:
    sys.stderr.write("last words\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def hang(payload: Any, folder: Path, send: Send, stop: Stop) -> None:
    """Never ends, and has a stubborn process beside it."""
    beside = started(_STUBBORN)
    send({"child": os.getpid(), "beside": beside.pid, "folder": str(folder)})
    while True:
        time.sleep(60)


def leave_one_behind(payload: Any, folder: Path, send: Send, stop: Stop) -> int:
    return started(_STUBBORN).pid


def run_an_engine(payload: int, folder: Path, send: Send, stop: Stop) -> int:
    """Runs an engine that ends at the SIGINT `payload` counts to; tells of each one it had, returns how many."""
    engine = started(_ENGINE, str(payload))
    stop.engine_started(engine.pid)
    send("ready")
    assert engine.stdout is not None
    had = 0
    for _ in engine.stdout:
        had += 1
        send(f"interrupted {had}")
    stop.engine_ended()
    engine.wait()
    return had


# An engine that listens only after some time, and then as Go does: its handler first, then the signal mask.
_LATE_ENGINE = """#!{python}
import pathlib, signal, sys, time
time.sleep(0.5)
def interrupted(number, frame):
    pathlib.Path({heard!r}).write_text("interrupted")
    sys.exit(0)
signal.signal(signal.SIGINT, interrupted)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
time.sleep(30)
pathlib.Path({heard!r}).write_text("never interrupted")
"""


def run_a_late_engine(payload: str, folder: Path, send: Send, stop: Stop) -> str:
    """Runs, as the engine is run, one that tells in the file `payload` whether it was interrupted."""
    from stacks.operations import OperationKind, StackOperation
    from stacks.runner import _Command
    from tests.factories import create_environment

    executable = folder / "engine"
    executable.write_text(_LATE_ENGINE.format(python=sys.executable, heard=payload), encoding="utf-8")
    executable.chmod(0o700)
    settings = replace(create_environment(folder).engine, executable=executable)
    operation = StackOperation(OperationKind.UP, "shop.staging.data", settings)
    _Command(operation, _Telling(send, stop)).run([], str(folder), {})
    return Path(payload).read_text(encoding="utf-8")


class _Telling(Stop):
    """A stop of which the one in front hears when the engine has started, a moment before it listens."""

    def __init__(self, send: Send, stop: Stop) -> None:
        super().__init__()
        self._send = send
        self._stop = stop

    def engine_started(self, pid: int) -> None:
        self._stop.engine_started(pid)
        self._send("started")

    def engine_ended(self) -> None:
        self._stop.engine_ended()
