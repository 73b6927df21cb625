"""Gleam: gleam.toml."""

from __future__ import annotations

from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.tree import Tree, mapping, word
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "gleam"
FRAMEWORKS: Final = (
    Framework("wisp", ("wisp",), port=8000),
    Framework("mist", ("mist",), port=4000),
    Framework(
        "lustre",
        ("lustre_dev_tools",),
        Kind.STATIC,
        build="gleam run -m lustre/dev build",
        output="priv/static",
    ),
)


def look(tree: Tree) -> Draft | None:
    """What Gleam says of a folder."""
    if not tree.has("gleam.toml"):
        return None
    data = tree.toml("gleam.toml")
    draft = Draft()
    draft.say("language", LANGUAGE, "gleam.toml is there")
    say_pinned(draft, tree, ("gleam",))
    say_version(draft, data.get("gleam"), "gleam.toml")
    draft.say("package_manager", "gleam", "gleam.toml is there")
    draft.say("install_command", "gleam deps download", "gleam.toml is there")
    draft.say("build_command", "gleam export erlang-shipment", "gleam.toml is there")
    listed = told(FRAMEWORKS, set(mapping(data.get("dependencies"))))
    name = word(data.get("name"))
    if listed:
        framework, package = listed[0]
        draft.say("framework", framework.slug, f"gleam.toml declares {package}")
        draft.say("kind", framework.kind, f"{framework.slug} makes it so")
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
    if name and tree.has(f"src/{name}.gleam"):
        draft.say("start_command", "./build/erlang-shipment/entrypoint.sh run", f"src/{name}.gleam is there")
    return draft


def name_of(tree: Tree) -> str | None:
    return word(tree.toml("gleam.toml").get("name")) if tree.has("gleam.toml") else None
