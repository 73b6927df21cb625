"""C and C++: CMake, Meson, make."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.source import HASH, uncommented
from cygni.builder.detect.tree import Tree, texts

LANGUAGE: Final = "cpp"
FRAMEWORKS: Final = (
    Framework("drogon", ("drogon",), port=5555),
    Framework("crow", ("crow",), port=18080),
    Framework("oatpp", ("oatpp",), port=8000),
    Framework("pistache", ("pistache",), port=9080),
)


def look(tree: Tree) -> Draft | None:
    """What C and C++ say of a folder."""
    file = tree.first("CMakeLists.txt", "meson.build")
    if file is None and not (tree.has("Makefile") and tree.like("*.c", "*.cpp", "*.cc")):
        return None
    draft = Draft()
    if file is None:
        draft.say("language", LANGUAGE, "Makefile and sources are there")
        draft.say("build_command", "make", "Makefile is there")
        return draft
    code = uncommented(tree.text(file) or "", HASH)
    draft.say("language", LANGUAGE, f"{file} is there")
    standard = re.search(r"CMAKE_CXX_STANDARD\s+(\d+)|cpp_std=(?:c|gnu)\+\+(\d+)", code)
    draft.say(
        "language_version", (standard[1] or standard[2]) if standard else None, f"{file} has the standard"
    )
    draft.say("build_command", "cmake -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build"
              if file == "CMakeLists.txt" else "meson setup build --buildtype=release && meson compile -C build",
              f"{file} is there")  # fmt: skip
    _say_packages(draft, tree, code, file)
    programs = re.findall(r"\badd_executable\s*\(\s*([\w-]+)|\bexecutable\s*\(\s*'([\w-]+)'", code)
    names = {one or other for one, other in programs}
    if len(names) == 1:
        draft.say("start_command", f"./build/{names.pop()}", f"{file} makes it")
    return draft


def _say_packages(draft: Draft, tree: Tree, code: str, file: str) -> None:
    packages = {name.lower() for name in re.findall(r"\bfind_package\s*\(\s*([\w-]+)", code)}
    packages |= {name.lower() for name in re.findall(r"\bFetchContent_Declare\s*\(\s*([\w-]+)", code)}
    packages |= {name.lower() for name in re.findall(r"\bdependency\s*\(\s*'([\w-]+)'", code)}
    conan = tree.text("conanfile.txt") or ""
    packages |= {
        name.lower()
        for name in re.findall(r"^([\w-]+)/[\d.]+", conan.partition("[requires]")[2], re.MULTILINE)
    }
    wanted = tree.json("vcpkg.json").get("dependencies") if tree.has("vcpkg.json") else None
    packages |= set(texts([one.get("name") if isinstance(one, dict) else one for one in wanted or []]))
    draft.say("package_manager", "conan" if conan else "vcpkg" if wanted else None, "its file is there")
    listed = told(FRAMEWORKS, packages)
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"{file} takes {name}")
        draft.say("kind", Kind.SERVER, f"{framework.slug} answers requests")
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
