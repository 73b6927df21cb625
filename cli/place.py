"""Where a command on an environment works, which it says before it does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cygni.settings import Settings

if TYPE_CHECKING:
    from cygni.control_plane.deployments import Deployments


def elsewhere(app: Path | None, env: str, *, here: bool) -> Deployments | None:
    """The deployments of the control plane that the command goes to; None for this machine, as `here` says too.

    Raises SpecError, NotFound, ControlPlaneError, and what being signed in raises.
    """
    from cygni.control_plane.place import Here, place_of, signed_in

    settings = Settings.from_environment()
    if here or not signed_in(settings, os.environ):
        return None
    from cli.session import load_project
    from cli.terminal import console

    place = place_of(settings, os.environ, load_project(app, env).project, env)
    if isinstance(place, Here):
        said, found = f"On this machine: {place.why}.", None
    else:
        said, found = f"By the control plane at {place.api.url}, for {place.organization}.", place
    console().print(said, markup=False, style="dim", soft_wrap=True)
    return found
