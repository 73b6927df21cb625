"""`cx env`: the environments of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import App, Debug, Json

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.status import Deployed

app = typer.Typer(
    name="env",
    help="The environments of the project: which there are, what each is made of, and promotion between them.",
    no_args_is_help=True,
)

Shown = Annotated[
    str,
    typer.Argument(
        metavar="ENV", help="Environment: local, staging, production, preview-*.", show_default=False
    ),
]


@app.command("list")
def list_environments(app: App = None, as_json: Json = False, debug: Debug = False) -> None:
    """List the environments in cygni.yaml and those that are deployed, with size, last deploy and known cost."""
    from cli.env_view import show_list
    from cli.session import load_project, spec_file
    from cli.terminal import answer, console
    from cygni.settings import Settings
    from cygni.spec.loader import written_environments
    from stacks.environments import known_names, listed
    from stacks.target import LOCAL

    spec = load_project(app, LOCAL)
    project, written = spec.project, written_environments(spec_file(app))
    names = known_names(Settings.from_environment(), project, spec.region, written)
    looked = [listed(name, written=name in written, deployed=_if_deployed(app, name)) for name in names]
    found = [one for one in looked if one.written or one.deployed]
    if as_json:
        answer({"project": project, "environments": [one.to_dict() for one in found]})
    elif not found:
        console().print(
            f"{project} has no environment yet: cygni.yaml lists none, and nothing is deployed. "
            "Deploy to the local cloud with: cx deploy",
            markup=False,
        )
    else:
        show_list(console(), found)


@app.command()
def show(name: Shown, app: App = None, as_json: Json = False, debug: Debug = False) -> None:
    """Show what cygni.yaml says for an environment once everything is filled in, and where each value comes from."""
    from cli.env_view import as_yaml
    from cli.session import project_layers
    from cli.terminal import answer, console
    from cygni.spec.layers import settings
    from cygni.spec.loader import FILE_NAME
    from cygni.spec.sizes import size_of

    layers = project_layers(app, name)
    size = size_of(name).value
    if as_json:
        answer(
            {
                "project": layers.spec.project,
                "environment": name,
                "size": size,
                "specification": layers.spec.model_dump(mode="json", exclude={"environment"}),
                "settings": [_setting(one) for one in settings(layers)],
            }
        )
        return
    people = console()
    for line in as_yaml(settings(layers), size, FILE_NAME):
        people.print(line, markup=False, highlight=False, soft_wrap=True)


def _setting(setting: Any) -> dict[str, Any]:
    return {
        "path": list(setting.path),
        "value": setting.value,
        "source": setting.source.value,
        "line": setting.line,
    }


def _if_deployed(app: Path | None, name: str) -> Deployed | None:
    """What is deployed to an environment, None for nothing."""
    from cli.session import deployed
    from cygni.errors import NotFound

    try:
        return deployed(app, name)
    except NotFound:
        return None
