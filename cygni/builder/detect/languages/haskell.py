"""Haskell: package.yaml and Cabal files."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.source import HASKELL, uncommented
from cygni.builder.detect.tree import Tree, mapping, texts

LANGUAGE: Final = "haskell"
FRAMEWORKS: Final = (
    Framework("ihp", ("ihp",), port=8000),
    Framework("yesod", ("yesod", "yesod-core"), port=3000),
    Framework("servant", ("servant-server",), port=8080),
    Framework("scotty", ("scotty",), port=3000),
    Framework("snap", ("snap-server", "snap"), port=8000),
    Framework("spock", ("Spock",), port=8080),
)


def look(tree: Tree) -> Draft | None:
    """What Haskell says of a folder."""
    cabal = next(iter(tree.like("*.cabal")), None)
    file = "package.yaml" if tree.has("package.yaml") else cabal or tree.first("stack.yaml", "cabal.project")
    if file is None:
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, f"{file} is there")
    stack = tree.has("stack.yaml") or file == "package.yaml"
    draft.say("package_manager", "stack" if stack else "cabal", f"{'stack.yaml' if stack else file} is there")
    draft.say("build_command", "stack build" if stack else "cabal build", f"{file} is there")
    packages, programs = _of_package_yaml(tree) if file == "package.yaml" else _of_cabal(tree, cabal)
    listed = told(FRAMEWORKS, packages)
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"{file} depends on {name}")
        draft.say("kind", Kind.SERVER, f"{framework.slug} answers requests")
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
    elif "warp" in packages:
        draft.say("kind", Kind.SERVER, f"{file} depends on warp")
        draft.say("port", 3000, "warp listens there by default")
    if len(programs) == 1:
        start = f"stack exec {programs[0]}" if stack else f"cabal run {programs[0]}"
        draft.say("start_command", start, f"{file} has the program {programs[0]}")
    return draft


def _of_package_yaml(tree: Tree) -> tuple[set[str], list[str]]:
    data = tree.yaml("package.yaml")
    programs = mapping(data.get("executables"))
    lists = [data.get("dependencies"), *(mapping(one).get("dependencies") for one in programs.values())]
    lists.append(mapping(data.get("library")).get("dependencies"))
    return {_name(one) for some in lists for one in texts(some)}, list(programs)


def _of_cabal(tree: Tree, file: str | None) -> tuple[set[str], list[str]]:
    """Sections begin in the first column, and the dependencies of tests are left out."""
    code = uncommented(tree.text(file) or "", HASKELL) if file else ""
    packages, programs = set(), []
    for section in re.split(r"^(?=\S)", code, flags=re.MULTILINE):
        head = section.split(None, 2)
        if not head or head[0].lower() in ("test-suite", "benchmark"):
            continue
        if head[0].lower() == "executable" and len(head) > 1:
            programs.append(head[1])
        for block in re.findall(r"build-depends:((?:[^\n:]*(?:\n|\Z))*)", section, re.IGNORECASE):
            packages |= {_name(one) for one in block.split(",") if one.strip()}
    return packages, programs


def _name(dependency: str) -> str:
    return re.split(r"[\s<>=^&|]", dependency.strip(), maxsplit=1)[0]
