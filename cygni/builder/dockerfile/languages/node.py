"""Node and Bun: packages from the lock file, a build, and without what only developers need."""

from __future__ import annotations

import re
import shlex
from typing import Final

from cygni.builder.detect.answer import Program
from cygni.builder.detect.languages.node.manifest import FILE, Manifest, manifest, run_script, workspaces
from cygni.builder.detect.languages.node.scripts import tool_of
from cygni.builder.detect.members import folders
from cygni.builder.detect.tree import Tree, word
from cygni.builder.dockerfile.recipe import FOLDER, HOME, SUITE, Recipe, Step, place_of
from cygni.builder.dockerfile.versions import tag

_CACHES: Final = {
    "npm": f"{HOME}/.npm",
    "pnpm": f"{HOME}/.local/share/pnpm/store",
    "yarn": f"{HOME}/.cache/yarn",
    "bun": f"{HOME}/.bun/install/cache",
}
_MANIFESTS: Final = (
    FILE, "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb",
    ".npmrc", ".yarnrc.yml", ".pnpmfile.cjs", "pnpm-workspace.yaml",
)  # fmt: skip
_AFTER_INSTALL: Final = ("preinstall", "install", "postinstall", "prepare")
"""Scripts that run with an install, and may need more of the program than its manifests."""
_PRUNE: Final = {
    "npm": "npm prune --omit=dev",
    "pnpm": "CI=true pnpm prune --prod",
    "bun": "rm -rf node_modules && bun install --production --frozen-lockfile",
}
_PRUNE_WORKSPACE: Final = {
    "npm": _PRUNE["npm"],
    "pnpm": "CI=true pnpm install --prod --frozen-lockfile --ignore-scripts",
}
"""pnpm's own prune knows the root alone; Bun's members have folders of packages of their own."""
_RUN: Final = re.compile(r"(?:npm|pnpm|yarn|bun) run ([\w:.-]+)")
_ONE_COMMAND: Final = re.compile(r"[^&|;<>$`()\n]+")
_WRITTEN: Final = {"nextjs": (".next/cache",)}
"""What frameworks write while they run, below /app."""


def recipe(program: Program, tree: Tree) -> Recipe:
    found = manifest(tree)
    bun = program.package_manager == "bun"
    version = tag("bun" if bun else "node", None if bun else program.language_version, 1)
    manager = program.package_manager or "npm"
    caches = (_CACHES[manager],)
    install = Step((program.install_command,), caches) if program.install_command else None
    build = [*_before(tree, manager), *([program.build_command] if program.build_command else [])]
    if install and _has_development(tree, found) and not _needs_development(program, found):
        build += _pruned(tree, manager)
    return Recipe(
        toolchain=f"oven/bun:{version}" if bun else f"node:{version}-{SUITE}",
        runtime=f"oven/bun:{version}-slim" if bun else f"node:{version}-{SUITE}-slim",
        prepare=Step(("npm install --global corepack", "corepack enable"))
        if manager in ("pnpm", "yarn")
        else None,
        manifests=_of_workspace(tree) if tree.below else _manifests(tree, found),
        install=install,
        build=Step(tuple(build), caches) if build else None,
        building=(("COREPACK_ENABLE_DOWNLOAD_PROMPT", "0"),) if manager in ("pnpm", "yarn") else (),
        environment=(("NODE_ENV", "production"), ("PATH", f"{':'.join(_programs(tree))}:$PATH")),
        place=place_of(tree.below),
        writable=_WRITTEN.get(program.framework or "", ()),
        start=_started(program, found),
    )


def builds_members(root: Tree) -> bool:
    """Whether the package manager itself knows the members, and installs for all of them."""
    written = root.has(FILE) and bool(manifest(root).data.get("workspaces"))
    return (written or root.has("pnpm-workspace.yaml")) and not root.has("rush.json")


def _programs(tree: Tree) -> list[str]:
    """Where commands of packages are, those of a member first."""
    return [f"{place}/node_modules/.bin" for place in dict.fromkeys((place_of(tree.below), FOLDER))]


def _manifests(tree: Tree, found: Manifest) -> tuple[str, ...]:
    """None where members or scripts of the install need more."""
    if workspaces(tree, found)[0] or _installs_more(tree, found):
        return ()
    return tuple(file for file in _MANIFESTS if tree.has(file))


def _of_workspace(tree: Tree) -> tuple[str, ...]:
    """Those of the root and of all members, which are installed together. None where one of them needs more."""
    root = tree.top
    members = [place for path in _members(root) if (place := root.at(path)).has(FILE)]
    if any(_installs_more(place, manifest(place)) for place in (root, *members)):
        return ()
    return (*(file for file in _MANIFESTS if root.has(file)), *(f"{place.below}/{FILE}" for place in members))


def _installs_more(tree: Tree, found: Manifest) -> bool:
    """Whether an install reads more than manifests: scripts, folders of the project, patches, a plugin of Yarn."""
    local = any(str(one).startswith(("file:", "link:", ".")) for one in _versions(found))
    scripted = any(script in found.scripts for script in _AFTER_INSTALL)
    return local or scripted or tree.has_folder("patches") or tree.has_folder(".yarn")


def _members(root: Tree) -> list[str]:
    return sorted(set(folders(root, *workspaces(root, manifest(root)))))


def _before(tree: Tree, manager: str) -> list[str]:
    """What builds the other members that this one depends on, each after those that it depends on itself."""
    if not tree.below:
        return []
    places = [tree.top.at(path) for path in _members(tree.top) if path != tree.below]
    found = {word(one.data.get("name")): (place.below, one) for place in places for one in [manifest(place)]}
    ordered: dict[str, Manifest] = {}

    def visit(needing: Manifest, above: frozenset[str]) -> None:
        for name in sorted((needing.runtime | needing.development) - above):
            if name in found and found[name][0] not in ordered:
                path, needed = found[name]
                visit(needed, above | {name})
                ordered[path] = needed

    visit(manifest(tree), frozenset())
    return [
        f"(cd {shlex.quote(place_of(path))} && {run_script(manager, 'build')})"
        for path, needed in ordered.items()
        if "build" in needed.scripts
    ]


def _has_development(tree: Tree, found: Manifest) -> bool:
    return bool(found.development or (tree.below and manifest(tree.top).development))


def _pruned(tree: Tree, manager: str) -> list[str]:
    """What takes away the packages that only developers need; a workspace has those of all members in one place."""
    if not tree.below:
        return [_PRUNE[manager]] if manager in _PRUNE else []
    prune = _PRUNE_WORKSPACE.get(manager)
    return [f"cd {FOLDER}", prune] if prune else []


def _versions(found: Manifest) -> list[object]:
    kinds = (found.data.get(kind) for kind in ("dependencies", "devDependencies", "optionalDependencies"))
    return [version for kind in kinds if isinstance(kind, dict) for version in kind.values()]


def _started(program: Program, found: Manifest) -> str:
    """The start command without a package manager between it and the signals it gets, where that is one command."""
    start = program.own_start or ""
    script = _RUN.fullmatch(start)
    if script:
        name = script[1]
        written = found.scripts.get(name, "")
        plain = _ONE_COMMAND.fullmatch(written) and not _RUN.search(written)
        if plain and not {f"pre{name}", f"post{name}"} & found.scripts.keys():
            return written
        return start if program.package_manager == "bun" else f"npm run {name}"
    return re.sub(r"^(?:pnpm exec|yarn exec|yarn|npx|bunx) (?=[\w@])", "", start)


def _needs_development(program: Program, found: Manifest) -> bool:
    """Whether what starts it is, or loads, one of the packages for development, or it is not known to be none."""
    line = _started(program, found)
    seen: set[str] = set()
    while (script := _RUN.search(line)) and script[1] not in seen:
        seen.add(script[1])
        line = found.scripts.get(script[1], "")
    try:
        words = shlex.split(tool_of(line))
    except ValueError:
        return True
    if not words or (words[0] not in ("node", "bun") and words[0] not in found.runtime):
        return not (words and _bin_of(words[0]) in found.runtime)
    return bool(set(words[1:]) & found.development) or any(word.endswith((".ts", ".mts")) for word in words)


def _bin_of(command: str) -> str:
    """The package of a command that has another name than the package."""
    return {
        "nest": "@nestjs/cli", "remix-serve": "@remix-run/serve", "react-router-serve": "@react-router/serve",
        "srvx": "srvx", "vinxi": "vinxi",
    }.get(command, command)  # fmt: skip
