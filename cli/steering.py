"""Requests to whoever carries out the deployment that is under way."""

from __future__ import annotations

from pathlib import Path

from cygni.errors import NotFound
from cygni.releases.release import Wish


def steer(app: Path | None, env: str, wish: Wish, *, as_json: bool, told: str, here: bool) -> None:
    """Leaves a request for the deployment under way, and tells that it did. Raises NotFound where there is none, or
    nobody would hear it."""
    from cli.place import elsewhere

    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_release import steer_there

        steer_there(there, wish, as_json=as_json, told=told)
        return
    from cli.release_session import release_session
    from cli.terminal import answer, console

    opened = release_session(app, env)
    releases = opened.releases(lambda event: None)
    unfinished = releases.world.store.live().unfinished
    if not unfinished:
        raise NotFound(f"no release of {opened.spec.project} ({env}) is under way", hint="See: cx releases")
    if not opened.leases.holders():
        raise NotFound(
            f"a release of {opened.spec.project} ({env}) is under way, but nobody carries it out any more",
            hint="cx deploy goes on with it, cx rollback brings back what ran before.",
        )
    for number in unfinished:
        releases.ask(number, wish)
    if as_json:
        answer({"deployments": list(unfinished), "asked": wish.value})
    else:
        console().print(told)
