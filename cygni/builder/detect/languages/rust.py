"""Rust: Cargo.toml, its binaries, its workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.listening import say_what_listens
from cygni.builder.detect.rules import Framework, system_packages, told
from cygni.builder.detect.source import RUST
from cygni.builder.detect.tree import Tree, mapping, texts, word
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "rust"
FRAMEWORKS: Final = (
    Framework("leptos", ("leptos",), port=3000),
    Framework("dioxus", ("dioxus",), port=8080),
    Framework("loco", ("loco-rs",), port=5150, health="/_health"),
    Framework("rocket", ("rocket",), port=8000),
    Framework("actix-web", ("actix-web",)),
    Framework("poem", ("poem",)),
    Framework("salvo", ("salvo",)),
    Framework("axum", ("axum",)),
    Framework("warp", ("warp",)),
    Framework("tide", ("tide",)),
    Framework("gotham", ("gotham",)),
    Framework("yew", ("yew",), Kind.STATIC, output="dist", build="trunk build --release"),
)  # fmt: skip
_SYSTEM: Final = (
    (("openssl", "openssl-sys", "native-tls"), ("pkg-config", "libssl-dev")),
    (("diesel",), ("libpq-dev",)),
)


def look(tree: Tree) -> Draft | None:
    """What Rust says of a folder."""
    if not tree.has("Cargo.toml"):
        return None
    data = tree.toml("Cargo.toml")
    package, workspace = mapping(data.get("package")), mapping(data.get("workspace"))
    draft = Draft()
    draft.say("language", LANGUAGE, "Cargo.toml is there")
    draft.say("package_manager", "cargo", "Cargo.toml is there")
    draft.say("install_command", "cargo fetch --locked" if tree.has("Cargo.lock") else "cargo fetch",
              "Cargo.lock is there" if tree.has("Cargo.lock") else "Cargo.toml is there")  # fmt: skip
    _say_version(draft, tree, package)
    declared = mapping(data.get("dependencies"))
    runtime = {word(mapping(wanted).get("package")) or name for name, wanted in declared.items()}
    listed = told(FRAMEWORKS, runtime)
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"Cargo.toml declares {name}")
        draft.say("kind", framework.kind, f"{framework.slug} makes it so")
    for name, needed in system_packages(_SYSTEM, runtime):
        draft.need(needed, f"{name} takes them")
    if package:
        _say_program(draft, tree, data)
    if listed:
        draft.say("port", listed[0][0].port, f"{listed[0][0].slug} listens there by default")
        draft.say("health_path", listed[0][0].health, f"{listed[0][0].slug} answers it")
    draft.patterns = tuple(texts(workspace.get("members")))
    draft.without = tuple(texts(workspace.get("exclude")))
    draft.whole_build = bool(workspace) and not package
    return draft


def name_of(tree: Tree) -> str | None:
    return (
        word(mapping(tree.toml("Cargo.toml").get("package")).get("name")) if tree.has("Cargo.toml") else None
    )


def _say_version(draft: Draft, tree: Tree, package: Mapping[str, Any]) -> None:
    places = [tree, tree.top] if tree.below else [tree]
    for place in places:
        if place.has("rust-toolchain.toml"):
            channel = mapping(place.toml("rust-toolchain.toml").get("toolchain")).get("channel")
            say_version(draft, _of_a_number(channel), "rust-toolchain.toml")
        plain = _of_a_number((place.text("rust-toolchain", 4096) or "").strip())
        say_version(draft, plain, "rust-toolchain")
        say_pinned(draft, place, ("rust",))
    say_version(draft, package.get("rust-version"), "Cargo.toml (rust-version)")


def _of_a_number(channel: object) -> str | None:
    """`1.80`, and nothing of `stable` and `nightly-2024-05-01`."""
    return channel if isinstance(channel, str) and re.fullmatch(r"\d+(\.\d+)*", channel) else None


def _say_program(draft: Draft, tree: Tree, data: Mapping[str, Any]) -> None:
    package = mapping(data.get("package"))
    name = word(package.get("name"))
    written = data.get("bin")
    binaries = [mapping(one) for one in (written if isinstance(written, list) else [])]
    default = word(package.get("default-run"))
    names = [word(one.get("name")) or name for one in binaries]
    if not names and tree.has("src/main.rs"):
        names = [name]
    if not names and tree.has_folder("src/bin"):
        names = [file.removesuffix(".rs") for file in tree.at("src/bin").like("*.rs")]
    chosen = default or (names[0] if len(names) == 1 else name if name in names else None)
    if draft.kind is Kind.STATIC:
        framework = next(one for one in FRAMEWORKS if one.slug == draft.framework)
        draft.say("build_command", framework.build, f"{framework.slug} is built so")
        draft.say("output_directory", framework.output, f"{framework.slug} builds into it")
        return
    if chosen is None:
        return
    # Members of a workspace are built into the folder of its root.
    up = "../" * (tree.below.count("/") + 1) if tree.below and not tree.has("Cargo.lock") else ""
    draft.say("build_command", "cargo build --release", "Cargo.toml has a program")
    draft.say("start_command", f"./{up}target/release/{chosen}", "Cargo.toml has a program")
    path = next((word(one.get("path")) for one in binaries if word(one.get("name")) == chosen), None)
    for file in [path or "src/main.rs", f"src/bin/{chosen}.rs"]:
        if tree.has(file):
            say_what_listens(draft, file, tree.code(file, RUST))
