"""Settings of what requests pass, from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cygni.errors import UsageError
from platform_api.access.open_streams import StreamLimits

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+\Z")
_COUNT = re.compile(r"[1-9][0-9]{0,5}")
SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """`origins` (`CYGNI_SERVER_ORIGINS`, with commas) are those of pages elsewhere that may ask the API from a browser;
    none as it comes. `metrics_token` (`CYGNI_METRICS_TOKEN`) opens `/metrics`; without, it is open on this machine
    alone. `streams` (`CYGNI_SERVER_STREAMS`, such as `caller=20,organization=200`) is how many may be open."""

    origins: tuple[str, ...] = ()
    metrics_token: str | None = field(default=None, repr=False)
    streams: StreamLimits = field(default_factory=StreamLimits)

    @classmethod
    def from_environment(cls, values: Mapping[str, str]) -> EdgeSettings:
        """Raises UsageError when a variable cannot be understood."""
        return cls(
            origins=_origins(values.get("CYGNI_SERVER_ORIGINS") or ""),
            metrics_token=_token(values.get("CYGNI_METRICS_TOKEN") or None),
            streams=_streams(values.get("CYGNI_SERVER_STREAMS") or ""),
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


def _streams(value: str) -> StreamLimits:
    found = StreamLimits()
    for one in value.split(",") if value else ():
        name, _, number = one.strip().partition("=")
        if name not in ("caller", "organization") or not _COUNT.fullmatch(number):
            raise UsageError(
                f"CYGNI_SERVER_STREAMS has {one!r}, which is no limit",
                hint="It looks like caller=20,organization=200.",
            )
        found = replace(found, **{name: int(number)})
    return found


def _token(value: str | None) -> str | None:
    if value is not None and (len(value) < SHORTEST_TOKEN or not value.isascii()):
        raise UsageError(
            f"CYGNI_METRICS_TOKEN has fewer than {SHORTEST_TOKEN} characters of ASCII",
            hint="Make one with: openssl rand -hex 32",
        )
    return value
