"""A recipe with the steps of cygni.yaml in the place of those that are detected (pure)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cygni.builder.detect.answer import Kind, Program
from cygni.builder.dockerfile.recipe import FOLDER, Recipe, Step
from cygni.builder.scaffold.bundle import bundle_of

_PUTS_ELSEWHERE: Final = ("CARGO_TARGET_DIR",)
"""Variables by which what is built is where the recipe's own steps fetch it from."""


def with_steps(recipe: Recipe, program: Program, steps: tuple[str, ...]) -> Recipe:
    """The recipe that runs `steps` after everything was copied; the same where they are what is detected, which it
    knows better. Of a server the whole folder is taken along, since nothing tells what of it the steps made."""
    detected = bundle_of(program)
    if not steps or (detected is not None and steps == detected.steps):
        return recipe
    caches = dict.fromkeys(
        folder for step in (recipe.install, recipe.build) if step for folder in step.caches
    )
    beside = tuple(one for one in recipe.takes if not one[0].startswith(FOLDER))
    return replace(
        recipe,
        manifests=(),
        install=None,
        build=Step(steps, tuple(caches)),
        building=tuple(one for one in recipe.building if one[0] not in _PUTS_ELSEWHERE),
        takes=recipe.takes if program.kind is Kind.STATIC else ((FOLDER, FOLDER), *beside),
    )
