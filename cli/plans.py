"""`cx plans`: what a control plane charges organizations for. Operators of the server set them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.connected import connected, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer

EXAMPLES = (
    "cx plans list",
    "cx plans create -f team.yaml",
    "cx plans update -f team.yaml",
    "cx plans archive team",
)

app = typer.Typer(
    name="plans",
    help="What a control plane charges organizations for: see cx plans list.",
    no_args_is_help=True,
)

Key = Annotated[str, typer.Argument(help="Its key, as `cx plans list` shows it.")]
PlanFile = Annotated[
    Path, typer.Option("--file", "-f", help="A plan in YAML: key, name, currency and terms.", dir_okay=False)
]
Archived = Annotated[bool, typer.Option("--archived", help="Those too that nobody gets any more.")]
Undo = Annotated[bool, typer.Option("--undo", help="Let organizations be subscribed to it again.")]
_PATH = "/v1/plans"


@app.command("list")
def list_(archived: Archived = False, as_json: Json = False, debug: Debug = False) -> None:
    """Each with its newest version."""
    found = connected().api.get(_PATH, archived="true" if archived else None)["items"]
    if not as_json:
        found = [{**one, **one["newest"]} for one in found]
    columns = {"Plan": "key", "Name": "name", "Version": "version", "Currency": "currency"}
    if archived:
        columns["Archived"] = "archived_at"
    show_items(found, columns, as_json=as_json, none="There is no plan.")


@app.command()
def show(key: Key, as_json: Json = False, debug: Debug = False) -> None:
    """What it charges for, and its versions."""
    found = connected().api.get(_PATH, key)
    if as_json:
        answer(found)
        return
    newest, terms = found["newest"], found["newest"]["terms"]
    tell(f"{found['name']} ({key}), version {newest['version']}, in {newest['currency']}")
    if found["archived_at"]:
        tell(f"Archived since {found['archived_at']}")
    for charge in terms["charges"]:
        tell(f"  {charge['name']}: {_price(charge)}")
    told = {"minimum": "Costs at least", "trial_days": "Days that are free", "limits": "Limits"}
    for name, words in told.items():
        if terms[name] not in (0, "0", {}):
            tell(f"{words}: {_plain(terms[name])}")
    tell(f"Versions: {', '.join(str(one['version']) for one in found['versions'])}")


@app.command()
def create(file: PlanFile, as_json: Json = False, debug: Debug = False) -> None:
    """Make one of a file."""
    made = connected().api.post(_PATH, body=_read(file))
    _tell_version(made, as_json=as_json)


@app.command()
def update(file: PlanFile, as_json: Json = False, debug: Debug = False) -> None:
    """Make its next version of a file, where other terms are in it. Subscriptions stay with theirs."""
    plan = _read(file)
    made = connected().api.put(_PATH, str(plan.pop("key", "")), body=plan)
    _tell_version(made, as_json=as_json)


@app.command()
def archive(key: Key, undo: Undo = False, debug: Debug = False) -> None:
    """Let nobody else get it. Who has it keeps it."""
    api = connected().api
    if undo:
        api.delete(_PATH, key, "archive")
        tell(f"Organizations may be subscribed to {key} again.")
    else:
        api.put(_PATH, key, "archive", body={})
        tell(f"Archived {key}: who has it keeps it, and nobody else gets it.")


def _read(file: Path) -> dict[str, Any]:
    from cygni.billing.plan_files import read_plan_file

    return read_plan_file(file)


def _tell_version(made: dict[str, Any], *, as_json: bool) -> None:
    _warn_of_meters(made["newest"]["terms"]["charges"])
    if as_json:
        answer(made)
    else:
        key, version = made["key"], made["newest"]["version"]
        tell(f"Version {version} of {key} is the newest. Give it with: cx subscription set {key}")


def _warn_of_meters(charges: list[dict[str, Any]]) -> None:
    """Plans are of the server, and meters may be of an organization: nobody knows all that there will be."""
    from cygni.billing.meters import METERS
    from cygni.wording import did_you_mean

    known = [meter.key for meter in METERS]
    for charge in charges:
        if (meter := charge.get("meter", known[0])) not in known:
            tell(
                f"Warning: Cygni measures no {meter}{did_you_mean(meter, known) or '.'} "
                "It is billed where an organization has a meter of its own of that key: "
                f"{', '.join(known)} are there for all."
            )


def _price(charge: dict[str, Any]) -> str:
    if charge["kind"] == "fee":
        return f"{charge['amount']} for each period"
    price, included = charge["price"], charge["included"]
    match price["model"]:
        case "per_unit":
            words = f"{price['unit_price']} for each of {charge['meter']}"
        case "package":
            words = f"{price['price']} for every {price['size']} of {charge['meter']}"
        case model:
            tiers = [
                f"{tier['unit_price']} to {tier['up_to']}"
                if tier["up_to"]
                else f"{tier['unit_price']} beyond"
                for tier in price["tiers"]
            ]
            words = f"{model} for each of {charge['meter']}: {', '.join(tiers)}"
    return words if included == "0" else f"{words}, {included} included"


def _plain(value: Any) -> str:
    return (
        ", ".join(f"{name} {most}" for name, most in value.items()) if isinstance(value, dict) else str(value)
    )
