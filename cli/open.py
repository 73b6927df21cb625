"""`cx open`: a service in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import suggestions
from cli.options import App, Debug, Env
from cygni.errors import NotFound

EXAMPLES = ("cx open", "cx open web --print -e staging")
Name = Annotated[
    str | None,
    typer.Argument(
        metavar="SERVICE",
        help="The service; needed if there are several.",
        autocompletion=suggestions.web_services,
    ),
]
Print = Annotated[bool, typer.Option("--print", help="Print the address instead.")]


def open_service(
    service: Name = None,
    only_print: Print = False,
    app: App = None,
    env: Env = "local",
    debug: Debug = False,
) -> None:
    """Open a web service in the browser."""
    import sys
    import webbrowser

    from cli.release_session import release_session
    from cli.terminal import console

    urls = {name: one.url for name, one in release_session(app, env).running.services.items() if one.url}
    there = f"There is: {', '.join(sorted(urls)) or 'none'}."
    if service is None and len(urls) == 1:
        [service] = urls
    if service is None:
        raise NotFound("which service is not said", hint=there)
    if service not in urls:
        raise NotFound(f"there is no web service called {service}", hint=there)
    if only_print:
        sys.stdout.write(f"{urls[service]}\n")
        return
    console().print(f"opening {urls[service]}", markup=False)
    webbrowser.open(urls[service])


command = open_service
