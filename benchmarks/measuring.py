"""Running commands and comparing their times: in turn, as ratios, pair by pair."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_KEPT = 2000  # characters of output that a failure shows


class CommandFailed(Exception):
    """A measured command ended with an error or took too long: what it would have shown is worth nothing."""


@dataclass(frozen=True)
class Commands:
    """Where commands run: folder, environment, and the seconds one may take."""

    folder: Path
    environment: Mapping[str, str]
    timeout: float

    def run(self, *command: str | Path, codes: Sequence[int] = (0,)) -> float:
        """Wall time in seconds. Raises CommandFailed."""
        return self.watched(command, lambda pid: None, codes)[0]

    def output(self, *command: str | Path) -> str:
        """What the command prints on stdout. Raises CommandFailed."""
        return self.watched(command, lambda pid: None, (0,))[1]

    def watched(
        self, command: Sequence[str | Path], begun: Callable[[int], None], codes: Sequence[int]
    ) -> tuple[float, str]:
        """Wall time and stdout; `begun` hears the process id. Raises CommandFailed."""
        arguments = [str(one) for one in command]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
            start = time.perf_counter()
            process = subprocess.Popen(
                arguments,
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=error,
                start_new_session=True,
            )
            try:
                begun(process.pid)
                code = process.wait(self.timeout)
                seconds = time.perf_counter() - start
            except subprocess.TimeoutExpired:
                raise CommandFailed(f"{_named(arguments)}: not done after {self.timeout:.0f} s") from None
            finally:
                _end(process)
            out.seek(0)
            error.seek(0)
            printed = out.read().decode("utf-8", "replace")
            if code not in codes:
                said = (error.read().decode("utf-8", "replace") or printed)[-_KEPT:]
                raise CommandFailed(f"{_named(arguments)}: ended with {code}\n{said}")
            return seconds, printed


def _named(arguments: Sequence[str]) -> str:
    return " ".join([Path(arguments[0]).name, *arguments[1:]])[:200]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Politely first: `cx` and Terraform then end their own children, which have sessions of their own."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(frozen=True)
class Ratio:
    """A against B: medians in seconds, and the median, least and greatest of the ratios pair by pair."""

    a: float
    b: float
    median: float
    least: float
    greatest: float


def ratio(a: Sequence[float], b: Sequence[float]) -> Ratio:
    """Compares runs that were made in turn: `a[n]` belongs to `b[n]`. Raises ValueError for unequal counts."""
    pairs = [one / other for one, other in zip(a, b, strict=True)]
    return Ratio(
        a=statistics.median(a),
        b=statistics.median(b),
        median=statistics.median(pairs),
        least=min(pairs),
        greatest=max(pairs),
    )


def in_turn(rounds: int, actions: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Does all actions once, and again, `rounds` times: A B A B, so that a slow moment meets each of them.

    Every other round goes backwards, so that no action always comes after the same one.
    """
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for turn in range(rounds):
        for name in list(actions)[:: 1 if turn % 2 == 0 else -1]:
            seconds[name].append(actions[name]())
    return seconds
