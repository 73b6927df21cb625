"""What the manifests of a Python project declare: packages, package manager, version, scripts."""

from __future__ import annotations

import ast
import configparser
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cygni.builder.detect.tree import Tree, mapping, texts, word

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(\[[^\]]*\])?\s*(?=$|[;@(<>=!~])")
_EGG = re.compile(r"#egg=([A-Za-z0-9._-]+)")
_REQUIREMENTS: Final = (
    "requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt",
    "requirements/main.txt", "requirements-prod.txt", "requirements.prod.txt", "requirements.in",
)  # fmt: skip
_NOT_FOR_RUNNING = re.compile(r"dev|test|lint|doc|typing|types|ci|bench|format|style|check|debug|release")
_DEEPEST: Final = 5


@dataclass(slots=True)
class Declared:
    """`runtime` and `development` map the normal name of a package (PEP 503) to the file that declares it; `extras`
    are those asked of a runtime package, as `name[extra]`."""

    manifests: list[str] = field(default_factory=list)
    runtime: dict[str, str] = field(default_factory=dict)
    development: dict[str, str] = field(default_factory=dict)
    extras: set[str] = field(default_factory=set)
    python: tuple[str, str] | None = None
    project: str | None = None
    scripts: dict[str, str] = field(default_factory=dict)
    requirements: str | None = None
    installable: bool = False

    def take(self, requirement: object, file: str, *, development: bool = False) -> None:
        name, extras = _named(requirement)
        if name:
            (self.development if development else self.runtime).setdefault(name, file)
            if not development:
                self.extras.update(f"{name}[{extra}]" for extra in extras)


def normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(tree: Tree) -> Declared:
    found = Declared()
    for file, read in (
        ("pyproject.toml", _pyproject),
        ("Pipfile", _pipfile),
        ("pixi.toml", _pixi),
        ("setup.cfg", _setup_cfg),
        ("setup.py", _setup_py),
    ):
        if tree.has(file):
            found.manifests.append(file)
            read(tree, found)
    conda = tree.first("environment.yml", "environment.yaml")
    if conda:
        found.manifests.append(conda)
        _conda(tree, conda, found)
    found.requirements = tree.first(*_REQUIREMENTS) or next(
        (file for file in tree.like("requirements*.txt") if not _NOT_FOR_RUNNING.search(file)), None
    )
    if found.requirements:
        found.manifests.append(found.requirements)
        for requirement, file in _requirements(tree, found.requirements, 0):
            found.take(requirement, file)
    return found


def _named(requirement: object) -> tuple[str | None, list[str]]:
    if not isinstance(requirement, str):
        return None, []
    if requirement.startswith(("git+", "http:", "https:", "file:", ".", "/")):
        egg = _EGG.search(requirement)
        return (normal(egg[1]) if egg else None), []
    match = _NAME.match(requirement)
    if match is None:
        return None, []
    return normal(match[1]), [normal(one) for one in re.findall(r"[\w.-]+", match[2] or "")]


def _requirements(tree: Tree, file: str, depth: int) -> Iterator[tuple[str, str]]:
    """The requirements of a file and of those that it names with `-r`."""
    if depth > _DEEPEST:
        return
    for raw in (tree.text(file) or "").replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#(?!egg=).*", "", raw).strip()
        further = re.fullmatch(r"(?:-r|--requirement)[\s=]*(\S+)", line)
        editable = re.fullmatch(r"(?:-e|--editable)[\s=]*(\S+)", line)
        if further:
            folder = file.rpartition("/")[0]
            named = f"{folder}/{further[1]}" if folder else further[1]
            yield from _requirements(tree, posixpath.normpath(named), depth + 1)
        elif editable:
            yield editable[1], file
        elif line and not line.startswith("-"):
            yield re.sub(r"\s--hash=\S+", "", line).strip(), file


def _take_all(
    found: Declared, requirements: Iterable[object], file: str, *, development: bool = False
) -> None:
    for requirement in requirements:
        found.take(requirement, file, development=development)


def _pyproject(tree: Tree, found: Declared) -> None:
    file = "pyproject.toml"
    data = tree.toml(file)
    project, tools = mapping(data.get("project")), mapping(data.get("tool"))
    found.installable = "build-system" in data or "setuptools" in tools
    found.project = word(project.get("name"))
    found.scripts.update({k: v for k, v in mapping(project.get("scripts")).items() if isinstance(v, str)})
    if word(project.get("requires-python")):
        found.python = (project["requires-python"], f"{file} (requires-python)")
    _take_all(found, texts(project.get("dependencies")), file)
    for requirements in mapping(project.get("optional-dependencies")).values():
        _take_all(found, texts(requirements), file, development=True)
    for requirements in mapping(data.get("dependency-groups")).values():
        _take_all(found, texts(requirements), file, development=True)
    uv, pdm = mapping(tools.get("uv")), mapping(tools.get("pdm"))
    _take_all(found, texts(uv.get("dev-dependencies")), file, development=True)
    for requirements in mapping(pdm.get("dev-dependencies")).values():
        _take_all(found, texts(requirements), file, development=True)
    _poetry(mapping(tools.get("poetry")), found)
    pixi = mapping(tools.get("pixi"))
    _take_all(found, [*mapping(pixi.get("dependencies")), *mapping(pixi.get("pypi-dependencies"))], file)


def _poetry(poetry: Mapping[str, Any], found: Declared) -> None:
    file = "pyproject.toml"
    found.project = found.project or word(poetry.get("name"))
    found.scripts.update({k: v for k, v in mapping(poetry.get("scripts")).items() if isinstance(v, str)})
    for name, wanted in mapping(poetry.get("dependencies")).items():
        if normal(name) == "python":
            found.python = found.python or (str(wanted), f"{file} (tool.poetry.dependencies.python)")
            continue
        one = mapping(wanted)
        extras = ",".join(texts(one.get("extras")))
        found.take(f"{name}[{extras}]", file, development=one.get("optional") is True)
    _take_all(found, mapping(poetry.get("dev-dependencies")), file, development=True)
    for group, content in mapping(poetry.get("group")).items():
        optional = mapping(content).get("optional") is True
        names = mapping(mapping(content).get("dependencies"))
        _take_all(found, names, file, development=optional or bool(_NOT_FOR_RUNNING.search(group)))


def _pipfile(tree: Tree, found: Declared) -> None:
    data = tree.toml("Pipfile")
    for name, wanted in mapping(data.get("packages")).items():
        extras = ",".join(texts(mapping(wanted).get("extras")))
        found.take(f"{name}[{extras}]", "Pipfile")
    _take_all(found, mapping(data.get("dev-packages")), "Pipfile", development=True)
    requires = mapping(data.get("requires"))
    version = word(requires.get("python_full_version")) or word(requires.get("python_version"))
    if version:
        found.python = found.python or (version, "Pipfile (requires)")


def _pixi(tree: Tree, found: Declared) -> None:
    data = tree.toml("pixi.toml")
    packages = mapping(data.get("dependencies"))
    _take_all(found, [*packages, *mapping(data.get("pypi-dependencies"))], "pixi.toml")
    if isinstance(packages.get("python"), str):
        found.python = found.python or (packages["python"], "pixi.toml")


def _conda(tree: Tree, file: str, found: Declared) -> None:
    wanted = tree.yaml(file).get("dependencies")
    for one in wanted if isinstance(wanted, list) else []:
        if isinstance(one, str):
            plain = one.rpartition("::")[2]
            name, _, version = plain.partition("=")
            if normal(name.strip()) == "python":
                found.python = found.python or (version.strip("= "), file)
            else:
                found.take(plain, file)
        else:
            _take_all(found, texts(mapping(one).get("pip")), file)


def _setup_cfg(tree: Tree, found: Declared) -> None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(tree.text("setup.cfg") or "")
    except configparser.Error as error:
        tree.note(f"setup.cfg cannot be read: {error.message.splitlines()[0]}")
        return
    found.installable = found.installable or parser.has_section("metadata")
    found.project = found.project or parser.get("metadata", "name", fallback=None)
    _take_all(found, parser.get("options", "install_requires", fallback="").splitlines(), "setup.cfg")
    wanted = parser.get("options", "python_requires", fallback="").strip()
    if wanted:
        found.python = found.python or (wanted, "setup.cfg (python_requires)")


def _setup_py(tree: Tree, found: Declared) -> None:
    """What setup() is given as plain values; the rest only a run would tell."""
    found.installable = True
    module = tree.python("setup.py")
    for call in ast.walk(module) if module else []:
        if not (isinstance(call, ast.Call) and _called(call.func) == "setup"):
            continue
        for given in call.keywords:
            value = given.value
            if given.arg == "name" and isinstance(value, ast.Constant):
                found.project = found.project or word(value.value)
            if given.arg == "install_requires" and isinstance(value, ast.List):
                plain = [one.value for one in value.elts if isinstance(one, ast.Constant)]
                _take_all(found, plain, "setup.py")
            elif given.arg == "python_requires" and isinstance(value, ast.Constant):
                found.python = found.python or (str(value.value), "setup.py (python_requires)")


def _called(function: ast.expr) -> str | None:
    return getattr(function, "id", None) or getattr(function, "attr", None)
