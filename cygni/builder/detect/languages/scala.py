"""Scala: sbt and Mill, read as far as they are plain."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft
from cygni.builder.detect.languages.jvm import say_framework
from cygni.builder.detect.source import C_LIKE
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "scala"
_MODULE = re.compile(r""""([\w.-]+)"\s*%{1,3}\s*"([\w.-]+)"[^\n,)]*""")


def look(tree: Tree) -> Draft | None:
    """What Scala says of a folder."""
    file = tree.first("build.sbt", "build.sc", "build.mill", "project.scala")
    if file is None:
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, f"{file} is there")
    code = tree.code(file, C_LIKE)
    plugins = tree.code("project/plugins.sbt", C_LIKE) if tree.has("project/plugins.sbt") else ""
    say_pinned(draft, tree, ("scala",))
    version = re.search(r"""\bscalaVersion\s*(?::=|=)\s*"([\d.]+)\"""", code)
    say_version(draft, version[1] if version else None, file)
    tool = "sbt" if file == "build.sbt" else "mill" if file != "project.scala" else "scala-cli"
    draft.say("package_manager", tool, f"{file} is there")
    found = [
        f"{one[1]}:{one[2]}"
        for one in _MODULE.finditer(code)
        if not re.search(r"%\s*(Test|\"test\")", one[0])
    ]
    mill = re.findall(r"""(?:ivy|mvn)"([\w.-]+):{1,3}([\w.-]+):""", code)
    packages = frozenset([*found, *(f"{group}:{name}" for group, name in mill)])
    if re.search(r"\benablePlugins\([^)]*\bPlay(?:Scala|Java|Service)\b", code):
        draft.say("framework", "play", f"{file} enables Play's plugin")
        packages |= {"org.playframework:play"}
    framework = say_framework(draft, file, packages)
    name = re.search(r"""\bname\s*:=\s*"([\w. -]+)\"""", code)
    packs = "sbt-native-packager" in plugins or "sbt-plugin" in plugins or draft.framework == "play"
    if tool == "sbt":
        assembly = "sbt-assembly" in plugins
        draft.say(
            "build_command",
            "sbt stage" if packs else "sbt assembly" if assembly else "sbt compile",
            f"{file} is there",
        )
        if packs and name:
            plain = re.sub(r"[^a-z0-9]+", "-", name[1].lower()).strip("-")
            draft.say("start_command", f"target/universal/stage/bin/{plain}", "sbt stages the program there")
        elif not assembly and framework:
            draft.say("start_command", "sbt run", f"{file} is there")
    if framework:
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
    return draft
