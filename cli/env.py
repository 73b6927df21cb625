"""`cx env`: the environments of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import AllowDestroy, App, Currency, Debug, Json, LockWait, MaxCostIncrease, Timeout, Yes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from cli.images import PromotedImages
    from cli.session import Session
    from cygni.spec import ProjectSpec
    from cygni.spec.layers import Layers
    from cygni.spec.promotion import ServiceRelease
    from stacks.status import Deployed

EXAMPLES = (
    "cx env list",
    "cx env show production",
    "cx env promote staging production",
)

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


From = Annotated[
    str, typer.Argument(metavar="FROM", help="Environment whose images and configuration are taken.")
]
To = Annotated[str, typer.Argument(metavar="TO", help="Environment they are deployed to.")]
TrustState = Annotated[
    bool,
    typer.Option(
        "--trust-state",
        help="Take what the state of FROM says without looking for changes made outside of Cygni: for where FROM is "
        "in an AWS account that these credentials do not open.",
    ),
]


@app.command("list")
def list_environments(
    app: App = None, currency: Currency = None, as_json: Json = False, debug: Debug = False
) -> None:
    """List the environments, deployed or not.

    Those in cygni.yaml and those that are deployed, with size, last deploy and known cost.
    """
    from cli.currency import shown_in
    from cli.env_view import show_list
    from cli.session import load_project, spec_file
    from cli.terminal import answer, console
    from cygni.settings import Settings
    from cygni.spec.loader import written_environments
    from stacks.environments import known_names, listed
    from stacks.target import LOCAL

    spec = load_project(app, LOCAL)
    exchange = shown_in(currency, spec)
    project, written = spec.project, written_environments(spec_file(app))
    names = known_names(Settings.from_environment(), project, spec.region, written)
    looked = [
        listed(name, written=name in written, deployed=_if_deployed(app, name), exchange=exchange)
        for name in names
    ]
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
        show_list(console(), found, exchange)


@app.command()
def show(name: Shown, app: App = None, as_json: Json = False, debug: Debug = False) -> None:
    """Show every value of an environment, and where it comes from.

    That is what cygni.yaml says for it once everything is filled in.
    """
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


@app.command()
def promote(
    source: From = "staging",
    target: To = "production",
    app: App = None,
    yes: Yes = False,
    as_json: Json = False,
    max_cost_increase: MaxCostIncrease = None,
    currency: Currency = None,
    allow_destroy: AllowDestroy = None,
    trust_state: TrustState = False,
    lock_wait: LockWait = 0.0,
    timeout: Timeout = 3600.0,
    debug: Debug = False,
) -> None:
    """Deploy to one environment what another one runs.

    Images, commands, ports, variables and processors are those deployed in FROM; sizes, and what cygni.yaml writes
    under TO, are TO's own. Shows what would change and what it would cost, and asks, as cx deploy does. cygni.yaml
    is not changed.
    """
    from cli.carry_out import deploy_spec, report
    from cli.cost_limits import CostOptions
    from cli.env_view import show_promotion
    from cli.session import project_layers, session
    from cli.terminal import console
    from cygni.errors import UsageError

    if source == target:
        raise UsageError(f"{source} cannot be promoted to itself", hint="Name two environments: FROM and TO.")
    people = console()
    layers = project_layers(app, target)  # before anything is asked that takes its time
    releases = _releases(people, app, source, lock_wait, timeout, trust_state=trust_state)
    theirs = project_layers(app, source)
    source_region = theirs.spec.region
    spec, told = _promoted(theirs, layers, releases)
    told = {"from": source, "to": target, **told}
    if not as_json:
        show_promotion(people, source, target, told["images"], told["unlike_cygni_yaml"])
    with session(app, target, lock_wait=lock_wait, doing="cx env promote", timeout=timeout) as opened:
        planned, applied, held = deploy_spec(
            people,
            opened,
            spec,
            yes=yes,
            as_json=as_json,
            costs=CostOptions(max_cost_increase, currency),
            allowed=allow_destroy or (),
            images=None if trust_state else _images(source, source_region, spec, releases, opened),
        )
    more = {"promotion": told}
    report(people, planned, applied, held, as_json=as_json, as_it_should_be=f"as {source} is", more=more)


def _images(
    source: str, region: str, spec: ProjectSpec, releases: Mapping[str, ServiceRelease], opened: Session
) -> PromotedImages | None:
    """The images of built services, which are copied between repositories; the local cloud has its own by content."""
    from cli.images import PromotedImages
    from cygni.targets.fargate.clients import Clients
    from stacks.target import LOCAL, cloud_variables, target_of

    if LOCAL in (target_of(source), target_of(spec.environment)):
        return None
    tags = {name: releases[name].tag for name in spec.services if name in releases and releases[name].tag}
    there = Clients(cloud_variables(source, "", region))
    return PromotedImages(spec, source, tags, there, Clients(opened.environment.engine.environment))


def _promoted(
    source: Layers, target: Layers, releases: Mapping[str, ServiceRelease]
) -> tuple[ProjectSpec, dict[str, Any]]:
    """The specification of TO with what FROM runs, and what to tell of it: whose images, and what it is unlike."""
    from cygni.spec.promotion import differences, promoted

    spec = promoted(source, target, releases)
    given = {name: releases[name].shown_image for name in spec.services if name in releases}
    return spec, {"images": given, "unlike_cygni_yaml": differences(spec, target.spec)}


def _releases(
    people: Console, app: Path | None, source: str, lock_wait: float, timeout: float, *, trust_state: bool
) -> dict[str, ServiceRelease]:
    """What the services of an environment run, after a look for changes made outside of Cygni."""
    from cli.progress_view import previewing
    from cli.session import deployed, session
    from stacks.drift import find_drift
    from stacks.promotion import refuse_drift, releases_in

    if trust_state:
        return releases_in(deployed(app, source))
    releases_in(deployed(app, source))  # before anything is asked that takes its time
    with session(app, source, lock_wait=lock_wait, doing="cx env promote", timeout=timeout) as opened:
        with previewing(people) as progress:
            looked = find_drift(opened.runner, opened.environment, progress)
        refuse_drift(looked)
        return releases_in(deployed(app, source))


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
