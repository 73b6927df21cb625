"""`cx pause`."""

from __future__ import annotations

from cli.options import App, Debug, Env, Here, Json

EXAMPLES = ("cx pause", "cx pause -e production")


def pause(
    app: App = None, env: Env = "local", as_json: Json = False, here: Here = False, debug: Debug = False
) -> None:
    """Hold the release where it is: nothing moves until cx promote or cx abort."""
    from cli.steering import steer
    from cygni.releases.release import Wish

    steer(app, env, Wish.PAUSE, as_json=as_json, here=here, told="The release pauses before its next step.")
