"""Python: everything it needs is in a virtual environment beside it."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Program
from cygni.builder.detect.languages.python import name_of, workspace
from cygni.builder.detect.members import folders
from cygni.builder.detect.tree import Tree
from cygni.builder.dockerfile.recipe import FOLDER, HOME, SUITE, Recipe, Step, place_of
from cygni.builder.dockerfile.versions import tag

_PIP: Final = f"{HOME}/.cache/pip"
_VENV: Final = f"{FOLDER}/.venv"
_TOOLS: Final = {
    "uv": f"{HOME}/.cache/uv",
    "poetry": f"{HOME}/.cache/pypoetry",
    "pdm": f"{HOME}/.cache/pdm",
    "pipenv": _PIP,
}
"""What installs, and where it keeps what it fetched."""
_ALONE: Final = {"uv": "--no-install-project", "poetry": "--no-root", "pdm": "--no-self"}
"""How the packages are installed before the project itself is there."""
_PATH: Final = ("PATH", f"{_VENV}/bin:$PATH")
_IN_PROJECT: Final = {
    "uv": (("UV_LINK_MODE", "copy"), ("UV_PYTHON_DOWNLOADS", "never")),
    "poetry": (("POETRY_VIRTUALENVS_IN_PROJECT", "true"),),
    "pipenv": (("PIPENV_VENV_IN_PROJECT", "1"),),
}
"""What makes them put the environment beside the program, with files of its own."""
_MANIFESTS: Final = (
    "pyproject.toml", "uv.lock", "poetry.lock", "poetry.toml", "pdm.lock", "Pipfile", "Pipfile.lock", ".python-version",
)  # fmt: skip
_LOCAL: Final = re.compile(
    r"^\s*(?:-e|--editable|\.{1,2}/|\.\s*$|file:|[\w.-]+\s*@\s*(?:file:|\.))", re.MULTILINE
)


def recipe(program: Program, tree: Tree) -> Recipe | None:
    """None where another distribution of Python is asked for: conda, pixi."""
    if program.package_manager in ("conda", "pixi"):
        return None
    version = tag("python", program.language_version)
    manager = program.package_manager if program.package_manager in _TOOLS else None
    install = program.install_command
    whole: Step | None = None
    fetched: Step | None = None
    manifests: tuple[str, ...] = ()
    if install and manager:
        whole = Step((install,), (_TOOLS[manager],))
        manifests = _of_workspace(tree) if tree.below else _there(tree, _MANIFESTS)
        alone = f"--no-install-workspace --package {name_of(tree)}" if tree.below else _ALONE.get(manager)
        fetched = Step((f"{install} {alone}",), whole.caches) if alone else whole
        whole = whole if alone else None
    elif install:
        fetched = Step((install,), (_PIP,))
        manifests = _requirements(install, tree)
    lines = (*(whole.lines if whole else ()), *((program.build_command,) if program.build_command else ()))
    return Recipe(
        toolchain=f"python:{version}-{SUITE}",
        runtime=f"python:{version}-slim-{SUITE}",
        prepare=_prepared(manager, install),
        manifests=manifests,
        install=fetched,
        build=Step(lines, whole.caches if whole else ()) if lines else None,
        building=(_PATH, *_IN_PROJECT.get(manager or "", ())),
        environment=(_PATH, ("PYTHONUNBUFFERED", "1"), ("PYTHONDONTWRITEBYTECODE", "1")),
        place=place_of(tree.below),
    )


def _prepared(manager: str | None, install: str | None) -> Step | None:
    if install is None:
        return None
    if manager:
        return Step((f"pip install {manager}",), (_PIP,))
    return Step((f"python -m venv {_VENV}",))


def _of_workspace(tree: Tree) -> tuple[str, ...]:
    """The manifests of uv's workspace with all of its members, which have the environment of the root."""
    root = tree.top
    members = [f"{member}/pyproject.toml" for member in folders(root, *workspace(root))]
    return (*_there(root, _MANIFESTS), *_there(root, tuple(members)))


def _there(tree: Tree, files: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(file for file in files if tree.has(file))


def _requirements(install: str, tree: Tree) -> tuple[str, ...]:
    """The files that `pip install -r` reads; none where they name a folder of the project, or pip installs it."""
    named = re.fullmatch(r"pip install -r (\S+)", install)
    if not named:
        return ()
    folder, slash, _ = named[1].rpartition("/")
    place = tree.at(folder) if slash else tree
    files = (
        place.like("*.txt") if slash else [*place.like("requirements*.txt"), *place.like("constraints*.txt")]
    )
    if any(_LOCAL.search(place.text(file) or "") for file in files):
        return ()
    found = [f"{folder}/"] if slash else files
    if any("../" in (place.text(file) or "") for file in files):
        return ()
    return tuple(found + (["requirements/"] if not slash and tree.has_folder("requirements") else []))
