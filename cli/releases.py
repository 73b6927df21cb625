"""`cx releases`: what was released, when, by whom, and what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import App, Debug, Env, Here, Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cygni.releases.release import Deployment, Live, Release

EXAMPLES = ("cx releases --limit 5", "cx releases -e production --json")
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many, the newest first.")]


def releases(
    limit: Limit = 20,
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Show the releases of an environment: what each runs, how it went, and which is live."""
    from cli.place import elsewhere

    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_inquiry import ask_there

        ask_there(there, "releases", {"limit": limit}, as_json=as_json)
        return
    from cli.release_session import release_session
    from cli.terminal import answer, console

    store = release_session(app, env).store
    found, live = store.releases(limit), store.live()
    last = {one.release: one for one in reversed(store.deployments(limit))}
    if as_json:
        answer({"releases": [release_document(one, last.get(one.number), live) for one in found]})
        return
    if not found:
        console().print("Nothing is released yet. Deploy with: cx deploy")
        return
    console().print(_table(found, last, live))


def release_document(release: Release, last: Deployment | None, live: Live) -> dict[str, Any]:
    """A release, and how its last deployment went, as JSON values; money is text, in USD per month."""
    return {
        "release": release.number,
        "id": release.id,
        "created_at": release.created_at.isoformat(timespec="seconds"),
        "author": release.author,
        "monthly": str(release.monthly) if release.monthly is not None else None,
        "state": state_of(release, last, live),
        "reason": last.reason.text if last is not None and last.reason is not None else None,
        "services": {
            name: {"image": one.image, "revision": one.revision} for name, one in release.services.items()
        },
    }


def state_of(release: Release, last: Deployment | None, live: Live) -> str:
    """What became of a release, in a word."""
    if live.history[:1] == (release.number,):
        return "live"
    if last is None:
        return "not deployed"
    return "replaced" if last.state.value == "succeeded" else last.state.value.replace("_", " ")


def _table(found: Sequence[Release], last: dict[int, Deployment], live: Live) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("Release", "State", "Created", "By", "Images"):
        table.add_column(column, overflow="fold")
    reasons = {one.number: _reason(one, last.get(one.number), live) for one in found}
    if any(reasons.values()):
        table.add_column("Why", overflow="fold")
    for one in found:
        images = ", ".join(f"{name}: {each.image}" for name, each in sorted(one.services.items()))
        table.add_row(
            str(one.number),
            state_of(one, last.get(one.number), live),
            one.created_at.isoformat(timespec="seconds"),
            one.author,
            images,
            *([Text(reasons[one.number])] if any(reasons.values()) else []),
        )
    return table


def _reason(release: Release, last: Deployment | None, live: Live) -> str:
    """Why it is not live, of one that went back."""
    gone_back = last is not None and state_of(release, last, live) not in ("live", "replaced")
    return last.reason.text if gone_back and last is not None and last.reason is not None else ""
