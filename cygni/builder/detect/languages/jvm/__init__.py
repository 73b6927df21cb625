"""Java and Kotlin, built by Maven or Gradle.

- `maven.py`      pom.xml
- `gradle.py`     build.gradle, build.gradle.kts, version catalogues
- `frameworks.py` frameworks, of Scala and Clojure too
"""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.languages.jvm import gradle, maven
from cygni.builder.detect.languages.jvm.build import Build
from cygni.builder.detect.languages.jvm.frameworks import FRAMEWORKS, HEALTH
from cygni.builder.detect.listening import say_what_listens
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.source import C_LIKE
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "java"
_PORT = re.compile(
    r"^\s*(?:server\.port|quarkus\.http\.port|micronaut\.server\.port)\s*[=:]\s*(?:\$\{\w+:)?(\d{2,5})",
    re.MULTILINE,
)


def look(tree: Tree) -> Draft | None:
    """What Java and Kotlin say of a folder."""
    if tree.has("pom.xml"):
        return _draft(tree, maven.read(tree))
    if gradle.file_of(tree) or tree.first("settings.gradle", "settings.gradle.kts"):
        return _draft(tree, gradle.read(tree))
    return _alone(tree)


def name_of(tree: Tree) -> str | None:
    if tree.has("pom.xml"):
        return maven.read(tree).name
    return gradle.read(tree).name


def _draft(tree: Tree, build: Build) -> Draft:
    draft = Draft()
    if build.language in ("java", "kotlin") and (
        tree.has_folder("src/main/kotlin") or build.language == "kotlin"
    ):
        java = tree.has_folder("src/main/java") and not tree.has_folder("src/main/kotlin")
        draft.say("language", "java" if java else "kotlin", f"{build.file} builds Kotlin")
    draft.say("language", build.language, f"{build.file} is there")
    _say_version(draft, tree, build)
    draft.say("package_manager", build.tool, f"{build.file} is there")
    draft.say("build_command", build.command, f"{build.file} is built so")
    framework = say_framework(draft, build.file, build.packages)
    if not (build.modules and framework is None):
        _say_start(draft, tree, build, framework)
    if draft.start_command and draft.kind is None and build.main is None and framework is None:
        draft.start_command = None
    if framework:
        say_network(draft, tree, framework, build.packages)
    draft.patterns = tuple(build.modules)
    draft.whole_build = bool(build.modules)
    return draft


def say_framework(draft: Draft, file: str, packages: frozenset[str]) -> Framework | None:
    """Take the framework that packages, as `group:artifact`, tell."""
    listed = told(FRAMEWORKS, packages)
    if not listed:
        return None
    framework, package = listed[0]
    draft.say("framework", framework.slug, f"{file} declares {package}")
    draft.say("kind", Kind.SERVER, f"{framework.slug} answers requests")
    return framework


def say_network(draft: Draft, tree: Tree, framework: Framework, packages: frozenset[str]) -> None:
    """Take port and health path of a framework, and what its own files say about them."""
    properties = tree.text("src/main/resources/application.properties") or ""
    port = _PORT.search(properties)
    draft.say("port", int(port[1]) if port else None, "application.properties has it")
    for file in ("application.yml", "application.yaml"):
        path = f"src/main/resources/{file}"
        if tree.has(path):
            server = tree.yaml(path).get("server")
            written = str(server.get("port", "")) if isinstance(server, dict) else ""
            found = re.fullmatch(r"(?:\$\{\w+:)?(\d{2,5})\}?", written)
            draft.say("port", int(found[1]) if found else None, f"{file} has it")
    draft.say("port", framework.port, f"{framework.slug} listens there by default")
    for artifact, path in HEALTH:
        if artifact in packages:
            draft.say("health_path", path, f"{artifact.rpartition(':')[2]} answers it")


def _say_version(draft: Draft, tree: Tree, build: Build) -> None:
    say_pinned(draft, tree, ("java",), ".java-version")
    properties = re.search(
        r"^java\.runtime\.version\s*=\s*(\S+)", tree.text("system.properties") or "", re.MULTILINE
    )
    for written, where in ((properties[1] if properties else None, "system.properties"), build.version):
        plain = re.sub(r"^1\.(\d+)$", r"\1", written or "")  # 1.8 is Java 8
        say_version(draft, plain, where)


def _say_start(draft: Draft, tree: Tree, build: Build, framework: Framework | None) -> None:
    if framework and framework.slug == "quarkus":
        folder = "target" if build.tool == "maven" else "build"
        draft.say(
            "start_command", f"java -jar {folder}/quarkus-app/quarkus-run.jar", "Quarkus is built into it"
        )
    else:
        draft.say("start_command", build.start, f"{build.file} makes it")


def _alone(tree: Tree) -> Draft | None:
    """One file, which Java compiles as it starts."""
    file = tree.first("Main.java", "App.java", "Server.java", "Main.kt", "App.kt")
    if file is None:
        return None
    draft = Draft()
    kotlin = file.endswith(".kt")
    draft.say("language", "kotlin" if kotlin else LANGUAGE, f"{file} is there")
    say_pinned(draft, tree, ("java",), ".java-version")
    if not kotlin:
        draft.say("start_command", f"java {file}", f"{file} is there")
        say_what_listens(draft, file, tree.code(file, C_LIKE))
    return draft
