"""`cx abort`."""

from __future__ import annotations

from cli.options import App, Debug, Env, Json

EXAMPLES = ("cx abort", "cx abort -e production")


def abort(app: App = None, env: Env = "local", as_json: Json = False, debug: Debug = False) -> None:
    """Bring back what ran before the release that is under way."""
    from cli.steering import steer
    from cygni.releases.release import Wish

    steer(app, env, Wish.ABORT, as_json=as_json, told="The release goes back.")
