"""The entry point of a Python program, found in its syntax tree: which application it makes, under which name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from cygni.builder.detect.languages.python.frameworks import (
    APPLICATIONS,
    USED_BY_IMPORT,
    Application,
    Interface,
)
from cygni.builder.detect.tree import PASSED_OVER, Tree

_FILES: Final[tuple[str, ...]] = (
    "main.py", "app.py", "wsgi.py", "asgi.py", "server.py", "run.py", "api.py", "application.py", "web.py",
    "streamlit_app.py", "Home.py", "home.py", "index.py", "bot.py", "worker.py", "start.py", "__main__.py",
    "__init__.py",
)  # fmt: skip
_FOLDERS: Final[tuple[str, ...]] = ("src", "app", "api", "server", "backend", "web")
_FACTORIES: Final = (
    "create_app",
    "make_app",
    "get_app",
    "build_app",
    "get_application",
    "create_application",
)
_MOST_FILES: Final = 30
_ROUTES: Final = ("get", "route", "api_route", "head", "add_url_rule", "add_get", "add_route")


@dataclass(frozen=True, slots=True)
class Made:
    """An application that a file makes: `name` is the variable, or the function that returns it."""

    application: Application
    name: str
    factory: bool = False


@dataclass(slots=True)
class Source:
    """What a file shows. `paths` are those it answers, `port` is the one that its last call names."""

    file: str
    imports: set[str] = field(default_factory=set)
    made: list[Made] = field(default_factory=list)
    runs_itself: bool = False
    paths: list[str] = field(default_factory=list)
    tree: ast.Module | None = None

    @property
    def module(self) -> tuple[str, str]:
        """Its name as it is imported, and the folder it is imported from (empty for the root)."""
        parts = self.file.removesuffix(".py").removesuffix("/__init__").split("/")
        if parts[0] == "src" and len(parts) > 1:
            return ".".join(parts[1:]), "src"
        return ".".join(parts), ""


def sources(tree: Tree, project: str | None) -> list[Source]:
    """What the files show that programs usually begin in, the likeliest first."""
    found = []
    for file in _candidates(tree, project):
        module = tree.python(file)
        if module is not None:
            found.append(_read(file, module))
    return found


def _candidates(tree: Tree, project: str | None) -> list[str]:
    own = dict.fromkeys(((project or "").replace("-", "_").replace(".", "_"), project or ""))
    named = [f"{place}{name}" for place in ("", "src/") for name in own if name and "/" not in name]
    folders = [*_FOLDERS, *named, *_packages(tree)]
    files = [file for file in _FILES if file in tree.files]
    files += [f"{folder}/{file}" for folder in dict.fromkeys(folders) for file in _FILES]
    # A script under any other name may be the program, too, where it is alone.
    files += [
        file
        for file in tree.like("*.py")
        if file not in ("setup.py", "manage.py", "conftest.py", "noxfile.py")
    ]
    there = [file for file in dict.fromkeys(files) if tree.has(file)]
    return there[:_MOST_FILES]


def _packages(tree: Tree) -> Iterator[str]:
    """Folders that are packages, here and below src."""
    for place, below in (("", tree), ("src/", tree.at("src") if "src" in tree.folders else None)):
        for folder in sorted(below.folders)[:50] if below else []:
            if (
                folder not in PASSED_OVER
                and not folder.startswith(".")
                and tree.has(f"{place}{folder}/__init__.py")
            ):
                yield f"{place}{folder}"


def _read(file: str, module: ast.Module) -> Source:
    source = Source(file, tree=module)
    names: dict[str, tuple[str, str]] = {}  # a name of this file: the module it is from, and its name there
    for statement in ast.walk(module):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                top = alias.name.partition(".")[0]
                source.imports.add(top)
                names[alias.asname or top] = (top, "")
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            top = statement.module.partition(".")[0]
            source.imports.add(top)
            for alias in statement.names:
                names[alias.asname or alias.name] = (top, alias.name)
                if alias.name == "*":
                    names.update({maker: (top, maker) for maker in _makers(top)})
        elif isinstance(statement, ast.Call):
            source.paths += _answered(statement)
    for statement in module.body:
        source.made += _made_by(statement, names)
        if isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test):
            source.runs_itself = True
    return source


def _makers(module: str) -> list[str]:
    return [maker for one in APPLICATIONS if one.module == module for maker in one.makers]


def _made_by(statement: ast.stmt, names: dict[str, tuple[str, str]]) -> Iterator[Made]:
    if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Call):
        application = _application(statement.value, names)
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        first = targets[0].elts[0] if isinstance(targets[0], ast.Tuple) and targets[0].elts else targets[0]
        if application and isinstance(first, ast.Name):
            yield Made(application, first.id)
        elif isinstance(first, ast.Name) and _name_of(statement.value.func) in _FACTORIES:
            # `app = create_app()`: which framework, only the function's own module tells.
            yield Made(_UNKNOWN, first.id)
    elif isinstance(statement, ast.FunctionDef) and statement.name in _FACTORIES:
        for call in ast.walk(statement):
            application = _application(call, names) if isinstance(call, ast.Call) else None
            if application:
                yield Made(application, statement.name, factory=True)
                return


_UNKNOWN: Final = Application("", "", (), "")


def _application(call: ast.Call, names: dict[str, tuple[str, str]]) -> Application | None:
    function, attribute = call.func, ""
    while isinstance(function, ast.Attribute):
        attribute = attribute or function.attr
        function = function.value
    if isinstance(function, ast.Call):  # Configurator().make_wsgi_app()
        function = function.func
    if not isinstance(function, ast.Name):
        return None
    module, name = names.get(function.id, ("", ""))
    maker = attribute or name
    return next((one for one in APPLICATIONS if one.module == module and maker in one.makers), None)


def _name_of(function: ast.expr) -> str:
    return str(getattr(function, "id", None) or getattr(function, "attr", None) or "")


def _answered(call: ast.Call) -> list[str]:
    """The path of `app.get("/health")`, `Route("/health", ...)` and `path("health/", ...)`."""
    name = _name_of(call.func)
    if name not in (*_ROUTES, "Route", "path") or not call.args:
        return []
    path = call.args[0]
    if not isinstance(path, ast.Constant) or not isinstance(path.value, str):
        return []
    return [f"/{path.value}" if name == "path" else path.value]


def interface_of(made: Made, framework: str) -> str:
    """How it is served, also of one whose maker is in another module."""
    if made.application.interface:
        return made.application.interface
    return next((one.interface for one in APPLICATIONS if one.framework == framework), Interface.OWN)


def used(source: Source) -> Sequence[str]:
    """The frameworks a file plainly uses: that whose application it makes before those that it imports as a script."""
    made = [one.application.framework for one in source.made if one.application.framework]
    return [*made, *(slug for module, slug in USED_BY_IMPORT.items() if module in source.imports)]
