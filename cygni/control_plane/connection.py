"""How a command reaches the control plane it belongs to: by the environment, or by who is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cygni.control_plane.api import Api
from cygni.control_plane.credentials import API_KEY, demanded
from cygni.control_plane.sign_in import SIGN_IN_HINT, fresh, stored
from cygni.errors import NotFound, Unauthenticated, UsageError
from cygni.settings import Settings

URL, KEY, ORGANIZATION = "CYGNI_API_URL", "CYGNI_API_KEY", "CYGNI_ORGANIZATION"
"""Of the environment: for a pipeline, which signs in with an API key and keeps nothing on disk."""


@dataclass(frozen=True, slots=True)
class Connection:
    """`organization` is the slug that was chosen, or None."""

    api: Api
    organization: str | None

    def the_organization(self) -> str:
        """The chosen one, else the only one there is. Raises NotFound where there is none, UsageError where somebody
        has to choose."""
        if self.organization is not None:
            return self.organization
        slugs = [one["slug"] for one in self.api.get("/v1/organizations")["items"]]
        if not slugs:
            raise NotFound(
                "you are in no organization",
                hint="Have yourself invited to one, or an operator make one: cx org create SLUG",
            )
        if len(slugs) > 1:
            raise UsageError(
                f"you are in several organizations: {', '.join(sorted(slugs))}",
                hint="Choose one with `cx org use SLUG`, or for one command with --org.",
            )
        return str(slugs[0])


def connect(settings: Settings, environ: Mapping[str, str], organization: str | None = None) -> Connection:
    """The environment's control plane, else the one that somebody is signed in to. Nothing is asked yet.

    Raises Unauthenticated where there is neither, UsageError where the environment names half of one, or what is none.
    """
    url, given, asked = (environ.get(name, "").strip() for name in (URL, KEY, ORGANIZATION))
    chosen = organization or asked or None
    if url and given:
        key = demanded(given, API_KEY, KEY)
        return Connection(Api(url, lambda: key), chosen)
    if url or given:
        raise UsageError(f"{URL} and {KEY} belong together, and one is not set")
    found = stored(settings)
    if found is None:
        raise Unauthenticated("nobody is signed in at this machine", hint=SIGN_IN_HINT)
    return Connection(Api(found.url, lambda: fresh(settings).access_token), chosen or found.organization)
