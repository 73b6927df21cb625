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


def show_outputs(people: Console, outputs: Mapping[Part, Mapping[str, Any]]) -> None:
    """Prints each output with its stack; addresses of services first."""
    urls = outputs.get(Part.SERVICES, {}).get("urls") or {}
    for service, url in urls.items():
        people.print(f"  {service}: {url}", markup=False)
    for part, values in outputs.items():
        for name, value in values.items():
            if name != "urls" and value not in ({}, []):
                text = value if isinstance(value, str) else json.dumps(readable(value))
                people.print(f"  {part}.{name}: {text}", markup=False, style="dim", soft_wrap=True)
