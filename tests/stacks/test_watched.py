from __future__ import annotations

from pathlib import Path

import pytest

from cygni.spec import load_spec
from stacks.watched import Watched

SPEC = """\
project: shop
region: us-east-1
services:
  web:
    build: {context: web, start: python3 app.py}
    port: 8080
  worker:
    kind: worker
    image: worker:1
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "shop"
    (folder / "web" / "pages").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "cygni.yaml").write_text(SPEC)
    return folder


def watched(project: Path) -> Watched:
    return Watched(project / "cygni.yaml", load_spec(project / "cygni.yaml", "local"))


def wants(project: Path, *names: str) -> list[str]:
    return [name for name in names if watched(project).wants(project / name)]


def test_wants_what_images_are_made_from_and_the_specification(project: Path) -> None:
    names = ("web/app.py", "web/pages/index.html", "cygni.yaml", "cygni-usage.yaml")
    assert wants(project, *names, "README.md", "docs/x.md", ".git/index", "web/.git/index") == list(names)


def test_leaves_out_what_dockerignore_names(project: Path) -> None:
    (project / "web" / ".dockerignore").write_text("*.md\npages\n")
    names = ("web/app.py", "web/notes.md", "web/pages/index.html")
    assert wants(project, *names) == ["web/app.py"]


def test_leaves_out_what_gitignore_of_any_folder_names(project: Path) -> None:
    (project / ".gitignore").write_text("__pycache__/\n*.log\n")
    (project / "web" / ".gitignore").write_text("/dist\n!kept.log\n")
    names = ("web/__pycache__/app.pyc", "web/a.log", "web/dist/x.js", "web/pages/dist/x.js", "web/kept.log")
    assert wants(project, *names) == ["web/pages/dist/x.js", "web/kept.log"]


def test_does_not_heed_a_gitignore_beyond_the_repository(project: Path) -> None:
    (project.parent / ".gitignore").write_text("*\n")
    assert wants(project, "web/app.py") == ["web/app.py"]


def test_wants_what_says_what_is_left_out(project: Path) -> None:
    (project / "web" / ".dockerignore").write_text("*\n")
    assert wants(project, "web/.dockerignore", "web/.gitignore", "web/app.py") == [
        "web/.dockerignore",
        "web/.gitignore",
    ]


def test_looks_at_each_folder_once_and_at_those_outside_too(project: Path) -> None:
    assert watched(project).roots == (project,)
    (project.parent / "other").mkdir()
    text = SPEC.replace("context: web", "context: ../other")
    (project / "cygni.yaml").write_text(text)
    assert watched(project).roots == (project.parent / "other", project)
    assert watched(project).wants(project.parent / "other" / "app.py")


def test_looks_at_the_folder_of_a_specification_that_cannot_be_read(project: Path) -> None:
    broken = Watched(project / "cygni.yaml", None)
    assert broken.roots == (project,)
    assert broken.wants(project / "cygni.yaml")
    assert not broken.wants(project / "web" / "app.py")
