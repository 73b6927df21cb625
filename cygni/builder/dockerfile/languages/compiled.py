"""Languages that are compiled into a program that needs no more of them: Go, Rust, Swift, Dart, Crystal, Zig, C++."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cygni.builder.detect.answer import Kind, Program
from cygni.builder.detect.languages import go
from cygni.builder.detect.members import folders as members
from cygni.builder.detect.tree import Tree
from cygni.builder.dockerfile.recipe import (
    FOLDER,
    HOME,
    PLAIN,
    SUITE,
    TIME_ZONES,
    TRUST,
    Recipe,
    Step,
    apt,
    place_of,
)
from cygni.builder.dockerfile.versions import tag


@dataclass(frozen=True, slots=True)
class Compiler:
    """`image` has {version} where it has one. `manifests` are what the install command reads, `sources` the files that
    nobody needs once it is built: names as `find` takes them. `runtime` is for what links against more than Debian
    has."""

    image: str
    parts: int = 2
    manifests: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    runtime: str = PLAIN
    variables: tuple[tuple[str, str], ...] = ()


_COMPILERS: Final[Mapping[str, Compiler]] = {
    "go": Compiler(
        f"golang:{{version}}-{SUITE}",
        manifests=("go.mod", "go.sum"),
        caches=("/go/pkg/mod", f"{HOME}/.cache/go-build"),
        sources=("*.go", "go.mod", "go.sum"),
        variables=(("GOFLAGS", "-trimpath"),),
    ),
    "rust": Compiler(
        f"rust:{{version}}-{SUITE}",
        caches=("/usr/local/cargo/registry", "/usr/local/cargo/git", "/target"),
        sources=("*.rs", "Cargo.toml", "Cargo.lock"),
        variables=(("CARGO_TARGET_DIR", "/target"),),
    ),
    "swift": Compiler(
        f"swift:{{version}}-{SUITE}",
        manifests=("Package.swift", "Package.resolved"),
        sources=("*.swift",),
        runtime="swift:{version}-slim",
    ),
    "dart": Compiler(
        "dart:{version}",
        manifests=("pubspec.yaml", "pubspec.lock"),
        caches=(f"{HOME}/.pub-cache",),
        sources=("*.dart",),
    ),
    "crystal": Compiler(
        "crystallang/crystal:{version}", manifests=("shard.yml", "shard.lock"), sources=("*.cr",),
    ),
    "cpp": Compiler(f"gcc:14-{SUITE}", sources=("*.cpp", "*.cc", "*.h", "*.hpp", "*.o")),
}  # fmt: skip


def recipe(program: Program, tree: Tree) -> Recipe | None:
    """None where nothing is built, or no image has the compiler."""
    compiler = _COMPILERS.get(program.language or "")
    start = program.own_start
    if compiler is None or program.build_command is None or start is None or program.kind is Kind.STATIC:
        return None
    version = (
        tag(program.language or "", program.language_version, compiler.parts) if "{" in compiler.image else ""
    )
    manifests = _of_workspace(tree) if tree.below else _there(compiler, tree)
    fetched = program.install_command if manifests and not _own_packages(tree) else None
    lines = [program.build_command]
    if program.language == "rust":
        lines += _out_of_cache(start)
    lines.append(_without_sources(compiler.sources, FOLDER if tree.below else "."))
    return Recipe(
        toolchain=compiler.image.format(version=version),
        runtime=compiler.runtime.format(version=version),
        prepare=_tools(program),
        manifests=manifests if fetched else (),
        install=Step((fetched,), compiler.caches) if fetched else None,
        build=Step(tuple(lines), compiler.caches),
        building=compiler.variables,
        takes=((FOLDER, FOLDER), TRUST, TIME_ZONES),
        place=place_of(tree.below),
    )


def _there(compiler: Compiler, tree: Tree) -> tuple[str, ...]:
    return tuple(file for file in compiler.manifests if tree.has(file))


def _of_workspace(tree: Tree) -> tuple[str, ...]:
    """The manifests of all modules of Go's workspace: `go` reads all of them. None where one names a folder."""
    root, modules = tree.top, sorted(members(tree.top, go.modules(tree.top)))
    if any(_own_packages(root.at(module)) for module in modules) or root.has_folder("vendor"):
        return ()
    files = [f"{module}/{name}" for module in modules for name in ("go.mod", "go.sum")]
    return tuple(file for file in ("go.work", "go.work.sum", "go.mod", "go.sum", *files) if root.has(file))


def _own_packages(tree: Tree) -> bool:
    """Whether the manifests name folders of the project, which are not there when the packages are fetched."""
    return bool(
        re.search(r"^replace\s.*=>\s*\.|^\s+\S+.*=>\s*\./", tree.text("go.mod") or "", re.MULTILINE)
        or re.search(
            r"^\s*path:\s", (tree.text("pubspec.yaml") or "") + (tree.text("shard.yml") or ""), re.MULTILINE
        )
        or tree.has_folder("vendor")
    )


def _out_of_cache(start: str) -> list[str]:
    """What is built stays in the cache, which is no part of the image: the program is put where it is started."""
    found = re.search(r"(?:\./)?target/(release|debug)/([\w.-]+)", start)
    if not found:
        return []
    return [f"mkdir -p target/{found[1]}", f"cp /target/{found[1]}/{found[2]} target/{found[1]}/"]


def _without_sources(names: tuple[str, ...], folder: str) -> str:
    """What is left beside the program are the files that it may read: templates, migrations, pages."""
    wanted = " -o ".join(f"-name '{name}'" for name in names)
    return f"find {folder} -type f \\( {wanted} \\) -delete"


def _tools(program: Program) -> Step | None:
    """What builds C++ beside the compiler."""
    if program.language != "cpp":
        return None
    tools = [tool for tool in ("cmake", "meson") if tool in (program.build_command or "")]
    return apt(*tools, "ninja-build") if tools else None
