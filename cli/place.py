"""Where a command on an environment works, which it says before it does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cygni.errors import NotFound, UsageError
from cygni.settings import Settings

if TYPE_CHECKING:
    from cygni.control_plane.deployments import Deployments


def elsewhere(app: Path | None, env: str, *, here: bool, project: str | None = None) -> Deployments | None:
    """The deployments of the control plane that the command goes to; None for this machine, as `here` says too. With
    `project`, one of the control plane by its name, no file of it is needed, and it is never this machine.

    Raises SpecError, NotFound, ControlPlaneError, UsageError, and what being signed in raises.
    """
    from cygni.control_plane.place import Here, place_of, signed_in

    settings = Settings.from_environment()
    if project is not None:
        return _named(settings, project, env, here=here)
    if here or not signed_in(settings, os.environ):
        return None
    from cli.session import load_project

    place = place_of(settings, os.environ, load_project(app, env).project, env)
    if isinstance(place, Here):
        _say(f"On this machine: {place.why}.")
        return None
    _say_whose(place)
    return place


def _named(settings: Settings, project: str, env: str, *, here: bool) -> Deployments:
    from cygni.control_plane.connection import connect
    from cygni.control_plane.place import Here, place_of

    if here:
        raise UsageError(
            "--project is one of a control plane, and --here this machine", hint="Leave one of them out."
        )
    connect(settings, os.environ)  # raises where nobody is signed in
    place = place_of(settings, os.environ, project, env)
    if isinstance(place, Here):
        raise NotFound(place.why, hint="See: cx project list")
    _say_whose(place)
    return place


def _say_whose(place: Deployments) -> None:
    _say(f"By the control plane at {place.api.url}, for {place.organization}.")


def _say(text: str) -> None:
    from cli.terminal import console

    console().print(text, markup=False, style="dim", soft_wrap=True)
