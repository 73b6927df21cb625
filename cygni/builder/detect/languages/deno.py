"""Deno: deno.json and its imports, and programs that import from JSR or by address."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.listening import port_of_command, say_what_listens
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.source import JAVASCRIPT
from cygni.builder.detect.tree import Tree, mapping, texts, word
from cygni.builder.detect.versions import say_pinned

LANGUAGE: Final = "deno"
FRAMEWORKS: Final = (
    Framework("fresh", ("@fresh/core", "fresh"), port=8000),
    Framework("lume", ("lume",), Kind.STATIC, output="_site"),
    Framework("hono", ("@hono/hono", "hono"), port=8000),
    Framework("oak", ("@oak/oak", "oak"), port=8000),
    Framework("express", ("express",)),
    Framework("fastify", ("fastify",)),
)
_ENTRIES: Final = tuple(
    f"{folder}{name}.{ending}"
    for folder in ("", "src/")
    for name in ("main", "index", "server", "mod", "app")
    for ending in ("ts", "tsx", "js", "mjs")
)
_SCHEME = re.compile(r"^(?:jsr|npm):/?(@[\w.-]+/[\w.-]+|[\w.-]+)")
_ADDRESS = re.compile(r"^https?://(?:deno\.land/x/|esm\.sh/)(\w[\w.-]*?)(?:@[^/]*)?/")


def look(tree: Tree) -> Draft | None:
    """What Deno says of a folder."""
    file = tree.first("deno.json", "deno.jsonc", "deno.lock")
    entry = tree.first(*_ENTRIES)
    if file is None:
        if entry is None or tree.has("package.json") or not _of_deno(tree, entry):
            return None
        file = entry
    data = tree.json_with_comments(file) if file.startswith("deno.json") else {}
    draft = Draft()
    draft.say(
        "language", LANGUAGE, f"{file} is there" if file != entry else f"{file} imports as only Deno does"
    )
    draft.typescript = bool(entry and entry.endswith(("ts", "tsx")))
    say_pinned(draft, tree, ("deno",), ".dvmrc")
    draft.say("package_manager", "deno", f"{file} is there")
    packages = _packages(tree, data, entry)
    listed = told(FRAMEWORKS, packages)
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"{file} imports {name}")
        draft.say("kind", framework.kind, f"{framework.slug} makes it so")
        draft.say("output_directory", framework.output, f"{framework.slug} builds into it")
    _say_commands(draft, tree, data, entry, file)
    if listed:
        draft.say("port", listed[0][0].port, f"{listed[0][0].slug} listens there by default")
    elif draft.kind is Kind.SERVER:
        draft.say("port", 8000, "Deno.serve listens there by default")
    draft.patterns = tuple(texts(mapping(data.get("workspace")).get("members") or data.get("workspace")))
    return draft


def name_of(tree: Tree) -> str | None:
    file = tree.first("deno.json", "deno.jsonc")
    return word(tree.json_with_comments(file).get("name")) if file else None


def _say_commands(draft: Draft, tree: Tree, data: object, entry: str | None, file: str) -> None:
    tasks = {name: word(line) or word(mapping(line).get("command")) for name, line in
             mapping(mapping(data).get("tasks")).items()}  # fmt: skip
    if file.startswith("deno.json") and (mapping(data).get("imports") or tree.has("deno.lock")):
        draft.say("install_command", "deno install", f"{file} is there")
    if tasks.get("build"):
        draft.say("build_command", "deno task build", f"{file} has the task build")
    if draft.kind is Kind.STATIC:
        return
    script = next(
        (name for name in ("start", "serve", "preview", "production", "prod") if tasks.get(name)), None
    )
    if script and draft.framework == "fresh" and "--watch" in (tasks[script] or ""):
        script = None  # Fresh 1 calls its developing so
    if script:
        draft.say("start_command", f"deno task {script}", f"{file} has the task {script}")
        draft.say("port", port_of_command(tasks[script]), f"the task {script} has it")
    elif entry:
        draft.say(
            "start_command", f"deno run --allow-net --allow-env --allow-read {entry}", f"{entry} is there"
        )
    if entry:
        say_what_listens(draft, entry, tree.code(entry, JAVASCRIPT))


def _packages(tree: Tree, data: object, entry: str | None) -> set[str]:
    imports = mapping(mapping(data).get("imports"))
    written_elsewhere = word(mapping(data).get("importMap"))
    if written_elsewhere and ".." not in written_elsewhere.split("/"):
        file = written_elsewhere.removeprefix("./")
        imports = {**mapping(tree.json_with_comments(file).get("imports")), **imports}
    found = {"fresh" for name in imports if name == "$fresh/"}
    written = [value for value in imports.values() if isinstance(value, str)]
    if entry:
        written += re.findall(r"""\bfrom\s+["']([^"'\n]+)["']""", tree.code(entry, JAVASCRIPT))
    for one in written:
        match = _SCHEME.match(one) or _ADDRESS.match(one)
        if match:
            found.add(match[1].partition("@")[0] if not match[1].startswith("@") else match[1])
    return found


def _of_deno(tree: Tree, entry: str) -> bool:
    code = tree.code(entry, JAVASCRIPT)
    return bool(
        re.search(r"""\bfrom\s+["'](?:jsr:|npm:|https://(?:deno\.land|jsr\.io|esm\.sh)/)""", code)
        or re.search(r"\bDeno\.(?:serve|env|readTextFile|listen|args|cwd)\b", code)
    )
