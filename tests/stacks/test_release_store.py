"""The records of releases in a folder, a bucket and a database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cygni.errors import LeaseLost, StateError
from cygni.naming import Colour
from cygni.releases.release import (
    Deployment,
    DeploymentState,
    Kind,
    Live,
    LiveService,
    Release,
    Request,
    ServiceRelease,
    Standing,
    Wish,
)
from stacks.release_store import StoredReleases, release_files, release_folder
from stacks.state_store import FolderStore, StateStore
from tests.factories import create_environment
from tests.stacks.state_places import Place

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RELEASE = Release("shop", "staging", {"web": ServiceRelease("web:1")}, NOON, "ada")
DEPLOYMENT = Deployment("shop", "staging", 1, Kind.DEPLOY, (), NOON, "ada", fence=3)
LIVE = {"web": LiveService(Colour.BLUE, {Colour.BLUE: Standing(1, "web:1", 2)})}

Command = Callable[[], StoredReleases]


@pytest.fixture(params=["folder", "bucket", "database"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> StateStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "state")
    place = request.getfixturevalue(request.param)
    assert isinstance(place, Place)
    place.write(".pulumi/stacks/cygni/shop.staging.data.json", b"{}")
    return place.store


@pytest.fixture
def command(files: StateStore) -> Command:
    """The records as one more command sees them."""
    return lambda: StoredReleases(files, release_folder("shop", "staging"))


class TestReleases:
    def test_are_numbered_and_found_by_their_number(self, command: Command) -> None:
        first, second = command().add_release(RELEASE), command().add_release(RELEASE)
        assert (first.number, second.number) == (1, 2)
        assert command().release(2) == second
        assert command().release(3) is None

    def test_are_listed_the_newest_first(self, command: Command) -> None:
        for _ in range(11):
            command().add_release(RELEASE)
        assert [one.number for one in command().releases(3)] == [11, 10, 9]

    def test_never_share_a_number(self, command: Command) -> None:
        with ThreadPoolExecutor(5) as pool:
            authors = [replace(RELEASE, author=name) for name in "abcde"]
            made = list(pool.map(lambda release: command().add_release(release), authors))
        assert sorted(one.number for one in made) == [1, 2, 3, 4, 5]

    def test_of_another_environment_are_apart(self, command: Command, files: StateStore) -> None:
        command().add_release(RELEASE)
        for other in (("shop", "staging-2"), ("shop", "production")):
            assert StoredReleases(files, release_folder(*other)).releases() == []


class TestDeployments:
    def test_are_replaced_by_whoever_read_them_last(self, command: Command) -> None:
        owner = command()
        kept = owner.add_deployment(DEPLOYMENT)
        owner.save(replace(kept, paused=True))
        owner.save(replace(kept, state=DeploymentState.SUCCEEDED))
        assert command().deployment(1) == replace(kept, state=DeploymentState.SUCCEEDED)
        assert [one.number for one in command().deployments()] == [1]

    def test_are_lost_to_whoever_has_taken_over(self, command: Command) -> None:
        first, second = command(), command()
        kept = first.add_deployment(DEPLOYMENT)
        taken = second.deployment(1)
        assert taken is not None
        second.save(replace(taken, fence=4))
        with pytest.raises(LeaseLost, match="deployment 1"):
            first.save(replace(kept, state=DeploymentState.BACK))
        assert command().deployment(1) == replace(kept, fence=4)


class TestLive:
    def test_is_empty_at_first(self, command: Command) -> None:
        assert command().live() == Live()

    def test_loses_no_change_of_several_at_once(self, command: Command) -> None:
        command().update_live(lambda live: replace(live, services=LIVE))

        def add(number: int) -> None:
            command().update_live(lambda live: replace(live, unfinished=(*live.unfinished, number)))

        with ThreadPoolExecutor(5) as pool:
            list(pool.map(add, range(5)))
        live = command().live()
        assert live.services == LIVE
        assert sorted(live.unfinished) == [0, 1, 2, 3, 4]

    def test_is_left_as_it_was_by_a_change_that_fails(self, command: Command) -> None:
        command().update_live(lambda live: replace(live, services=LIVE))

        def refuse(live: Live) -> Live:
            raise LeaseLost("taken over")

        with pytest.raises(LeaseLost):
            command().update_live(refuse)
        assert command().live().services == LIVE

    def test_is_not_written_where_nothing_changes(self, command: Command, files: StateStore) -> None:
        assert command().update_live(lambda live: live) == Live()
        assert files.keys(release_folder("shop", "staging")) == []


class TestRequests:
    def test_reach_whoever_carries_the_deployment_out(self, command: Command) -> None:
        assert command().asked(7) is None
        for name in ("one", "two"):
            command().ask(7, Request(name, Wish.PAUSE, "ada", NOON))
        assert command().asked(7) == Request("two", Wish.PAUSE, "ada", NOON)


class TestForgetting:
    def test_leaves_other_environments_alone(self, command: Command, files: StateStore) -> None:
        other = StoredReleases(files, release_folder("shop", "production"))
        other.add_release(RELEASE)
        own = command()
        own.add_release(RELEASE)
        own.add_deployment(DEPLOYMENT)
        own.update_live(lambda live: replace(live, services=LIVE))
        own.forget()
        assert (own.releases(), own.deployments(), own.live()) == ([], [], Live())
        assert len(other.releases()) == 1


class TestRecordsOfAnotherVersion:
    def test_are_named_and_left_alone(self, command: Command, files: StateStore) -> None:
        files.write(f"{release_folder('shop', 'staging')}/live.json", b'{"format": 9}')
        with pytest.raises(StateError, match=r"shop\.staging/live\.json"):
            command().live()


class TestPlace:
    def test_of_the_records_is_that_of_the_state(self, tmp_path: Path) -> None:
        environment = create_environment(tmp_path)
        files = release_files(environment)
        assert files.shown == str(tmp_path / "state")

    def test_is_beside_other_records_where_the_state_shows_no_files(self, tmp_path: Path) -> None:
        environment = create_environment(tmp_path)
        hidden = replace(environment.engine, backend_url="https://api.pulumi.com")
        files = release_files(replace(environment, engine=hidden))
        assert files.shown == str(environment.records.folder)
