"""package.json: packages, scripts, package manager, workspaces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree, mapping, texts, word
from cygni.builder.detect.versions import say_pinned, say_version

FILE: Final = "package.json"
FILE5: Final = "package.json5"
"""Which pnpm reads as well."""
_LOCKS: Final = (
    ("pnpm-lock.yaml", "pnpm"),
    ("bun.lock", "bun"),
    ("bun.lockb", "bun"),
    ("yarn.lock", "yarn"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
)
_KNOWN: Final = ("npm", "pnpm", "yarn", "bun")
_EXECUTE: Final = {"npm": "npx", "pnpm": "pnpm exec", "yarn": "yarn", "bun": "bunx"}


@dataclass(slots=True)
class Manifest:
    """`runtime` and `development` are names of packages, `scripts` the commands by name."""

    data: Mapping[str, Any] = field(default_factory=dict)
    runtime: frozenset[str] = frozenset()
    development: frozenset[str] = frozenset()
    scripts: dict[str, str] = field(default_factory=dict)

    @property
    def library(self) -> bool:
        """Whether it says how others import it, which no program does."""
        return any(
            key in self.data for key in ("exports", "types", "typings", "module", "files", "peerDependencies")
        )


def manifest(tree: Tree) -> Manifest:
    data = tree.json(FILE) if tree.has(FILE) else tree.json5(FILE5)
    runtime = [*mapping(data.get("dependencies")), *mapping(data.get("optionalDependencies"))]
    scripts = {name: line.strip() for name, line in mapping(data.get("scripts")).items() if word(line)}
    return Manifest(data, frozenset(runtime), frozenset(mapping(data.get("devDependencies"))), scripts)


def workspaces(tree: Tree, found: Manifest) -> tuple[list[str], list[str]]:
    """The patterns of the folders that are members, and of those that are not."""
    written = found.data.get("workspaces")
    patterns = list(texts(mapping(written).get("packages") if isinstance(written, Mapping) else written))
    if tree.has("pnpm-workspace.yaml"):
        patterns += texts(tree.yaml("pnpm-workspace.yaml").get("packages"))
    if tree.has("lerna.json") and not patterns:
        patterns += texts(tree.json("lerna.json").get("packages")) or ["packages/*"]
    if tree.has("rush.json"):
        projects = tree.json_with_comments("rush.json").get("projects")
        patterns += [
            folder
            for one in (projects if isinstance(projects, list) else [])
            if (folder := word(mapping(one).get("projectFolder")))
        ]
    if tree.has("nx.json"):
        patterns += [pattern for pattern in ("apps/*", "packages/*", "libs/*") if pattern not in patterns]
    return [one for one in patterns if not one.startswith("!")], [
        one[1:] for one in patterns if one.startswith("!")
    ]


def say_package_manager(draft: Program, tree: Tree, found: Manifest) -> None:
    """Take package manager and install command, for a member of a workspace those of its root."""
    places = [(tree, found)]
    if tree.below:
        root = tree.top
        places.append((root, manifest(root) if root.has(FILE) else Manifest()))
    for place, written in places:
        name, why = _written(written) or _locked(place) or (None, "")
        if name:
            draft.say("package_manager", name, why)
            draft.say("install_command", _install(place, name, written), why)
            return
    draft.say("package_manager", "npm", "no lock file tells another one")
    draft.say("install_command", "npm install", "there is no lock file")


def _written(found: Manifest) -> tuple[str, str] | None:
    name = (word(found.data.get("packageManager")) or "").partition("@")[0]
    if name in _KNOWN:
        return name, f"{FILE} has packageManager {found.data['packageManager']}"[:80]
    wanted = word(mapping(mapping(found.data.get("devEngines")).get("packageManager")).get("name"))
    return (wanted, f"{FILE} has devEngines.packageManager") if wanted in _KNOWN and wanted else None


def _locked(tree: Tree) -> tuple[str, str] | None:
    for file, name in _LOCKS:
        if tree.has(file):
            return name, f"{file} is there"
    if tree.has("pnpm-workspace.yaml"):
        return "pnpm", "pnpm-workspace.yaml is there"
    if tree.has(".yarnrc.yml"):
        return "yarn", ".yarnrc.yml is there"
    if tree.has("bunfig.toml"):
        return "bun", "bunfig.toml is there"
    engines = mapping(tree.json(FILE).get("engines")) if tree.has(FILE) else {}
    wanted = next((name for name in _KNOWN[1:] if name in engines), None)
    return (wanted, f"{FILE} has engines.{wanted}") if wanted else None


def _install(tree: Tree, name: str, found: Manifest) -> str:
    locked = any(tree.has(file) for file, manager in _LOCKS if manager == name)
    if name == "npm":
        return "npm ci" if locked else "npm install"
    if not locked:
        return f"{name} install"
    if name == "yarn":
        return "yarn install --immutable" if _berry(tree, found) else "yarn install --frozen-lockfile"
    return f"{name} install --frozen-lockfile"


def _berry(tree: Tree, found: Manifest) -> bool:
    """Whether it is Yarn 2 or newer."""
    major = re.match(r"yarn@(\d+)", word(found.data.get("packageManager")) or "")
    if major:
        return int(major[1]) > 1
    return tree.has(".yarnrc.yml") or "__metadata:" in tree.head("yarn.lock")


def say_node_version(draft: Program, tree: Tree, found: Manifest) -> None:
    places = [tree, tree.top] if tree.below else [tree]
    for place in places:
        say_pinned(draft, place, ("nodejs", "node"), ".nvmrc", ".node-version")
        data = found.data if place is tree else place.json(FILE)
        say_version(draft, mapping(data.get("volta")).get("node"), f"{FILE} (volta)")
        say_version(draft, mapping(data.get("engines")).get("node"), f"{FILE} (engines)")
        runtime = mapping(mapping(data.get("devEngines")).get("runtime"))
        if runtime.get("name") == "node":
            say_version(draft, runtime.get("version"), f"{FILE} (devEngines)")


def run_script(manager: str | None, script: str) -> str:
    """The command that runs a script of package.json."""
    return f"{manager or 'npm'} run {script}"


def execute(manager: str | None, command: str) -> str:
    """The command that runs what a package brings; `node` needs nobody."""
    return command if command.startswith("node ") else f"{_EXECUTE.get(manager or 'npm', 'npx')} {command}"
