"""Deno: it compiles what it runs, so what it fetched goes along."""

from __future__ import annotations

from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree
from cygni.builder.dockerfile.recipe import FOLDER, Recipe, Step
from cygni.builder.dockerfile.versions import tag


def recipe(program: Program, tree: Tree) -> Recipe:
    image = f"denoland/deno:debian-{tag('deno', program.language_version, 1)}"
    lines = tuple(line for line in (program.install_command, program.build_command) if line)
    kept = (("DENO_DIR", f"{FOLDER}/.deno"),)
    return Recipe(
        toolchain=image,
        runtime=image,
        build=Step(lines) if lines else None,
        building=kept,
        environment=kept,
        writable=(".deno",),
    )
