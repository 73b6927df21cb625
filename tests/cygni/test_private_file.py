from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cygni.private_file import make_once, replace_whole


def test_is_readable_by_its_owner_alone_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    make_once(path, b"secret")
    assert path.read_bytes() == b"secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_is_the_first_ones_of_many_that_make_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: make_once(path, b"%d" % number * 1000), range(8)))
    found = path.read_bytes()
    assert found in [b"%d" % number * 1000 for number in range(8)]
    make_once(path, b"late")
    assert path.read_bytes() == found


def test_is_refused_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        make_once(tmp_path / "nowhere" / "key", b"secret")


class TestReplaceWhole:
    def test_leaves_the_last_one_for_its_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "record"
        for content in (b"first", b"second"):
            replace_whole(path, content)
            assert path.read_bytes() == content
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert list(tmp_path.iterdir()) == [path]

    def test_that_fails_leaves_what_was_there(self, tmp_path: Path) -> None:
        path = tmp_path / "record"
        path.mkdir()
        with pytest.raises(OSError, match="directory"):
            replace_whole(path, b"x")
        assert list(tmp_path.iterdir()) == [path]
