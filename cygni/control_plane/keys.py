"""The keys of the control plane of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.control_plane.files import SECRETS
from cygni.control_plane.tool import answer_of, demand_control_plane
from cygni.settings import Settings


def rotate(settings: Settings, environ: Mapping[str, str]) -> dict[str, Any]:
    """Gives the secrets a new key-encryption key; the control plane may serve meanwhile. `rewrapped` counts the data
    keys that it wraps now, `resumed` tells whether an interrupted rotation was finished, `root` what wraps the key.

    Raises NotFound where there is no control plane, StateError, ToolMissing.
    """
    demand_control_plane(settings, environ)
    return answer_of(settings, environ, SECRETS, [], "rotation")
