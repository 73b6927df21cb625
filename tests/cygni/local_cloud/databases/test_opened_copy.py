"""PostgreSQL's programs, on machines whose user is root."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from cygni.local_cloud.databases.opened_copy import reachable

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Below a folder that is closed to others, as pytest makes them; copies go to one that is open."""
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    folder = tmp_path / "closed" / "package" / "pginstall" / "bin"
    folder.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    (folder / "postgres").write_text("the server")
    (folder.parent / "share").mkdir()
    (tmp_path / "closed" / "package.libs").mkdir()
    return folder


def test_are_copied_whole_and_once(programs: Path) -> None:
    found = reachable(programs)
    assert found != programs
    assert (found / "postgres").read_text() == "the server"
    assert (found.parent / "share").is_dir()
    assert (found.parents[2] / "package.libs").is_dir()
    assert found.parents[2].stat().st_mode & 0o777 == 0o755
    assert reachable(programs) == found


def test_are_open_in_every_folder_whatever_they_were_installed_with(programs: Path) -> None:
    for one in (programs, programs.parent, programs.parent / "share"):
        one.chmod(0o700)
    found = reachable(programs)
    assert {one.stat().st_mode & 0o777 for one in (found, found.parent, found.parent / "share")} == {0o755}


def test_are_copied_where_their_libraries_alone_are_closed(programs: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="cx-open-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        copied = Path(shutil.copytree(programs.parents[2], Path(folder) / "open"))
        copied.chmod(0o755)
        there = copied / programs.relative_to(programs.parents[2])
        assert reachable(there) == there
        (copied / "package.libs").chmod(0o700)
        found = reachable(there)
        assert found != there
        assert (found.parents[2] / "package.libs").stat().st_mode & 0o777 == 0o755


def test_that_somebody_else_may_have_changed_are_not_used(programs: Path) -> None:
    found = reachable(programs)
    found.parents[2].chmod(0o777)
    again = reachable(programs)
    assert again != found
    assert (again / "postgres").read_text() == "the server"


def test_of_an_open_folder_stay_where_they_are() -> None:
    assert reachable(Path("/usr/bin")) == Path("/usr/bin")
