"""build.gradle and build.gradle.kts, read as far as they are plain, with the version catalogue they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from cygni.builder.detect.languages.jvm.build import Build
from cygni.builder.detect.source import C_LIKE
from cygni.builder.detect.tree import Tree, mapping, word

_RUNNING: Final = r"(?:implementation|api|runtimeOnly|compile|compileOnly|developmentOnly)"
_COORDINATES = re.compile(
    rf"""\b{_RUNNING}\b[\s(]*(?:platform|enforcedPlatform|kotlin)?[\s(]*["']([\w.-]+):([\w.-]+)"""
)
_NAMED = re.compile(
    rf"""\b{_RUNNING}\b[\s(]*group\s*[:=]\s*["']([\w.-]+)["']\s*,\s*name\s*[:=]\s*["']([\w.-]+)["']"""
)
_CATALOGUED = re.compile(rf"\b{_RUNNING}\b[\s(]*(?:platform\s*\(\s*)?libs\.([\w.]+)")
_PLUGIN = re.compile(r"""\bid\b[\s(]*["']([\w.-]+)["']\)?(?![^\n]*\bapply\s*\(?\s*false)""")
_PLUGIN_ALIAS = re.compile(r"\balias[\s(]*libs\.plugins\.([\w.]+)\s*\)?(?![^\n]*\bapply\s*\(?\s*false)")
_APPLIED = re.compile(r"""\bapply\s*(?:\(\s*)?plugin\s*[:=]\s*["']([\w.-]+)["']""")
_JAVA = re.compile(
    r"""JavaLanguageVersion\.of\(\s*["']?(\d+)|\bjvmToolchain\(\s*(\d+)"""
    r"""|\b(?:sourceCompatibility|targetCompatibility)\s*=?\s*(?:JavaVersion\.VERSION_)?["']?([\d._]+)"""
)
_PLUGINS: Final = {
    "org.springframework.boot": "org.springframework.boot:plugin",
    "io.quarkus": "io.quarkus:plugin",
    "io.micronaut.application": "io.micronaut:plugin",
    "io.ktor.plugin": "io.ktor:ktor-server-plugin",
}
"""Plugins that are applied to programs of a framework alone, as if they were packages of it."""


def file_of(tree: Tree) -> str | None:
    return tree.first("build.gradle.kts", "build.gradle")


def read(tree: Tree) -> Build:
    file = file_of(tree) or tree.first("settings.gradle.kts", "settings.gradle") or "build.gradle"
    code = tree.code(file, C_LIKE) if file.startswith("build") else ""
    settings = tree.first("settings.gradle.kts", "settings.gradle")
    catalogue = _catalogue(tree)
    plugins = {
        *_PLUGIN.findall(code),
        *_APPLIED.findall(code),
        *re.findall(r"^\s*`?([a-z][\w-]*)`?\s*$", code, re.MULTILINE),
    }
    plugins |= {plugin for alias in _PLUGIN_ALIAS.findall(code) if (plugin := _plugin(catalogue, alias))}
    kotlin = re.search(r"""\bkotlin\(\s*["'](?:jvm|multiplatform|plugin\.\w+)["']\s*\)""", code)
    packages = {f"{group}:{name}" for group, name in [*_COORDINATES.findall(code), *_NAMED.findall(code)]}
    for alias in _CATALOGUED.findall(code):
        packages |= _library(catalogue, alias)
    packages |= {_PLUGINS[plugin] for plugin in plugins if plugin in _PLUGINS}
    boot, shadow = "org.springframework.boot" in plugins, "shadow" in " ".join(sorted(plugins))
    name = _name(tree, settings)
    java = next((next(filter(None, found)) for found in _JAVA.findall(code)), None)
    runs = next(
        (one for one in ("application", "io.ktor.plugin", "io.micronaut.application") if one in plugins), None
    )
    own = re.search(r"""["']Main-Class["']""", code) is not None
    task = "shadowJar" if shadow and not boot else "installDist" if runs and not boot else "build -x test"
    version = re.search(r"""^\s*version\s*=?\s*["']([^"']+)["']""", code, re.MULTILINE)
    jar = f"{name}-{version[1]}" if version else name
    return Build(
        file=file,
        tool="gradle",
        language="kotlin" if kotlin or any("kotlin" in one for one in plugins) else
                 "scala" if "scala" in plugins else "java",
        command=f"{_wrapper(tree)} --no-daemon {task}",
        packages=frozenset(packages),
        modules=_modules(tree, settings),
        version=(java.replace("_", ".") if java else None, file),
        start=_start(name, jar, boot=boot, shadow=shadow, runs=runs is not None, own=own),
        main="org.springframework.boot" if boot else runs or ("shadow" if shadow else "Main-Class" if own else None),
        name=name,
    )  # fmt: skip


def _start(
    name: str | None, jar: str | None, *, boot: bool, shadow: bool, runs: bool, own: bool
) -> str | None:
    if boot and jar:
        return f"java -jar build/libs/{jar}.jar"
    if shadow and jar:
        return f"java -jar build/libs/{jar}-all.jar"
    # What `installDist` of the application plugin leaves.
    if runs and name:
        return f"build/install/{name}/bin/{name}"
    return f"java -jar build/libs/{jar}.jar" if own and jar else None


def _wrapper(tree: Tree) -> str:
    if tree.has("gradlew"):
        return "./gradlew"
    if tree.below and tree.top.has("gradlew"):
        return "../" * (tree.below.count("/") + 1) + "gradlew"
    return "gradle"


def _name(tree: Tree, settings: str | None) -> str | None:
    code = tree.code(settings, C_LIKE) if settings else ""
    found = re.search(r"""rootProject\.name\s*=\s*["']([^"']+)["']""", code)
    return found[1] if found else tree.name


def _modules(tree: Tree, settings: str | None) -> tuple[str, ...]:
    code = tree.code(settings, C_LIKE) if settings else ""
    found = []
    for line in re.findall(r"""\binclude\b[\s(]*((?:["'][\w:.-]+["'][\s,]*)+)""", code):
        found += [name.strip(":").replace(":", "/") for name in re.findall(r"""["']([\w:.-]+)["']""", line)]
    return tuple(dict.fromkeys(name for name in found if name))


def _catalogue(tree: Tree) -> Mapping[str, Any]:
    for place in [tree, tree.top] if tree.below else [tree]:
        if place.has("gradle/libs.versions.toml"):
            return place.toml("gradle/libs.versions.toml")
    return {}


def _entry(catalogue: Mapping[str, Any], section: str, alias: str) -> Any:
    wanted = alias.replace(".", "-")
    for name, value in mapping(catalogue.get(section)).items():
        if re.sub(r"[._-]+", "-", name) == wanted:
            return value
    return None


def _library(catalogue: Mapping[str, Any], alias: str) -> set[str]:
    if alias.startswith("bundles."):
        names = _entry(catalogue, "bundles", alias.removeprefix("bundles."))
        return {one for name in (names if isinstance(names, list) else [])
                for one in _library(catalogue, str(name).replace("-", "."))}  # fmt: skip
    value = _entry(catalogue, "libraries", alias)
    written = word(value) or word(mapping(value).get("module"))
    if written is None and word(mapping(value).get("group")):
        written = f"{value['group']}:{mapping(value).get('name')}"
    return {":".join(written.split(":")[:2])} if written else set()


def _plugin(catalogue: Mapping[str, Any], alias: str) -> str | None:
    value = _entry(catalogue, "plugins", alias)
    written = word(value) or word(mapping(value).get("id"))
    return written.partition(":")[0] if written else None
