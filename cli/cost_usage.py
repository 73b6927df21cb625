"""`cx cost usage`: the file of what is assumed of use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.cost_options import File, ProfileName, Region, Stack, Usage
from cli.options import App, Debug, Env, Json
from cygni.errors import UsageError

if TYPE_CHECKING:
    from cli.cost_inputs import Source
    from cygni.pricing.usage_rules import UsageRules
    from cygni.resources import Resource

USAGE_FILE = "cygni-usage.yaml"
_LONGEST = 455  # days for which CloudWatch keeps the values of an hour

app = typer.Typer(
    name="usage",
    help="What is assumed of use: begin a file of it, or measure it with CloudWatch.",
    no_args_is_help=True,
)

Days = Annotated[
    int, typer.Option("--days", min=1, max=_LONGEST, help="How long to look back, in whole days.")
]


@app.command()
def init(
    file: File = None,
    stack: Stack = None,
    app: App = None,
    env: Env = "local",
    region: Region = "",
    usage: Usage = None,
    profile: ProfileName = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Begin a usage file with what is assumed of each resource that depends on use. It changes no estimate until
    something in it is uncommented."""
    from cli.terminal import answer, console
    from cygni.pricing.books import book_in_use
    from cygni.pricing.usage_profiles import Profile
    from cygni.pricing.usage_rules import UsageRules
    from cygni.pricing.usage_writing import assumed_of, usage_text

    source = _source(file, stack, app, env, region)
    target = _target(source, usage)
    if target.exists():
        raise UsageError(f"{target} is there already", hint="Name another with --usage, or remove it first.")
    resources = _resources(source)
    chosen = Profile(profile) if profile in tuple(Profile) else None
    if profile is not None and chosen is None:
        raise UsageError(f"there is no profile {profile}", hint=f"Use one of: {', '.join(Profile)}.")
    rules = UsageRules(profile=chosen)
    book = book_in_use()
    _write(target, usage_text(resources, book, rules, chosen or Profile.SMALL))
    count = len(assumed_of(resources, book, rules))
    if as_json:
        answer({"file": str(target), "resources": count})
    else:
        console().print(f"{target}: {count} resources depend on use", markup=False, soft_wrap=True)


@app.command()
def sync(
    file: File = None,
    stack: Stack = None,
    app: App = None,
    env: Env = "local",
    region: Region = "",
    usage: Usage = None,
    days: Days = 30,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Measure with CloudWatch what resources used in the last days, and write it into the usage file. What is written
    by hand under `resources` stays, and is stronger."""
    from cli.cost_inputs import cloud_clients
    from cli.terminal import answer, console
    from cygni.pricing.usage_metrics import monthly_amounts, queries
    from cygni.pricing.usage_rules import Measured
    from cygni.pricing.usage_writing import with_measured
    from cygni.spec.loader import read_file
    from cygni.targets.cloudwatch_usage import ask

    source = _source(file, stack, app, env, region)
    rules = source.usage(usage if usage is not None and usage.exists() else None, None)
    document = source.read_resources()
    wanted = queries(document.before, document.identities)
    if not wanted:
        raise UsageError(
            "nothing in it exists whose use CloudWatch tells",
            hint="Give the state of what is deployed: pulumi stack export, or --stack.",
        )
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    clients = cloud_clients(env if stack is not None else None)
    found = ask(wanted, lambda region: clients(region)("cloudwatch"), end - timedelta(days=days), end)
    amounts, covered = monthly_amounts(found, end)
    target = _target(source, usage)
    text = read_file(target) if target.exists() else ""
    if amounts:
        _write(target, with_measured(text, Measured(end.date(), covered, amounts)))
    measured = _told(document.before, rules, amounts)
    silent = [
        _named(one) for one in document.before if one.urn in {query.urn for query in wanted} - amounts.keys()
    ]
    if as_json:
        file, covered = (str(target), covered) if amounts else (None, days)
        answer({"file": file, "days": covered, "measured": measured, "without_values": silent})
        return
    _show_measured(measured, silent, days)
    if amounts:
        console().print(
            f"{target}: {len(amounts)} resources measured over {covered} days", markup=False, soft_wrap=True
        )


def _show_measured(measured: list[dict[str, Any]], silent: list[str], days: int) -> None:
    """Tells people what was measured beside what was assumed, and of how many there was nothing to measure."""
    from cli.terminal import console

    people = console()
    for one in measured:
        people.print(
            f"{one['resource']}  {one['name']}: {one['assumed']} → {one['measured']}",
            markup=False,
            soft_wrap=True,
        )
    if silent:
        have = "1 resource has" if len(silent) == 1 else f"{len(silent)} resources have"
        people.print(f"{have} no values in these {days} days: assumed as before", style="dim")


def _told(
    resources: tuple[Resource, ...], rules: UsageRules, amounts: Mapping[str, Mapping[str, Decimal]]
) -> list[dict[str, Any]]:
    return [
        {
            "resource": _named(resource),
            "urn": resource.urn,
            "name": name,
            "assumed": format(rules.for_resource(resource).amount(name), "f"),
            "measured": format(amount, "f"),
        }
        for resource in resources
        for name, amount in sorted(amounts.get(resource.urn, {}).items())
    ]


def _named(resource: Resource) -> str:
    from cygni.resources import short_type

    return f"{short_type(resource.type)} {resource.name}"


def _source(file: str | None, stack: str | None, app: Path | None, env: str, region: str) -> Source:
    from cli.cost_inputs import Source

    return Source(file, stack, app, env, region)


def _resources(source: Source) -> list[Resource]:
    document = source.read_resources()
    return [*document.before, *document.after]


def _target(source: Source, usage: Path | None) -> Path:
    """The file that is named, or that beside cygni.yaml for stacks of the project, or one in the working folder."""
    if usage is not None:
        return usage
    folder = source.project[1] if source.stack is not None else None
    return (folder if folder is not None else Path()) / USAGE_FILE


def _write(target: Path, text: str) -> None:
    """Whole or not at all."""
    beside = target.with_name(f".{target.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
