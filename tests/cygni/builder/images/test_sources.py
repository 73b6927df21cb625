from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cygni.builder.images.revision import revision_of
from cygni.builder.images.sources import image_source
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
