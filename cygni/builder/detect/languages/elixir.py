"""Elixir: mix.exs and mix.lock, read as far as they are plain."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.source import HASH
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "elixir"
FRAMEWORKS: Final = (
    Framework("phoenix", ("phoenix",), port=4000),
    Framework("ash", ("ash_json_api",), port=4000),
    Framework("plug", ("plug_cowboy", "bandit"), port=4000),
)  # fmt: skip
_DEPENDENCY = re.compile(r"\{\s*:(\w+)\s*,([^{}]*)\}")


def look(tree: Tree) -> Draft | None:
    """What Elixir says of a folder."""
    if not tree.has("mix.exs"):
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, "mix.exs is there")
    code = tree.code("mix.exs", HASH)
    say_pinned(draft, tree, ("elixir",), ".elixir-version")
    version = re.search(r"""\belixir:\s*"([^"]+)\"""", code)
    say_version(draft, version[1] if version else None, "mix.exs")
    draft.say("package_manager", "mix", "mix.exs is there")
    draft.say("install_command", "mix deps.get --only prod", "mix.exs is there")
    runtime = {name for name, rest in _DEPENDENCY.findall(_dependencies(code)) if not _only_elsewhere(rest)}
    listed = told(FRAMEWORKS, runtime)
    umbrella = re.search(r"""\bapps_path:\s*"([\w/-]+)\"""", code)
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"mix.exs declares {name}")
        draft.say("kind", Kind.SERVER, f"{framework.slug} answers requests")
        assets = {"esbuild", "tailwind", "dart_sass"} & {name for name, _ in _DEPENDENCY.findall(code)}
        deploys = "assets.deploy" in code
        build = "mix assets.deploy && mix compile" if assets and deploys else "mix compile"
        draft.say("build_command", f"MIX_ENV=prod {build}" if "&&" not in build else
                  "MIX_ENV=prod mix assets.deploy && MIX_ENV=prod mix compile", "mix.exs tells how")  # fmt: skip
        start = "mix phx.server" if framework.slug == "phoenix" else "mix run --no-halt"
        draft.say("start_command", f"MIX_ENV=prod {start}", f"{framework.slug} is started so")
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
    elif not umbrella:
        draft.say("build_command", "MIX_ENV=prod mix compile", "mix.exs is there")
        if re.search(r"\bmod:\s*\{", code):
            draft.say(
                "start_command", "MIX_ENV=prod mix run --no-halt", "mix.exs has an application to start"
            )
    if umbrella:
        draft.patterns = (f"{umbrella[1]}/*",)
    return draft


def name_of(tree: Tree) -> str | None:
    found = re.search(r"\bapp:\s*:(\w+)", tree.code("mix.exs", HASH))
    return found[1] if found else None


def _dependencies(code: str) -> str:
    """The body of `deps`."""
    found = re.search(r"\bdefp?\s+deps\b.*?\bdo\b(.*?)\n\s*end\b", code, re.DOTALL)
    return found[1] if found else code


def _only_elsewhere(options: str) -> bool:
    only = re.search(r"\bonly:\s*(\[[^\]]*\]|:\w+)", options)
    return bool(only) and ":prod" not in only[1] if only else False
