"""The commands that build and start a Node program, its port and its health path."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.languages.node.manifest import FILE, Manifest, execute, run_script
from cygni.builder.detect.languages.node.scripts import file_watched, for_production, serves_files, tool_of
from cygni.builder.detect.listening import port_of_command, say_what_listens
from cygni.builder.detect.rules import Framework
from cygni.builder.detect.source import JAVASCRIPT
from cygni.builder.detect.tree import Tree, word

PROGRAMS: Final = tuple(
    f"{folder}{name}.{ending}"
    for folder in ("", "src/")
    for name in ("index", "server", "app", "main")
    for ending in ("js", "mjs", "cjs", "ts", "mts")
)
_DEFAULT_BUILDS: Final = ("build", "build:prod", "build:production", "docs:build", "build:docs")

_HEALTH_FILES: Final = tuple(
    f"{place}.{ending}"
    for place in (
        "app/api/health/route", "src/app/api/health/route", "pages/api/health", "src/pages/api/health",
        "server/api/health", "server/api/health.get", "src/routes/api/health/+server",
    )
    for ending in ("ts", "js")
)  # fmt: skip
"""Where Next.js, Nuxt and SvelteKit find what answers at /api/health."""


def say_commands(draft: Draft, tree: Tree, found: Manifest, framework: Framework | None) -> None:
    """Take build and start command, port and health path."""
    manager = draft.package_manager
    script = next((name for name in _DEFAULT_BUILDS if name in found.scripts), None)
    if script:
        draft.say("build_command", run_script(manager, script), f"{FILE} has the script {script}")
    elif framework and framework.build and _needs_build(draft, framework):
        draft.say("build_command", execute(manager, framework.build), f"{framework.slug} is built so")
    if draft.kind is Kind.STATIC:
        _say_static(draft, found)
        return
    _say_start(draft, tree, found, framework)
    say_network(draft, tree, found, framework)


def _needs_build(draft: Draft, framework: Framework) -> bool:
    return framework.slug not in ("directus", "expo") or draft.kind is Kind.STATIC


def _say_static(draft: Draft, found: Manifest) -> None:
    start = found.scripts.get("start")
    if (
        start
        and serves_files(start)
        and not tool_of(start).startswith(("vite", "astro", "rsbuild", "vitepress"))
    ):
        draft.say("start_command", run_script(draft.package_manager, "start"), f"{FILE} has the script start")


def _say_start(draft: Draft, tree: Tree, found: Manifest, framework: Framework | None) -> None:
    manager = draft.package_manager
    script = for_production(found.scripts)
    if script is None and framework and framework.slug == "angular":
        script = next((name for name in found.scripts if name.startswith("serve:ssr")), None)
    if script:
        line = found.scripts[script]
        draft.correct(
            "start_command", run_script(manager, script), f"{FILE} has the script {script}: {line[:80]}"
        )
        return
    if framework and framework.start and not _started_by_its_own_file(tree, framework):
        draft.say("start_command", execute(manager, framework.start), f"{framework.slug} is started so")
    if draft.start_command is None and (framework or not found.library):
        watched = file_watched(found.scripts.get("start", "")) or file_watched(found.scripts.get("dev", ""))
        if watched and tree.has(watched):
            draft.say("start_command", f"node {watched}", f"a script of {FILE} starts {watched}")
        if framework is None or not framework.build:
            say_program(draft, tree, found)
    start = found.scripts.get("start")
    if (
        start
        and draft.start_command is None
        and framework
        and framework.kind is not Kind.STATIC
        and not framework.build
    ):
        draft.say(
            "start_command",
            run_script(manager, "start"),
            f"{FILE} has the script start, which is for developing",
        )


def _started_by_its_own_file(tree: Tree, framework: Framework) -> bool:
    """Nest's usual file is elsewhere in a monorepo of its own making."""
    return framework.slug == "nestjs" and not tree.has("src/main.ts")


def say_program(draft: Draft, tree: Tree, found: Manifest) -> None:
    """Take the file that is the program, where no script starts it."""
    main = (word(found.data.get("main")) or "").removeprefix("./")
    candidates = [main, f"{main}.js", f"{main}/index.js"] if main else []
    file = next((one for one in [*candidates, *PROGRAMS] if one and tree.has(one)), None)
    if file is None and main.endswith(("js", "mjs", "cjs")) and draft.build_command and draft.framework:
        draft.say("start_command", f"node {main}", f"{FILE} has main: {main}, which the build makes")
        return
    if file is None or (file.endswith(".json")):
        return
    if draft.framework is None and not _is_program(tree, file):
        return
    because = f"{FILE} has main: {file}" if file in candidates else f"{file} is there"
    if draft.package_manager == "bun":
        draft.say("start_command", f"bun run {file}", because)
    elif file.endswith(("js", "mjs", "cjs")):
        draft.say("start_command", f"node {file}", because)
    else:
        runner = next(
            (name for name in ("tsx", "ts-node") if name in found.runtime | found.development), None
        )
        if runner:
            draft.say(
                "start_command",
                execute(draft.package_manager, f"{runner} {file}"),
                f"{because}, and {runner}",
            )


def _is_program(tree: Tree, file: str) -> bool:
    """Not a module that only exports."""
    code = tree.code(file, JAVASCRIPT)
    return bool(code.strip()) and not re.match(
        r"(?:\s*(?:export\s[^;\n]*|module\.exports\s*=[^;\n]*);?\s*)+\Z", code
    )


def say_network(draft: Draft, tree: Tree, found: Manifest, framework: Framework | None) -> None:
    """Take kind, port and health path, from the framework and from what the program says itself."""
    if framework and draft.kind is None and framework.slug != "expo":
        draft.say("kind", Kind.SERVER, f"{framework.slug} answers requests")
    script = (draft.start_command or "").rpartition(" run ")[2]
    line = found.scripts.get(script, draft.start_command or "")
    draft.say("port", port_of_command(line), "the start command has it")
    if draft.start_command and (framework is None or not framework.output):
        for file in _sources(tree, line):
            say_what_listens(draft, file, tree.code(file, JAVASCRIPT))
    if framework and draft.kind is Kind.SERVER:
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
        draft.say("health_path", framework.health, f"{framework.slug} answers it")
        for file in _HEALTH_FILES:
            if tree.has(file):
                draft.say("health_path", "/api/health", f"{file} is there")


def _sources(tree: Tree, line: str) -> list[str]:
    """The files that a start command runs, or those they were compiled from; at most four."""
    named = [one.removeprefix("./") for one in re.findall(r"[\w./-]+\.[cm]?[jt]s\b", line)]
    stems = [re.sub(r"^(?:dist|build|out|lib)/(?:src/)?|\.[cm]?[jt]s$", "", one) for one in named]
    compiled = [f"{folder}{stem}.{end}" for stem in stems for folder in ("src/", "") for end in ("ts", "js")]
    usual = [name for name in PROGRAMS if name.startswith("src/") or "/" not in name]
    there = [one for one in [*named, *compiled, *usual] if tree.has(one)]
    return list(dict.fromkeys(there))[:4]
