"""What a deploy tells that goes on elsewhere, on this machine or a control plane: as it was shown there, or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from cygni.releases.events import Sink

_STATUS = "status"
_STATUSES = {
    "queued": "waits for a worker",
    "recovering": "has lost its worker; another one goes on with it",
    "awaiting_approval": "waits for an approval",
    "approved": "is approved",
    "applying": "is being applied",
    "cancelled": "is cancelled",
    "needs_attention": "needs attention",
}
"""What is said of a deployment at a control plane; the rest shows by itself."""


@contextmanager
def showing(*, as_json: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """What to show each event with: for programs as it is, a line of JSON; for people as it was shown where it came
    from."""
    from cli.release_view import release_view
    from cli.terminal import console
    from cygni.releases.events import from_dict

    if as_json:
        yield print_event
        return
    people = console()
    with ExitStack() as held:
        sinks: list[Sink] = []

        def show(event: dict[str, Any]) -> None:
            line = _line(event)
            if event["event"] == _STATUS:  # a release that was shown does not go on before it begins again
                sinks.clear()
                held.close()
            if line:
                people.print(line, markup=False, soft_wrap=True)
            if line is None:
                if not sinks:
                    sinks.append(held.enter_context(release_view(people)))
                sinks[0](from_dict(event))

        yield show


def _line(event: dict[str, Any]) -> str | None:
    """What is said of an event, empty for nothing; None for one of a release, which has a view of its own."""
    from cygni.control_plane.deployments import asked_by

    match event["event"]:
        case "started" | "ended" | "steered" | "built" | "job_started":
            return ""
        case "said" | "wrote":
            return str(event["text"])
        case "status":
            said, behind = _STATUSES.get(event["status"]), event.get("behind")
            if behind is not None:
                first = "is approved, and waits" if event["status"] == "approved" else "waits"
                said = f"{first} for the deployment {behind['id']} of {asked_by(behind)}"
            return f"The deployment {said}." if said else ""
        case "cancel_requested":
            return "Somebody asked to cancel it: what is in flight comes to its end."
        case "wish":
            return f"Somebody asked: {event['wish'].replace('_', ' ')}."
    return None


def print_event(event: dict[str, Any]) -> None:
    """For programs: a line of JSON on stdout."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
