"""Outputs of stacks, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cygni.naming import Part
from cygni.plan.wording import readable

if TYPE_CHECKING:
    from rich.console import Console


def flat_outputs(outputs: Mapping[Part, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Outputs by stack, as JSON values."""
    return {part.value: readable(dict(values)) for part, values in outputs.items()}


def listed_outputs(outputs: Mapping[Part, Mapping[str, Any]]) -> dict[str, Any]:
    """Outputs under the names they can be asked for by; addresses of services first, what is empty left out."""
    found = {f"{Part.SERVICES}.urls.{service}": url for service, url in _urls(outputs).items()}
    return found | {
        f"{part}.{name}": readable(value)
        for part, values in outputs.items()
        for name, value in values.items()
        if name != "urls" and value not in ({}, [])
    }


def show_outputs(people: Console, outputs: Mapping[Part, Mapping[str, Any]]) -> None:
    """Prints each output under the name it can be asked for by, on one line."""
    for name, value in listed_outputs(outputs).items():
        text = value if isinstance(value, str) else json.dumps(value)
        people.print(f"  {name}: {text}", markup=False, soft_wrap=True)


def show_addresses(people: Console, outputs: Mapping[Part, Mapping[str, Any]], environment: str) -> None:
    """Prints where services answer, and how to see the rest."""
    show_urls(people, _urls(outputs))
    if any(outputs.values()):
        people.print(f"All outputs: cx outputs -e {environment}", markup=False, style="dim", soft_wrap=True)


def show_urls(people: Console, urls: Mapping[str, Any]) -> None:
    """Prints the address of each service on a line that is never broken, so that it can be clicked."""
    for service, url in urls.items():
        people.print(f"  {service}: {url}", markup=False, soft_wrap=True)


def _urls(outputs: Mapping[Part, Mapping[str, Any]]) -> Mapping[str, Any]:
    return outputs.get(Part.SERVICES, {}).get("urls") or {}
