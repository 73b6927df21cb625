"""`cx open`: a service in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import suggestions
from cli.options import App, Debug, Env, Here
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
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Open a web service in the browser."""
    import sys
    import webbrowser

    from cli.place import elsewhere
    from cli.terminal import console

    if (place := elsewhere(app, env, here=here)) is not None:
        from cli.connected_inquiry import urls_there

        urls = urls_there(place)
    else:
        from cli.release_session import release_session

        running = release_session(app, env).running.services
        urls = {name: one.url for name, one in running.items() if one.url}
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
