from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cygni.builder.context import Context, read_context
from cygni.errors import NotFound, StateError, UsageError
from cygni.local_cloud.images.store import ImageStore

START = ("python3", "app.py")


@pytest.fixture
def program(tmp_path: Path) -> Context:
    folder = tmp_path / "program"
    (folder / "lib").mkdir(parents=True)
    (folder / "app.py").write_text("print('hello')")
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o755)
    (folder / "lib" / "same").symlink_to("../app.py")
    return read_context(folder)


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    return ImageStore(tmp_path / "local-cloud")


class TestAdd:
    def test_keeps_a_copy_that_can_be_found_by_any_spelling_of_its_name(
        self, store: ImageStore, program: Context
    ) -> None:
        added = store.add("hello", program, START)
        (program.folder / "app.py").write_text("changed since")
        found = store.find("docker.io/library/hello:latest")
        assert found == added
        assert found.start == START
        assert (found.folder / "app.py").read_text() == "print('hello')"
        assert (found.folder / "lib/same").read_text() == "print('hello')"
        assert stat.S_IMODE((found.folder / "run").stat().st_mode) == 0o555
        assert stat.S_IMODE(found.folder.stat().st_mode) & 0o222 == 0

    def test_makes_the_same_bundle_once(self, store: ImageStore, program: Context) -> None:
        one, two = store.add("one", program, START), store.add("two", program, START)
        assert one.folder == two.folder
        assert [image.familiar_name for image in store.list()] == ["one:latest", "two:latest"]

    def test_makes_another_for_another_start_command(self, store: ImageStore, program: Context) -> None:
        assert store.add("one", program, START).digest != store.add("two", program, ["sh"]).digest

    def test_gives_a_name_to_what_it_was_given_last(self, store: ImageStore, program: Context) -> None:
        store.add("hello", program, START)
        store.add("hello", program, ["sh"])
        found = store.find("hello")
        assert found is not None
        assert found.start == ("sh",)

    def test_lets_the_copy_be_prepared_first(self, store: ImageStore, program: Context) -> None:
        image = store.add("hello", program, START, lambda root: (root / "made").touch())
        assert (image.folder / "made").exists()

    def test_leaves_nothing_of_one_that_cannot_be_prepared(
        self, store: ImageStore, program: Context, tmp_path: Path
    ) -> None:
        def fail(root: Path) -> None:
            raise UsageError("no compiler")

        with pytest.raises(UsageError):
            store.add("hello", program, START, fail)
        assert store.list() == []
        assert list((tmp_path / "local-cloud/images/bundles").iterdir()) == []

    def test_refuses_an_empty_start_command(self, store: ImageStore, program: Context) -> None:
        with pytest.raises(UsageError, match="start command"):
            store.add("hello", program, [])

    def test_says_where_it_cannot_write(self, tmp_path: Path, program: Context) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(StateError, match="cannot keep images"):
            ImageStore(tmp_path / "file").add("hello", program, START)

    def test_of_many_commands_at_once_is_whole(self, store: ImageStore, program: Context) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: store.add(f"n{number}", program, START), range(12)))
        assert len(store.list()) == 12
        assert len({image.folder for image in store.list()}) == 1


class TestRemove:
    def test_takes_the_bundle_with_its_last_name(self, store: ImageStore, program: Context) -> None:
        folder = store.add("one", program, START).folder
        store.add("two", program, START)
        store.remove("one")
        assert folder.exists()
        store.remove("two")
        assert not folder.exists()
        assert store.find("two") is None

    def test_keeps_a_bundle_that_runs(self, store: ImageStore, program: Context) -> None:
        image = store.add("one", program, START)
        store.remove("one", in_use=[image.digest])
        assert image.folder.exists()
        store.add("other", program, ["sh"])
        store.remove("other")
        assert not image.folder.exists()

    def test_of_what_is_not_there_says_so(self, store: ImageStore) -> None:
        with pytest.raises(NotFound, match="no image"):
            store.remove("hello")


def test_a_damaged_name_is_none(store: ImageStore, program: Context, tmp_path: Path) -> None:
    store.add("hello", program, START)
    for file in (tmp_path / "local-cloud/images/names").glob("*.json"):
        file.write_text("{")
    assert store.find("hello") is None
    assert store.list() == []


def test_an_empty_store_has_nothing(store: ImageStore) -> None:
    assert store.list() == []
    assert store.find("hello") is None
    assert store.find("no name") is None
