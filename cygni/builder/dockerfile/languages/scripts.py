"""Shell scripts, and whatever a Procfile or a person has named that is not compiled."""

from __future__ import annotations

from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree
from cygni.builder.dockerfile.recipe import PLAIN, Recipe
from cygni.builder.scaffold.bundle import listening


def recipe(program: Program, tree: Tree) -> Recipe | None:
    start = program.bare_start_command or program.start_command
    return Recipe(PLAIN, PLAIN, listening(program, start)) if start else None
