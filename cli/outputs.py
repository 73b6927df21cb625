"""`cx outputs`."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from cli.options import App, Debug, Env, Here, Json
from cygni.errors import NotFound
from cygni.naming import Part

EXAMPLES = (
    "cx outputs",
    "cx outputs services.urls.web",
    "cx outputs -e production --json",
)

Name = Annotated[str | None, typer.Argument(help="Print only this output, such as services.urls.")]


def outputs(
    name: Name = None,
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Show the outputs of the stacks: addresses, names, identifiers."""
    from cli.place import elsewhere

    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_inquiry import ask_there

        ask_there(there, "outputs", {"name": name}, as_json=as_json)
        return
    from cli.outputs_view import flat_outputs, listed_outputs, show_outputs
    from cli.session import deployed
    from cli.terminal import answer, console

    found = deployed(app, env).outputs
    if name is not None:
        value = _named(name, flat_outputs(found), list(listed_outputs(found)))
        print(value if isinstance(value, str) and not as_json else json.dumps(value))
    elif as_json:
        answer(flat_outputs(found))
    else:
        show_outputs(console(), found)


def _named(name: str, found: dict[str, dict[str, Any]], listed: list[str]) -> Any:
    """The output, part of one, or all of a stack. The name of a service stands for its address, as it is listed after
    a deploy. Raises NotFound."""
    address = f"{Part.SERVICES}.urls.{name}"
    value: Any = found
    for piece in (address if address in listed and name not in found else name).split("."):
        if not isinstance(value, dict) or piece not in value:
            raise NotFound(f"there is no output {name}", hint=f"There are: {', '.join(listed)}")
        value = value[piece]
    return value
