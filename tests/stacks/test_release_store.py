"""The records of releases in a folder, a bucket and a database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as each
from hypothesis import strategies as st

from cygni.errors import LeaseLost, LockHeld, StateError
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
from cygni.settings import Settings
from cygni.state_place import StateKind, state_place
from stacks.release_store import StoredReleases, release_leases, release_store
from stacks.state_reader import stacks_in_state
from stacks.state_store import FolderStore, StateStore
from tests.postgres_server import PASSWORD
from tests.stacks.state_places import Place

FOLDER = ".pulumi/cygni/releases/shop.staging"
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
    return lambda: StoredReleases(files, FOLDER)


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
        for other in (f"{FOLDER}-2", FOLDER.replace("staging", "production")):
            assert StoredReleases(files, other).releases() == []


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
        assert files.keys(FOLDER) == []


class TestRequests:
    def test_reach_whoever_carries_the_deployment_out(self, command: Command) -> None:
        assert command().asked(7) is None
        for name in ("one", "two"):
            command().ask(7, Request(name, Wish.PAUSE, "ada", NOON))
        assert command().asked(7) == Request("two", Wish.PAUSE, "ada", NOON)


class TestForgetting:
    def test_leaves_other_environments_alone(self, command: Command, files: StateStore) -> None:
        other = StoredReleases(files, FOLDER.replace("staging", "production"))
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
        files.write(f"{FOLDER}/live.json", b'{"format": 9}')
        with pytest.raises(StateError, match=r"shop\.staging/live\.json"):
            command().live()


class Counting(FolderStore):
    """Counts what is read of it."""

    reads = 0

    def read(self, key: str) -> bytes | None:
        self.reads += 1
        return super().read(key)


def test_what_runs_is_one_read(tmp_path: Path) -> None:
    files = Counting(tmp_path)
    records = StoredReleases(files, "releases")
    records.update_live(lambda live: replace(live, services=LIVE))
    files.reads = 0
    assert records.live().services == LIVE
    assert files.reads == 1


@pytest.fixture(params=["folder", "bucket", "database", "hidden"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Of a machine that keeps its state in one of the places there are."""
    urls = {"folder": (tmp_path / "state").as_uri(), "hidden": "https://api.pulumi.com"}
    if request.param not in urls:
        place = request.getfixturevalue(request.param)
        assert isinstance(place, Place)
        place.write(".pulumi/stacks/cygni/shop.staging.data.json", b"{}")
        urls[request.param] = place.url
    return Settings(tmp_path / "data", tmp_path / "cache", state=state_place(urls[request.param]))


CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
SHOP = ("shop", "staging", CREDENTIALS)


class TestPlace:
    def test_is_where_the_state_is(self, settings: Settings) -> None:
        kept = release_store(settings, *SHOP).add_release(RELEASE)
        assert release_store(settings, *SHOP).release(1) == kept
        assert release_store(settings, "shop", "production", CREDENTIALS).releases() == []
        here = settings.data_dir / "projects" / "shop" / "staging" / "releases" / "releases" / "1.json"
        assert here.is_file() is (settings.state is not None and settings.state.kind is StateKind.SERVICE)

    def test_is_the_data_folder_by_default(self, tmp_path: Path) -> None:
        release_store(Settings(tmp_path, tmp_path), *SHOP).add_release(RELEASE)
        assert (tmp_path / "state/.pulumi/cygni/releases/shop.staging/releases/1.json").is_file()

    def test_has_the_leases_too(self, settings: Settings, tmp_path: Path) -> None:
        """Also for another machine, unless its state is hidden."""
        other = replace(settings, data_dir=tmp_path / "another machine")
        lease = release_leases(settings, *SHOP).acquire(["web"], doing="cx deploy")
        lease.check()
        with pytest.raises(LockHeld, match="web is being released by cx deploy"):
            release_leases(settings, *SHOP).acquire(["web"], doing="cx deploy")
        if settings.state is not None and settings.state.kind is not StateKind.SERVICE:
            with pytest.raises(LockHeld):
                release_leases(other, *SHOP).acquire(["api", "web"], doing="cx deploy")
        lease.release()
        later = release_leases(settings, *SHOP).acquire(["web"], doing="cx deploy")
        assert later.fence > lease.fence
        later.release()

    def test_is_no_stack_of_the_engine(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        before = stacks_in_state(settings, "us-east-1")
        release_store(settings, *SHOP).add_release(RELEASE)
        release_leases(settings, *SHOP).acquire(["web"], doing="cx deploy").release()
        assert stacks_in_state(settings, "us-east-1") == before

    def test_is_never_shown_with_its_password(self, database: Place, tmp_path: Path) -> None:
        settings = Settings(tmp_path, tmp_path, state=state_place(database.url))
        database.write(".pulumi/cygni/releases/shop.staging/live.json", b"{")
        database.write(".pulumi/cygni/releases/shop.staging/lease.json", b"{")
        with pytest.raises(StateError) as records:
            release_store(settings, *SHOP).live()
        with pytest.raises(StateError) as leases:
            release_leases(settings, *SHOP).acquire(["web"], doing="cx deploy")
        for error in (records.value, leases.value):
            assert "shop.staging" in error.message
            assert PASSWORD not in f"{error.message}{error.hint}{error.details}"


class TestFences:
    def test_outlive_the_records(self, tmp_path: Path) -> None:
        settings = Settings(tmp_path, tmp_path)
        first = release_leases(settings, *SHOP).acquire(["web"], doing="cx destroy")
        store = release_store(settings, *SHOP)
        store.add_release(RELEASE)
        assert isinstance(store, StoredReleases)
        store.forget()
        assert store.releases() == []
        first.check()
        first.release()
        second = release_leases(settings, *SHOP).acquire(["web"], doing="cx deploy")
        assert second.fence > first.fence
        second.release()


@each(max_examples=40)
@given(st.lists(st.sampled_from(["release", "deployment", "save", "ask", "live"]), max_size=10))
def test_what_was_written_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    """Whatever was done in whatever order, another command reads what was last written."""
    files = FolderStore(tmp_path_factory.mktemp("state"))
    store = StoredReleases(files, "releases")
    releases: list[Release] = []
    deployments: list[Deployment] = []
    live, asked = Live(), dict[int, Request]()
    for number, step in enumerate(steps):
        match step:
            case "release":
                releases.append(store.add_release(replace(RELEASE, author=f"author {number}")))
            case "deployment":
                deployments.append(store.add_deployment(replace(DEPLOYMENT, fence=number)))
            case "save" if deployments:
                deployments[-1] = replace(deployments[-1], answered=f"{number}")
                store.save(deployments[-1])
            case "ask":
                asked[1] = Request(f"{number}", Wish.ABORT, "ben", NOON)
                store.ask(1, asked[1])
            case "live":
                live = store.update_live(partial(_with, number))
    other = StoredReleases(files, "releases")
    assert list(other.releases()) == releases[::-1]
    assert list(other.deployments()) == deployments[::-1]
    assert (other.live(), other.asked(1)) == (live, asked.get(1))


def _with(number: int, live: Live) -> Live:
    return replace(live, history=(*live.history, number))
