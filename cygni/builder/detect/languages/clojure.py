"""Clojure: project.clj and deps.edn, read as far as they are plain."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft
from cygni.builder.detect.languages.jvm import say_framework
from cygni.builder.detect.source import LISP, uncommented
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.versions import say_pinned

LANGUAGE: Final = "clojure"


def look(tree: Tree) -> Draft | None:
    """What Clojure says of a folder."""
    file = tree.first("project.clj", "deps.edn", "build.boot", "shadow-cljs.edn")
    if file is None or (file == "shadow-cljs.edn" and tree.has("package.json")):
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, f"{file} is there")
    say_pinned(draft, tree, ("java",), ".java-version")
    code = uncommented(tree.text(file) or "", LISP)
    if file == "project.clj":
        draft.say("package_manager", "leiningen", f"{file} is there")
        draft.say("install_command", "lein deps", f"{file} is there")
        draft.say("build_command", "lein uberjar", f"{file} is there")
        block = _vector_after(code, ":dependencies")
        named = re.findall(r"\[\s*([\w.-]+(?:/[\w.-]+)?)\s+\"", block)
        project = re.search(r"\(defproject\s+([\w./-]+)\s+\"([^\"]+)\"", code)
        jar = re.search(r":uberjar-name\s+\"([^\"]+)\"", code)
        if re.search(r":main\s", code) and project:
            name = project[1].rpartition("/")[2]
            target = jar[1] if jar else f"{name}-{project[2]}-standalone.jar"
            folder = "target/uberjar" if ":target-path" in code and not jar else "target"
            draft.say("start_command", f"java -jar {folder}/{target}", "project.clj has :main")
    else:
        draft.say("package_manager", "clojure-cli", f"{file} is there")
        draft.say("install_command", "clojure -P", f"{file} is there")
        named = re.findall(r"([\w.-]+/[\w.-]+)\s+\{", _map_after(code, ":deps"))
        alias = next(
            (name for name in ("run", "server", "start", "prod") if re.search(rf":{name}\s*\{{", code)), None
        )
        if alias:
            draft.say("start_command", f"clojure -M:{alias}", f"deps.edn has the alias :{alias}")
        elif tree.has("build.clj"):
            draft.say("build_command", "clojure -T:build uber", "build.clj is there")
    packages = frozenset(":".join(name.split("/")) if "/" in name else f"{name}:{name}" for name in named)
    framework = say_framework(draft, file, packages)
    if framework:
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
    return draft


def _vector_after(code: str, key: str) -> str:
    return _between(code, key, "[", "]")


def _map_after(code: str, key: str) -> str:
    return _between(code, key, "{", "}")


def _between(code: str, key: str, opening: str, closing: str) -> str:
    """The collection that follows a key at the file's first mention of it."""
    found = re.search(rf"{re.escape(key)}\s*{re.escape(opening)}", code)
    if found is None:
        return ""
    depth = 1
    for index in range(found.end(), len(code)):
        depth += (code[index] == opening) - (code[index] == closing)
        if depth == 0:
            return code[found.end() : index]
    return ""
