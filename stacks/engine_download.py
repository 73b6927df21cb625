"""Upstream's own download of the engine, in a child process that cannot outstay its time.

Run as `python -m stacks.engine_download ROOT VERSION INSTALLER` it is that child: it looks whether upstream
answers at all, says so, and calls the installer (`module:function`, given the folder and the version).
"""

from __future__ import annotations

import importlib
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from cygni.errors import EngineError
from stacks.engine_places import Report
from stacks.engine_process import run
from stacks.engine_version import PINNED

INSTALLER = "stacks.runner:install_upstream"
CONNECT_SECONDS = 20.0
DOWNLOAD_SECONDS = 900.0
_ANSWERS = "upstream answers"


def download(
    root: Path,
    environ: Mapping[str, str],
    progress: Report,
    *,
    installer: str = INSTALLER,
    site: str | None = None,
    connect_seconds: float = CONNECT_SECONDS,
    download_seconds: float = DOWNLOAD_SECONDS,
) -> Path:
    """Install the pinned engine below `root`; returns the executable.

    Gives up after `connect_seconds` without an answer from upstream. Raises EngineError saying what failed.
    """
    started = time.monotonic()
    answered = False

    def line(text: str) -> None:
        nonlocal answered
        answered = answered or text.strip() == _ANSWERS

    def tick() -> bool:
        progress("downloading" if answered else "asking upstream")
        return not answered and time.monotonic() - started > connect_seconds

    progress("asking upstream")
    # -P: the folder the person stands in may hold packages of the same names.
    command = [sys.executable, "-P", "-m", "stacks.engine_download", str(root), PINNED, installer]
    finished = run(
        [*command, *([site] if site else [])],
        env=environ,
        timeout=download_seconds,
        on_line=line,
        on_tick=tick,
    )
    said = next((text.strip() for text in reversed(finished.output) if text.strip()), "nothing")[:300]
    if not answered:
        if finished.timed_out:
            raise EngineError(f"upstream did not answer within {connect_seconds:.0f} s")
        raise EngineError(f"upstream cannot be reached: {said}")
    if finished.timed_out:
        raise EngineError(f"the download did not end within {download_seconds / 60:.0f} minutes")
    if finished.code != 0:
        raise EngineError(f"upstream's installer failed: {said}")
    for executable in (root / "bin" / "pulumi", root / "pulumi"):
        if executable.is_file():
            return executable
    raise EngineError("upstream's installer ended well but left no executable")


def child(root: str, version: str, installer: str, site: str = "https://get.pulumi.com/install.sh") -> int:
    """The child's work; ends with a one-line reason on stdout and code 1 when something fails."""
    from urllib.request import Request, urlopen  # only the child pays for it

    socket.setdefaulttimeout(CONNECT_SECONDS)
    try:
        with urlopen(Request(site, method="HEAD")):  # noqa: S310 - upstream's own address, over https
            pass
        sys.stdout.write(f"{_ANSWERS}\n")
        sys.stdout.flush()
        module, _, function = installer.partition(":")
        getattr(importlib.import_module(module), function)(Path(root), version)
    except Exception as error:  # noqa: BLE001 - the parent tells the person, whatever it was
        output = getattr(error, "output", None)
        last = (
            output.decode("utf-8", "replace").strip().rpartition("\n")[2] if isinstance(output, bytes) else ""
        )
        sys.stdout.write(f"{last or str(error) or type(error).__name__}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(child(*sys.argv[1:]))
