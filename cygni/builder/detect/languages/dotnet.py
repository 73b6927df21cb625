"""C# and F#: project files of MSBuild, solutions, global.json."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.listening import health_path
from cygni.builder.detect.parsing import Element
from cygni.builder.detect.source import C_LIKE
from cygni.builder.detect.tree import Tree, mapping
from cygni.builder.detect.versions import say_version

_LANGUAGES: Final = {".csproj": "csharp", ".fsproj": "fsharp", ".vbproj": "visual-basic"}
_PATTERNS: Final = tuple(f"*{ending}" for ending in _LANGUAGES)
_PROJECT_OF_SOLUTION = re.compile(
    r'^Project\("[^"]*"\)\s*=\s*"[^"]*",\s*"([^"]+\.(?:cs|fs|vb)proj)"', re.MULTILINE
)


def look(tree: Tree) -> Draft | None:
    """What .NET says of a folder."""
    projects = tree.like(*_PATTERNS)
    solution = next(iter(tree.like("*.sln", "*.slnx")), None)
    if not projects:
        return _solution(tree, solution) if solution else None
    file = _chosen(tree, projects)
    project = tree.xml(file) or Element("Project")
    draft = Draft()
    draft.say("language", _LANGUAGES[file[file.rindex(".") :]], f"{file} is there")
    _say_version(draft, tree, project, file)
    draft.say("package_manager", "nuget", f"{file} is there")
    draft.say(
        "install_command",
        f"dotnet restore {file}" if len(projects) > 1 else "dotnet restore",
        f"{file} is there",
    )
    _say_program(draft, tree, project, file, several=len(projects) > 1)
    return draft


def _chosen(tree: Tree, projects: list[str]) -> str:
    """The web project, else the first that is no test."""
    web = [file for file in projects if _sdk(tree.xml(file)) == "Microsoft.NET.Sdk.Web"]
    plain = [file for file in projects if not re.search(r"\.?Tests?\.\w+proj$", file)]
    return (web or plain or projects)[0]


def _sdk(project: Element | None) -> str:
    if project is None:
        return ""
    inside = [one.attributes.get("Name", "") for one in project.all("Sdk")]
    return project.attributes.get("Sdk", "").partition("/")[0] or next(iter(inside), "")


def _solution(tree: Tree, solution: str) -> Draft | None:
    """A folder whose projects are below it: they are its members."""
    if solution.endswith(".slnx"):
        root = tree.xml(solution) or Element("")
        listed = [
            one.attributes.get("Path", "")
            for place in ("Project", "Folder/Project")
            for one in root.all(place)
        ]
    else:
        listed = _PROJECT_OF_SOLUTION.findall(tree.text(solution) or "")
    paths = [path.replace("\\", "/") for path in listed]
    folders = list(dict.fromkeys(path.rpartition("/")[0] for path in paths if "/" in path))
    kinds = [_LANGUAGES[path[path.rindex(".") :]] for path in paths if path.endswith(tuple(_LANGUAGES))]
    draft = Draft()
    draft.say("language", kinds[0] if kinds else "csharp", f"{solution} is there")
    say_version(draft, mapping(tree.json("global.json").get("sdk")).get("version"), "global.json")
    draft.say("package_manager", "nuget", f"{solution} is there")
    draft.say("install_command", "dotnet restore", f"{solution} is there")
    draft.patterns, draft.whole_build = tuple(folders), True
    return draft


def _say_version(draft: Draft, tree: Tree, project: Element, file: str) -> None:
    written = project.first("PropertyGroup/TargetFramework") or project.first(
        "PropertyGroup/TargetFrameworks"
    )
    where = file
    if written is None:
        properties = tree.xml("Directory.Build.props") or tree.top.xml("Directory.Build.props")
        written = properties.first("PropertyGroup/TargetFramework") if properties else None
        where = "Directory.Build.props"
    target = re.search(r"net(?:coreapp)?(\d+\.\d+)", written or "")
    say_version(draft, target[1] if target else None, where)
    for place in [tree, tree.top] if tree.below else [tree]:
        if place.has("global.json"):
            say_version(draft, mapping(place.json("global.json").get("sdk")).get("version"), "global.json")


def _say_program(draft: Draft, tree: Tree, project: Element, file: str, *, several: bool) -> None:
    name = file[: file.rindex(".")]
    sdk = _sdk(project)
    packages = {one.attributes.get("Include", "") for one in project.all("ItemGroup/PackageReference")}
    assembly = project.first("PropertyGroup/AssemblyName") or name
    assembly = name if "$(" in assembly else assembly
    output_type = (project.first("PropertyGroup/OutputType") or "").lower()
    named = f" {file}" if several else ""
    publish = f"dotnet publish{named} --configuration Release --output out"
    if sdk == "Microsoft.NET.Sdk.BlazorWebAssembly":
        draft.say("framework", "blazor", f"{file} has the SDK {sdk}")
        draft.say("kind", Kind.STATIC, f"{file} has the SDK {sdk}")
        draft.say("build_command", publish, f"{file} is there")
        draft.say("output_directory", "out/wwwroot", "it is published into it")
        return
    if sdk == "Microsoft.NET.Sdk.Web":
        giraffe = "Giraffe" in packages
        draft.say("framework", "giraffe" if giraffe else "aspnetcore",
                  f"{file} references Giraffe" if giraffe else f"{file} has the SDK {sdk}")  # fmt: skip
        draft.say("kind", Kind.SERVER, f"{file} has the SDK {sdk}")
        draft.say("port", 8080, "images of ASP.NET Core listen there by default")
        program = tree.first("Program.cs", "Startup.cs", "Program.fs")
        code = tree.code(program, C_LIKE) if program else ""
        mapped = re.findall(r"""\.Map(?:HealthChecks|Get)\(\s*"(/[\w/-]+)\"""", code)
        draft.say("health_path", health_path(mapped), f"{program} answers it")
    elif sdk == "Microsoft.NET.Sdk.Worker":
        draft.say("kind", Kind.WORKER, f"{file} has the SDK {sdk}")
    elif output_type not in ("exe", "winexe"):
        return
    draft.say("build_command", publish, f"{file} is there")
    draft.say("start_command", f"dotnet out/{assembly}.dll", f"{file} is published so")
