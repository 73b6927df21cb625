"""Asks every language, chooses, and hears what Procfile and Dockerfile say outright."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Final

from cygni.builder.detect import members
from cygni.builder.detect.answer import Detection, Draft, Kind, Member, Program
from cygni.builder.detect.files import Dockerfile, aptfile, dockerfile, procfile
from cygni.builder.detect.languages import (
    clojure,
    cpp,
    crystal,
    dart,
    deno,
    dotnet,
    elixir,
    gleam,
    go,
    haskell,
    jvm,
    node,
    php,
    python,
    ruby,
    rust,
    scala,
    shell,
    static,
    swift,
    zig,
)
from cygni.builder.detect.listening import port_of_command
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.whole import adopt
from cygni.errors import UsageError

LANGUAGES: Final[tuple[ModuleType, ...]] = (
    ruby, php, elixir, python, go, rust, jvm, scala, clojure, dotnet, gleam, swift, dart, haskell, crystal, zig, deno,
    node, cpp, static, shell,
)  # fmt: skip
"""In the order that decides between those of which as much is known: Node stands behind the languages that keep their
assets with it, a site of files and a script behind everything."""

_NODE_LOCKS: Final = ("package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb")


def detect(path: Path) -> Detection:
    """What a folder holds. Raises UsageError when it is none."""
    if not path.is_dir():
        raise UsageError(
            f"{path} is not a folder", hint="Name the folder that holds the program: cx detect FOLDER"
        )
    tree = Tree(os.path.abspath(path))  # noqa: PTH100  # what a link points to is looked at file by file
    drafts = drafts_of(tree)
    draft = _chosen(drafts)
    found = members.find(tree, drafts, member_of)
    if not found and (draft.faint or not _deployable(tree, draft)):
        found = members.beside(tree, member_of)
        if draft.faint and len(found) > 1:
            draft = Draft()  # its pages are one member among others
        elif draft.faint:
            found = []
    if draft.whole_build and draft.start_command is None:
        adopt(draft, tree, found)
    _hear(draft, tree)
    also = [
        one.language
        for one in drafts
        if one.weight > 0 and one.language != draft.language and not _apart(one)
    ]
    return Detection(_program(draft), tuple(found), tuple(name for name in also if name), tuple(tree.notes))


def drafts_of(tree: Tree) -> list[Draft]:
    """What each language says of a folder, in their order."""
    found = [draft for language in LANGUAGES if (draft := language.look(tree)) is not None]
    if any(draft.language == "deno" for draft in found) and not tree.first(*_NODE_LOCKS):
        found = [draft for draft in found if draft.language != "node"]
    return found


def _apart(draft: Draft) -> bool:
    return draft.language in ("static", "shell")


def _chosen(drafts: list[Draft]) -> Draft:
    """The one of which most is known, the first of several. A script starts what has no other start."""
    script = next((draft for draft in drafts if draft.language == "shell"), None)
    others = [draft for draft in drafts if draft is not script]
    if not others:
        return script or Draft()
    best = max(others, key=lambda draft: draft.weight)
    if script and best.start_command is None and best.kind is not Kind.STATIC:
        best.say("start_command", script.start_command, script.reasons[-1].because)
    return best


def _deployable(tree: Tree, draft: Draft) -> bool:
    return draft.deployable or bool(tree.first("Dockerfile", "Containerfile", "Procfile"))


def _hear(draft: Program, tree: Tree) -> None:
    """Take what is said outright, whatever the manifests say."""
    draft.need(aptfile(tree), "Aptfile lists them")
    docker = dockerfile(tree)
    if docker:
        _hear_dockerfile(draft, docker)
    processes = procfile(tree)
    if processes:
        _hear_procfile(draft, processes)


def _hear_dockerfile(draft: Program, docker: Dockerfile) -> None:
    draft.say("dockerfile", docker.path, f"{docker.path} is there")
    draft.dockerfile_from_root = docker.from_root
    draft.say("language", docker.language, f"{docker.path} is made from its image")
    if docker.language == draft.language:
        draft.say("language_version", docker.language_version, f"{docker.path} is made from its image")
    if docker.start:
        draft.bare_start_command = draft.start_command
        draft.correct("start_command", docker.start, f"{docker.path} starts it")
        draft.say("port", port_of_command(docker.start), f"{docker.path} starts it so")
    if docker.port:
        draft.correct("port", docker.port, f"{docker.path} exposes it")
        draft.say("kind", Kind.SERVER, f"{docker.path} exposes a port")


def _hear_procfile(draft: Program, processes: dict[str, str]) -> None:
    draft.processes = processes
    web = processes.get("web")
    name = (
        "web"
        if web
        else next((one for one in ("worker", *processes) if one in processes and one != "release"), None)
    )
    if name is None:
        return
    draft.bare_start_command = None
    draft.correct("start_command", processes[name], f"Procfile has {name}")
    if web:
        port = port_of_command(web)
        if port:
            draft.correct("port", port, "Procfile has web, which names it")
        if draft.kind is not Kind.SERVER:
            draft.correct("kind", Kind.SERVER, "Procfile has web")
    elif name == "worker":
        draft.correct("kind", Kind.WORKER, "Procfile has a worker and no web")
        draft.forget("port", "health_path")  # they were those of what is not started
    draft.reasons.sort(key=lambda reason: _ORDER.get(reason.about, len(_ORDER)))


_ORDER: Final = {name: number for number, name in enumerate(Program().to_dict())}


def _program(draft: Draft) -> Program:
    """The draft without what only the choice needed, its reasons in the order of the answer."""
    names = list(Program.__dataclass_fields__)
    program = Program(**{name: getattr(draft, name) for name in names})
    program.reasons.sort(key=lambda reason: _ORDER.get(reason.about, len(_ORDER)))
    return program


def member_of(tree: Tree) -> Member | None:
    """A folder of a project, if anything is known of it."""
    drafts = drafts_of(tree)
    draft = _chosen(drafts)
    _hear(draft, tree)
    if draft.language is None and draft.dockerfile is None:
        return None
    namer: Callable[[Tree], str | None] | None = next(
        (getattr(one, "name_of", None) for one in LANGUAGES if draft.language in _languages(one)), None
    )
    name = (namer(tree) if namer else None) or tree.name
    return Member(tree.below, name, _program(draft))


def _languages(module: ModuleType) -> tuple[str, ...]:
    return (
        ("java", "kotlin")
        if module is jvm
        else ("csharp", "fsharp")
        if module is dotnet
        else (module.LANGUAGE,)
    )
