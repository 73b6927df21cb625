from __future__ import annotations

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from cygni.control_plane import source
from cygni.control_plane.source import pack_source
from cygni.errors import BuildContextRefused, UsageError
from platform_api.sources.archive import unpack


def names(packed: bytes) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        return set(tar.getnames())


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """With `cygni.yaml` and `old.txt` in it, the latter deleted since."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    write(tmp_path, "cygni.yaml", "old.txt")
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "begin"]):
        subprocess.run([*git, *command], check=True)
    (tmp_path / "old.txt").unlink()
    return tmp_path


def test_sends_what_git_has_or_would_take(repository: Path) -> None:
    write(repository, ".gitignore", ".env", "web/new.py", "web/dist/built.js")
    (repository / ".gitignore").write_text(".env\ndist/\n")
    assert names(pack_source(repository)) == {".gitignore", "cygni.yaml", "web/new.py"}


def test_sends_a_folder_of_a_repository_alone(repository: Path) -> None:
    write(repository, "shop/cygni.yaml", "elsewhere.py")
    assert names(pack_source(repository / "shop")) == {"cygni.yaml"}


def test_leaves_out_what_is_installed_where_no_git_tells(tmp_path: Path) -> None:
    write(
        tmp_path,
        "cygni.yaml",
        "web/node_modules/x/index.js",
        "web/app.js",
        ".venv/bin/python",
        ".env.example",
    )
    assert names(pack_source(tmp_path)) == {"cygni.yaml", "web/app.js", ".env.example"}


def test_is_the_same_for_the_same_files_and_unpacks_as_it_was(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    write(before, "cygni.yaml", "bin/run")
    (before / "bin" / "run").chmod(0o755)
    (before / "link").symlink_to("bin/run")
    packed = pack_source(before)
    os.utime(before / "cygni.yaml", (1, 1))
    assert pack_source(before) == packed
    after.mkdir()
    unpack(packed, after)
    assert (after / "bin" / "run").stat().st_mode & 0o777 == 0o755
    assert (after / "link").read_text() == "bin/run"


def test_refuses_links_that_lead_out_and_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "cygni.yaml", "large.bin")
    monkeypatch.setattr(source, "LARGEST_MIB", 0)
    with pytest.raises(UsageError, match="large.bin"):
        pack_source(tmp_path)
    monkeypatch.undo()
    (tmp_path / "out").symlink_to("/etc/hosts")
    with pytest.raises(BuildContextRefused):
        pack_source(tmp_path)
