"""The images that a Dockerfile is made from (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_FROM: Final = re.compile(
    r"^\s*FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?\s*$", re.IGNORECASE | re.MULTILINE
)
_TAKEN: Final = re.compile(r"^\s*COPY\s+--from=(?P<image>\S+)", re.IGNORECASE | re.MULTILINE)


def final_base(dockerfile: str) -> str | None:
    """The image below the last stage, also by way of other stages, as it is written; None where there is none."""
    stages: dict[str, str] = {}
    base = None
    for found in _FROM.finditer(dockerfile):
        base = stages.get(found["image"].lower(), found["image"])
        if found["stage"]:
            stages[found["stage"].lower()] = base
    return base


def bases_of(dockerfile: str) -> list[str]:
    """All images that it is made from or copies from, without digests, each once."""
    stages = {found["stage"].lower() for found in _FROM.finditer(dockerfile) if found["stage"]}
    named = [found["image"] for pattern in (_FROM, _TAKEN) for found in pattern.finditer(dockerfile)]
    outside = (one for one in named if one.lower() not in stages and one != "scratch")
    return list(dict.fromkeys(one.partition("@")[0] for one in outside))


def pinned(dockerfile: str, digests: Mapping[str, str]) -> str:
    """The same with the digest of each image that `digests` has; the tag stays, for people."""
    outside = set(bases_of(dockerfile))

    def with_digest(found: re.Match[str]) -> str:
        image = found["image"]
        digest = digests.get(image) if image in outside else None
        start, end = (at - found.start() for at in found.span("image"))
        return f"{found[0][:start]}{image}@{digest}{found[0][end:]}" if digest else found[0]

    return _TAKEN.sub(with_digest, _FROM.sub(with_digest, dockerfile))
