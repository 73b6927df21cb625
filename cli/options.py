"""Options that several commands share, spelled once."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from cygni.cost_limits import WrittenIncrease
from cygni.errors import UsageError

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str, option: str, *, least: float = 0) -> float:
    """`90`, `90s`, `15m` or `2h` in seconds. Raises UsageError, also for less than `least` seconds."""
    found = re.fullmatch(r"([0-9]{1,6})([smh]?)", text.strip())
    hint = "Give it as 90s, 15m or 2h." + (f" The least is {least:.0f}s." if least else "")
    if found is None:
        raise UsageError(f"{option} {text!r} is not a time", hint=hint)
    value = float(found[1]) * _UNITS[found[2]]
    if value < least:
        raise UsageError(f"{option} {text!r} is too short", hint=hint)
    return value


def increase(text: str, option: str) -> WrittenIncrease:
    """`25`, `25.50`, `$25`, `25EUR` or `25 EUR` as an amount, `10%` as a share of what there is. Raises UsageError."""
    found = re.fullmatch(r"(\$?)([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(%|[A-Z]{3})?", text.strip())
    if found is None or (found[1] and found[3]):
        raise UsageError(
            f"{option} {text!r} is not an amount of money, nor a percentage",
            hint="Give it as 25, 25.50, 25EUR or 10%. The least is 0.",
        )
    if found[3] == "%":
        return WrittenIncrease(percent=Decimal(found[2]))
    return WrittenIncrease(amount=Decimal(found[2]), currency=found[3] or ("USD" if found[1] else None))


def time_option(option: str, *, least: float = 0) -> Callable[[str | float], float]:
    """Reads a time of an option, in seconds; it raises as `seconds` does."""

    def parsed(value: str | float) -> float:
        return (
            seconds(value, option, least=least) if isinstance(value, str) else value
        )  # a default comes as it is

    return parsed


def increase_option(option: str) -> Callable[[str], WrittenIncrease]:
    """Reads an amount or a percentage of an option; it raises as `increase` does."""

    def parsed(value: str) -> WrittenIncrease:
        return increase(value, option)

    return parsed


App = Annotated[
    Path | None,
    typer.Option(
        "--app", "-a", envvar="CX_APP", help="Folder of the project, or its cygni.yaml.", show_default="here"
    ),
]
ProjectThere = Annotated[
    str | None,
    typer.Option(
        "--project",
        "-p",
        help="One of the control plane, wherever this is run: no file of it is needed.",
        show_default="that of the folder",
    ),
]
Env = Annotated[
    str,
    typer.Option("--env", "-e", envvar="CX_ENV", help="Environment: local, staging, production, preview-*."),
]
Here = Annotated[
    bool,
    typer.Option(
        "--here",
        envvar="CX_HERE",
        help="On this machine, also where a control plane has the environment.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Never covers losing data.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print one JSON object a line on stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback with an error.")]
Refresh = Annotated[
    bool, typer.Option("--refresh", help="Look at the world again, for changes made outside of Cygni.")
]
LockWait = Annotated[
    float,
    typer.Option(
        "--lock-wait",
        metavar="TIME",
        parser=time_option("--lock-wait"),
        show_default="0s",
        help="How long to wait for another deploy to end, such as 90s or 15m.",
    ),
]
ExpectPlan = Annotated[
    str,
    typer.Option(
        "--expect-plan",
        metavar="DIGEST",
        help="Apply nothing but the plan with this digest, as cx diff --json tells it.",
        show_default="any",
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="TIME",
        parser=time_option("--timeout", least=1),
        show_default="1h",
        help="How long one stack may take, such as 30m or 2h; at least 1s.",
    ),
]
Currency = Annotated[
    str | None,
    typer.Option(
        "--currency",
        metavar="CODE",
        help="Show amounts in this currency, such as EUR, at the rate of the file that CYGNI_EXCHANGE_RATES names.",
        show_default="CYGNI_CURRENCY, or cost.currency, or USD",
    ),
]
MaxCostIncrease = Annotated[
    WrittenIncrease | None,
    typer.Option(
        "--max-cost-increase",
        metavar="AMOUNT|PERCENT",
        parser=increase_option("--max-cost-increase"),
        help="Stop with exit 14 if the fixed cost per month grows by more, or may: 25, 25EUR or 10%.",
    ),
]
AllowDestroy = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-destroy", metavar="NAME", help="Allow losing the data of this resource. Repeatable."
    ),
]
BuildTool = Annotated[
    str | None,
    typer.Option(
        "--tool",
        metavar="NAME",
        envvar="CYGNI_BUILD_TOOL",
        help="docker, podman, buildah; or codebuild (on AWS) or kubernetes (a job there), which push.",
        show_default="the first that works",
    ),
]
CodeBuildProject = Annotated[
    str | None,
    typer.Option(
        "--codebuild-project",
        metavar="NAME",
        envvar="CYGNI_CODEBUILD_PROJECT",
        help="The project of AWS CodeBuild that builds, with --tool codebuild.",
    ),
]
