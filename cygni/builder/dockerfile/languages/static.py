"""Files that are served: built where that takes a build, and served by Caddy, which needs no configuration for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree
from cygni.builder.dockerfile.languages import node, ruby
from cygni.builder.dockerfile.recipe import HOME, PLAIN, SUITE, Family, Recipe, Step, place_of
from cygni.builder.dockerfile.versions import tag

_SERVER: Final = "caddy:2-alpine"
_SITE: Final = "/srv"
_HOMES: Final = (("XDG_CONFIG_HOME", "/home/service"), ("XDG_DATA_HOME", "/home/service"))
"""Where it keeps what it makes of its configuration; the image names folders of root's."""
_LANGUAGES: Final = {"node": node.recipe, "ruby": ruby.recipe}
"""Those whose packages build sites."""
_GENERATORS: Final = {
    "hugo": "hugomods/hugo:exts", "zola": "ghcr.io/getzola/zola:v0.21.0", "mdbook": "peaceiris/mdbook:latest",
}  # fmt: skip
"""Images of those that are no package of a language."""


def recipe(program: Program, tree: Tree) -> Recipe | None:
    """None where no image has what builds it."""
    built = _built(program, tree)
    if built is None:
        return None
    place = place_of(tree.below)
    folder = program.output_directory or "."
    files = f"{place}/" if folder == "." else f"{place}/{folder}/"
    return replace(
        built,
        place=place,
        runtime=_SERVER,
        family=Family.ALPINE,
        takes=((files, _SITE),),
        environment=_HOMES,
        writable=(),
        start=f"caddy file-server --root {_SITE} --listen :$PORT",
    )


def _built(program: Program, tree: Tree) -> Recipe | None:
    build = Step((program.build_command,)) if program.build_command else None
    if build is None:
        return Recipe(PLAIN, PLAIN)
    by_language = _LANGUAGES.get(program.language or "")
    if by_language:
        return by_language(program, tree)
    if program.framework == "mkdocs":
        packages = "-r requirements.txt" if tree.has("requirements.txt") else "mkdocs"
        image = f"python:{tag('python', None)}-{SUITE}"
        return Recipe(
            image, image, install=Step((f"pip install {packages}",), (f"{HOME}/.cache/pip",)), build=build
        )
    generator = _GENERATORS.get(program.framework or "")
    return Recipe(generator, generator, build=build) if generator else None
