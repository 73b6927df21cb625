"""Environments as people see them: a list, and one as YAML with where each value comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from rich.console import Console

    from cygni.pricing.exchange import Exchange
    from cygni.spec.layers import Setting
    from stacks.environments import ListedEnvironment

_WIDEST = 60  # columns before the comments; a longer line has its comment right after it


def show_list(people: Console, found: Sequence[ListedEnvironment], exchange: Exchange) -> None:
    """Prints a table of environments, and what is to be known of them."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("Environment", "Size", "Target", "In cygni.yaml", "Last deploy", "Cost a month"):
        table.add_column(column, overflow="fold")
    for one in found:
        written = "yes" if one.written else "as the top level"
        table.add_row(one.name, one.size, one.target, written, _last_deploy(one), _cost(one))
    people.print(table)
    for one in found:
        for warning in one.warnings:
            people.print(f"[yellow]warning:[/] {one.name}: {warning}")
    if exchange.text:
        people.print(f"Amounts are {exchange.currency} at {exchange.text}.", style="dim", markup=False)


def _last_deploy(one: ListedEnvironment) -> str:
    if not one.deployed:
        return "not deployed"
    return one.last_deploy or "did not finish"


def _cost(one: ListedEnvironment) -> str:
    from cygni.pricing.wording import total_text

    if one.monthly is None or one.unknown is None:
        return ""
    return total_text(one.monthly, one.unknown, at_most=one.monthly_at_most, currency=one.currency)


def show_promotion(
    people: Console,
    source: str,
    target: str,
    images: Mapping[str, str],
    unlike: Mapping[str, Sequence[str]],
) -> None:
    """Prints what is given to which environment, and where cygni.yaml says otherwise."""
    people.print(f"Promoting {source} to {target}:", markup=False)
    for name, image in images.items():
        people.print(f"  {name}  {image}", markup=False, soft_wrap=True)
    for name, keys in unlike.items():
        people.print(
            f"[yellow]warning:[/] {name}: cygni.yaml has another {' and '.join(keys)} for {target}; a later cx deploy "
            f"-e {target} goes back to that, after showing it",
            soft_wrap=True,
        )


def as_yaml(settings: Sequence[Setting], size: str, file: str) -> Iterator[str]:
    """The lines of a specification as YAML, each value with where it comes from as a comment."""
    lines = list(_lines(settings, size, file))
    width = min(max((len(line) for line, comment in lines if comment), default=0), _WIDEST)
    for line, comment in lines:
        yield f"{line:<{width}}  # {comment}" if comment else line


def _lines(settings: Sequence[Setting], size: str, file: str) -> Iterator[tuple[str, str]]:
    above: tuple[Any, ...] = ()
    for setting in settings:
        *parents, key = setting.path
        shared = _shared(above, parents)
        for depth in range(shared, len(parents)):
            yield f"{'  ' * depth}{_flow(parents[depth])}:", ""
        above = tuple(parents)
        yield f"{'  ' * len(parents)}{_flow(key)}: {_flow(setting.value)}", origin(setting, size, file)


def _shared(above: Sequence[Any], parents: Sequence[Any]) -> int:
    """How many keys two paths begin with alike."""
    count = 0
    for one, other in zip(above, parents, strict=False):
        if one != other:
            break
        count += 1
    return count


def _flow(value: Any) -> str:
    """A value in one line of YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True)
    return text.removesuffix("\n...\n").rstrip("\n")


def origin(setting: Setting, size: str, file: str) -> str:
    """Where a value comes from, in words."""
    from cygni.spec.layers import Source

    match setting.source:
        case Source.ENVIRONMENT:
            return f"{file}:{setting.line}, of this environment"
        case Source.TOP_LEVEL:
            return f"{file}:{setting.line}"
        case Source.SIZE:
            return f"default of {size}"
    return "default"
