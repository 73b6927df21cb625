"""Who runs the control plane of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.control_plane.files import OPERATORS
from cygni.control_plane.tool import answer_of, demand_control_plane
from cygni.settings import Settings


def add(settings: Settings, environ: Mapping[str, str], email: str) -> dict[str, Any]:
    """Makes somebody with an account an operator; `added` tells whether they were none before.

    Raises NotFound where there is no control plane or no such account, StateError, ToolMissing.
    """
    demand_control_plane(settings, environ)
    return answer_of(settings, environ, OPERATORS, [email], "change")
