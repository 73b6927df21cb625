"""The records of an environment's releases, beside the stacks' state: in files, S3 or PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from cygni.errors import LeaseLost
from cygni.releases.estimate import EstimateRecord
from cygni.releases.protocols import ReleaseStore
from cygni.releases.release import Deployment, Live, Record, Release, Request, from_json, to_json
from cygni.settings import Settings
from stacks.release_claims import LEASES
from stacks.state_store import FolderStore, StateStore, Superseded, store_at
from stacks.target import environment_folder, place_of_state

if TYPE_CHECKING:
    from stacks.release_lease import ReleaseLeases

_FOLDER = ".pulumi/cygni/releases"
"""Beside the engine's own folders, of which none has this name."""
_AT_ONCE = 8
"""Records that are read side by side: what takes long is the way to the store and back."""
_HINT = "See cx status for what runs, then run this again if it is still wanted."


def release_store(
    settings: Settings, project: str, environment: str, variables: Mapping[str, str]
) -> ReleaseStore:
    """The records of an environment, as one command sees them; `variables` are those of the AWS SDK that it sets."""
    return StoredReleases(*_place(settings, project, environment, variables))


def release_leases(
    settings: Settings, project: str, environment: str, variables: Mapping[str, str]
) -> ReleaseLeases:
    """Who may release its services; as `release_store`."""
    from stacks.release_lease import ReleaseLeases

    store, folder = _place(settings, project, environment, variables)
    return ReleaseLeases(store, folder, settings.data_dir / "leases")


def _place(
    settings: Settings, project: str, environment: str, variables: Mapping[str, str]
) -> tuple[StateStore, str]:
    """Where the state is, or in this machine's own folder where nobody else shows the files of the state; and the
    folder of it that has the records. A project's name has no dot."""
    place, folder = place_of_state(settings), f"{_FOLDER}/{project}.{environment}"
    if place.folder is not None:
        return FolderStore(place.folder), folder
    store = store_at(place, variables)
    if store is not None:
        return store, folder
    return FolderStore(environment_folder(settings, project, environment)), "releases"


class StoredReleases:
    """The `ReleaseStore` of one environment, for one command: it knows which version of a record it has read."""

    def __init__(self, store: StateStore, folder: str) -> None:
        self._store = store
        self._folder = folder
        self._versions: dict[str, str | None] = {}

    def add_release(self, release: Release) -> Release:
        return self._add("releases", lambda number: replace(release, number=number))

    def release(self, number: int) -> Release | None:
        return self._read(f"releases/{number}.json", Release)

    def releases(self, limit: int = 20) -> Sequence[Release]:
        return self._newest("releases", self.release, limit)

    def add_deployment(self, deployment: Deployment) -> Deployment:
        return self._add("deployments", lambda number: replace(deployment, number=number))

    def deployment(self, number: int) -> Deployment | None:
        return self._read(f"deployments/{number}.json", Deployment)

    def deployments(self, limit: int = 20) -> Sequence[Deployment]:
        return self._newest("deployments", self.deployment, limit)

    def save(self, deployment: Deployment) -> None:
        name = f"deployments/{deployment.number}.json"
        content = to_json(deployment)
        try:
            self._versions[name] = self._store.write_version(
                self._key(name), content, self._versions.get(name)
            )
        except Superseded:
            raise LeaseLost(
                f"another command has taken over deployment {deployment.number}", hint=_HINT
            ) from None

    def add_estimate(self, record: EstimateRecord) -> EstimateRecord:
        return self._add("estimates", lambda number: replace(record, number=number))

    def estimates(self, limit: int = 20) -> Sequence[EstimateRecord]:
        return self._newest(
            "estimates", lambda number: self._read(f"estimates/{number}.json", EstimateRecord), limit
        )

    def live(self) -> Live:
        return self._read("live.json", Live) or Live()

    def update_live(self, change: Callable[[Live], Live]) -> Live:
        while True:
            before = self.live()
            after = change(before)
            if after == before:
                return after
            try:
                self._store.write_version(self._key("live.json"), to_json(after), self._versions["live.json"])
            except Superseded:
                continue
            return after

    def ask(self, deployment: int, request: Request) -> None:
        self._store.write(self._key(f"requests/{deployment}.json"), to_json(request))

    def asked(self, deployment: int) -> Request | None:
        name = f"requests/{deployment}.json"
        content = self._store.read(self._key(name))
        return None if content is None else from_json(Request, content, self._shown(name))

    def forget(self) -> None:
        """Removes all records of the environment, of which nothing runs any more. The leases stay: no fence is given
        twice."""
        for key in self._store.keys(self._folder):
            if key != self._key(LEASES):
                self._store.remove(key)
        self._versions.clear()

    def _add(self, kind: str, numbered: Callable[[int], Record]) -> Record:
        """Keeps the record under the next free number, for which others may be looking too."""
        number = next(iter(self._numbers(kind)), 0)
        while True:
            number += 1
            record, name = numbered(number), f"{kind}/{number}.json"
            try:
                self._versions[name] = self._store.write_version(self._key(name), to_json(record), None)
            except Superseded:
                continue
            return record

    def _newest(self, kind: str, read: Callable[[int], Record | None], limit: int) -> list[Record]:
        numbers = self._numbers(kind)[:limit]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [one for one in pool.map(read, numbers) if one is not None]

    def _numbers(self, kind: str) -> list[int]:
        """Of all records of the kind, the newest first."""
        keys = self._store.keys(self._key(kind))
        names = (re.fullmatch(r"(\d+)\.json", key.rpartition("/")[2]) for key in keys)
        return sorted((int(name[1]) for name in names if name is not None), reverse=True)

    def _read(self, name: str, kind: type[Record]) -> Record | None:
        found = self._store.read_version(self._key(name))
        self._versions[name] = found[1] if found is not None else None
        return None if found is None else from_json(kind, found[0], self._shown(name))

    def _key(self, name: str) -> str:
        return f"{self._folder}/{name}"

    def _shown(self, name: str) -> str:
        return f"{self._store.shown}/{self._key(name)}"
