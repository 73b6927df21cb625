"""Records of releases that outlive whoever wrote them, and the right to write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cygni.errors import LeaseLost, LockHeld
from cygni.releases.estimate import EstimateRecord
from cygni.releases.release import Deployment, Live, Release, Request, from_json, to_json
from tests.release_reaper import Reaper


@dataclass
class Records:
    """What outlives a command: documents by name, as bytes with a version, and who holds the services."""

    documents: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    holders: dict[str, tuple[int, object]] = field(default_factory=dict)
    fence: int = 0
    alive: set[int] = field(default_factory=set)


class FakeStore:
    """The records of one command: it knows the versions that it has read."""

    def __init__(self, records: Records, reaper: Reaper) -> None:
        self.records = records
        self._call = reaper.call
        self._versions: dict[str, int] = {}

    def _read(self, name: str, kind: type[Any]) -> Any:
        version, content = self.records.documents.get(name, (0, b""))
        self._versions[name] = version
        return from_json(kind, content, name) if version else None

    def _write(self, name: str, record: Any, *, expected: int) -> None:
        version, _ = self.records.documents.get(name, (0, b""))
        if version != expected:
            raise LeaseLost(f"{name} was written by another")
        self.records.documents[name] = (version + 1, to_json(record))
        self._versions[name] = version + 1

    def _add(self, folder: str, record: Any) -> Any:
        number = 1
        while f"{folder}/{number}" in self.records.documents:
            number += 1
        kept = replace(record, number=number)
        self._write(f"{folder}/{number}", kept, expected=0)
        return kept

    def forget(self) -> None:
        self._call(self.records.documents.clear)

    def add_release(self, release: Release) -> Release:
        return self._call(lambda: self._add("releases", release))

    def release(self, number: int) -> Release | None:
        return self._call(lambda: self._read(f"releases/{number}", Release))

    def releases(self, limit: int = 20) -> Sequence[Release]:
        return [one for number in range(99, 0, -1) if (one := self.release(number)) is not None][:limit]

    def add_deployment(self, deployment: Deployment) -> Deployment:
        return self._call(lambda: self._add("deployments", deployment))

    def deployment(self, number: int) -> Deployment | None:
        return self._call(lambda: self._read(f"deployments/{number}", Deployment))

    def deployments(self, limit: int = 20) -> Sequence[Deployment]:
        return [one for number in range(99, 0, -1) if (one := self.deployment(number)) is not None][:limit]

    def save(self, deployment: Deployment) -> None:
        name = f"deployments/{deployment.number}"
        self._call(lambda: self._write(name, deployment, expected=self._versions[name]))

    def add_estimate(self, record: EstimateRecord) -> EstimateRecord:
        return self._call(lambda: self._add("estimates", record))

    def estimates(self, limit: int = 20) -> Sequence[EstimateRecord]:
        def read(number: int) -> EstimateRecord | None:
            return self._call(lambda: self._read(f"estimates/{number}", EstimateRecord))

        return [one for number in range(99, 0, -1) if (one := read(number)) is not None][:limit]

    def live(self) -> Live:
        return self._call(lambda: self._read("live", Live) or Live())

    def update_live(self, change: Callable[[Live], Live]) -> Live:
        def act() -> Live:
            live = change(self._read("live", Live) or Live())
            self._write("live", live, expected=self._versions["live"])
            return live

        return self._call(act)

    def ask(self, deployment: int, request: Request) -> None:
        def act() -> None:
            name = f"requests/{deployment}"
            self._write(name, request, expected=self.records.documents.get(name, (0, b""))[0])

        self._call(act)

    def asked(self, deployment: int) -> Request | None:
        return self._call(lambda: self._read(f"requests/{deployment}", Request))


class FakeLease:
    def __init__(self, records: Records, services: Sequence[str], fence: int, holder: object) -> None:
        self.records, self.services, self.fence, self.holder = records, services, fence, holder

    def check(self) -> None:
        if any(self.records.holders.get(name) != (self.fence, self.holder) for name in self.services):
            raise LeaseLost("somebody else has the services")

    def release(self) -> None:
        for name in self.services:
            if self.records.holders.get(name) == (self.fence, self.holder):
                del self.records.holders[name]


class FakeLeases:
    """Leases of one command; those of one that was killed are free."""

    def __init__(self, records: Records, reaper: Reaper, holder: int) -> None:
        self.records, self._call, self.holder = records, reaper.call, holder

    def acquire(
        self,
        services: Sequence[str],
        *,
        doing: str,
        wait: float = 0.0,
        on_wait: Callable[[str], None] = lambda holder: None,
        above: int = 0,
    ) -> FakeLease:
        def act() -> FakeLease:
            for name in services:
                _, holder = self.records.holders.get(name, (0, None))
                if holder in self.records.alive and holder != self.holder:
                    raise LockHeld(f"{name} is held by {holder}")
            self.records.fence = max(self.records.fence, above) + 1
            for name in services:
                self.records.holders[name] = (self.records.fence, self.holder)
            return FakeLease(self.records, services, self.records.fence, self.holder)

        return self._call(act)
