"""`cx outputs`."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from cli.options import App, Debug, Env, Json
from cygni.errors import NotFound

Name = Annotated[str | None, typer.Argument(help="Print only this output, such as services.urls.")]


def outputs(
    name: Name = None, app: App = None, env: Env = "local", as_json: Json = False, debug: Debug = False
) -> None:
    """Show the outputs of the stacks: addresses, names, identifiers."""
    from cli.outputs_view import flat_outputs, show_outputs
    from cli.session import deployed
    from cli.terminal import answer, console

    found = deployed(app, env).outputs
    if name is not None:
        _print_one(flat_outputs(found), name, as_json=as_json)
    elif as_json:
        answer(flat_outputs(found))
    else:
        show_outputs(console(), found)


def _print_one(found: dict[str, dict[str, Any]], name: str, *, as_json: bool) -> None:
    value: Any = found
    for piece in name.split("."):
        if not isinstance(value, dict) or piece not in value:
            names = [f"{stack}.{output}" for stack, outputs in found.items() for output in outputs]
            raise NotFound(f"there is no output {name}", hint=f"There are: {', '.join(names)}")
        value = value[piece]
    print(value if isinstance(value, str) and not as_json else json.dumps(value))
