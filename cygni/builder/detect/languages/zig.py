"""Zig: build.zig and build.zig.zon."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.source import ZIG, uncommented
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "zig"
FRAMEWORKS: Final = (
    Framework("jetzig", ("jetzig",), port=8080),
    Framework("zap", ("zap",), port=3000),
    Framework("httpz", ("httpz",), port=5882),
)


def look(tree: Tree) -> Draft | None:
    """What Zig says of a folder."""
    if not tree.has("build.zig"):
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, "build.zig is there")
    say_pinned(draft, tree, ("zig",), ".zigversion")
    notation = uncommented(tree.text("build.zig.zon") or "", ZIG)
    version = re.search(r"""\.minimum_zig_version\s*=\s*"([^"]+)\"""", notation)
    say_version(draft, version[1] if version else None, "build.zig.zon")
    draft.say("package_manager", "zig", "build.zig is there")
    draft.say("build_command", "zig build -Doptimize=ReleaseSafe", "build.zig is there")
    block = notation.partition(".dependencies")[2]
    listed = told(FRAMEWORKS, set(re.findall(r"""\.@?"?([\w-]+)"?\s*=\s*\.\{""", block)))
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"build.zig.zon depends on {name}")
        draft.say("kind", Kind.SERVER, f"{framework.slug} answers requests")
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
    code = uncommented(tree.text("build.zig") or "", ZIG)
    programs = re.findall(r"""addExecutable\(\s*\.\{.*?\.name\s*=\s*"([\w-]+)\"""", code, re.DOTALL)
    if len(set(programs)) == 1:
        draft.say("start_command", f"./zig-out/bin/{programs[0]}", "build.zig makes it")
    return draft
