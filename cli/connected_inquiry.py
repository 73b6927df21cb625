"""What is asked of an environment through a control plane, and answered as it would be on this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cli.terminal import console
from cygni.errors import Cancelled, rebuilt

if TYPE_CHECKING:
    from cygni.control_plane.deployments import Deployments


def ask_there(
    there: Deployments,
    kind: str,
    told: Mapping[str, Any],
    *,
    as_json: bool,
    wrote: Callable[[str], None] | None = None,
) -> None:
    """Shows the answer as it comes; `wrote` hears the lines of stdout in its place. Raises the error that it ends with,
    and Cancelled for Ctrl-C."""
    people = console()
    out = wrote or _write
    asked = there.ask_of(kind, {**told, "as_json": as_json})
    try:
        for event in there.answer(asked, _lost):
            if event.kind == "ended":
                if event.data["error"] is not None:
                    raise rebuilt(event.data["error"])
                return
            if event.kind == "wrote":
                out(event.data["text"])
            elif not as_json:
                people.print(event.data["text"], markup=False, soft_wrap=True)
    except KeyboardInterrupt:
        raise Cancelled("interrupted", details={"interrupted": True}) from None


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _lost(why: str) -> None:
    console().print(f"The control plane {why}. Trying again.", markup=False, soft_wrap=True)


def urls_there(there: Deployments) -> dict[str, str]:
    """The addresses of web services, by name. Raises as `ask_there`."""
    import json

    lines: list[str] = []
    ask_there(there, "outputs", {}, as_json=True, wrote=lines.append)
    found: dict[str, str] = json.loads("".join(lines)).get("services", {}).get("urls", {})
    return found
