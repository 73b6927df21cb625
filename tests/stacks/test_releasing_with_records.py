"""Deploys and rollbacks whose records and leases are the real ones, in each place that keeps a state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cygni.errors import LockHeld
from cygni.naming import Colour
from cygni.releases.operations import Releases
from cygni.releases.release import DeploymentState
from cygni.releases.settings import CanaryStep, ReleaseSettings, Strategy
from stacks.release_lease import ReleaseLeases
from stacks.release_store import StoredReleases
from stacks.state_store import FolderStore, StateStore
from tests.release_reaper import Killed, Reaper
from tests.release_world import Town
from tests.stacks.state_places import Place

WEB = ReleaseSettings(count=2, bake=10.0, strategy=Strategy.CANARY, canary=(CanaryStep(5, 10.0),))


@pytest.fixture(params=["folder", "bucket", "database"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> StateStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "state")
    place = request.getfixturevalue(request.param)
    assert isinstance(place, Place)
    place.write(".pulumi/stacks/cygni/shop.staging.data.json", b"{}")
    return place.store


def command(town: Town, files: StateStore, witnesses: Path, reaper: Reaper | None = None) -> Releases:
    """One run of `cx`; `reaper` kills it at one of its calls to the cloud or its clock."""
    made = town.command(reaper=reaper, poll=4.0)
    store = StoredReleases(files, "releases/shop.staging")
    leases = ReleaseLeases(files, "releases/shop.staging", witnesses, beating=False)
    return replace(made, world=replace(made.world, store=store), leases=leases)


class TestRecords:
    def test_carry_deploys_and_rollbacks_across_commands(self, files: StateStore, tmp_path: Path) -> None:
        town = Town({"web": WEB})
        for version in ("1", "2"):
            command(town, files, tmp_path).deploy(town.release(version))
            town.cloud.pass_time(60)
        killer = Reaper()
        killer.at = 20
        with pytest.raises(Killed):
            command(town, files, tmp_path, killer).deploy(town.release("3"))
        resumed = command(town, files, tmp_path).deploy(town.release("3"))
        assert resumed is not None
        assert (resumed.number, resumed.state) == (3, DeploymentState.SUCCEEDED)
        back = command(town, files, tmp_path).rollback()
        assert back is not None
        assert (back.number, back.release, back.state) == (4, 2, DeploymentState.SUCCEEDED)
        assert town.state("web")[Colour.GREEN] == ("web:2", 2, 100)
        store = StoredReleases(files, "releases/shop.staging")
        assert [one.number for one in store.deployments()] == [4, 3, 2, 1]
        assert [one.number for one in store.releases()] == [3, 2, 1]
        assert (store.live().history, store.live().unfinished) == ((2, 1), ())
        assert town.cloud.troubles == []

    def test_are_taken_up_again_where_the_leases_are_lost(self, files: StateStore, tmp_path: Path) -> None:
        town = Town({"web": WEB})
        for version in ("1", "2"):
            command(town, files, tmp_path).deploy(town.release(version))
            town.cloud.pass_time(60)
        assert files.read("releases/shop.staging/lease.json") is not None
        files.remove("releases/shop.staging/lease.json")
        ended = command(town, files, tmp_path).deploy(town.release("3"))
        assert ended is not None
        assert (ended.state, ended.fence) == (DeploymentState.SUCCEEDED, 3)

    def test_keep_a_second_command_out(self, files: StateStore, tmp_path: Path) -> None:
        town = Town({"web": WEB})
        first = command(town, files, tmp_path)
        second = command(town, files, tmp_path)
        refused: list[str] = []

        def meanwhile() -> None:
            with pytest.raises(LockHeld) as caught:
                second.deploy(town.release("2"))
            refused.append(caught.value.message)

        first.world.clock.at[5.0] = meanwhile  # type: ignore[attr-defined]
        first.deploy(town.release("1"))
        assert len(refused) == 1
        assert refused[0].startswith("web is being released by cx deploy (pid ")
