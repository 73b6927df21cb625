"""Go: go.mod, go.work, the packages named main."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.listening import listens, say_what_listens
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.source import GO
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "go"
FRAMEWORKS: Final = (
    Framework("buffalo", ("github.com/gobuffalo/buffalo",), port=3000),
    Framework("beego", ("github.com/beego/beego/v2", "github.com/astaxie/beego"), port=8080),
    Framework("pocketbase", ("github.com/pocketbase/pocketbase",), port=8090, health="/api/health"),
    Framework("gin", ("github.com/gin-gonic/gin",), port=8080),
    Framework("echo", ("github.com/labstack/echo/v4", "github.com/labstack/echo/v5", "github.com/labstack/echo"),
              port=1323),
    Framework("fiber", ("github.com/gofiber/fiber/v2", "github.com/gofiber/fiber/v3", "github.com/gofiber/fiber"),
              port=3000),
    Framework("chi", ("github.com/go-chi/chi/v5", "github.com/go-chi/chi")),
    Framework("iris", ("github.com/kataras/iris/v12",), port=8080),
    Framework("hertz", ("github.com/cloudwego/hertz",), port=8888),
    Framework("gorilla-mux", ("github.com/gorilla/mux",)),
    Framework("httprouter", ("github.com/julienschmidt/httprouter",)),
    Framework("huma", ("github.com/danielgtaylor/huma/v2",)),
)  # fmt: skip
_DIRECTIVE = re.compile(r"^(module|go|toolchain|use|require)\s+(.*)$")
_PREFERRED: Final = ("server", "web", "api", "app", "main", "http")


def look(tree: Tree) -> Draft | None:
    """What Go says of a folder."""
    file = tree.first("go.mod", "go.work") or ("main.go" if tree.has("main.go") else None)
    if file is None:
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, f"{file} is there")
    directives = _directives(tree, "go.mod") if tree.has("go.mod") else []
    work = _directives(tree, "go.work") if tree.has("go.work") else []
    say_pinned(draft, tree, ("go", "golang"), ".go-version")
    for name in ("toolchain", "go"):
        for key, value in [*directives, *work]:
            if key == name:
                say_version(draft, value.removeprefix("go"), f"{file} ({name})")
    if file != "main.go":
        draft.say("package_manager", "go", f"{file} is there")
        draft.say("install_command", "go mod download", f"{file} is there")
    required = [
        value.split()[0] for key, value in directives if key == "require" and "// indirect" not in value
    ]
    listed = told(FRAMEWORKS, required)
    if listed:
        framework, package = listed[0]
        draft.say("framework", framework.slug, f"go.mod requires {package}")
        draft.say("kind", Kind.SERVER, f"{framework.slug} answers requests")
    module = next((value.strip('"') for key, value in directives if key == "module"), tree.name)
    _say_program(draft, tree, module, file)
    if listed:
        draft.say("port", listed[0][0].port, f"{listed[0][0].slug} listens there by default")
        draft.say("health_path", listed[0][0].health, f"{listed[0][0].slug} answers it")
    draft.patterns = modules(tree)
    return draft


def modules(tree: Tree) -> tuple[str, ...]:
    """The folders that go.work names, but for its own."""
    work = _directives(tree, "go.work") if tree.has("go.work") else []
    return tuple(value.strip('"') for key, value in work if key == "use" and value.strip('"./'))


def name_of(tree: Tree) -> str | None:
    found = next((value for key, value in _directives(tree, "go.mod") if key == "module"), None)
    return re.sub(r"/v\d+$", "", found.strip('"')).rpartition("/")[2] if found else None


def _directives(tree: Tree, file: str) -> list[tuple[str, str]]:
    """The directives of go.mod or go.work, those of a block one by one; `// indirect` stays with its module."""
    found, block = [], ""
    for raw in (tree.text(file) or "").splitlines():
        line = raw.strip()
        plain = line if line.endswith("// indirect") else line.partition("//")[0].strip()
        opens = re.fullmatch(r"(\w+)\s*\(", plain)
        if opens:
            block = opens[1]
        elif plain == ")":
            block = ""
        elif plain and block:
            found.append((block, plain))
        elif directive := _DIRECTIVE.match(plain):
            found.append((directive[1], directive[2].strip()))
    return found


def _say_program(draft: Draft, tree: Tree, module: str, manifest: str) -> None:
    """Take the build and start command of the one package that is the program."""
    package, files, why = _package(tree, module)
    if package is None:
        return
    target = "main.go" if manifest == "main.go" else package
    draft.say("build_command", f"go build -o app {target}", why)
    draft.say("start_command", "./app", why)
    for file in files:
        say_what_listens(draft, file, tree.code(file, GO))
    if draft.kind is None and any(listens(tree.code(file, GO)) for file in files):
        draft.say("kind", Kind.SERVER, "it listens")


def _package(tree: Tree, module: str) -> tuple[str | None, list[str], str]:
    mains = [file for file in tree.like("*.go") if not file.endswith("_test.go") and _is_main(tree, file)]
    if mains:
        return ".", mains[:10], f"{mains[0]} is of package main"
    names = sorted(tree.at("cmd").folders)[:50] if "cmd" in tree.folders else []
    commands = {name: file for name in names if (file := _main_of(tree, f"cmd/{name}"))}
    if not commands:
        alone = _main_of(tree, "cmd") if "cmd" in tree.folders else None
        return ("./cmd", [alone], f"{alone} is of package main") if alone else (None, [], "")
    own = re.sub(r"/v\d+$", "", module).rpartition("/")[2]
    chosen = next((name for name in (*_PREFERRED, own) if name in commands), None)
    if chosen is None and len(commands) == 1:
        chosen = next(iter(commands))
    if chosen is None:
        tree.note(
            f"cmd has several programs, and none tells that it is the one to run: {', '.join(commands)}"
        )
        return None, [], ""
    return f"./cmd/{chosen}", [commands[chosen]], f"{commands[chosen]} is of package main"


def _main_of(tree: Tree, folder: str) -> str | None:
    names = [f"{folder}/{name}" for name in ("main.go", *tree.at(folder).like("*.go"))]
    return next((file for file in names if not file.endswith("_test.go") and _is_main(tree, file)), None)


def _is_main(tree: Tree, file: str) -> bool:
    if not tree.has(file):
        return False
    code = tree.code(file, GO)
    return bool(re.search(r"^\s*package\s+main\b", code, re.MULTILINE)) and not re.search(
        r"^//(?:go:build| \+build)\s+ignore", tree.text(file) or "", re.MULTILINE
    )
