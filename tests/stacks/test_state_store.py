"""The files of a state in a bucket and in a database: a real S3 protocol, a real PostgreSQL."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cygni.errors import CREDENTIALS_HINT, AuthError, StateError
from cygni.local_cloud.process import LocalCloud
from cygni.state_place import state_place
from stacks.state import look_at_files, look_in_store
from stacks.state_store import FolderStore, StateStore, Superseded, state_store, store_at
from tests.factories import create_environment
from tests.postgres_server import PASSWORD
from tests.stacks.state_places import Place

STACK = "shop.staging.data"
CHECKPOINT = f".pulumi/stacks/cygni/{STACK}.json"
LOCKS = f".pulumi/locks/organization/cygni/{STACK}"


class TestStores:
    def test_are_empty_at_first(self, place: Place) -> None:
        assert place.store.read(CHECKPOINT) is None
        assert place.store.keys(LOCKS) == []
        assert not look_in_store(place.store, STACK).exists

    def test_read_what_the_engine_wrote(self, place: Place) -> None:
        place.write(CHECKPOINT, b"\x00\xff whole")
        assert place.store.read(CHECKPOINT) == b"\x00\xff whole"

    def test_list_one_folder_and_no_name_that_only_looks_alike(self, place: Place) -> None:
        for folder in (LOCKS, f"{LOCKS}2", LOCKS.replace("shop.", "shopX"), LOCKS.replace("data", "dat_")):
            place.write(f"{folder}/one.json", b"{}")
        place.write(f"{LOCKS}/another.json", b"{}")
        assert place.store.keys(LOCKS) == [f"{LOCKS}/another.json", f"{LOCKS}/one.json"]
        wildcard = LOCKS.replace("data", "dat_")  # in LIKE it would mean the other as well
        assert place.store.keys(wildcard) == [f"{wildcard}/one.json"]

    def test_remove_one_file(self, place: Place) -> None:
        for name in ("a", "b"):
            place.write(f"{LOCKS}/{name}.json", b"{}")
        place.store.remove(f"{LOCKS}/a.json")
        place.store.remove(f"{LOCKS}/a.json")
        assert place.store.keys(LOCKS) == [f"{LOCKS}/b.json"]

    def test_write_what_is_read_again_and_replace_it(self, place: Place) -> None:
        place.write(CHECKPOINT, b"{}")
        for content in (b"one", b"", b"\xc3\xb6"):
            place.store.write(".pulumi/cygni/a note", content)
            assert place.store.read(".pulumi/cygni/a note") == content
        assert place.store.keys(".pulumi/cygni") == [".pulumi/cygni/a note"]
        assert place.store.read(CHECKPOINT) == b"{}"

    def test_replace_a_file_only_while_it_is_of_the_version_that_was_read(self, place: Place) -> None:
        place.write(CHECKPOINT, b"{}")
        replaced_by_its_version_alone(place.store)

    def test_let_one_of_several_writers_win(self, place: Place) -> None:
        place.write(CHECKPOINT, b"{}")
        one_writer_wins(place.store)

    def test_take_an_answer_that_was_lost_for_what_it_was(self, place: Place) -> None:
        place.write(CHECKPOINT, b"{}")
        version = place.store.write_version("a/b", b"one", None)
        assert place.store.write_version("a/b", b"one", None) == version
        with pytest.raises(Superseded):
            place.store.write_version("a/b", b"two", None)

    def test_never_show_a_password(self, place: Place) -> None:
        assert PASSWORD not in place.store.shown
        assert "?" not in place.store.shown


def replaced_by_its_version_alone(store: StateStore) -> None:
    key = ".pulumi/cygni/releases/live.json"
    assert store.read_version(key) is None
    with pytest.raises(Superseded):
        store.write_version(key, b"none", "0" * 64)
    first = store.write_version(key, b"one", None)
    assert store.read_version(key) == (b"one", first)
    second = store.write_version(key, b"two", first)
    assert second != first
    for stale in (first, None):
        with pytest.raises(Superseded):
            store.write_version(key, b"three", stale)
    assert store.read_version(key) == (b"two", second)


def one_writer_wins(store: StateStore) -> None:
    """Six at once, each of which adds to what it has read, again until it succeeds: nothing is lost."""

    def add(number: int) -> None:
        while True:
            found = store.read_version("count")
            before, version = found if found is not None else (b"", None)
            try:
                store.write_version("count", before + b"%d," % number, version)
                return
            except Superseded:
                continue

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(6)))
    assert sorted((store.read("count") or b"").split(b",")) == [b"", *(b"%d" % number for number in range(6))]


class TestFolder:
    def test_replaces_a_file_only_while_it_is_of_the_version_that_was_read(self, tmp_path: Path) -> None:
        store = FolderStore(tmp_path)
        replaced_by_its_version_alone(store)
        assert store.keys("") == [".pulumi/cygni/releases/live.json"]

    def test_lets_one_of_several_writers_win(self, tmp_path: Path) -> None:
        one_writer_wins(FolderStore(tmp_path))

    def test_is_a_store_as_any_other(self, tmp_path: Path) -> None:
        store = FolderStore(tmp_path / "share")
        assert (store.read("a/b.json"), store.keys("a")) == (None, [])
        store.write("a/b.json", b"one")
        store.write("a/b.json", b"two")
        store.write("ab/c.json", b"")
        assert (store.read("a/b.json"), store.keys("a")) == (b"two", ["a/b.json"])
        store.remove("a/b.json")
        store.remove("a/b.json")
        assert store.keys("a") == []

    def test_that_cannot_be_reached_is_one_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        store = FolderStore(tmp_path)
        with pytest.raises(StateError, match="file"):
            store.write("file/a", b"")
        with pytest.raises(StateError, match="cannot reach"):
            store.remove("file/a")


class TestDatabase:
    def test_without_the_engines_table_loses_nothing_silently(self, database: Place) -> None:
        with pytest.raises(StateError, match="no state in"):
            database.store.write(".pulumi/cygni/a note", b"{}")
        with pytest.raises(StateError, match="no state in"):
            database.store.write_version(".pulumi/cygni/a note", b"{}", None)


class TestLook:
    def test_sees_resources_what_is_pending_and_who_holds_the_lock(self, place: Place) -> None:
        latest = {"resources": [{"urn": "a"}], "pending_operations": [{"type": "creating"}]}
        place.write(CHECKPOINT, json.dumps({"checkpoint": {"latest": latest}}).encode())
        lock = {"pid": 4711, "username": "me", "hostname": "far", "timestamp": "2026-01-02T03:04:05Z"}
        place.write(f"{LOCKS}/one.json", json.dumps(lock).encode())
        state = look_in_store(place.store, STACK)
        assert (state.resources, state.pending) == ([{"urn": "a"}], [{"type": "creating"}])
        [held] = state.locks
        assert (held.key, held.pid, held.host, held.user) == (f"{LOCKS}/one.json", 4711, "far", "me")
        assert look_in_store(place.store, STACK).fingerprint == state.fingerprint

    def test_says_what_cannot_be_read(self, place: Place) -> None:
        place.write(CHECKPOINT, b'{"checkpoint": {"lat')
        with pytest.raises(StateError, match="cut off") as caught:
            look_in_store(place.store, STACK)
        assert place.store.shown in caught.value.message


class TestUnreachable:
    @pytest.mark.parametrize(
        "url",
        [
            f"postgres://me:{PASSWORD}@127.0.0.1:1/states",
            f"postgres:///states?host=/nowhere&password={PASSWORD}",
            "s3://bucket?region=us-east-1&endpoint=http://127.0.0.1:1",
        ],
    )
    def test_is_one_error_without_a_password(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("stacks.state_store._ATTEMPTS", 1)
        variables = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": PASSWORD}
        store = store_at(state_place(url), variables)
        assert store is not None
        with pytest.raises(StateError, match="cannot reach the state in") as caught:
            store.read(CHECKPOINT)
        assert PASSWORD not in f"{caught.value.message}{caught.value.hint}{caught.value.details}"

    @pytest.mark.parametrize("code", ["ExpiredToken", "InvalidAccessKeyId", "AccessDenied"])
    def test_for_want_of_a_right_is_a_matter_of_credentials(
        self, code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*asked: Any, **more: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "No."}}, "GetObject")

        monkeypatch.setattr("botocore.client.BaseClient._make_api_call", refuse)
        variables = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
        store = store_at(state_place("s3://bucket?region=us-east-1"), variables)
        assert store is not None
        with pytest.raises(AuthError, match=code) as caught:
            store.read(CHECKPOINT)
        assert caught.value.hint == CREDENTIALS_HINT

    def test_tells_of_a_bucket_that_is_not_there(self, local_cloud: LocalCloud) -> None:
        url = f"s3://nobody-made-it?region=us-east-1&endpoint={local_cloud.endpoint}"
        variables = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
        store = store_at(state_place(url), variables)
        assert store is not None
        with pytest.raises(StateError) as caught:
            store.read(CHECKPOINT)
        assert "aws s3 mb s3://nobody-made-it" in (caught.value.hint or "")


class TestOtherPlaces:
    @pytest.mark.parametrize("url", ["file:///srv/state", "https://api.pulumi.com"])
    def test_have_no_store(self, url: str, tmp_path: Path) -> None:
        assert store_at(state_place(url), {}) is None

    def test_files_of_this_machine_are_read_all_the_same(self, tmp_path: Path) -> None:
        settings = create_environment(tmp_path).engine
        assert state_store(settings) is None
        found = look_at_files(settings, STACK)
        assert found is not None
        assert not found.exists
