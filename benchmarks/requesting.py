"""Requests that never pause, from wrk, each with its time and what answered it; and the failures by kind."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import CommandFailed

SCRIPT = Path(__file__).with_name("load.lua")
CONNECTIONS = 6
PAUSE = 8
"""Milliseconds between an answer and the next request of a connection: what is measured has to run beside."""
_LONGEST_SECONDS = 24 * 3600
_TIMEOUT_SECONDS = 10
_KINDS = ("connect", "read", "write", "timeout")


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: `at` in seconds since the epoch, `seconds` until it was answered. `status` is 0 and `version` empty
    where nothing came, or nothing of the service."""

    at: float
    seconds: float
    status: int
    version: str


def missing() -> str:
    """What this machine lacks; empty when nothing."""
    return "" if shutil.which("wrk") else "wrk not on PATH"


class Requests:
    """While entered, two wrks ask for `url`: one over connections that it keeps, one over a new one each time."""

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir()
        self._url = url
        self._logs = {how: folder / how for how in ("kept", "closed")}
        self._running: list[subprocess.Popen[str]] = []
        self.failures: Counter[str] = Counter()

    def __enter__(self) -> Requests:
        many = (f"-t{CONNECTIONS}", f"-c{CONNECTIONS}", f"-d{_LONGEST_SECONDS}s")
        for how, log in self._logs.items():
            given = ("--timeout", f"{_TIMEOUT_SECONDS}s", "-s", str(SCRIPT), self._url)
            command = ["wrk", *many, *given, "--", str(log), str(PAUSE), how]
            self._running.append(
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            )
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._running:
            process.send_signal(signal.SIGINT)  # it then tells what it has counted
        for process in self._running:
            said, _ = process.communicate(timeout=2 * _TIMEOUT_SECONDS)
            self.failures += socket_errors(said)

    def count(self) -> int:
        """Requests so far."""
        return sum(file.read_bytes().count(b"\n") for file in self._files())

    def answers(self) -> list[Answer]:
        """All of them, in the order they were sent."""
        found = (answer for file in self._files() for answer in parsed(file.read_text("utf-8").splitlines()))
        return sorted(found, key=lambda one: one.at)

    def _files(self) -> Iterator[Path]:
        for log in self._logs.values():
            yield from log.parent.glob(f"{log.name}.*")


def parsed(lines: Iterable[str]) -> Iterator[Answer]:
    """From the lines of `load.lua`; one that was cut short by wrk's end is left out."""
    for line in lines:
        fields = line.split(" ")
        if len(fields) == 4:
            at, seconds, status, version = fields
            yield Answer(float(at), float(seconds), int(status), "" if version == "-" else version)


def socket_errors(said: str) -> Counter[str]:
    """From what wrk prints. Raises CommandFailed if that is no summary."""
    if not re.search(r"\d+ requests in ", said):
        raise CommandFailed(f"wrk: said what is not understood\n{said[-500:]}")
    found = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    counts = map(int, found.groups()) if found else ()
    return Counter({kind: count for kind, count in zip(_KINDS, counts, strict=False) if count})


def failures(answers: Sequence[Answer], of_sockets: Counter[str]) -> Counter[str]:
    """How often what went wrong: statuses other than 2xx, and what wrk tells of its sockets, among which a request
    without an answer is."""
    statuses = Counter(f"status {one.status}" for one in answers if one.status and one.status // 100 != 2)
    unanswered = sum(one.status == 0 for one in answers)
    more = max(0, unanswered - sum(of_sockets.values()))
    return statuses + of_sockets + Counter({"no answer": more} if more else {})
