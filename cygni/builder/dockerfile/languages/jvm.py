"""Java, Kotlin, Scala and Clojure: built by their tool, run by a Java runtime without a compiler."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree
from cygni.builder.dockerfile.recipe import FOLDER, HOME, Recipe, Step
from cygni.builder.dockerfile.versions import tag

_MAVEN, _GRADLE, _SBT, _LEIN = f"{HOME}/.m2", f"{HOME}/.gradle", f"{HOME}/.cache/coursier", f"{HOME}/.m2"
_TOOLS: Final = {
    "maven": ("maven:3-eclipse-temurin-{java}", "eclipse-temurin:{java}-jdk", "./mvnw", _MAVEN),
    "gradle": ("gradle:8-jdk{java}", "eclipse-temurin:{java}-jdk", "./gradlew", _GRADLE),
    "sbt": ("sbtscala/scala-sbt:eclipse-temurin-{java}", "", "", _SBT),
    "leiningen": ("clojure:temurin-{java}-lein", "", "", _LEIN),
}
"""By package manager: the image with the tool, the one that a wrapper in the project needs, the wrapper, the cache."""
_JAR: Final = re.compile(r"java (?:-\S+ )*-jar (\S+)")
_INSTALLED: Final = re.compile(r"^(\S+/(?:install|stage)(?:/[\w.-]+)?)/bin/\S+$")
_MEMORY: Final = ("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=75.0")
"""A Java runtime takes a quarter of a container's memory for its heap unless it is told."""


def recipe(program: Program, tree: Tree) -> Recipe | None:
    """None where it is not built into something that runs by itself."""
    start = program.own_start or ""
    java = tag("java", program.language_version if program.language in ("java", "kotlin") else None, 1)
    if program.package_manager is None:
        return _of_source(java)
    if program.package_manager not in _TOOLS or program.build_command is None:
        return None
    takes = _taken(start)
    if takes is None:
        return None
    tool, plain, wrapper, cache = _TOOLS[program.package_manager]
    wrapped = bool(wrapper) and program.build_command.startswith(wrapper)
    return Recipe(
        toolchain=(plain if wrapped else tool).format(java=java),
        runtime=f"eclipse-temurin:{java}-jre",
        build=Step(
            (f"chmod +x {wrapper}", program.build_command) if wrapped else (program.build_command,), (cache,)
        ),
        takes=((f"{FOLDER}/{takes}", f"{FOLDER}/{takes}"),),
        environment=(_MEMORY,),
    )


def _of_source(java: str) -> Recipe:
    """`java Main.java` compiles as it starts."""
    image = f"eclipse-temurin:{java}-jdk"
    return Recipe(toolchain=image, runtime=image, environment=(_MEMORY,))


def _taken(start: str) -> str | None:
    """What of the build is needed: the jar, Quarkus' folder of jars, or what was installed or staged."""
    jar = _JAR.match(start)
    if jar:
        folder, _, _ = jar[1].rpartition("/")
        return folder if folder.endswith("quarkus-app") else jar[1]
    installed = _INSTALLED.match(start)
    return installed[1] if installed else None
