"""What the control plane says to whom this machine is signed in as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cygni.control_plane.api import Api
from cygni.control_plane.connection import KEY, URL, connect
from cygni.control_plane.sign_in import stored
from cygni.doctor.checks.control_plane import Membership
from cygni.doctor.facts import NotKnown
from cygni.errors import NotFound, PermissionDenied
from cygni.settings import Settings


def membership(settings: Settings, environ: Mapping[str, str]) -> Membership:
    """Asked without pauses between tries. Raises NotKnown where nobody is signed in and the environment names no
    control plane, AuthError, UsageError, StateError, ControlPlaneError."""
    if not environ.get(URL) and not environ.get(KEY) and stored(settings) is None:
        raise NotKnown("nobody is signed in to a control plane")
    api = replace(connect(settings, environ).api, sleep=lambda seconds: None)
    organizations = tuple(str(one["slug"]) for one in api.get("/v1/organizations")["items"])
    return Membership(api.url, organizations, _scopes(api))


def _scopes(api: Api) -> frozenset[str] | None:
    try:
        return frozenset(str(one) for one in api.get("/v1/api-key")["scopes"])
    except (PermissionDenied, NotFound):  # a person, or a control plane that does not tell
        return None
