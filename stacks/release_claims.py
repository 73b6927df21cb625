"""Who holds the services of an environment: one file beside the records, replaced only while it is as it was read."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from cygni.errors import StateError
from stacks.state_store import StateStore, Superseded

LEASES = "lease.json"
"""The file, in the folder of the records."""
_FORMAT = 1


@dataclass(frozen=True)
class Claim:
    """A lease as it is written. `beat` counts its renewals, `at` (ISO 8601, UTC) is the last by the holder's clock."""

    id: str
    fence: int
    services: tuple[str, ...]
    doing: str
    pid: int
    host: str
    since: str
    beat: int = 0
    at: str = ""

    def __str__(self) -> str:
        return f"{self.doing} (pid {self.pid} on {self.host}, since {self.since})"


@dataclass(frozen=True)
class Claims:
    """All leases of an environment, and the highest fence number ever given."""

    fence: int = 0
    claims: tuple[Claim, ...] = ()

    def of(self, id: str) -> Claim | None:
        return next((one for one in self.claims if one.id == id), None)

    def without(self, ids: Iterable[str]) -> Claims:
        gone = set(ids)
        return replace(self, claims=tuple(one for one in self.claims if one.id not in gone))

    def with_claim(self, claim: Claim) -> Claims:
        """With `claim` in the place of the one of its id, if there is one."""
        rest = self.without([claim.id])
        return Claims(max(self.fence, claim.fence), (*rest.claims, claim))


class ClaimFile:
    """The file. Everything raises StateError and AuthError."""

    def __init__(self, store: StateStore, folder: str) -> None:
        self._store = store
        self._key = f"{folder}/{LEASES}"

    def read(self) -> tuple[Claims, str | None]:
        """What is claimed, and the version of the file, None where there is none yet."""
        found = self._store.read_version(self._key)
        if found is None:
            return Claims(), None
        return _read(found[0], f"{self._store.shown}/{self._key}"), found[1]

    def write(self, claims: Claims, version: str | None) -> None:
        """Raises Superseded."""
        text = json.dumps({"format": _FORMAT, **asdict(claims)}, sort_keys=True)
        self._store.write_version(self._key, text.encode(), version)

    def change(self, change: Callable[[Claims], Claims | None]) -> bool:
        """Replaces what is claimed by what `change` makes of it; False where it makes None, and nothing is changed."""
        while True:
            claims, version = self.read()
            changed = change(claims)
            if changed is None:
                return False
            with contextlib.suppress(Superseded):
                self.write(changed, version)
                return True


def _read(text: bytes, shown: str) -> Claims:
    hint = "Use the version of Cygni that wrote it, or a newer one."
    try:
        said: dict[str, Any] = json.loads(text)
        claims = tuple(Claim(**{**one, "services": tuple(one["services"])}) for one in said["claims"])
        known, fence = said["format"] == _FORMAT, int(said["fence"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise StateError(f"{shown} cannot be read: {error}", hint=hint) from None
    if not known:
        raise StateError(f"{shown} was not written by this version of Cygni", hint=hint)
    return Claims(fence, claims)
