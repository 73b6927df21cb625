"""Folders that no image is made from. Files of gigabytes are holes, which take no room."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.builder import context
from cygni.builder.context import read_context
from cygni.builder.refusals import largest_of
from cygni.errors import BuildContextRefused

GIB = 1024**3


def hole(file: Path, size: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as written:
        written.truncate(size)


class TestSize:
    def test_of_ten_gigabytes_is_refused_with_what_is_large(self, tmp_path: Path) -> None:
        hole(tmp_path / "models" / "deep" / "weights.bin", 9 * GIB)
        hole(tmp_path / "node_modules" / "one.js", GIB // 2)
        hole(tmp_path / "node_modules" / "two.js", GIB // 2)
        (tmp_path / "app.py").write_text("print('hello')")
        with pytest.raises(BuildContextRefused, match=r"has 10\.0 GiB for an image, and 1024 MiB") as refused:
            read_context(tmp_path)
        named = [one["path"] for one in refused.value.details["largest"]]
        assert named == ["models/deep/weights.bin", "node_modules"]
        hint = refused.value.hint or ""
        assert "\n  models/deep/weights.bin\n  node_modules" in hint
        assert "context_limit: 10241" in hint

    def test_is_allowed_by_what_the_hint_says(self, tmp_path: Path) -> None:
        hole(tmp_path / "weights.bin", 2 * GIB + 1)
        with pytest.raises(BuildContextRefused, match="context_limit: 2049|GiB"):
            read_context(tmp_path, 2048)
        assert len(read_context(tmp_path, 2049).entries) == 1
        (tmp_path / ".dockerignore").write_text("weights.bin\n")
        assert [str(one.path) for one in read_context(tmp_path).entries] == [".dockerignore"]

    def test_does_not_take_for_ever_to_be_known(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(context, "_ENTRIES_OVER_LIMIT", 10)
        for number in range(50):
            hole(tmp_path / f"{number:02}.bin", GIB)
        with pytest.raises(BuildContextRefused, match=r"has more than 1[0-9]\.0 GiB"):
            read_context(tmp_path)

    @given(
        sizes=st.dictionaries(
            st.lists(st.sampled_from("abc"), min_size=3, max_size=3).map("/".join),
            st.integers(1, 1000),
            min_size=1,
        )
    )
    def test_names_parts_that_are_no_larger_than_the_whole(self, sizes: dict[str, int]) -> None:
        largest = largest_of(sizes)
        assert sum(size for _, size in largest) <= sum(sizes.values())
        assert len({path.partition("/")[0] for path, _ in largest}) == len(largest)
        for path, size in largest:
            assert size == sum(one for place, one in sizes.items() if f"{place}/".startswith(f"{path}/"))


class TestLinks:
    @pytest.mark.parametrize(
        "target", ["../secret", "/etc/passwd", "lib/../../secret", "way/secret", "lib/back"]
    )
    def test_that_leave_are_refused(self, tmp_path: Path, target: str) -> None:
        folder = tmp_path / "app"
        (folder / "lib").mkdir(parents=True)
        (tmp_path / "secret").write_text("hunter2")
        (folder / ".dockerignore").write_text("way\nlib/back\n")
        (folder / "way").symlink_to("..")
        (folder / "lib" / "back").symlink_to("../../secret")
        (folder / "link").symlink_to(target)
        with pytest.raises(BuildContextRefused, match="link leaves the folder of the image") as refused:
            read_context(folder)
        assert refused.value.details["reason"] == "link_leaves"
        (folder / ".dockerignore").write_text("way\nlib/back\nlink\n")
        assert "link" not in [entry.kind for entry in read_context(folder).entries]

    def test_to_themselves_are_refused(self, tmp_path: Path) -> None:
        (tmp_path / "one").symlink_to("two")
        (tmp_path / "two").symlink_to("one")
        with pytest.raises(BuildContextRefused, match="leads to itself") as refused:
            read_context(tmp_path)
        assert refused.value.details["reason"] == "link_loop"

    def test_within_stay_as_they_are(self, tmp_path: Path) -> None:
        (tmp_path / "lib").mkdir()
        links = {"lib/up": "../app.py", "lib/round": ".", "later": "made/by/the/build", "..name": "lib"}
        for name, target in links.items():
            (tmp_path / name).symlink_to(target)
        found = read_context(tmp_path)
        assert {str(one.path): one.target for one in found.entries if one.kind == "link"} == links
        assert found.digest()

    def test_in_a_folder_that_is_reached_by_a_link_are_measured_by_where_it_is(self, tmp_path: Path) -> None:
        (tmp_path / "app").mkdir()
        (tmp_path / "app" / "link").symlink_to("app.py")
        (tmp_path / "way").symlink_to("app")
        assert len(read_context(tmp_path / "way").entries) == 1


class TestFiles:
    def test_that_would_hold_a_build_are_refused(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(BuildContextRefused, match="pipe is a pipe") as refused:
            read_context(tmp_path)
        assert refused.value.details["reason"] == "special_file"
        (tmp_path / ".dockerignore").write_text("pipe\n")
        read_context(tmp_path)

    def test_of_sockets_belong_to_no_image(self) -> None:
        with (
            tempfile.TemporaryDirectory() as folder,  # the path of a socket is short
            socket.socket(socket.AF_UNIX) as listening,
        ):
            listening.bind(f"{folder}/s")
            assert read_context(Path(folder)).entries == []

    def test_that_cannot_be_read_are_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "closed").write_text("")
        found = read_context(tmp_path)

        def refuse(path: Path, *given: object) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(BuildContextRefused, match="cannot read .*closed: Permission denied") as refused:
            found.digest()
        assert refused.value.details["reason"] == "unreadable"

    def test_with_names_that_are_no_text_can_be_told_of(self, tmp_path: Path) -> None:
        hole(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")), 2 * GIB)
        with pytest.raises(BuildContextRefused) as refused:
            read_context(tmp_path)
        refused.value.message.encode()
        assert refused.value.details["largest"][0]["path"] == r"\xff"
