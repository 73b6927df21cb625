"""The Dockerfile of a folder, where Cygni knows how its program is built."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

from cygni.builder.detect import Detection, Kind
from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.workspace import Workspace
from cygni.builder.dockerfile.languages import (
    beam,
    compiled,
    deno,
    dotnet,
    jvm,
    node,
    php,
    python,
    ruby,
    scripts,
    static,
)
from cygni.builder.dockerfile.own_steps import with_steps
from cygni.builder.dockerfile.recipe import Recipe
from cygni.builder.dockerfile.text import dockerfile_text
from cygni.errors import UsageError

_RECIPES: Final[Mapping[str, Callable[[Program, Tree], Recipe | None]]] = {
    "python": python.recipe, "node": node.recipe, "deno": deno.recipe, "ruby": ruby.recipe, "php": php.recipe,
    "java": jvm.recipe, "kotlin": jvm.recipe, "scala": jvm.recipe, "clojure": jvm.recipe,
    "csharp": dotnet.recipe, "fsharp": dotnet.recipe, "elixir": beam.recipe, "shell": scripts.recipe,
    "go": compiled.recipe, "rust": compiled.recipe, "swift": compiled.recipe, "dart": compiled.recipe,
    "crystal": compiled.recipe, "cpp": compiled.recipe,
}  # fmt: skip


def dockerfile_of(
    folder: Path,
    found: Detection,
    start: str | None = None,
    secrets: Sequence[str] = (),
    steps: tuple[str, ...] = (),
) -> str:
    """The Dockerfile of the program of a folder, which `start` starts and `steps` make where they are given, with
    `secrets`, by their ids. Raises UsageError where Cygni does not know how it is built."""
    program = _started_by(found.program, start)
    return known_dockerfile(folder, program, secrets, steps) or _unknown(program, folder)


def member_dockerfile(
    workspace: Workspace,
    start: str | None = None,
    secrets: Sequence[str] = (),
    steps: tuple[str, ...] = (),
) -> str:
    """The same for a member of a workspace: its context is the root, its commands are run where the workspace says.
    Raises UsageError, also for a kind of workspace that Cygni does not build members of."""
    program = _started_by(workspace.program, start)
    tree = Tree(os.fspath(workspace.root))
    if not workspace.whole and not _buildable(program, tree, workspace.member):
        raise UsageError(
            f"{workspace.member} is a member of the workspace in {workspace.root}, and Cygni writes no Dockerfile for "
            f"members of {program.package_manager or program.language}'s",
            hint="Write a Dockerfile that builds it from the root, and name it in cygni.yaml:\n"
            f"  build: {{context: ROOT, dockerfile: {workspace.member}/Dockerfile}}",
        )
    found = _dockerfile(program, tree if workspace.whole else tree.at(workspace.member), secrets, steps)
    return found or _unknown(program, workspace.root / workspace.member)


def _started_by(program: Program, start: str | None) -> Program:
    return program if start is None else replace(program, start_command=start, bare_start_command=None)


def _buildable(program: Program, root: Tree, member: str) -> bool:
    if program.language == "node":
        return node.builds_members(root) and root.has(f"{member}/package.json")
    return program.package_manager == "uv" or program.language == "go"


def _unknown(program: Program, folder: Path) -> NoReturn:
    what = program.framework or program.package_manager or program.language
    known = program.start_command or program.kind is Kind.STATIC
    raise UsageError(
        f"Cygni knows no image for {what}"
        if what and known
        else f"nothing tells what starts the program in {folder}",
        hint="Write a Dockerfile beside the program, and it is used.\nWhat is known of the folder: cx detect",
    )


def known_dockerfile(
    folder: Path, program: Program, secrets: Sequence[str] = (), steps: tuple[str, ...] = ()
) -> str | None:
    """The Dockerfile; None where it is not known how the program is built or what starts it."""
    tree = Tree(os.path.abspath(folder))  # noqa: PTH100  # links are looked at one by one
    return _dockerfile(program, tree, secrets, steps)


def _dockerfile(program: Program, tree: Tree, secrets: Sequence[str], steps: tuple[str, ...]) -> str | None:
    static_site = program.kind is Kind.STATIC
    if not static_site and not program.own_start:
        return None
    find = static.recipe if static_site else _RECIPES.get(program.language or "")
    recipe = find(program, tree) if find else None
    return dockerfile_text(with_steps(recipe, program, steps), program, secrets) if recipe else None
