"""Swift: Package.swift, read as far as it is plain."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.source import C_LIKE
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "swift"
FRAMEWORKS: Final = (
    Framework("vapor", ("vapor/vapor",), port=8080),
    Framework("hummingbird", ("hummingbird-project/hummingbird",), port=8080),
)


def look(tree: Tree) -> Draft | None:
    """What Swift says of a folder."""
    if not tree.has("Package.swift"):
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, "Package.swift is there")
    say_pinned(draft, tree, ("swift",), ".swift-version")
    tools = re.match(r"\s*//\s*swift-tools-version:\s*([\d.]+)", tree.text("Package.swift") or "")
    say_version(draft, tools[1] if tools else None, "Package.swift")
    draft.say("package_manager", "swiftpm", "Package.swift is there")
    draft.say("install_command", "swift package resolve", "Package.swift is there")
    code = tree.code("Package.swift", C_LIKE)
    packages = {found.lower() for found in
                re.findall(r"""\burl:\s*"https://github\.com/([\w.-]+/[\w-]+)(?:\.git)?\"""", code)}  # fmt: skip
    listed = told(FRAMEWORKS, packages)
    program = re.search(r"""\.executableTarget\(\s*name:\s*"([\w-]+)\"""", code)
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"Package.swift depends on {name}")
        draft.say("kind", Kind.SERVER, f"{framework.slug} answers requests")
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
    if program:
        draft.say("build_command", "swift build --configuration release", "Package.swift has a program")
        serve = (
            f" serve --env production --hostname 0.0.0.0 --port ${{PORT:-{8080}}}"
            if draft.framework == "vapor"
            else ""
        )
        draft.say("start_command", f".build/release/{program[1]}{serve}", "Package.swift has a program")
    return draft
