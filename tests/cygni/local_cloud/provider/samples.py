"""What samples of resources are made of; samples_core.py holds those of most services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cygni.local_cloud.provider.operations import Kept

Make = Callable[[str], Kept]


@dataclass(frozen=True)
class Sample:
    """`inputs` of one resource, `change` to make in place, `import_id` where it is not the id (None: it cannot be
    imported), and what cannot be read back from AWS."""

    token: str
    inputs: Callable[[Make], dict[str, Any]]
    change: Callable[[Make], dict[str, Any]] | None = None
    import_id: Callable[[Kept], str] | None = lambda kept: kept.id
    unreadable: tuple[str, ...] = ()


def tags(**more: str) -> dict[str, Any]:
    return {"tags": {"cygni:urn": "urn:sample", **more}}


RETAGGED = tags(team="blue")
