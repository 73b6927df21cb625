"""Shell scripts, and whatever a Procfile or a person has named that is not compiled."""

from __future__ import annotations

from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree
from cygni.builder.dockerfile.recipe import PLAIN, Recipe


def recipe(program: Program, tree: Tree) -> Recipe:
    return Recipe(PLAIN, PLAIN)
