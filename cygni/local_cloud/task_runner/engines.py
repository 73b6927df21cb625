"""The container engine of this machine, if one answers."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
import time
from typing import Final

ENGINES: Final = ("docker", "podman")
_ANSWER_SECONDS: Final = 5.0
_KEPT_SECONDS: Final = 30.0

_lock = threading.Lock()
_known: tuple[float, str | None] | None = None


def container_engine() -> str | None:
    """The path of the first command that reaches its engine, None where none does; looked for at most twice a
    minute. Having Docker's command says nothing: its engine may not run."""
    global _known  # noqa: PLW0603  # one machine has one answer
    with _lock:
        if _known is None or time.monotonic() - _known[0] > _KEPT_SECONDS:
            _known = (time.monotonic(), next((path for name in ENGINES if (path := _answering(name))), None))
        return _known[1]


def _answering(name: str) -> str | None:
    path = shutil.which(name)
    if path is None:
        return None
    try:
        asked = [path, "version", "--format", "{{.Server.Version}}"]
        done = subprocess.run(asked, capture_output=True, timeout=_ANSWER_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return path if done.returncode == 0 and done.stdout.strip() else None


def remove_container(engine: str, name: str) -> None:
    """End a container and remove it, by a process that outlives this one; it may be gone already."""
    with contextlib.suppress(OSError):
        subprocess.Popen(
            [engine, "rm", "--force", name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
