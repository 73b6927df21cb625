"""Programs of the control plane that do one thing beside its server, and answer with one JSON object."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from cygni.control_plane.files import server_folder
from cygni.control_plane.process import require_libraries
from cygni.errors import ControlPlaneError, NotFound, rebuilt
from cygni.settings import Settings


def demand_control_plane(settings: Settings, environ: Mapping[str, str]) -> None:
    """Raises NotFound where this machine has no key of one: a program would make one, and find nothing."""
    named = environ.get("CYGNI_SERVER_KEY_FILE") or environ.get("CYGNI_SERVER_KEY")
    if not named and not (server_folder(settings.data_dir) / "key").exists():
        raise NotFound("there is no control plane here", hint="Start one with: cx server up")


def answer_of(
    settings: Settings,
    environ: Mapping[str, str],
    module: str,
    arguments: Sequence[str],
    what: str,
    told: str = "",
) -> dict[str, Any]:
    """What `module` answers with `arguments` in the server's folder, and `told` on stdin; `what` names it where it
    breaks off.

    Raises the error that it tells, ControlPlaneError where it tells nothing, ToolMissing.
    """
    require_libraries()
    settings.make_data_dir()
    folder = server_folder(settings.data_dir)
    command = [sys.executable, "-P", "-m", module, *arguments, "--folder", str(folder)]
    done = subprocess.run(command, env=dict(environ), input=told.encode(), capture_output=True, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        said = done.stderr[-2000:].decode(errors="replace").rstrip()
        raise ControlPlaneError(f"the {what} broke off:\n{said}") from None
    if "error" in found:
        raise rebuilt(found["error"])
    return found
