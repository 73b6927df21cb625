"""`cx policy`: what deploys must keep to, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import App, Debug, Env, Json

if TYPE_CHECKING:
    from cygni.policies.rule import Level, Rule

EXAMPLES = (
    "cx policy list -e production",
    "cx policy explain backups",
)

app = typer.Typer(
    name="policy",
    help="What every deploy must keep to: how strict it is here, and why.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Name of the policy, such as no-open-ingress.", show_default=False)]


@app.command("list")
def list_policies(app: App = None, env: Env = "local", as_json: Json = False, debug: Debug = False) -> None:
    """List the policies with their levels in an environment."""
    from cli.terminal import answer, console
    from cygni.policies.catalogue import RULES

    levels = _levels(app, env)
    if as_json:
        answer({"policies": [_document(rule, levels) for rule in RULES.values()]})
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("Policy", "Level", "Checks"):
        table.add_column(column, no_wrap=column != "Checks")
    for rule in RULES.values():
        table.add_row(rule.name, levels[rule.name].value, rule.checks)
    console().print(table)


@app.command()
def explain(
    name: Name, app: App = None, env: Env = "local", as_json: Json = False, debug: Debug = False
) -> None:
    """Tell of one policy: its level, what it checks, why, what to do.

    And of which resource types. The level is that in the environment of this project.
    """
    from cli.terminal import answer, console

    rule, levels = _named(name), _levels(app, env)
    if as_json:
        answer(_document(rule, levels))
        return
    document = _document(rule, levels)
    people = console()
    people.print(f"[bold]{rule.name}[/]  {document['level']} in {env}")
    people.print(f"checks  {rule.checks}\nwhy     {rule.why}\nfix     {document['fix']}", markup=False)
    own = ", ".join(f"{level} in {size}" for size, level in document["own_levels"].items())
    people.print(f"level   by itself {own}; another: policies.levels in cygni.yaml", markup=False)
    people.print(f"types   {_types_text(document['types'])}", markup=False)


def _levels(app: Path | None, env: str) -> Mapping[str, Level]:
    """The level of every policy in the project's environment; outside of a project, what each has by itself."""
    from cli.session import load_project
    from cygni.errors import NotFound
    from cygni.spec import check_environment
    from cygni.spec.policies import Policies

    try:
        policies = load_project(app, env).policies
    except NotFound as error:
        if app is not None or "file" in error.details:  # a cygni.yaml that leads nowhere
            raise
        check_environment(env)
        policies = Policies()
    return policies.levels_in(env)


def _named(name: str) -> Rule:
    from cygni.errors import NotFound
    from cygni.policies.catalogue import RULES
    from cygni.wording import did_you_mean

    if name not in RULES:
        raise NotFound(
            f"there is no policy {name}{did_you_mean(name, RULES)}", hint=f"There are: {', '.join(RULES)}"
        )
    return RULES[name]


def _document(rule: Rule, levels: Mapping[str, Level]) -> dict[str, Any]:
    from cygni.plan.findings import fix_of
    from cygni.policies.catalogue import types_of
    from cygni.spec.sizes import Size

    return {
        "name": rule.name,
        "level": levels[rule.name].value,
        "own_levels": {size.value: rule.levels.at(size).value for size in Size},
        "checks": rule.checks,
        "why": rule.why,
        "fix": fix_of(rule),
        "setting": rule.setting or None,
        "types": list(types_of(rule)),
    }


_SHOWN = 40


def _types_text(types: list[str]) -> str:
    from cygni.resources import short_type

    if not types:
        return "everything together"
    shown = ", ".join(short_type(one) for one in types[:_SHOWN])
    rest = len(types) - _SHOWN
    return f"{shown} and {rest} more, with --json" if rest > 0 else shown
