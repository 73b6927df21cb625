from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import local
from cygni.errors import CygniError, NotFound, UsageError
from cygni.local_cloud import process
from cygni.local_cloud.task_runner.folder import ContainerNote, TaskFolder


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "app.py").write_text("print('hello')")
    return str(tmp_path / "app")


def run(*arguments: str) -> tuple[str, str]:
    """What is on stdout and stderr."""
    result = CliRunner().invoke(local.app, ["image", *arguments])
    if isinstance(result.exception, CygniError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def answer(*arguments: str) -> dict[str, Any]:
    """The one JSON object on stdout; nothing may be on stderr."""
    out, err = run(*arguments, "--json")
    assert err == ""
    values: dict[str, Any] = json.loads(out)
    return values


def test_an_image_is_there_from_add_to_remove(folder: str) -> None:
    added = answer("add", "hello", folder, "--start", "python3 'app.py' $PORT")
    assert added["name"] == "hello:latest"
    assert added["start"] == ["python3", "app.py", "$PORT"]
    assert answer("list") == {"images": [added]}
    assert added["digest"][7:19] in run("list")[1]
    assert answer("remove", "hello") == added
    assert answer("list") == {"images": []}
    assert "cx local image add" in run("list")[1]


def test_people_are_told_on_stderr(folder: str) -> None:
    out, err = run("add", "hello", folder, "--start", "python3 app.py")
    assert out == ""
    assert err.startswith("Image hello:latest: sha256:")
    assert run("remove", "hello") == ("", "Image hello:latest is removed.\n")


def test_what_a_task_runs_stays_when_its_image_is_removed(folder: str) -> None:
    digest = answer("add", "hello", folder, "--start", "python3 app.py")["digest"].removeprefix("sha256:")
    tasks = process.local_cloud_folder() / "data-plane" / "tasks"
    TaskFolder(tasks / "t").write_note([ContainerNote("app", 0, digest=digest)])
    run("remove", "hello")
    bundle = process.local_cloud_folder() / "images" / "bundles" / digest
    assert bundle.is_dir()


@pytest.mark.parametrize("start", ["", "  ", "python3 'app.py"])
def test_a_start_command_that_is_none_is_refused(folder: str, start: str) -> None:
    with pytest.raises(UsageError, match="start command"):
        run("add", "hello", folder, "--start", start)


def test_what_is_not_there_is_said(folder: str) -> None:
    with pytest.raises(NotFound, match='no image "hello"'):
        run("remove", "hello")
    with pytest.raises(UsageError, match="is not a folder"):
        run("add", "hello", f"{folder}/none", "--start", "sh")
    with pytest.raises(UsageError, match="no name of an image"):
        run("add", "no name", folder, "--start", "sh")
