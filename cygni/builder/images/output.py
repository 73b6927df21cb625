"""What the output of a build tells of its steps (pure).

BuildKit writes `#7 [build 2/6] RUN ...` and later `#7 CACHED`; Buildah and Podman `STEP 3/9: ...` or
`[1/2] STEP 3/9: ...`, and `--> Using cache ...` below it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_BUILDKIT_STEP: Final = re.compile(r"#(\d+) \[[^\]]*?(\d+)/(\d+)\] (?!FROM\b)(.+)")
_BUILDKIT_CACHED: Final = re.compile(r"#(\d+) CACHED")
_BUILDAH_STEP: Final = re.compile(r"(?:\[\d+/\d+\] )?STEP \d+(?:/\d+)?: (?!FROM\b)(.+)")
_BUILDAH_CACHED: Final = "--> Using cache"


@dataclass(slots=True)
class BuildSteps:
    """Takes the lines of a build one by one. FROM is no step: it is taken from elsewhere or is there."""

    _numbers: dict[str, str] = field(default_factory=dict)
    _cached: set[str] = field(default_factory=set)
    _last: str = ""

    def take(self, line: str) -> str | None:
        """The instruction of a step that this line begins, None where it begins none."""
        if found := _BUILDKIT_STEP.match(line):
            return self._begun(found[1], found[4])
        if found := _BUILDAH_STEP.match(line):
            return self._begun(f"step {len(self._numbers)}", found[1])
        if found := _BUILDKIT_CACHED.match(line):
            self._cached |= {found[1]} & self._numbers.keys()
        elif line.startswith(_BUILDAH_CACHED):
            self._cached.add(self._last)
        return None

    def _begun(self, key: str, instruction: str) -> str | None:
        known = key in self._numbers
        self._numbers[key], self._last = instruction, key
        return None if known else instruction

    @property
    def count(self) -> int:
        return len(self._numbers)

    @property
    def cached(self) -> int:
        """How many were there from an earlier build."""
        return len(self._cached)
