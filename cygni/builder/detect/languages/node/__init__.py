"""Node, with JavaScript and TypeScript alike.

- `manifest.py`   package.json, package managers, workspaces
- `frameworks.py` frameworks
- `sites.py`      which of a framework's ways a project goes: a server or files
- `scripts.py`    what a script of package.json is for (pure)
- `starting.py`   the commands
"""

from __future__ import annotations

from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.languages.node.frameworks import (
    BUNDLERS,
    SERVERS,
    SITES,
    SYSTEM_PACKAGES,
    UI,
    WORKERS,
)
from cygni.builder.detect.languages.node.manifest import (
    FILE,
    FILE5,
    Manifest,
    manifest,
    say_node_version,
    say_package_manager,
    workspaces,
)
from cygni.builder.detect.languages.node.nx import say_nx_project
from cygni.builder.detect.languages.node.scripts import for_production
from cygni.builder.detect.languages.node.sites import is_site, say_way
from cygni.builder.detect.languages.node.starting import PROGRAMS, say_commands, say_network, say_program
from cygni.builder.detect.rules import Framework, system_packages, told
from cygni.builder.detect.tree import Tree, word

LANGUAGE: Final = "node"


def look(tree: Tree) -> Draft | None:
    """What Node says of a folder."""
    nx = tree.has("project.json") and tree.below
    if not tree.first(FILE, FILE5):
        if nx:
            return _nx_project(tree)
        return _without_manifest(tree)
    found = manifest(tree)
    draft = Draft()
    draft.say("language", LANGUAGE, f"{tree.first(FILE, FILE5)} is there")
    _say_typescript(draft, tree, found)
    say_node_version(draft, tree, found)
    say_package_manager(draft, tree, found)
    framework = None if _only_gathers(tree) else _say_framework(draft, tree, found)
    if framework:
        say_way(draft, tree, found, framework)
    elif nx:
        say_nx_project(draft, tree)
    say_commands(draft, tree, found, framework)
    _say_kind(draft, found)
    for package, needed in system_packages(SYSTEM_PACKAGES, found.runtime):
        draft.need(needed, f"{package} takes them")
    patterns, without = workspaces(tree, found)
    draft.patterns, draft.without = tuple(patterns), tuple(without)
    draft.tool_only = not (draft.framework or draft.start_command or found.runtime or patterns)
    return draft


def name_of(tree: Tree) -> str | None:
    return word(manifest(tree).data.get("name"))


def _without_manifest(tree: Tree) -> Draft | None:
    """A program without a package.json; a page with scripts is none."""
    file = tree.first(*(name for name in PROGRAMS if "/" not in name))
    if file is None or tree.has("index.html"):
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, f"{file} is there")
    _say_typescript(draft, tree, Manifest())
    say_node_version(draft, tree, Manifest())
    bun = tree.first("bun.lock", "bun.lockb", "bunfig.toml")
    if bun:
        draft.say("package_manager", "bun", f"{bun} is there")
    say_program(draft, tree, Manifest())
    say_network(draft, tree, Manifest(), None)
    return draft


def _nx_project(tree: Tree) -> Draft | None:
    draft = Draft()
    draft.say("language", LANGUAGE, "project.json is there")
    _say_typescript(draft, tree, Manifest())
    say_node_version(draft, tree, Manifest())
    say_package_manager(draft, tree, Manifest())
    say_nx_project(draft, tree)
    return draft


def _say_typescript(draft: Draft, tree: Tree, found: Manifest) -> None:
    config = tree.first("tsconfig.json", "tsconfig.app.json", "tsconfig.base.json")
    if config:
        draft.say("typescript", True, f"{config} is there")
    elif "typescript" in found.development | found.runtime:
        draft.say("typescript", True, f"{FILE} declares typescript")


def _say_framework(draft: Draft, tree: Tree, found: Manifest) -> Framework | None:
    sites = told(SITES, found.runtime, found.development)
    servers = told(SERVERS, found.runtime, found.development)
    bundlers = [
        (one, package)
        for one, package in told(BUNDLERS, found.runtime, found.development)
        if is_site(tree, found, one)
    ]
    listed = [*sites, *servers, *bundlers]
    if not listed:
        return None
    framework, package = listed[0]
    starts = for_production(found.scripts) is not None
    if framework.kind is Kind.STATIC and servers and starts:
        framework, package = servers[0]  # files of a site that a server of the project's own answers with
    elif framework in SERVERS_OF_NAME and bundlers and not starts and not _has_program(tree):
        framework, package = bundlers[0]  # a site, and a package for what it is deployed to elsewhere
    where = "dependencies" if package in found.runtime else "devDependencies"
    draft.say("framework", framework.slug, f"{FILE} declares {package} in {where}")
    if framework.slug in ("vite", "rsbuild", "parcel"):
        declared = found.runtime | found.development
        ui = next((name for name, packages in UI if declared.intersection(packages)), None)
        if "preact" in declared and "react" not in declared:
            ui = "preact"
        draft.say("ui", ui, f"{FILE} declares it")
    return framework


SERVERS_OF_NAME: Final = frozenset(SERVERS)


def _only_gathers(tree: Tree) -> bool:
    """Whether it is the root of an Nx workspace, where the packages of all its projects are declared."""
    return (
        tree.has("nx.json")
        and not tree.has("project.json")
        and bool(tree.folders & {"apps", "packages", "libs"})
    )


def _has_program(tree: Tree) -> bool:
    return tree.first(*PROGRAMS) is not None


def _say_kind(draft: Draft, found: Manifest) -> None:
    if draft.framework and draft.framework != "expo":
        draft.say("kind", Kind.SERVER, f"{draft.framework} answers requests")
    worker = next((name for name in WORKERS if name in found.runtime), None)
    if worker and draft.framework is None:
        draft.say("kind", Kind.WORKER, f"{FILE} declares {worker}, and no web framework")
