"""Python.

- `declared.py`   what manifests declare
- `entry.py`      the application a program makes, found in its syntax tree
- `frameworks.py` frameworks, servers, packages that tell of workers
- `starting.py`   the command that starts it
"""

from __future__ import annotations

from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.languages.python.declared import Declared, declared
from cygni.builder.detect.languages.python.entry import Source, sources, used
from cygni.builder.detect.languages.python.frameworks import (
    BROUGHT_ALONG,
    FRAMEWORKS,
    SYSTEM_PACKAGES,
    WORKERS,
)
from cygni.builder.detect.languages.python.starting import say_start
from cygni.builder.detect.rules import Framework, system_packages, told
from cygni.builder.detect.tree import Tree, mapping, texts, word
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "python"
_OWN_SERVERS: Final = frozenset({"http", "socketserver", "wsgiref", "websockets", "grpc", "twisted"})


def look(tree: Tree) -> Draft | None:
    """What Python says of a folder."""
    found = declared(tree)
    if not found.manifests and not tree.like("*.py"):
        return None
    draft = Draft()
    file = found.manifests or tree.first("main.py", "app.py", "manage.py") or tree.like("*.py")
    draft.say("language", LANGUAGE, f"{file if isinstance(file, str) else file[0]} is there")
    _say_version(draft, tree, found)
    _say_package_manager(draft, tree, found)
    shown = sources(tree, found.project)
    framework = _say_framework(draft, found, shown)
    _say_kind(draft, found, shown)
    say_start(draft, tree, found, shown, framework)
    for package, needed in system_packages(SYSTEM_PACKAGES, found.runtime):
        if f"{package}[binary]" not in found.extras:
            draft.need(needed, f"{package} takes them")
    draft.patterns, draft.without = workspace(tree)
    draft.tool_only = bool(
        found.manifests and not (found.runtime or found.project or draft.start_command or found.installable)
    )
    return draft


def workspace(tree: Tree) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The patterns of the folders that are members of uv's workspace, and of those that are not."""
    tools = mapping(tree.toml("pyproject.toml").get("tool") if tree.has("pyproject.toml") else None)
    found = mapping(mapping(tools.get("uv")).get("workspace"))
    return tuple(texts(found.get("members"))), tuple(texts(found.get("exclude")))


def name_of(tree: Tree) -> str | None:
    """The name of a project in its manifest."""
    data = tree.toml("pyproject.toml") if tree.has("pyproject.toml") else {}
    poetry = mapping(mapping(data.get("tool")).get("poetry"))
    return word(mapping(data.get("project")).get("name")) or word(poetry.get("name"))


def _say_version(draft: Draft, tree: Tree, found: Declared) -> None:
    say_pinned(draft, tree, ("python",), ".python-version", "runtime.txt")
    if found.python:
        say_version(draft, *found.python)


def _say_package_manager(draft: Draft, tree: Tree, found: Declared) -> None:
    tools = mapping(tree.toml("pyproject.toml").get("tool")) if tree.has("pyproject.toml") else {}
    for file, name, install in (
        ("uv.lock", "uv", "uv sync --frozen --no-dev"),
        ("poetry.lock", "poetry", "poetry install --only main --no-interaction"),
        ("pdm.lock", "pdm", "pdm install --check --prod --no-editable"),
        ("Pipfile.lock", "pipenv", "pipenv install --deploy"),
        ("pixi.lock", "pixi", "pixi install --locked"),
    ):
        if tree.has(file):
            draft.say("package_manager", name, f"{file} is there")
            draft.say("install_command", install, f"{file} is there")
            return
    for key, name, install in (
        ("uv", "uv", "uv sync --no-dev"),
        ("poetry", "poetry", "poetry install --only main --no-interaction"),
        ("pdm", "pdm", "pdm install --prod --no-editable"),
        ("pixi", "pixi", "pixi install"),
    ):
        # A requirements file beside a pyproject.toml that only configures a tool is what is installed.
        if key in tools and not found.requirements:
            draft.say("package_manager", name, f"pyproject.toml has tool.{key}")
            draft.say("install_command", install, f"pyproject.toml has tool.{key}")
            return
    if tree.has("Pipfile"):
        draft.say("package_manager", "pipenv", "Pipfile is there")
        draft.say("install_command", "pipenv install", "Pipfile is there")
    elif tree.has("pixi.toml"):
        draft.say("package_manager", "pixi", "pixi.toml is there")
        draft.say("install_command", "pixi install", "pixi.toml is there")
    elif found.requirements:
        draft.say("package_manager", "pip", f"{found.requirements} is there")
        draft.say("install_command", f"pip install -r {found.requirements}", f"{found.requirements} is there")
    elif conda := tree.first("environment.yml", "environment.yaml"):
        draft.say("package_manager", "conda", f"{conda} is there")
        draft.say("install_command", f"conda env create --file {conda}", f"{conda} is there")
    elif found.manifests:
        draft.say("package_manager", "pip", f"{found.manifests[0]} has no lock file beside it")
        if found.installable or found.project:
            draft.say("install_command", "pip install .", f"{found.manifests[0]} tells how")


def _say_framework(draft: Draft, found: Declared, shown: list[Source]) -> Framework | None:
    listed = told(FRAMEWORKS, found.runtime)
    slugs = {framework.slug: package for framework, package in listed}
    if "django" not in slugs:
        for source in shown:
            made = [one.application.framework for one in source.made if one.application.framework]
            for slug in used(source):
                # What a file makes an application of, it has; an import alone may be of a client or a type.
                if slug in slugs or slug in made or not found.manifests:
                    how = (
                        f"{source.file} makes its application"
                        if slug in made
                        else f"{source.file} imports it"
                    )
                    declares = (
                        f", {found.runtime[slugs[slug]]} declares {slugs[slug]}" if slug in slugs else ""
                    )
                    draft.say("framework", slug, how + declares)
                    return next(one for one in FRAMEWORKS if one.slug == slug)
    imported = {module for source in shown for module in source.imports}
    sure = [
        (framework, package)
        for framework, package in listed
        if framework.slug not in BROUGHT_ALONG or framework.slug in imported or not shown
    ]
    if sure:
        framework, package = sure[0]
        draft.say("framework", framework.slug, f"{found.runtime[package]} declares {package}")
        return framework
    return None


def _say_kind(draft: Draft, found: Declared, shown: list[Source]) -> None:
    if draft.framework:
        draft.say("kind", Kind.SERVER, f"{draft.framework} answers requests")
        return
    worker = next((name for name in WORKERS if name in found.runtime), None)
    own = next((one for one in shown if one.imports & _OWN_SERVERS), None)
    if own:
        module = min(own.imports & _OWN_SERVERS)
        if module != "http" or _serves(own):
            draft.say("kind", Kind.SERVER, f"{own.file} imports {module}")
    if worker:
        draft.say("kind", Kind.WORKER, f"{found.runtime[worker]} declares {worker}, and no web framework")


def _serves(source: Source) -> bool:
    """http.server, not http.client."""
    import ast

    return any(
        (isinstance(one, ast.ImportFrom) and one.module == "http.server")
        or (isinstance(one, ast.Import) and any(alias.name == "http.server" for alias in one.names))
        for one in ast.walk(source.tree or ast.Module([], []))
    )
