"""Archives that somebody sent."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from cygni.errors import UsageError
from platform_api.sources import archive
from platform_api.sources.archive import demand_archive, unpack


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


class TestUnpack:
    def test_writes_the_files(self, tmp_path: Path) -> None:
        unpack(packed((tarfile.TarInfo("./a/cygni.yaml"), b"project: shop\n")), tmp_path)
        assert (tmp_path / "a" / "cygni.yaml").read_text() == "project: shop\n"

    def test_writes_links_that_stay_inside_and_what_may_be_run(self, tmp_path: Path) -> None:
        program = tarfile.TarInfo("bin/start")
        program.mode = 0o4755
        unpack(
            packed(
                link("current", "bin"),
                (program, b"#!/bin/sh\n"),
                link("again", "bin/start", tarfile.LNKTYPE),
                link("run", "current/start"),
            ),
            tmp_path,
        )
        assert (tmp_path / "run").resolve() == tmp_path / "bin" / "start"
        assert (tmp_path / "again").read_text() == "#!/bin/sh\n"
        assert (tmp_path / "bin" / "start").stat().st_mode & 0o7777 == 0o755

    def test_writes_nothing_through_a_link(self, tmp_path: Path) -> None:
        """Each leads inside by its letters; together they lead out."""
        folder = tmp_path / "in"
        folder.mkdir()
        members = [link("here", "."), link("up", "here/.."), (tarfile.TarInfo("up/escaped"), b"x")]
        with pytest.raises(UsageError, match="cannot be unpacked"):
            unpack(packed(*members), folder)
        assert not (tmp_path / "escaped").exists()

    @pytest.mark.parametrize("members", [[link("a", "b"), link("b", "a")], [link("a", "a")]])
    def test_refuses_links_in_a_circle(
        self, tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
    ) -> None:
        with pytest.raises(UsageError, match="cannot be unpacked"):
            unpack(packed(*members), tmp_path)

    @pytest.mark.parametrize(
        "member",
        [
            (tarfile.TarInfo("../escaped"), b"x"),
            (tarfile.TarInfo("a/../../escaped"), b"x"),
            link("etc", "/etc"),
            link("up", "../.."),
            link("hard", "/etc/passwd", tarfile.LNKTYPE),
            link("device", "", tarfile.CHRTYPE),
        ],
        ids=lambda member: member[0].name,
    )
    def test_refuses_what_leads_out_of_the_folder(
        self, tmp_path: Path, member: tuple[tarfile.TarInfo, bytes]
    ) -> None:
        folder = tmp_path / "in" / "side"
        folder.mkdir(parents=True)
        with pytest.raises(UsageError, match="cannot be unpacked"):
            unpack(packed(member), folder)
        assert list(folder.iterdir()) == []
        assert [one.name for one in tmp_path.rglob("*")] == ["in", "side"]

    @pytest.mark.parametrize(
        "members",
        [
            [link("a", "../.."), link("a/planted", "anything")],
            [link("a", "../.."), link("a/made/planted", "anything")],
            [link("a", "/OUTSIDE"), link("a/planted", "anything")],
            [link("a", "/OUTSIDE"), (tarfile.TarInfo("a/planted"), b"x")],
            [link("here", "."), link("up", "here/../.."), link("up/planted", "/etc")],
            [link("up", "here/.."), link("here", "."), link("up/planted", "in")],
            [link("a", "../.."), link("a/planted", "side/file", tarfile.LNKTYPE)],
        ],
        ids=["a link", "a folder", "absolute", "a file", "in two steps", "by a later link", "a hard link"],
    )
    def test_plants_nothing_outside_through_a_link(
        self, tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
    ) -> None:
        folder = tmp_path / "in" / "side"
        folder.mkdir(parents=True)
        for member, _ in members:
            member.linkname = member.linkname.replace("/OUTSIDE", str(tmp_path))
        content = packed((tarfile.TarInfo("side/file"), b"x"), *members)
        with pytest.raises(UsageError, match="cannot be unpacked"):
            unpack(content, folder)
        assert {str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*")} <= {
            *("in", "in/side", "in/side/side", "in/side/side/file"),
            *(
                "in/side/a",
                "in/side/a/planted",
            ),  # a folder and a file of its own, where no link came before them
        }
        assert not any(one.is_symlink() for one in tmp_path.rglob("*"))

    def test_refuses_a_link_in_the_place_of_a_folder(self, tmp_path: Path) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        inside = tarfile.TarInfo("a")
        inside.type = tarfile.DIRTYPE
        with pytest.raises(UsageError, match="cannot be unpacked"):
            unpack(packed(link("first", "a"), (inside, b""), link("a", "b"), link("a/planted", "b")), folder)
        assert not any(one.is_symlink() for one in tmp_path.rglob("*"))

    def test_writes_a_link_through_one_that_stays_inside(self, tmp_path: Path) -> None:
        file = tarfile.TarInfo("lib/one"), b"1"
        unpack(packed(file, link("current", "lib"), link("current/newest", "one")), tmp_path)
        assert (tmp_path / "lib" / "newest").read_text() == "1"

    def test_refuses_a_lot_of_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "LARGEST_UNPACKED", 1024**2)
        with pytest.raises(UsageError, match="more than 1 MiB"):
            unpack(packed((tarfile.TarInfo("zeros"), bytes(2 * 1024**2))), tmp_path)

    def test_refuses_too_many_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "MOST_FILES", 2)
        with pytest.raises(UsageError, match="more than 2 files"):
            unpack(packed(*((tarfile.TarInfo(name), b"") for name in "abc")), tmp_path)

    def test_counts_copies_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "LARGEST_UNPACKED", 1024**2)
        whole = tarfile.TarInfo("whole"), bytes(600 * 1024)
        unpack(packed(whole), tmp_path)
        with pytest.raises(UsageError, match="more than 1 MiB"):
            unpack(packed(whole, link("again", "whole", tarfile.LNKTYPE)), tmp_path)
        assert not (tmp_path / "again").exists()

    def test_refuses_a_size_that_would_make_room_for_others(self, tmp_path: Path) -> None:
        below = tarfile.TarInfo("below")
        below.type, below.size = tarfile.DIRTYPE, -(2**40)
        content = below.tobuf(tarfile.GNU_FORMAT) + bytes(tarfile.RECORDSIZE)
        with pytest.raises(UsageError, match="below zero"):
            unpack(gzip.compress(content), tmp_path)

    @pytest.mark.parametrize(
        "content",
        [b"", b"\x1f\x8b", gzip.compress(b"no tar" * 200), gzip.compress(b"x")[:-9]],
        ids=["nothing", "a beginning", "no tar", "cut off"],
    )
    def test_refuses_what_is_none(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(UsageError):
            unpack(content, tmp_path)


def test_what_is_no_archive_is_refused_before_it_is_kept() -> None:
    demand_archive(packed())
    with pytest.raises(UsageError, match="no archive"):
        demand_archive(b"PK\x03\x04")
