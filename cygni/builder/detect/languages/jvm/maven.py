"""pom.xml, with the properties that it defines itself."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.languages.jvm.build import Build
from cygni.builder.detect.parsing import Element
from cygni.builder.detect.tree import Tree

_JAVA: Final = ("maven.compiler.release", "java.version", "maven.compiler.target", "maven.compiler.source")
_PACKS: Final = ("maven-shade-plugin", "maven-assembly-plugin", "spring-boot-maven-plugin", "exec-maven-plugin",
                 "maven-jar-plugin")  # fmt: skip
_NOT_FOR_RUNNING: Final = ("test", "import")


def read(tree: Tree) -> Build:
    pom = tree.xml("pom.xml") or Element("project")
    properties = {one.name: one.text.strip() for block in pom.all("properties") for one in block.children}
    plugins = [one for place in ("build/plugins/plugin", "profiles/profile/build/plugins/plugin")
               for one in pom.all(place)]  # fmt: skip
    names = {one.first("artifactId") or "" for one in plugins}
    kotlin = "kotlin-maven-plugin" in names
    scala = "scala-maven-plugin" in names
    compiler = next(
        (one for one in plugins if one.first("artifactId") == "maven-compiler-plugin"), Element("")
    )
    written = next((properties[name] for name in _JAVA if name in properties), None)
    written = written or compiler.first("configuration/release") or compiler.first("configuration/source")
    name, version = pom.first("artifactId"), pom.first("version") or pom.first("parent/version")
    final = pom.first("build/finalName") or (f"{name}-{version}" if name and version else None)
    jar = _filled(final, {**properties, "project.artifactId": name or "", "project.version": version or ""})
    packaging = pom.first("packaging") or "jar"
    packed = sorted(names.intersection(_PACKS))
    wrapper = tree.has("mvnw")
    return Build(
        file="pom.xml",
        tool="maven",
        language="kotlin" if kotlin else "scala" if scala else "java",
        command=f"{'./mvnw' if wrapper else 'mvn'} --batch-mode -DskipTests package",
        packages=_packages(pom, properties),
        modules=tuple(one.text.strip() for one in pom.all("modules/module") if one.text.strip()),
        version=(_filled(written, properties), "pom.xml"),
        start=f"java -jar target/{jar}.{packaging}" if jar and packaging in ("jar", "war") else None,
        main=packed[0] if packed else None,
        name=name,
    )


def _packages(pom: Element, properties: dict[str, str]) -> frozenset[str]:
    found = set()
    for one in pom.all("dependencies/dependency"):
        if (one.first("scope") or "compile") not in _NOT_FOR_RUNNING:
            group = _filled(one.first("groupId"), properties)
            found.add(f"{group}:{_filled(one.first('artifactId'), properties)}")
    return frozenset(found)


def _filled(written: str | None, properties: dict[str, str]) -> str | None:
    """With `${name}` replaced where the file itself defines it; None where it does not."""
    for _ in range(5):
        if written is None or "${" not in written:
            return written
        unknown = [name for name in re.findall(r"\$\{([^}]+)\}", written) if name not in properties]
        if unknown:
            return None
        written = re.sub(r"\$\{([^}]+)\}", lambda found: properties[found[1]], written)
    return None
