"""`cx resume`."""

from __future__ import annotations

from cli.options import App, Debug, Env, Here, Json

EXAMPLES = ("cx resume", "cx resume -e production")


def resume(
    app: App = None, env: Env = "local", as_json: Json = False, here: Here = False, debug: Debug = False
) -> None:
    """Let a release go on that was paused; it still waits for as long as it was to."""
    from cli.steering import steer
    from cygni.releases.release import Wish

    steer(app, env, Wish.RESUME, as_json=as_json, here=here, told="The release is not held any more.")
