"""Which image a Dockerfile ends on (pure)."""

from __future__ import annotations

import re
from typing import Final

_FROM: Final = re.compile(
    r"^\s*FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?\s*$", re.IGNORECASE | re.MULTILINE
)


def final_base(dockerfile: str) -> str | None:
    """The image below the last stage, also by way of other stages, as it is written; None where there is none."""
    stages: dict[str, str] = {}
    base = None
    for found in _FROM.finditer(dockerfile):
        base = stages.get(found["image"].lower(), found["image"])
        if found["stage"]:
            stages[found["stage"].lower()] = base
    return base
