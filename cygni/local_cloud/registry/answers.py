"""What a request to the registry is answered with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cygni.local_cloud.registry.problems import Problem

DIGEST: Final = "Docker-Content-Digest"


@dataclass(frozen=True, slots=True)
class Answer:
    """`content` is bytes, or a file of which the bytes `part` (first, and after the last) are sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | Path = b""
    part: tuple[int, int] = (0, 0)

    @property
    def length(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.part[1] - self.part[0]


def json_answer(values: Any, content_type: str = "application/json", **headers: str) -> Answer:
    return Answer(200, {"Content-Type": content_type, **headers}, json.dumps(values).encode())


def refusal(problem: Problem) -> Answer:
    return Answer(problem.status, {"Content-Type": "application/json", **problem.headers}, problem.body)
