"""Elixir: compiled, and run with its packages by the same image."""

from __future__ import annotations

from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree
from cygni.builder.dockerfile.recipe import FOLDER, Recipe, Step, apt
from cygni.builder.dockerfile.versions import tag


def recipe(program: Program, tree: Tree) -> Recipe | None:
    """None where nothing is built. Mix and Hex are beside the program, where its user may read them."""
    if program.build_command is None:
        return None
    image = f"elixir:{tag('elixir', program.language_version)}-slim"
    tools = apt("build-essential", "git")
    home = (("MIX_ENV", "prod"), ("MIX_HOME", f"{FOLDER}/.mix"), ("HEX_HOME", f"{FOLDER}/.hex"))
    return Recipe(
        toolchain=image,
        runtime=image,
        prepare=Step((*tools.lines, "mix local.hex --force", "mix local.rebar --force"), tools.caches),
        manifests=tuple(file for file in ("mix.exs", "mix.lock") if tree.has(file)),
        install=Step((program.install_command,)) if program.install_command else None,
        build=Step((program.build_command,)),
        building=home,
        environment=(*home, ("LANG", "C.UTF-8")),
        writable=("_build",),
    )  # fmt: skip
