"""`cx local`: the local cloud, an AWS on this machine for development."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import local_image
from cli.options import Debug
from cli.terminal import answer

if TYPE_CHECKING:
    from cygni.local_cloud.process import LocalCloud

EXAMPLES = (
    "cx local up",
    "cx local logs",
    "cx local down",
)

app = typer.Typer(
    name="local",
    help="The local cloud: an AWS on this machine, for development. What is in it is in memory alone.",
    no_args_is_help=True,
)
app.add_typer(local_image.app)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: lose everything in the local cloud.")]
Lines = Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines to show.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Show new lines as they come, until stopped.")]
Port = Annotated[
    int | None,
    typer.Option(
        "--port", envvar="CYGNI_LOCAL_PORT", help="The port to listen on.", show_default="a free one"
    ),
]


@app.command()
def up(port: Port = None, as_json: Json = False, debug: Debug = False) -> None:
    """Start it, or say where it runs.

    The local cloud stays until `cx local down`.
    """
    from cygni.local_cloud import process

    before = process.status()
    cloud = process.start(port=port)
    if as_json:
        answer(_as_details(cloud))
    elif before is not None:
        _tell(f"The local cloud runs already: {cloud.endpoint}")
    else:
        _tell(f"The local cloud runs: {cloud.endpoint} (process {cloud.pid})")


@app.command()
def status(as_json: Json = False, debug: Debug = False) -> None:
    """Show where it runs, and what is in it.

    Since when, too, and where its log is; or that the local cloud is not running.
    """
    from cygni.local_cloud import process

    cloud = process.status()
    balancers = process.load_balancers() if cloud else []
    databases = process.databases() if cloud else []
    served = {"load_balancers": balancers, "databases": databases}
    if as_json:
        answer(_as_details(cloud) | served if cloud else {"running": False})
    elif cloud is None:
        _tell("The local cloud is not running: start it with `cx local up`.")
    else:
        for line in [*_described(cloud), *_addresses(balancers), *_databases(databases)]:
            _tell(line)


@app.command()
def logs(lines: Lines = 100, follow: Follow = False, as_json: Json = False, debug: Debug = False) -> None:
    """Show its log: changes and errors.

    What was only read is not in the log of the local cloud. Lines go to stdout, with --json each as one JSON
    object.
    """
    from cygni.local_cloud import process

    # The position is taken before the last lines are read, so that none falls between.
    following = process.follow_logs() if follow else iter(())
    for line in process.logs(lines=lines):
        _show_line(line, as_json=as_json)
    for line in following:
        _show_line(line, as_json=as_json)


@app.command()
def reset(yes: Yes = False, as_json: Json = False, debug: Debug = False) -> None:
    """Empty it, after asking.

    Everything in the local cloud is lost.
    """
    from cli.terminal import confirm
    from cygni.errors import LocalCloudError
    from cygni.local_cloud import process

    cloud = process.status()
    if cloud is None:
        raise LocalCloudError("the local cloud is not running", hint="Start it with `cx local up`.")
    count = sum(cloud.resources.values())
    confirm(
        f"Empty the local cloud? {_counted(count)} will be lost.",
        yes=yes,
        details={"resources": count},
        hint=f"Add --yes to empty the local cloud: {_counted(count)} will be lost.",
    )
    cloud = process.reset()
    if as_json:
        answer(_as_details(cloud))
    else:
        _tell(f"The local cloud is empty: {_counted(count)} gone.")


@app.command()
def down(as_json: Json = False, debug: Debug = False) -> None:
    """End it: everything in it is lost."""
    from cygni.local_cloud import process

    ended = process.stop()
    if as_json:
        answer({"running": False, "ended": ended})
    else:
        _tell("The local cloud has ended." if ended else "The local cloud was not running.")


def _as_details(cloud: LocalCloud) -> dict[str, Any]:
    return {
        "running": True,
        "endpoint": cloud.endpoint,
        "port": cloud.port,
        "pid": cloud.pid,
        "instance_id": cloud.instance_id,
        "version": cloud.version,
        "account_id": cloud.account_id,
        "started_at": cloud.started_at,
        "uptime_seconds": cloud.uptime_seconds,
        "log_file": str(cloud.log_file),
        "resources": dict(cloud.resources),
    }


def _described(cloud: LocalCloud) -> list[str]:
    held = ", ".join(f"{count} {service}" for service, count in cloud.resources.items()) or "nothing"
    return [
        f"The local cloud runs: {cloud.endpoint}",
        f"  process   {cloud.pid}, up {_duration(cloud.uptime_seconds)} (since {cloud.started_at})",
        f"  identity  {cloud.instance_id}, account {cloud.account_id}",
        f"  holds     {held}",
        f"  log       {cloud.log_file}",
    ]


def _addresses(balancers: list[dict[str, Any]]) -> list[str]:
    """Where the listeners of load balancers are, one a line."""
    lines = []
    for balancer in balancers:
        for listener in balancer["listeners"]:
            problem = f" is not served: {listener['problem']}" if listener["problem"] else ""
            lines.append(
                f"  balancer  {balancer['name']}, port {listener['port']}: {listener['url']}{problem}"
            )
    return lines


def _databases(databases: list[dict[str, Any]]) -> list[str]:
    """Where databases are, one a line."""
    return [
        f"  database  {one['name']}: "
        + (f"is not served: {one['problem']}" if one["problem"] else f"{one['address']}, user {one['user']}")
        for one in databases
    ]


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _counted(count: int) -> str:
    return "1 resource" if count == 1 else f"{count} resources"


def _show_line(line: str, *, as_json: bool) -> None:
    if as_json:
        answer({"line": line})
    else:
        typer.echo(line)


def _tell(text: str) -> None:
    typer.echo(text, err=True)
