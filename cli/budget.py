"""`cx budget`: how much may be used or spent, where it stands, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cli.connected import Organization, connected, shown_day, tell
from cli.options import Debug, Json
from cli.terminal import answer, print_table

app = typer.Typer(
    name="budget",
    help="Budgets: how much may be used or spent, where it stands, and what follows.",
    no_args_is_help=True,
)

EXAMPLES = (
    "cx budget set deploys 200 --meter deployments --hard",
    "cx budget set shop-cloud 500 --cloud-cost --project shop --at 80 --at 100",
    "cx budget list",
)

Name = Annotated[str, typer.Argument(help="Its name.")]
Amount = Annotated[
    str | None,
    typer.Argument(help="In the unit of the meter, or in money.", show_default="as it is"),
]
MeterKey = Annotated[
    str | None, typer.Option("--meter", help="Of units of this meter in a billing period, as of deployments.")
]
CloudCost = Annotated[
    bool, typer.Option("--cloud-cost", help="Of what is deployed costs at AWS by estimate, in USD a month.")
]
Spend = Annotated[bool, typer.Option("--spend", help="Of what a billing period comes to by your plan.")]
Project = Annotated[
    str | None, typer.Option("--project", "-p", help="Of this project alone.", show_default="all")
]
Environment = Annotated[
    str | None, typer.Option("--env", "-e", help="Of this environment of the project.", show_default="all")
]
At = Annotated[
    list[int] | None,
    typer.Option(
        "--at",
        help="Tell people at so many percent: 50, 75, 80, 90, 100; can be given again.",
        show_default="all",
    ),
]
Forecast = Annotated[
    bool | None,
    typer.Option("--forecast/--no-forecast", help="Tell people where the pace so far leads beyond it."),
]
Hard = Annotated[
    bool | None, typer.Option("--hard/--soft", help="Refuse deployments that need more than is left.")
]
Grace = Annotated[
    int | None,
    typer.Option(
        "--grace", min=0, max=744, help="Hours after it is used up in which what runs is left alone."
    ),
]
Pause = Annotated[
    bool | None,
    typer.Option(
        "--pause-previews/--keep-previews", help="Scale preview environments to nothing after that."
    ),
]
Floor = Annotated[
    bool | None,
    typer.Option(
        "--scale-to-floor/--keep-scale", help="Scale other environments to the fewest tasks they may have."
    ),
]
_BAR = 24


@app.command("list")
def list_(
    project: Project = None, org: Organization = None, as_json: Json = False, debug: Debug = False
) -> None:
    """Where budgets stand; with --project those of a project, as its members see them."""
    connection = connected(org)
    place = () if project is None else ("projects", project)
    found = connection.api.get("/v1/organizations", connection.the_organization(), *place, "budgets")["items"]
    if as_json:
        answer({"items": found})
    elif not found:
        tell("There is no budget. Set one, such as: cx budget set deploys 200 --meter deployments")
    else:
        _show_table(found)


@app.command("set")
def set_(
    name: Name,
    amount: Amount = None,
    meter: MeterKey = None,
    cloud_cost: CloudCost = False,
    spend: Spend = False,
    project: Project = None,
    env: Environment = None,
    at: At = None,
    forecast: Forecast = None,
    hard: Hard = None,
    grace: Grace = None,
    pause_previews: Pause = None,
    scale_to_floor: Floor = None,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Set a budget, or change the one of this name: what is not given stays.

    Nothing is ever deleted by a budget, and no service of production is stopped. Raising one lets deployments go on
    at once.
    """
    kind = _kind(meter, cloud_cost=cloud_cost, spend=spend)
    place = {"project": project, "environment": env, "meter": meter, "kind": kind}
    terms: dict[str, Any] = {"amount": amount, "thresholds": at, "forecast": forecast, "hard_limit": hard}
    terms |= {"grace_hours": grace, "pause_previews": pause_previews, "scale_to_floor": scale_to_floor}
    connection = connected(org)
    budgets = ("/v1/organizations", connection.the_organization(), "budgets")
    known = {one["name"]: one for one in connection.api.get(*budgets)["items"]}
    if name in known:
        _demand_same(known[name], place)
        shown = connection.api.patch(*budgets, name, body=_given(terms))
    else:
        shown = connection.api.post(
            *budgets, body=_given({"name": name, **place, **_complete(name, kind, terms)})
        )
    if as_json:
        answer(shown)
    else:
        _show(shown)


@app.command()
def show(name: Name, org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Where one stands, and what people were told of it."""
    connection = connected(org)
    path = ("/v1/organizations", connection.the_organization(), "budgets", name)
    found = connection.api.get(*path)
    alerts = connection.api.get(*path, "alerts", limit=10)["items"]
    if as_json:
        answer({**found, "alerts": alerts})
        return
    _show(found)
    for one in alerts:
        what = "beyond it by forecast" if one["threshold"] == "forecast" else f"{one['threshold']} %"
        lapsed = " (raised since)" if one["lapsed_at"] else ""
        tell(f"  {one['at'][:16].replace('T', ' ')}  told: {what}, {one['used']} of {one['amount']}{lapsed}")


@app.command()
def remove(name: Name, org: Organization = None, debug: Debug = False) -> None:
    """Remove one: nothing is refused any more because of it."""
    connection = connected(org)
    connection.api.delete("/v1/organizations", connection.the_organization(), "budgets", name)
    tell("It is gone.")


def _kind(meter: str | None, *, cloud_cost: bool, spend: bool) -> str | None:
    """Raises UsageError for more than one."""
    from cygni.errors import UsageError

    given = {"units": meter is not None, "cloud_cost": cloud_cost, "spend": spend}
    chosen = [kind for kind, is_given in given.items() if is_given]
    if len(chosen) > 1:
        raise UsageError("a budget is of one kind", hint="Give one of --meter, --cloud-cost and --spend.")
    return chosen[0] if chosen else None


def _complete(name: str, kind: str | None, terms: Mapping[str, Any]) -> Mapping[str, Any]:
    """The terms of a new one. Raises UsageError where it is not said how much, or of what."""
    from cygni.errors import UsageError

    if terms["amount"] is None or kind is None:
        raise UsageError(
            f"there is no budget {name!r} yet, and a new one needs an amount and a kind",
            hint=f"Such as: cx budget set {name} 200 --meter deployments",
        )
    return terms


def _demand_same(known: Mapping[str, Any], place: Mapping[str, str | None]) -> None:
    """Raises UsageError where what a budget is of were another."""
    from cygni.errors import UsageError

    for field, value in place.items():
        if value is not None and known[field] != value:
            raise UsageError(
                f"the budget {known['name']!r} is of another {field}: {known[field] or 'all'}",
                hint="What a budget is of does not change: set another one, and remove this.",
            )


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in values.items() if value is not None and value != []}


def _show_table(budgets: list[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for heading in ("Budget", "Of", "", "Used", "Left", "Expected", "State"):
        table.add_column(heading, overflow="fold")
    for one in budgets:
        expected = "" if one["forecast_amount"] is None else amount_text(one["forecast_amount"])
        used = f"{amount_text(one['used'])} of {amount_text(one['amount'])} {one['unit']}"
        cells = (one["name"], _place(one), bar(one), used, amount_text(one["left"]), expected, _state(one))
        table.add_row(*(Text(cell) for cell in cells))
    print_table(table)


def _show(budget: Mapping[str, Any]) -> None:
    """One, in lines."""
    unit = budget["unit"]
    reserved = "" if budget["reserved"] == "0" else f", {amount_text(budget['reserved'])} reserved"
    tell(f"{budget['name']}, of {_place(budget)}: {_state(budget)}")
    tell(f"  {bar(budget)}")
    tell(
        f"  {amount_text(budget['used'])} of {amount_text(budget['amount'])} {unit} used{reserved}, "
        f"{amount_text(budget['left'])} left"
    )
    if budget["kind"] != "cloud_cost":
        zone = budget["zone"]
        until = f"  from {shown_day(budget['start'], zone)} until {shown_day(budget['end'], zone)}"
        forecast = budget["forecast_amount"]
        tell(until if forecast is None else f"{until}: {amount_text(forecast)} {unit} by the pace so far")
    told = ", ".join(f"{one} %" for one in sorted(budget["thresholds"])) or "no threshold"
    tell(f"  people are told at {told}{' and by forecast' if budget['forecast'] else ''}")
    tell(f"  {_consequence(budget)}")


def _consequence(budget: Mapping[str, Any]) -> str:
    if not budget["hard_limit"]:
        return "nothing is refused: it has no hard limit (--hard)"
    then = [
        *(["previews are paused"] if budget["pause_previews"] else []),
        *(["services go to their floor"] if budget["scale_to_floor"] else []),
    ]
    after = f"; {' and '.join(then)} {budget['grace_hours']} h after it is used up" if then else ""
    return f"deployments that need more than is left are refused{after}"


def _place(budget: Mapping[str, Any]) -> str:
    parts = [one for one in (budget["project"], budget["environment"]) if one]
    of = budget["meter"] or str(budget["kind"]).replace("_", " ")
    return f"{of} of {'/'.join(parts)}" if parts else of


def _state(budget: Mapping[str, Any]) -> str:
    words = {"ok": "ok", "alert": "alert", "soft": "used up", "hard": "used up, limits are held"}
    return words[budget["state"]]


def amount_text(amount: str) -> str:
    """With two places where it has more."""
    from decimal import Decimal

    value = Decimal(amount)
    return f"{value:f}" if value == value.to_integral_value() else f"{value:.2f}"


def bar(budget: Mapping[str, Any]) -> str:
    """What is used and what is reserved, of all."""
    from decimal import Decimal

    amount = Decimal(budget["amount"])
    used, reserved = Decimal(budget["used"]) / amount, Decimal(budget["reserved"]) / amount
    full = min(int(used * _BAR), _BAR)
    held = min(int((used + reserved) * _BAR), _BAR) - full
    return f"{'━' * full}{'·' * held}{'─' * (_BAR - full - held)} {int(used * 100)} %"
