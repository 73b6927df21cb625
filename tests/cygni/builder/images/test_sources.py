from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cygni.builder.images.revision import revision_of
from cygni.builder.images.sources import image_source, image_tag
from cygni.errors import UsageError

PROGRAM = "from flask import Flask\napp = Flask(__name__)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "app"
    found.mkdir()
    (found / "app.py").write_text(PROGRAM)
    (found / "requirements.txt").write_text("flask\n")
    return found


class TestDockerfile:
    def test_is_written_where_there_is_none(self, folder: Path) -> None:
        source = image_source(folder)
        assert source.written
        assert source.dockerfile.startswith("# Written by Cygni for python with flask")

    @pytest.mark.parametrize("name", ["Dockerfile", "Containerfile"])
    def test_of_the_project_is_used(self, name: str, folder: Path) -> None:
        (folder / name).write_text("FROM scratch\n")
        source = image_source(folder)
        assert (source.dockerfile, source.written) == ("FROM scratch\n", False)

    def test_that_is_named_has_to_be_there(self, folder: Path) -> None:
        with pytest.raises(UsageError, match=r"no deploy/web\.Dockerfile"):
            image_source(folder, "deploy/web.Dockerfile")

    def test_that_is_no_text_is_refused(self, folder: Path) -> None:
        (folder / "Dockerfile").write_bytes(b"FROM \xff\n")
        with pytest.raises(UsageError, match="cannot be read as text"):
            image_source(folder)


class TestDigest:
    def test_is_that_of_the_same_source_anywhere(self, folder: Path, tmp_path: Path) -> None:
        other = tmp_path / "other"
        folder.rename(other)
        (other / "app.py").touch()
        first = image_source(other).digest("linux/amd64")
        other.rename(folder)
        assert image_source(folder).digest("linux/amd64") == first

    def test_is_another_for_other_files_dockerfiles_and_platforms(self, folder: Path) -> None:
        seen = {image_source(folder).digest("linux/amd64"), image_source(folder).digest("linux/arm64")}
        (folder / "app.py").write_text(PROGRAM + "# more\n")
        seen.add(image_source(folder).digest("linux/amd64"))
        (folder / "Dockerfile").write_text("FROM scratch\n")
        seen.add(image_source(folder).digest("linux/amd64"))
        (folder / "Dockerfile").write_text("FROM busybox\n")
        seen.add(image_source(folder).digest("linux/amd64"))
        assert len(seen) == 5


class TestTag:
    def test_has_the_revision_before_the_content(self) -> None:
        assert image_tag("a" * 64, "0123456789abcdef" * 2) == "0123456-aaaaaaaaaaaa"

    @pytest.mark.parametrize("revision", [None, "", "HEAD", "fatal: not a repository"])
    def test_is_the_content_alone_outside_of_git(self, revision: str | None) -> None:
        assert image_tag("b" * 64, revision) == "bbbbbbbbbbbb"


class TestRevision:
    def test_is_that_of_the_last_commit(self, folder: Path) -> None:
        assert revision_of(folder) is None
        git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run([*git, "init", "--quiet"], check=True)
        assert revision_of(folder) is None
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "begin"], check=True)
        found = revision_of(folder)
        assert found is not None
        assert len(found) == 40
