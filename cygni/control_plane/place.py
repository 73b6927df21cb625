"""Where a command on an environment works: at the control plane that has the environment, or on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from cygni.control_plane.connection import KEY, URL, Connection, connect
from cygni.control_plane.deployments import Deployments
from cygni.control_plane.sign_in import stored
from cygni.errors import NotFound, PermissionDenied
from cygni.settings import Settings

LOCAL = "local"
"""The environment that every machine has of its own."""


@dataclass(frozen=True, slots=True)
class Here:
    """On this machine, and `why` although somebody is signed in; empty where nobody is."""

    why: str = ""


def signed_in(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Whether commands may belong to a control plane. Nothing is asked. Raises StateError."""
    return bool(environ.get(URL) or environ.get(KEY)) or stored(settings) is not None


def place_of(
    settings: Settings, environ: Mapping[str, str], project: str, environment: str
) -> Deployments | Here:
    """The deployments of the environment where somebody is signed in to a control plane that has it. Else here: where
    nobody is, it has no such project, or it has no `local`, which every machine has.

    Raises NotFound where it has the project but not the environment, and for somebody in no organization, who cannot
    know what it has: what it manages is deployed by it, or by somebody who says that it is to happen here.
    ControlPlaneError where it does not answer, and as `connect` does.
    """
    if not signed_in(settings, environ):
        return Here()
    connection = connect(settings, environ)
    organization = _organization(connection)
    path = ("/v1/organizations", organization)
    if connection.organization is not None:
        with suppress(PermissionDenied):  # it is there: a key may have been given nothing of it but projects
            connection.api.get(*path)
    try:
        found = connection.api.get(*path, "projects", project, "environments")
    except NotFound:
        return Here(f"{organization} at {connection.api.url} has no project {project}")
    names = [str(one["name"]) for one in found["items"]]
    if environment in names:
        return Deployments(connection.api, organization, project, environment)
    if environment == LOCAL:
        return Here(f"{organization} at {connection.api.url} has no environment {LOCAL} of {project}")
    raise NotFound(
        f"the control plane at {connection.api.url} has {project}, and no environment {environment} of it",
        hint=f"Make it: cx project set-environment {project} {environment}\n"
        "Or add --here to do this on this machine.",
        details={"organization": organization, "environments": names},
    )


def _organization(connection: Connection) -> str:
    """Raises NotFound for somebody in none: who has left, or was removed, is not to deploy beside those who stay."""
    try:
        return connection.the_organization()
    except NotFound:
        raise NotFound(
            f"you are in no organization at {connection.api.url}, so it is not known what it deploys",
            hint="Have yourself invited to one.\nOr add --here to do this on this machine, or sign out: cx logout",
        ) from None
