"""Settings of what requests pass, from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cygni.errors import UsageError

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+\Z")
SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """`origins` (`CYGNI_SERVER_ORIGINS`, with commas) are those of pages elsewhere that may ask the API from a browser;
    none as it comes. `metrics_token` (`CYGNI_METRICS_TOKEN`) opens `/metrics`; without, it is open on this machine
    alone."""

    origins: tuple[str, ...] = ()
    metrics_token: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, values: Mapping[str, str]) -> EdgeSettings:
        """Raises UsageError when a variable cannot be understood."""
        return cls(
            origins=_origins(values.get("CYGNI_SERVER_ORIGINS") or ""),
            metrics_token=_token(values.get("CYGNI_METRICS_TOKEN") or None),
        )


def _origins(value: str) -> tuple[str, ...]:
    found = tuple(one.strip().rstrip("/") for one in value.split(",") if one.strip())
    for one in found:
        if not _ORIGIN.match(one):
            raise UsageError(
                f"CYGNI_SERVER_ORIGINS names {one!r}, which is no origin",
                hint="It looks like https://app.example.com, with commas between several.",
            )
    return found


def _token(value: str | None) -> str | None:
    if value is not None and (len(value) < SHORTEST_TOKEN or not value.isascii()):
        raise UsageError(
            f"CYGNI_METRICS_TOKEN has fewer than {SHORTEST_TOKEN} characters of ASCII",
            hint="Make one with: openssl rand -hex 32",
        )
    return value
