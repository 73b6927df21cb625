"""`cx logout`."""

from __future__ import annotations

from cli.connected import tell
from cli.options import Debug


def logout(debug: Debug = False) -> None:
    """Sign out: end the session on the server, and forget it here.

    Where the server does not answer, it is forgotten here alone.
    """
    from cygni.control_plane.api import Api
    from cygni.control_plane.sign_in import forget, fresh, stored
    from cygni.errors import AuthError, ControlPlaneError
    from cygni.settings import Settings

    settings = Settings.from_environment()
    found = stored(settings)
    if found is None:
        tell("Nobody was signed in.")
        return
    try:
        if found.refresh_token is not None:
            Api(found.url, lambda: fresh(settings).access_token).delete("/v1/sessions/current")
        tell(f"Signed out of {found.url}.")
    except (AuthError, ControlPlaneError) as error:
        tell(f"Signed out here; {found.url} could not be told: {error.message}.")
    forget(settings)
