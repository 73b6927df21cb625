from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cygni.local_cloud.data_plane.snapshot import ElasticLoadBalancing
from cygni.local_cloud.load_balancer.configuration import Configuration, Layout, configuration
from cygni.local_cloud.load_balancer.files import ConfigurationFiles
from tests.cygni.local_cloud.balancers import elbv2


class Watched:
    """The files of a folder, and in which order they are replaced."""

    def __init__(self, folder: Path):
        self.layout = Layout(folder)
        self.files = ConfigurationFiles(self.layout)
        self.waited: list[list[str]] = []

    def write(self, given: ElasticLoadBalancing) -> bool:
        """What `write` says; `waited` gets, for each wait, the files that had been replaced until then."""
        wanted = self.configured(given)
        before = self.identities()
        return self.files.write(wanted, lambda: self.waited.append(self.replaced_since(before)))

    def configured(self, given: ElasticLoadBalancing) -> Configuration:
        return configuration(given, {}, self.layout)

    def identities(self) -> dict[str, int]:
        """The inode of each file: another when it was replaced."""
        return {path.parent.name: path.stat().st_ino for path in self.layout.folder.glob("*/all.json")}

    def replaced_since(self, before: dict[str, int]) -> list[str]:
        now = self.identities()
        return sorted(name for name in now if before.get(name) != now[name])

    def clusters(self) -> list[str]:
        return [
            one["name"].split("/")[1] for one in json.loads(self.layout.clusters.read_text())["resources"]
        ]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


class TestWrite:
    def test_replaces_only_what_differs(self, watched: Watched) -> None:
        watched.write(elbv2(1, 0))
        before = watched.identities()
        watched.write(elbv2(1, 0))
        assert watched.replaced_since(before) == []
        watched.write(elbv2(0, 1))
        assert watched.replaced_since(before) == ["routes"]

    def test_counts_what_an_earlier_process_wrote(self, watched: Watched) -> None:
        watched.write(elbv2())
        before = watched.identities()
        Watched(watched.layout.folder).write(elbv2())
        assert watched.replaced_since(before) == []

    def test_waits_for_new_clusters_before_it_tells_of_routes_to_them(self, watched: Watched) -> None:
        watched.write(elbv2())
        assert watched.waited == [["clusters"]]
        watched.write(elbv2(0, 1))
        assert len(watched.waited) == 1

    def test_keeps_clusters_until_the_routes_to_them_are_gone(self, watched: Watched) -> None:
        watched.write(elbv2())
        without = replace(elbv2(), load_balancers=())
        assert watched.write(without)
        assert watched.clusters() == ["blue", "green"]
        watched.files.trim(watched.configured(without))
        assert watched.clusters() == []

    def test_is_not_misled_by_a_torn_file(self, watched: Watched) -> None:
        watched.layout.clusters.parent.mkdir()
        watched.layout.clusters.write_text('{"resour')
        assert not watched.write(elbv2())
        assert watched.clusters() == ["blue", "green"]

    def test_leaves_nothing_else_behind(self, watched: Watched) -> None:
        watched.write(elbv2())
        files = {str(path.relative_to(watched.layout.folder)) for path in watched.layout.folder.rglob("*.*")}
        assert files == {"clusters/all.json", "listeners/all.json", "routes/all.json"}
