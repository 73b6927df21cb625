"""Hands Envoy its configuration: files that are replaced whole, which Envoy sees at once, in an order in which a
route never names a cluster that is not there."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cygni.local_cloud.load_balancer.configuration import Configuration, Layout, Resource


class ConfigurationFiles:
    """The files of one Envoy. Only what differs is written; what an earlier process wrote counts."""

    def __init__(self, layout: Layout):
        self._layout = layout
        self._written: dict[Path, str] = {}

    def write(self, wanted: Configuration, when_clusters_came: Callable[[], None]) -> bool:
        """Bring the files to what is wanted; True when a cluster that is no longer needed was kept, for routes that
        still name it: `trim` removes it. `when_clusters_came` waits until Envoy has read those that are new."""
        known = {one["name"] for one in wanted.clusters}
        before = {one["name"]: one for one in self._resources(self._layout.clusters)}
        kept = [one for name, one in before.items() if name not in known]
        self._put(self._layout.clusters, [*wanted.clusters, *kept])
        if known - before.keys():
            when_clusters_came()
        self._put(self._layout.routes, [wanted.routes])
        self._put(self._layout.listeners, wanted.listeners)
        return bool(kept)

    def trim(self, wanted: Configuration) -> None:
        """Remove clusters that nothing needs any more."""
        self._put(self._layout.clusters, wanted.clusters)

    def repeat_listeners(self) -> None:
        """Write the listeners once more, so that Envoy tries again those it could not open."""
        self._replace(self._layout.listeners, self._text(self._layout.listeners))

    def write_bootstrap(self, bootstrap: Resource) -> None:
        self._replace(self._layout.bootstrap, json.dumps(bootstrap))

    def _put(self, path: Path, resources: Iterable[Resource]) -> None:
        text = json.dumps({"resources": list(resources)}, sort_keys=True)
        if self._text(path) != text:
            self._replace(path, text)

    def _text(self, path: Path) -> str:
        if path not in self._written:
            try:
                self._written[path] = path.read_text(encoding="utf-8")
            except FileNotFoundError:
                return ""
        return self._written[path]

    def _resources(self, path: Path) -> list[Any]:
        text = self._text(path)
        try:
            return list(json.loads(text)["resources"]) if text else []
        except (ValueError, KeyError):  # torn by a full disk
            return []

    def _replace(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=self._layout.folder, prefix=".new-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
        self._written[path] = text
