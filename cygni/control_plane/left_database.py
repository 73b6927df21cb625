"""The embedded PostgreSQL of a server that was killed: it runs on, and nobody else ends it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from cygni.control_plane.files import POSTGRES
from cygni.errors import ControlPlaneError


def end_left_database(folder: Path, seconds: float) -> bool:
    """Ends the one whose data is below `folder`, if it runs; whether it did. What was committed is kept. Raises
    ControlPlaneError where it does not end in time."""
    import psutil

    left = running_database(folder)
    if left is None:
        return False
    try:
        left.send_signal(signal.SIGINT)  # its fast shutdown, which breaks off what clients do
        left.wait(seconds)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired as error:
        raise ControlPlaneError(
            f"the embedded PostgreSQL (process {left.pid}) does not end", details={"pid": left.pid}
        ) from error
    return True


def running_database(folder: Path) -> Any:
    """The process of the one whose data is below `folder`; None where there is none, or another has its number now."""
    import psutil

    data = (folder / POSTGRES).resolve()  # as the library that starts it names them
    try:
        number = int((data / "postmaster.pid").read_text(encoding="utf-8").partition("\n")[0])
        found = psutil.Process(number)
        return found if str(data) in found.cmdline() and found.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, psutil.Error):
        return None
